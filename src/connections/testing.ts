import { CustomerError } from '#accounts/errors.ts'
import { aName, aValue } from '#dns/testing.ts'
import { createEmulator, type Emulator, type EmulatorOptions } from '#emulator/emulator.ts'
import type { Clock } from '#platform/ports.ts'
import type { Transport } from '#providers/cloudflare/transport.ts'
import type { ConnectionRow } from '#store/accounts.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import type { Store } from '#store/store.ts'
import { emulatorTransport } from '../../tests/support/emulator-transport.ts'
import { seededRandom } from '../../tests/support/world.ts'
import { type CustomersOptions, createCustomers } from './create.ts'
import type { Connection, Customer, Customers } from './customers.ts'

/** The customers room over an embedded database and an emulator, in one process; hours pass in no time. */
export interface House {
  readonly clock: TestClock
  readonly emulator: Emulator
  readonly store: Store
  readonly customers: Customers
  /** What stands between us and Cloudflare; a test may put its own there. */
  way: Transport
  /** Everything that was sent: `POST /oauth2/token grant_type=refresh_token`. */
  readonly sent: string[]
  readonly refreshes: string[]
  readonly logged: string[]
  readonly anna: Customer
  readonly ben: Customer
  /** A second process over the same database. */
  replica(change?: Partial<CustomersOptions>): Customers
  /** Begins, decides at Cloudflare, and gives what the browser comes back with. */
  consented(customer?: Customer, choice?: Parameters<Emulator['state']['consent']>[1]): Promise<URL>
  connected(customer?: Customer): Promise<Connection>
  row(customer?: Customer): Promise<ConnectionRow | undefined>
  close(): Promise<void>
}

export interface TestClock extends Clock {
  pass(ms: number): void
}

export const SITE = 'https://cloudflare.example'
export const SESSION = 'hash of the session'
export const PUBLIC_URL = 'http://localhost:3000'
export const KEY = 'a secret key of thirty-two octets'
export const TOKENS = {
  user: 'cfut_user-token-0123456789-0123456789-0123456789',
  account: 'cfat_account-token-0123456789-0123456789-012345',
  reader: 'cfut_reader-0123456789-0123456789-0123456789-01',
  blind: 'cfut_blind-0123456789-0123456789-0123456789-012',
  disabled: 'cfut_disabled-0123456789-0123456789-0123456789',
} as const

export const OAUTH: NonNullable<CustomersOptions['oauth']> = {
  clientId: 'shop',
  clientSecret: 'the secret of the shop',
  clientAuth: 'client_secret_post',
  authorizeUrl: `${SITE}/oauth2/auth`,
  tokenUrl: `${SITE}/oauth2/token`,
  revokeUrl: `${SITE}/oauth2/revoke`,
  scopes: ['zone.read', 'dns.read', 'dns.write', 'offline_access'],
}

const HOUR_MS = 3_600_000

