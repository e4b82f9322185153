import { execFileSync } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { createPasswords } from '#accounts/passwords.ts'
import { readConfig } from '#config/config.ts'
import { aName } from '#dns/testing.ts'
import { NAME_SERVER_ADDRESS, PROXY_ADDRESSES } from '#emulator/dns/answer.ts'
import type { Emulator, RecordSeed, ZoneSeed } from '#emulator/emulator.ts'
import { type RunningEmulator, startEmulator } from '#emulator/serve.ts'
import type { PlanAnswer } from '#faces/dashboard/api.ts'
import type { Log } from '#platform/ports.ts'
import { systemClock, systemRandom } from '#platform/system.ts'
import { nodeTransport } from '#providers/cloudflare/transport.ts'
import { type Running, serve } from '#server/main.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import type { Store } from '#store/store.ts'
import { root } from '../support/imports.ts'
import { handBack, unusedPage, type Watched } from './browser.ts'
import { LOADED } from './setting.ts'

/** The dashboard as `serve` builds it over a database file, the emulator behind its ports. */
export interface Stage {
  /** Of the dashboard as browsers see it, without a slash at its end. */
  readonly url: string
  /** Of the emulator's OAuth and its pages. */
  readonly cloudflareUrl: string
  readonly emulator: Emulator
  /** Asks the emulator's name server. */
  readonly dns: Resolver
  /** The file that everything is kept in. */
  readonly database: string
  /** What the dashboard has answered since, as it logs it. */
  readonly answered: readonly Answered[]
  /** A customer, and a zone of their own at Cloudflare. */
  shop(zone?: Partial<ZoneSeed>): Promise<Shop>
  /** A customer whose domain is at no account. */
  shopWithoutZone(): Promise<Shop>
  /** The clock of server and emulator goes ahead (ms). */
  pass(ms: number): void
}

export interface Answered {
  readonly method: string
  /** The pattern of the address. */
  readonly route: string
  readonly status: number
}

export interface Shop {
  readonly domain: string
  readonly email: string
  /** An API token for the domain alone. */
  readonly token: string
  /** What Cloudflare holds: `A shop-1.example.com 192.0.2.1`, sorted; short texts without their quotes. */
  held(): string[]
  /** A browser that nobody has used, on no page. */
  stranger(): Promise<Visitor>
  signedIn(): Promise<Visitor>
  /** Signed in, connected by token, and the review confirmed with nothing ticked. */
  connected(): Promise<Visitor>
}

export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** Opens a page below /dashboard, and waits until there is something to read. */
  open(path: string, page?: Page): Promise<void>
  /** Asks the API as the pages do, in the browser's session; resolves to the status and what was answered. */
  ask<T = unknown>(method: string, path: string, body?: unknown): Promise<{ status: number; json: T }>
}

export const PASSWORD = 'correct horse battery staple'

/** What the host platform signs with. */
export const SSO_SECRET = 'the secret of the host platform, shared'

/** Where stores are. */
export const SERVER = '203.0.113.10'

/** What most shops come with: a site and mail elsewhere. */
export const USUAL: readonly RecordSeed[] = [
  { type: 'A', name: '@', content: '198.51.100.20' },
  { type: 'CNAME', name: 'www', content: 'oldhost.example.org' },
  { type: 'MX', name: '@', content: 'mail.example.net', priority: 10 },
  { type: 'TXT', name: '@', content: 'v=spf1 include:_spf.example.net -all' },
]

export interface StageOptions {
  /** The path of PUBLIC_URL. */
  readonly path?: string
  /** Besides what every stage has; and what files say that are named in it. */
  readonly env?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
}

