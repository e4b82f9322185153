import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'

export const WIDTHS = [1280, 360] as const
export const SCHEMES = ['light', 'dark'] as const

/** Debian's Chromium; `scripts/setup.mjs` sees to it. */
export function launch(): Promise<Browser> {
  // Chromium's own sandbox needs rights that a container or root does not give it.
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
}

/** Everything that the page did against its policy, or that it threw. */
export interface Watched {
  readonly page: Page
  readonly faults: string[]
}

export async function watchedPage(browser: Browser): Promise<Watched> {
  const page = await browser.newPage(WINDOW)
  return { page, faults: faultsSeenOn(page) }
}

/** On a desk, and at rest. */
export const WINDOW = { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' } as const

/** What the page does from now on against its policy, and what it throws. */
export function faultsSeenOn(page: Page): string[] {
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
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const tooWide = Number(
    await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
  )
  const { violations } = (await page.evaluate(`axe.run(document, ${JSON.stringify(AXE)})`)) as AxeResult
  return [
    ...(tooWide > 0 ? [`${tooWide} px too wide`] : []),
    ...violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    ),
  ]
}

/** The same, at each width and in each scheme. */
export async function faultsEverywhere(page: Page): Promise<string[]> {
  const faults: string[] = []
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ colorScheme })
      await page.locator(`html[data-mode=${colorScheme}]`).waitFor()
      faults.push(...(await faultsOf(page)).map((fault) => `${width} ${colorScheme}: ${fault}`))
    }
  }
  return faults
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
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}
