import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { browser, handBack, unusedPage, type Watched } from './browser.ts'
import { answer, session, usual } from './samples.ts'
import { ok, type Script, type StandIn, startStandIn } from './stand-in.ts'

export const signedIn: Script = { 'GET /api/session': ok(session()) }
export const signedOut: Script = { 'GET /api/session': ok(session({ customer: null })) }
export const connected: Script = { ...signedIn, 'GET /api/dns/records': ok(answer('connected', usual)) }

/** The heading of a page that is there, not of one that is still loading. */
export const LOADED = 'main h1:not(.skeleton > h1)'

export interface Desk {
  browser(): Promise<Browser>
  readonly server: StandIn
  /** Fresh for each test; what it did against its policy, or threw, fails the test. */
  readonly page: Page
  /** Opens a page below /dashboard with these answers behind it, and waits until it is there: for `until`, a selector. */
  open(path: string, script: Script, until?: string): Promise<void>
  /** The bodies of what was asked since, of one kind: `POST /api/login`. */
  sent(what: string): unknown[]
  /** Opens the form, fills it in for an A record, and sends it. */
  addRecord(name: string, content: string): Promise<void>
}

/** A page and a stand-in for the tests of one file. */
export function deskForTests(): Desk {
  let server: StandIn
  let watched: Watched
  beforeAll(async () => {
    server = await startStandIn()
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    watched = await unusedPage()
  })
  afterEach(async () => {
    expect(await handBack(watched)).toEqual([])
  })
  return {
    browser,
    get server() {
      return server
    },
    get page() {
      return watched.page
    },
    async open(path, script, until = LOADED) {
      server.script = { ...script }
      server.asked.length = 0
      await watched.page.goto(server.url + path)
      await watched.page.locator(until).first().waitFor()
    },
    sent: (what) =>
      server.asked.filter(({ method, path }) => `${method} ${path}` === what).map(({ body }) => body),
    async addRecord(name, content) {
      const { page } = watched
      await page.getByRole('button', { name: 'Add Record' }).click()
      await page.getByLabel('Name', { exact: true }).fill(name)
      await page.getByLabel('IPv4 address').fill(content)
      await page.getByRole('dialog').getByRole('button', { name: 'Add record' }).click()
    },
  }
}