export async function house(
  options: EmulatorOptions = {},
  change: Partial<CustomersOptions> = {},
): Promise<House> {
  const clock = testClock()
  const emulator = createEmulator({
    now: clock.now,
    zones: [{ name: 'example.com' }, { name: 'example.net', account: { name: 'Second' } }],
    credentials: [
      { kind: 'token', token: TOKENS.user },
      { kind: 'token', token: TOKENS.account, accountOwned: true },
      { kind: 'token', token: TOKENS.reader, permissions: ['zone:read', 'dns:read'] },
      { kind: 'token', token: TOKENS.blind, permissions: ['dns:edit'] },
      { kind: 'token', token: TOKENS.disabled, status: 'disabled' },
    ],
    oauthClients: [
      {
        id: OAUTH.clientId,
        secret: OAUTH.clientSecret,
        name: 'The Shop',
        redirectUris: [`${PUBLIC_URL}/dashboard/cloudflare/callback`],
        optionalScopes: ['dns.write'],
      },
    ],
    ...options,
  })
  const random = seededRandom(7)
  const store = await openSqliteStore({ path: ':memory:', random, now: clock.now, bootId: undefined })
  const sent: string[] = []
  const [refreshes, logged]: [string[], string[]] = [[], []]
  const note = (_facts: object, words: string) => void logged.push(words)

  function replica(more: Partial<CustomersOptions> = {}): Customers {
    return createCustomers({
      store: store.accounts,
      limits: store,
      ledger: store,
      nonces: store,
      hostSecret: undefined,
      transport: async (request) => {
        const grantType = /grant_type=\w+/.exec(request.body ?? '')?.[0]
        sent.push([request.method, new URL(request.url).pathname, grantType].filter(Boolean).join(' '))
        return built.way(request)
      },
      clock,
      random,
      log: { debug: note, info: note, warn: note, error: note },
      secretKeys: [KEY],
      publicUrl: PUBLIC_URL,
      baseUrl: `${SITE}/client/v4`,
      oauth: OAUTH,
      targets: { ipv4: [aValue('A', '192.0.2.10')], ipv6: [] },
      observe: () => {},
      onRefresh: (outcome) => void refreshes.push(outcome),
      ...change,
      ...more,
    })
  }

  for (const [id, domain] of [
    ['anna', 'example.com'],
    ['ben', 'example.net'],
  ] as const) {
    await store.accounts.addCustomer({
      id,
      email: `${id}@example.org`,
      passwordHash: null,
      domain: aName(domain),
      ipv4: [],
      ipv6: [],
      host: null,
      servesWww: null,
      createdAt: clock.now(),
    })
  }
  const customers = replica()
  const [anna, ben] = [(await customers.find('anna'))!, (await customers.find('ben'))!]

  const built: House = {
    clock,
    emulator,
    store,
    customers,
    way: emulatorTransport(emulator, clock),
    sent,
    refreshes,
    logged,
    anna,
    ben,
    replica,
    async consented(customer = anna, choice) {
      const url = await customers.beginOAuth(customer, SESSION)
      return new URL(emulator.state.consent(url.href, choice))
    },
    async connected(customer = anna) {
      return customers.finishOAuth(customer, SESSION, await built.consented(customer))
    },
    row: (customer = anna) => store.accounts.connectionOf(customer.id),
    close: () => store.close(),
  }
  return built
}

/** `oauth-state`, or what it came to. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work
  } catch (error) {
    if (error instanceof CustomerError) return error.code
    throw error
  }
}

export const HOURS = (hours: number): number => hours * HOUR_MS

/**
 * Time passes to the next moment that somebody waits for, once nothing else has happened for a while: ciphers and hashes
 * are at work in threads of their own, and no turn of the loop tells when they are done. What goes on in this thread
 * gets its turns after that, however long a busy machine has kept it waiting.
 */
function testClock(): TestClock {
  let now = Date.parse('2026-08-01T10:00:00Z')
  const sleepers = new Set<{ at: number; wake: () => void }>()

  async function wakeNext(): Promise<void> {
    for (let turn = 0; turn < IDLE_TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    const [next] = [...sleepers].sort((a, b) => a.at - b.at)
    if (next === undefined) return
    now = Math.max(now, next.at)
    next.wake()
    if (sleepers.size > 0) setTimeout(wakeNext, IDLE_MS)
  }

  return {
    now: () => now,
    pass(ms) {
      now += ms
    },
    sleep(ms, signal) {
      if (ms <= 0 || signal?.aborted) return new Promise((resolve) => setImmediate(resolve))
      return new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(sleeper)
          resolve()
        }
        const sleeper = { at: now + ms, wake }
        signal?.addEventListener('abort', wake, { once: true })
        if (sleepers.size === 0) setTimeout(wakeNext, IDLE_MS)
        sleepers.add(sleeper)
      })
    },
  }
}

const IDLE_MS = 20
const IDLE_TURNS = 100
