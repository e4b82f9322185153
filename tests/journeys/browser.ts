// needs: chromium, pages
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'

export const WIDTHS = [1280, 360] as const
export const SCHEMES = ['light', 'dark'] as const

/** Everything that the page did against its policy, or that it threw. */
export interface Watched {
  readonly page: Page
  readonly faults: string[]
}

/** Debian's Chromium; `scripts/setup.mjs` sees to it. One for all files that a worker runs; it ends with the worker. */
export function browser(): Promise<Browser> {
  // Chromium's own sandbox needs rights that a container or root does not give it.
  const options = { executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] }
  running ??= chromium.launch(options)
  return running
}

let running: Promise<Browser> | undefined

/**
 * A page of a browser that nobody has used. It is handed on from test to test, without what it knew but with what it has
 * compiled: a process of its own for each costs more than a second of processor time.
 */
export async function unusedPage(): Promise<Watched> {
  const handedOn = unused.pop()
  if (handedOn !== undefined) return handedOn
  const context = await (await browser()).newContext(WINDOW)
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  return { page, faults: faultsSeenOn(page) }
}

const unused: Watched[] = []

/** Takes a page back; resolves to the faults that were seen on it. */
export async function handBack(watched: Watched): Promise<readonly string[]> {
  const { page, faults } = watched
  const context = page.context()
  if (!page.isClosed()) {
    await page.goto('about:blank')
    await Promise.all(context.pages().map((other) => other !== page && other.close()))
    await context.setOffline(false)
    await context.clearCookies()
    await context.clearPermissions()
    await page.setViewportSize(WINDOW.viewport)
    await page.emulateMedia({ colorScheme: null, reducedMotion: WINDOW.reducedMotion })
    unused.push(watched)
  }
  return faults.splice(0)
}

/** On a desk, and at rest. */
const WINDOW = { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' } as const

/** Below the patience of a test, so that it is told what was waited for. */
const PATIENCE_MS = 25_000

/** What the page does from now on against its policy, and what it throws. */
function faultsSeenOn(page: Page): string[] {
  const faults: string[] = []
  page.on('pageerror', ({ message }) => faults.push(`threw: ${message}`))
  page.on('console', (line) => {
    const text = line.text()
    // A refusal that is answered in words is no fault, though the browser notes it.
    const isAnswer = text.startsWith('Failed to load resource: the server responded with a status of')
    if ((line.type() === 'error' || line.type() === 'warning') && !isAnswer) faults.push(text)
  })
  return faults
}

/** What axe finds against WCAG 2.2 AA, each as a line; the width by which the page is too wide comes first. */
export function faultsOf(page: Page): Promise<string[]> {
  return read(page, AXE)
}

/** The same, at each width and in each scheme. A scheme changes nothing but colours, so the second is read for those. */
export async function faultsEverywhere(page: Page): Promise<string[]> {
  const faults: string[] = []
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 })
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme })
      await page.locator(`html[data-mode=${colorScheme}]`).waitFor()
      const found = await read(page, colorScheme === SCHEMES[0] ? AXE : AXE_COLOURS)
      faults.push(...found.map((fault) => `${width} ${colorScheme}: ${fault}`))
    }
  }
  return faults
}

async function read(page: Page, rules: object): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe)
  const tooWide = Number(
    await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
  )
  const { violations } = (await page.evaluate(`axe.run(document, ${JSON.stringify(rules)})`)) as AxeResult
  return [
    ...(tooWide > 0 ? [`${tooWide} px too wide`] : []),
    ...violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    ),
  ]
}

/** What has the focus: its name for a screen reader, or its text. */
export async function focused(page: Page): Promise<string> {
  const text = await page.evaluate(
    "document.activeElement.getAttribute('aria-label') ?? (document.activeElement.name || document.activeElement.textContent)",
  )
  return String(text).trim()
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
  }[]
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const AXE = {
  resultTypes: ['violations'],
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}
/** Those of axe's category of colours that are among them. */
const AXE_COLOURS = {
  resultTypes: ['violations'],
  runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
}
