import type { FastifyInstance } from 'fastify'
import { createPasswords } from '#accounts/passwords.ts'
import type { DashboardConfig } from '#config/dashboard.ts'
import { Secret } from '#config/secret.ts'
import { aName, aValue } from '#dns/testing.ts'
import { createEmulator, type Emulator, type EmulatorOptions } from '#emulator/emulator.ts'
import { createZoneLock } from '#engine/zone-lock.ts'
import { createDashboard } from '#faces/dashboard/dashboard.ts'
import { type Answer, type Browser, browserOver } from '#faces/dashboard/testing.ts'
import { createMetrics, type Metrics } from '#platform/metrics.ts'
import type { Log } from '#platform/ports.ts'
import type { Transport } from '#providers/cloudflare/transport.ts'
import { buildDashboard } from '#server/build-dashboard.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import type { Store } from '#store/store.ts'
import { EMULATOR_URL, emulatorTransport } from './emulator-transport.ts'
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts'
import { seededRandom } from './world.ts'

/** The dashboard over its own rooms, an embedded database and the emulator, in one process and in virtual time. */
export interface DashboardWorld {
  readonly clock: VirtualClock
  readonly emulator: Emulator
  readonly store: Store
  readonly metrics: Metrics
  /** Nobody yet. No time passes: argon2 is at work in a thread of its own, which no turn of the loop tells of. */
  stranger(): Browser
  /** Signed in as `anna`, whose store is example.com, or as `ben`, whose store is example.net. */
  signedIn(who: Person): Promise<Browser>
  /** Signed in, connected by a token, and with the review confirmed. */
  connected(who: Person): Promise<Browser>
  /** What was logged, whole, line by line. */
  readonly logged: string[]
  /** `POST /dashboard/api/login`, every one that there is. */
  readonly routes: readonly string[]
  end(): Promise<void>
}

export type Person = 'anna' | 'ben'

export interface DashboardWorldOptions extends EmulatorOptions {
  /** A file instead of memory. */
  readonly database?: string
  readonly overStore?: (store: Store) => Store
  /** Stands between us and the way to the emulator. */
  readonly between?: (way: Transport) => Transport
  readonly secretKey?: string
  readonly password?: string
  /** Lets time pass in small steps: OAuth hashes in a thread of its own, of which no turn of the loop tells. */
  readonly inSteps?: boolean
}

export const TOKEN = 'cfut_token-of-the-tests-0123456789-0123456789-01'
export const CLIENT = { id: 'shop', secret: 'the secret of the shop' }
const SITE = 'https://cloudflare.example'
const PUBLIC_URL = 'http://localhost:3000'