/** One stage for the tests of one file; whatever a page did against its policy, or threw, fails its test. */
export function stageForTests(zones: readonly ZoneSeed[] = [], options: StageOptions = {}): Stage {
  let parts: Awaited<ReturnType<typeof setUp>>
  let shops = 0
  const open: Watched[] = []

  beforeAll(async () => {
    parts = await setUp(zones, options)
  }, 120_000)
  afterEach(async () => {
    parts.emulator.emulator.faults.clear()
    const faults = await Promise.all(open.splice(0).map(handBack))
    expect(faults.flat()).toEqual([])
    expect(parts.mistakes).toEqual([])
  })
  afterAll(() => parts.end())

  async function newcomer(zone: Partial<ZoneSeed> | undefined): Promise<Shop> {
    shops += 1
    const domain = `shop-${shops}.example.com`
    const email = `owner@${domain}`
    const { state } = parts.emulator.emulator
    if (zone !== undefined) state.addZone({ name: domain, records: USUAL, ...zone })
    const token = `cfut_token-of-${domain}-${'0123456789'.repeat(4)}`.replaceAll('.', '_')
    state.addCredential({ kind: 'token', token, user: email, zones: [domain] })
    await parts.addCustomer(domain, email)

    async function stranger(): Promise<Visitor> {
      const watched = await unusedPage()
      open.push(watched)
      return visitorAt(parts.url, watched.page)
    }
    async function signedIn(): Promise<Visitor> {
      const visitor = await stranger()
      expectOk(await visitor.ask('POST', '/api/login', { email, password: PASSWORD }))
      return visitor
    }
    return {
      domain,
      email,
      token,
      held: () => state.records(domain).map(described).sort(),
      stranger,
      signedIn,
      async connected() {
        const visitor = await signedIn()
        expectOk(await visitor.ask('POST', '/api/cloudflare/token', { token }))
        const { json } = expectOk(await visitor.ask<PlanAnswer>('GET', '/api/cloudflare/plan'))
        const choice = { planId: json.plan.id, selected: [] }
        expectOk(await visitor.ask('POST', '/cloudflare/confirm', choice))
        return visitor
      },
    }
  }

  return {
    get url() {
      return parts.url
    },
    get cloudflareUrl() {
      return parts.emulator.siteUrl
    },
    get emulator() {
      return parts.emulator.emulator
    },
    get dns() {
      return parts.dns
    },
    get database() {
      return parts.database
    },
    get answered() {
      return parts.answered
    },
    shop: (zone = {}) => newcomer(zone),
    shopWithoutZone: () => newcomer(undefined),
    pass: (ms) => parts.pass(ms),
  }
}

/** As the host platform makes it, by the program of the examples. */
export function linkFor(
  url: string,
  subject: string,
  { email, domain }: Pick<Shop, 'email' | 'domain'>,
): string {
  const told = ['examples/sso-link.mjs', url, subject, email, domain]
  return execFileSync(process.execPath, told, { cwd: root, env: { SSO_SECRET }, encoding: 'utf8' }).trim()
}

