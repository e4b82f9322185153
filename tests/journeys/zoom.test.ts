import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { answer, audit, changed, drawn, history, long, plan, usual } from './samples.ts'
import { connected, deskForTests, signedIn, signedOut } from './setting.ts'
import { ok, type Script } from './stand-in.ts'

const desk = deskForTests()

/** WCAG 2.2, 1.4.10 (1280 px wide at 400 %) and 1.4.4 (text alone at 200 %). */
const SIZES = {
  'at 200 %': { width: 640, height: 360, text: '100%' },
  'at 400 %': { width: 320, height: 256, text: '100%' },
  'with text at 200 %': { width: 1280, height: 900, text: '200%' },
  'with text at 200 % on a phone': { width: 360, height: 740, text: '200%' },
}

const list: Script = { ...signedIn, 'GET /api/dns/records': ok(answer('connected', [...long, ...usual])) }
const press = (name: string | RegExp) => desk.page.getByRole('button', { name }).first().click()
const screens: Record<string, { path: string; script: Script; act?: () => Promise<unknown> }> = {
  'the sign-in': {
    path: '/login',
    script: signedOut,
    act: () => press('Sign in'),
  },
  'the doors': {
    path: '/domains',
    script: { ...signedIn, 'GET /api/dns/records': ok(answer('none')) },
    act: () => desk.page.getByText('Does somebody else look after your domain?').click(),
  },
  'the review': {
    path: '/cloudflare/confirm',
    script: { ...signedIn, 'GET /api/cloudflare/plan': ok(plan(drawn)) },
  },
  'the records': {
    path: '/domains',
    script: list,
    act: async () => {
      await desk.page.getByText('Last synced:').waitFor()
      await desk.page.locator('summary').first().click()
    },
  },
  'the form of a record': {
    path: '/domains',
    script: connected,
    act: async () => {
      await press('Add Record')
      await desk.page.getByRole('dialog').getByLabel('Type').selectOption('TXT')
      await desk.page.getByLabel('Name', { exact: true }).fill('@')
      await desk.page.getByLabel('Text', { exact: true }).fill('v=spf1 include:_spf.example.org ~all')
      await desk.page.getByText('There is an SPF record for this name already').waitFor()
    },
  },
  'the question before disconnecting': {
    path: '/domains',
    script: connected,
    act: () => press('Disconnect'),
  },
  'the history': {
    path: '/history',
    script: { ...signedIn, 'GET /api/dns/history': ok(history(changed, '1.0')) },
    act: () => desk.page.locator('.moment').first().click(),
  },
  'the account': {
    path: '/account',
    script: { ...list, 'GET /api/audit': ok(audit) },
    act: () => desk.page.getByRole('button', { name: 'Disconnect' }).waitFor(),
  },
  'import and export': { path: '/zone-file', script: list },
}

describe.each(Object.entries(screens))('%s can be read and used', (_screen, { path, script, act }) => {
  test.each(Object.entries(SIZES))('%s', async (_size, { text, ...viewport }) => {
    await desk.page.setViewportSize(viewport)
    await desk.open(path, script)
    await desk.page.evaluate(`document.documentElement.style.fontSize = '${text}'`)
    await act?.()
    expect(await faultsOfLayout(desk.page)).toEqual([])
  })
})

/** What is cut off, lies over something else, stands beside the window, or cannot be pressed. */
async function faultsOfLayout(page: Page): Promise<string[]> {
  return (await page.evaluate(`(${look})()`)) as string[]
}

/** Runs in the page. */
const look = `() => {
  const faults = []
  const root = document.querySelector('[role=dialog], [role=alertdialog]') ?? document.body
  const told = (element) => element.outerHTML.replace(/\\s+/g, ' ').slice(0, 120)
  const isHidden = (element) => element.closest('.for-screen-readers, .skip, option, [aria-hidden=true], [inert]') !== null
  const scrolls = (element) => {
    for (let at = element.parentElement; at !== null && at !== document.body; at = at.parentElement) {
      if (['auto', 'scroll'].includes(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth) return true
    }
    return false
  }
  /** What is left of a box in those that hide what flows over. */
  const seenOf = (element, { left, right, top, bottom }) => {
    for (let at = element; at !== null && at !== document.body; at = at.parentElement) {
      if (getComputedStyle(at).overflowX === 'visible') continue
      const box = at.getBoundingClientRect()
      left = Math.max(left, box.left)
      right = Math.min(right, box.right)
      top = Math.max(top, box.top)
      bottom = Math.min(bottom, box.bottom)
    }
    return { left, right, top, bottom }
  }
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth > clientWidth) faults.push((scrollWidth - clientWidth) + ' px too wide')

  const texts = []
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    if (walker.currentNode.data.trim() === '' || isHidden(element) || !element.checkVisibility()) continue
    const range = document.createRange()
    range.selectNodeContents(walker.currentNode)
    for (const rect of range.getClientRects()) {
      const seen = seenOf(element, rect)
      if (seen.right - seen.left > 1 && seen.bottom - seen.top > 4) texts.push({ element, rect, seen })
    }
  }
  for (const { element, rect } of texts) {
    if ((rect.right > clientWidth + 1 || rect.left < -1) && !scrolls(element)) faults.push('outside: ' + told(element))
    for (let at = element; at !== null && at !== root; at = at.parentElement) {
      const { overflowX, overflowY, position } = getComputedStyle(at)
      const box = at.getBoundingClientRect()
      const isCut =
        (overflowX === 'hidden' && (rect.right > box.right + 2 || rect.left < box.left - 2)) ||
        (overflowY === 'hidden' && (rect.bottom > box.bottom + 4 || rect.top < box.top - 4))
      if (isCut && !at.matches('.record-content')) faults.push('cut off: ' + told(element))
      if (position === 'sticky') break
    }
  }
  const isStuck = (element) => element.closest('.dialog-foot, .picked-bar') !== null
  const moving = texts.filter(({ element }) => !isStuck(element))
  for (const [index, a] of moving.entries()) {
    for (const b of moving.slice(index + 1)) {
      const across = Math.min(a.seen.right, b.seen.right) - Math.max(a.seen.left, b.seen.left)
      const down = Math.min(a.seen.bottom, b.seen.bottom) - Math.max(a.seen.top, b.seen.top)
      const height = Math.min(a.rect.height, b.rect.height)
      if (across > 2 && down > height / 2 && a.element !== b.element) {
        faults.push('over each other: ' + told(a.element) + ' and ' + told(b.element))
      }
    }
  }
  for (const control of root.querySelectorAll('button, a[href], input, select, textarea, summary')) {
    if (isHidden(control) || !control.checkVisibility() || control.disabled) continue
    control.scrollIntoView({ block: 'center', inline: 'center' })
    const [rect] = control.getClientRects()
    const hit = document.elementFromPoint(rect.left + rect.width / 2, rect.top + rect.height / 2)
    const isFree = hit !== null && (control.contains(hit) || hit.contains(control) || hit.closest('label') !== null)
    if (!isFree) faults.push('cannot be pressed: ' + told(control) + ' under ' + (hit === null ? 'nothing' : told(hit)))
  }
  return [...new Set(faults)].slice(0, 12)
}`