export async function createDashboardWorld({
  database = ':memory:',
  overStore = (store) => store,
  between = (way) => way,
  secretKey = 'a secret key of thirty-two octets',
  password = 'correct horse battery staple',
  inSteps = false,
  ...options
}: DashboardWorldOptions = {}): Promise<DashboardWorld> {
  // An answer of the face takes more turns of the loop than the rooms alone.
  const clock = createVirtualClock({ turns: 12 })
  const random = seededRandom(1)
  const emulator = createEmulator({
    now: clock.now,
    latencyMs: 100,
    zones: [{ name: 'example.com' }, { name: 'example.net' }],
    credentials: [{ kind: 'token', token: TOKEN }],
    oauthClients: [
      { ...CLIENT, name: 'The Shop', redirectUris: [`${PUBLIC_URL}/dashboard/cloudflare/callback`] },
    ],
    ...options,
  })
  const memory = await openSqliteStore({ path: database, random, now: clock.now, bootId: undefined })
  const store = overStore(memory)
  const logged: string[] = []
  const note = (facts: object, words: string) => void logged.push(`${words} ${inspected(facts)}`)
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const metrics = createMetrics()
  const transport = Object.assign(between(emulatorTransport(emulator, clock)), { close() {} })
  const system = { clock, random, log, transport }
  const built = buildDashboard(store, configWith(secretKey), system, metrics, createZoneLock(random))
  const passwordHash = await hashOf(password)
  for (const [id, domain] of Object.entries(DOMAINS)) {
    const own = { ipv4: [], ipv6: [], host: null, servesWww: null }
    const email = `${id}@example.org`
    const row = { id, email, passwordHash, domain: aName(domain), ...own, createdAt: clock.now() }
    await memory.accounts.addCustomer(row)
  }
  const app = createDashboard({
    ...built,
    sessions: store.accounts,
    features: { oauth: true, token: true, sso: false, cloudflareDashUrl: SITE },
    publicUrl: PUBLIC_URL,
    secretKeys: [secretKey],
    trustedProxies: [],
    frameAncestors: "'none'",
    pages: 'no-such-folder',
    clock,
    random,
    log,
    meter: metrics,
  })
  const routes: string[] = []
  app.addHook('onRoute', ({ method, url }) => void routes.push(`${method} ${url}`))
  await app.ready()
  built.start()

  async function stepping<T>(work: Promise<T>): Promise<T> {
    let isOver = false
    const end = work.finally(() => {
      isOver = true
    })
    while (!isOver) await clock.pass(STEP_MS)
    return end
  }

  const stranger = () => browserOver((...sent) => ask(app, ...sent))

  async function signedIn(who: Person): Promise<Browser> {
    const still = stranger()
    const signIn = await still.signIn(`${who}@example.org`, password)
    if (signIn.status !== 200) throw new Error(signIn.text)
    const browser = browserOver((...sent) => (inSteps ? stepping : clock.until)(ask(app, ...sent)))
    for (const [name, value] of still.cookies) browser.cookies.set(name, value)
    browser.csrfToken = still.csrfToken
    return browser
  }

  return {
    clock,
    emulator,
    store,
    metrics,
    logged,
    routes,
    stranger,
    signedIn,
    async connected(who) {
      const browser = await signedIn(who)
      const connected = await browser.post('/dashboard/api/cloudflare/token', { token: TOKEN })
      if (connected.json.connection?.status === 'review_pending') {
        const { json } = await browser.get('/dashboard/api/cloudflare/plan')
        const choice = { planId: json.plan.id, selected: [] }
        const confirmed = await browser.post('/dashboard/cloudflare/confirm', choice)
        if (confirmed.status !== 200) throw new Error(confirmed.text)
      }
      return browser
    },
    async end() {
      await app.close()
      await clock.until(built.stop())
      await memory.close()
    },
  }
}

const STEP_MS = 20

/** Slow on purpose, so once for each password. */
const hashes = new Map<string, Promise<string>>()

function hashOf(password: string): Promise<string> {
  const hash = hashes.get(password) ?? createPasswords().hash(password)
  hashes.set(password, hash)
  return hash
}

const DOMAINS: Readonly<Record<Person, string>> = { anna: 'example.com', ben: 'example.net' }

function configWith(secretKey: string): DashboardConfig {
  return {
    listen: { host: '127.0.0.1', port: 0 },
    publicUrl: PUBLIC_URL,
    secretKeys: [new Secret(secretKey)],
    cloudflareBaseUrl: EMULATOR_URL,
    cloudflareDashUrl: SITE,
    oauth: {
      clientId: CLIENT.id,
      clientSecret: new Secret(CLIENT.secret),
      clientAuth: 'client_secret_post',
      authorizeUrl: `${SITE}/oauth2/auth`,
      tokenUrl: `${SITE}/oauth2/token`,
      revokeUrl: `${SITE}/oauth2/revoke`,
      scopes: ['zone.read', 'dns.read', 'dns.write', 'offline_access'],
    },
    targets: { ipv4: [aValue('A', '192.0.2.10')], ipv6: [] },
    trustedProxies: [],
    frameAncestors: "'none'",
    brand: {},
    verification: { resolvers: [], probeAllow: new Map() },
  }
}

async function ask(
  app: FastifyInstance,
  method: string,
  path: string,
  body: string | undefined,
  headers: Record<string, string>,
): Promise<Answer> {
  const reply = await app.inject({
    method: method as 'GET',
    url: path,
    headers,
    ...(body !== undefined && { payload: body }),
  })
  const isJson = String(reply.headers['content-type']).startsWith('application/json')
  const json = isJson ? reply.json() : {}
  const { statusCode: status, payload: text } = reply
  return { status, headers: reply.headers as Answer['headers'], text, json, error: json.error }
}

/** Errors with their causes and stacks, as a log keeps them. */
function inspected(facts: object): string {
  return JSON.stringify(facts, (_key, value: unknown) =>
    value instanceof Error
      ? { ...value, message: value.message, stack: value.stack, cause: value.cause }
      : value,
  )
}