/** Signs in on the page that is open. */
export async function signInOn(page: Page, { email }: Shop): Promise<void> {
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function setUp(zones: readonly ZoneSeed[], { path = '', env = {}, files = {} }: StageOptions) {
  let ahead = 0
  const now = () => Date.now() + ahead
  const folder = mkdtempSync(join(tmpdir(), 'zonewright-journey-'))
  const database = join(folder, 'zonewright.db')
  const port = await freePort()
  const url = `http://localhost:${port}${path}`
  const mistakes: string[] = []
  const answered: Answered[] = []
  const emulator = await startEmulator({
    port: 0,
    dnsPort: 0,
    now,
    zones,
    oauthClients: [{ ...CLIENT, name: 'The Shops', redirectUris: [`${url}/dashboard/cloudflare/callback`] }],
  })
  const system = {
    clock: { ...systemClock, now },
    random: systemRandom,
    log: logOf(mistakes, answered),
    transport: nodeTransport(),
  }
  const variables = { ...variablesFor(emulator, url, port, database), ...env }
  const read = readConfig(variables, (name) => files[name] ?? '', ['dashboard'])
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  const running: Running = await serve(read.value, system)
  // A second way into the file, as the command that adds customers has it.
  const store: Store = await openSqliteStore({ path: database, random: systemRandom, now })
  const passwordHash = await createPasswords().hash(PASSWORD)
  const dns = new Resolver({ timeout: 5_000, tries: 2 })
  dns.setServers([`127.0.0.1:${emulator.dnsPort}`])
  return {
    url,
    emulator,
    dns,
    database,
    mistakes,
    answered,
    async addCustomer(domain: string, email: string): Promise<void> {
      const own = { ipv4: [], ipv6: [], host: null, servesWww: null }
      const row = { id: domain, email, passwordHash, domain: aName(domain), ...own, createdAt: now() }
      await store.accounts.addCustomer(row)
    },
    pass(ms: number): void {
      ahead += ms
    },
    async end(): Promise<void> {
      await store.close()
      await running.close()
      await emulator.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const CLIENT = { id: 'shops', secret: 'the secret of all the shops' }

function variablesFor(
  { apiUrl, siteUrl, dnsPort }: RunningEmulator,
  url: string,
  port: number,
  database: string,
) {
  // The host platform of the shops, and Cloudflare's proxy before them, hand on what is asked of them.
  const platform = [SERVER, ...PROXY_ADDRESSES.A].map((address) => `${address}:80=127.0.0.1:${port}`)
  return {
    DATABASE_URL: `sqlite:${database}`,
    DASHBOARD_HOST: '127.0.0.1',
    DASHBOARD_PORT: `${port}`,
    METRICS_HOST: '127.0.0.1',
    METRICS_PORT: '0',
    PUBLIC_URL: url,
    SECRET_KEY: 'a secret key of thirty-two octets',
    SSO_SECRET,
    TARGET_IPV4: SERVER,
    DNS_RESOLVERS: `127.0.0.1:${dnsPort}`,
    PROBE_ALLOW: [...platform, `${NAME_SERVER_ADDRESS}:53=127.0.0.1:${dnsPort}`].join(),
    CLOUDFLARE_API_BASE_URL: apiUrl,
    CLOUDFLARE_DASH_URL: siteUrl,
    CLOUDFLARE_OAUTH_CLIENT_ID: CLIENT.id,
    CLOUDFLARE_OAUTH_CLIENT_SECRET: CLIENT.secret,
    CLOUDFLARE_OAUTH_AUTHORIZE_URL: `${siteUrl}/oauth2/auth`,
    CLOUDFLARE_OAUTH_TOKEN_URL: `${siteUrl}/oauth2/token`,
    CLOUDFLARE_OAUTH_REVOKE_URL: `${siteUrl}/oauth2/revoke`,
  }
}

function visitorAt(url: string, page: Page): Visitor {
  const context = page.context()
  async function ask<T>(method: string, path: string, body?: unknown) {
    const address = `${url}/dashboard${path}`
    const headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' }
    if (method !== 'GET') {
      const session = await context.request.get(`${url}/dashboard/api/session`)
      headers['x-csrf-token'] = (await session.json()).csrfToken
    }
    const data = body === undefined && method !== 'GET' && method !== 'DELETE' ? {} : body
    const answer = await context.request.fetch(address, { method, headers, data })
    const text = await answer.text()
    return { status: answer.status(), json: (text === '' ? {} : JSON.parse(text)) as T }
  }
  return {
    page,
    context,
    ask,
    async open(path, tab = page) {
      await tab.goto(`${url}/dashboard${path}`)
      await tab.locator(LOADED).first().waitFor()
    },
  }
}

function expectOk<T extends { status: number }>(answer: T): T {
  if (answer.status < 200 || answer.status > 299) throw new Error(JSON.stringify(answer))
  return answer
}

function described({ type, name, content }: { type: string; name: string; content: string }): string {
  return `${type} ${name} ${content.replace(/^"(.*)"$/, '$1')}`
}

/** Keeps the line of each request, and what a server should never have to say. */
function logOf(mistakes: string[], answered: Answered[]): Log {
  const error = (facts: object, words: string) => {
    const { err } = facts as { err?: Error }
    mistakes.push(`${words}: ${err?.stack ?? JSON.stringify(facts)}`)
  }
  const info = (facts: object, words: string) => {
    if (words === 'request') answered.push(facts as Answered)
  }
  return { debug() {}, info, warn() {}, error }
}

/** The address that browsers see has to be known before the server listens at it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
