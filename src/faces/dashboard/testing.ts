import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CustomerError } from '#accounts/errors.ts'
import type { Connection, Customer, Customers } from '#connections/customers.ts'
import { type Name, parseName } from '#dns/name.ts'
import type { NewRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import { parseValue, type Value } from '#dns/value.ts'
import type {
  CachedRecord,
  Edited,
  EditOperation,
  Editor,
  EditPageRead,
  StoredPlan,
  ZoneEdits,
} from '#engine/edits/edits.ts'
import { DnsError } from '#engine/errors.ts'
import type { Provider } from '#providers/provider.ts'
import type { ErrorAnswer } from './api.ts'
import { createDashboard, type DashboardOptions } from './dashboard.ts'

export const PASSWORD = 'correct horse battery staple'
export const SECRET_KEY = 'a-secret-key-of-thirty-two-octets'

export interface LogLine {
  readonly level: string
  readonly words: string
  readonly facts: Record<string, unknown>
}

export interface TestDashboard {
  readonly port: number
  /** Alice has example.com, Bob example.net; Alice's host platform serves www too. */
  readonly people: Readonly<Record<'alice' | 'bob', Customer>>
  readonly connections: Map<string, Connection>
  /** By zone id. */
  readonly zones: Map<string, { readonly name: Name; syncedAt: number | null; records: CachedRecord[] }>
  /** By the hash of the session's id. */
  readonly sessions: Map<string, { customerId: string; data: string; createdAt: number; seenAt: number }>
  /** What reached the rooms behind, in words such as `alice creates A shop.example.com`. */
  readonly asked: string[]
  readonly lines: LogLine[]
  /** `route status` of each request. */
  readonly counted: string[]
  /** What the next question to the rooms answers instead; throws, if that is what it does. */
  instead: (() => unknown) | undefined
  now: number
  /** Connects somebody to a zone with three records, with the review behind them. */
  connect(who: 'alice' | 'bob', change?: Partial<Connection>): string
  browser(): Browser
  /** A browser that is signed in. */
  signedIn(who: 'alice' | 'bob'): Promise<Browser>
  close(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** Whatever the body holds as JSON; {} if it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says which member it looks for
  readonly json: any
  readonly error: ErrorAnswer['error'] | undefined
}

/** Keeps cookies, and sends the token and the origin as our own pages do. */
export interface Browser {
  readonly cookies: Map<string, string>
  csrfToken: string
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Asks who is signed in, and takes the token from the answer. */
  session(): Promise<Answer>
  signIn(email: string, password?: string): Promise<Answer>
}

export const ZONES = { alice: 'a'.repeat(32), bob: 'b'.repeat(32) } as const

/** An id as Cloudflare makes them, `1` to `9`. */
export function recordId(digit: number, who: 'alice' | 'bob' = 'alice'): RecordId {
  return `${who === 'alice' ? '0' : 'f'}${`${digit}`.repeat(31)}` as RecordId
}

/** The face on a port of its own, over rooms that remember in Maps. */
export async function startDashboard(change: Partial<DashboardOptions> = {}): Promise<TestDashboard> {
  const asked: string[] = []
  const lines: LogLine[] = []
  const counted: string[] = []
  const line = (level: string) => (facts: object, words: string) =>
    void lines.push({ level, words, facts: { ...facts } })
  const connections: TestDashboard['connections'] = new Map()
  const zones: TestDashboard['zones'] = new Map()
  const sessions: TestDashboard['sessions'] = new Map()
  const people = { alice: person('alice', 'example.com'), bob: person('bob', 'example.net') }

  async function does<T>(who: string, what: string, remember: () => T): Promise<T> {
    asked.push(`${who} ${what}`)
    const { instead } = test
    test.instead = undefined
    return instead === undefined ? remember() : ((await instead()) as T)
  }

  const app = createDashboard({
    customers: customersIn(people, connections, does, () => test.now),
    edits: editsIn(zones, does, () => test.now),
    verification: {
      check: async () => ({ names: [], delegation: UNKNOWN, checkedAt: test.now }),
      answerTo: () => undefined,
    },
    sessions: {
      async session(idHash, now) {
        const row = sessions.get(idHash)
        const isFresh = row !== undefined && now - row.seenAt <= IDLE_MS && now - row.createdAt <= LONGEST_MS
        if (!isFresh) return undefined
        row.seenAt = now
        return row
      },
      async keepSession({ idHash, customerId, data, createdAt: begunAt }, now) {
        const createdAt = sessions.get(idHash)?.createdAt ?? begunAt ?? now
        sessions.set(idHash, { customerId, data, createdAt, seenAt: now })
        return true
      },
      async endSession(idHash) {
        sessions.delete(idHash)
      },
    },
    features: { oauth: true, token: true, sso: false, cloudflareDashUrl: 'https://dash.cloudflare.com' },
    publicUrl: 'http://localhost:3000',
    secretKeys: [SECRET_KEY],
    trustedProxies: [],
    frameAncestors: "'none'",
    pages: 'no-such-folder',
    clock: { now: () => test.now, sleep: async () => {} },
    random: { fraction: () => 0.5, hex: (bytes) => '0'.repeat(2 * bytes) },
    log: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    meter: { httpRequest: (_face, route, status) => void counted.push(`${route} ${status}`) },
    ...change,
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo

  const test: TestDashboard = {
    port,
    people,
    connections,
    zones,
    sessions,
    asked,
    lines,
    counted,
    instead: undefined,
    now: Date.UTC(2026, 10, 21),
    connect(who, change = {}) {
      const { id, domain } = people[who]
      zones.set(ZONES[who], { name: domain, syncedAt: test.now, records: recordsFor(who, domain) })
      connections.set(id, {
        ...newConnection(id, test.now),
        zoneId: ZONES[who],
        reviewedAt: test.now,
        ...change,
      })
      return ZONES[who]
    },
    browser: () => browserAt(port),
    async signedIn(who) {
      const browser = browserAt(port)
      await browser.signIn(people[who].email)
      return browser
    },
    close: () => app.close(),
  }
  return test
}

/** `A www.example.com 192.0.2.1` */
export function newRecord(text: string): NewRecord {
  const [type, name, ...rest] = text.split(' ') as [NewRecord['type'], string, ...string[]]
  const value = parseValue(type, rest.join(' '), { mxPriority: 10 })
  if (!value.ok) throw new Error(JSON.stringify(value.problems))
  return { name: named(name), type, value: value.value, ttl: 300, proxied: false, comment: null }
}

const UNKNOWN = { status: 'not_checked', nameServers: [] } as const

const IDLE_MS = 30 * 60_000
const LONGEST_MS = 12 * 3_600_000

function named(text: string): Name {
  const name = parseName(text)
  if (!name.ok) throw new Error(text)
  return name.value
}

function person(id: string, domain: string): Customer {
  const targets = { ipv4: ['192.0.2.10' as Value], ipv6: [], servesWww: true }
  return { id, email: `${id}@example.org`, domain: named(domain), targets }
}

function recordsFor(who: 'alice' | 'bob', domain: string): CachedRecord[] {
  const record = (digit: number, text: string): ZoneRecord => ({
    ...newRecord(text),
    id: recordId(digit, who),
    readOnly: false,
  })
  return [
    { record: record(1, `A www.${domain} 192.0.2.1`) },
    { record: record(2, `MX ${domain} 10 mail.${domain}`) },
    {
      record: record(3, `CAA ${domain} 0 issue letsencrypt.org`),
      locked: 'CAA records can only be seen here.',
    },
  ]
}

function newConnection(customerId: string, now: number): Connection {
  return {
    id: `connection-of-${customerId}`,
    customerId,
    kind: 'token',
    status: 'active',
    zoneId: null,
    connectedAt: now,
    reviewedAt: null,
    lastSyncAt: null,
  }
}

type Does = <T>(who: string, what: string, remember: () => T) => Promise<T>

function customersIn(
  people: TestDashboard['people'],
  connections: TestDashboard['connections'],
  does: Does,
  now: () => number,
): Customers {
  const states = new Map<string, { customer: string; session: string }>()
  const connect = (customer: Customer): Connection => {
    const connection = newConnection(customer.id, now())
    connections.set(customer.id, connection)
    return connection
  }
  const change = (connection: Connection, facts: Partial<Connection>): Connection => {
    const changed = { ...connection, ...facts }
    connections.set(connection.customerId, changed)
    return changed
  }
  return {
    signIn: ({ email, password, address }) =>
      does(email, `signs in from ${address}`, () => {
        const customer = Object.values(people).find((one) => one.email === email)
        if (customer !== undefined && password === PASSWORD) return customer
        throw new CustomerError('wrong-credentials', 'E-mail or password is not right.')
      }),
    signInFromHost: (token) =>
      does('the host platform', `signs in by ${token}`, () => {
        const customer = Object.values(people).find(({ id }) => token === `good for ${id}`)
        if (customer !== undefined) return customer
        throw new CustomerError('host-token-invalid', 'This link is not right.')
      }),
    find: async (id) => Object.values(people).find((one) => one.id === id),
    endSessions: (id) => does(id, 'ends all sessions', () => undefined),
    audit: { note: async () => {}, read: async () => ({ entries: [], hasMore: false }) },
    connectionOf: async (id) => connections.get(id),
    cloudflareOf: () => ({}) as Provider,
    connectByToken: (customer, token) =>
      does(customer.id, `pastes ${token}`, () => ({
        ...connect(customer),
        zones: token === 'of all' ? 12 : 1,
      })),
    beginOAuth: (customer, session) =>
      does(customer.id, 'goes to Cloudflare', () => {
        const state = `state-${states.size + 1}`
        states.set(state, { customer: customer.id, session })
        return new URL(`https://dash.cloudflare.com/oauth2/auth?state=${state}`)
      }),
    finishOAuth: (customer, session, callback) =>
      does(customer.id, 'comes back from Cloudflare', () => {
        const state = callback.searchParams.get('state') ?? ''
        const began = states.get(state)
        states.delete(state)
        if (began?.customer !== customer.id || began.session !== session) {
          throw new CustomerError('oauth-state', 'This sign-in was not begun here.')
        }
        if (callback.searchParams.has('error')) {
          throw new CustomerError('oauth-denied', 'You did not allow access at Cloudflare.')
        }
        return connect(customer)
      }),
    disconnect: (customer) =>
      does(customer.id, 'disconnects', () => {
        connections.delete(customer.id)
        return { revoked: 'yes' as const }
      }),
    chooseZone: async (connection, zoneId) => change(connection, { zoneId }),
    markReviewed: async (connection) => change(connection, { reviewedAt: now() }),
    markSynced: async (connection, at) => change(connection, { lastSyncAt: at }),
    spend: (id, what) => does(id, `spends a ${what}`, () => undefined),
  }
}

function editsIn(zones: TestDashboard['zones'], does: Does, now: () => number): ZoneEdits {
  const cached = (id: string) => {
    const zone = zones.get(id)
    if (zone === undefined) throw new DnsError('zone-not-found', 'no such zone')
    return { zone: zoneFacts(id, zone.name), records: zone.records, syncedAt: zone.syncedAt }
  }
  const done = (...records: ZoneRecord[]): Edited => ({
    status: 'done',
    id: 'edit-1',
    records,
    applied: records.length,
  })
  const say = ({ type, name }: NewRecord) => `${type} ${name}`
  return {
    zonesFor: async () => [],
    records: async (_editor, id) => cached(id),
    sync: ({ customerId }, id) =>
      does(customerId, 'reads the zone', () => {
        const zone = zones.get(id)
        if (zone !== undefined) zone.syncedAt = now()
        return cached(id)
      }),
    create: ({ customerId }, _zone, record) =>
      does(customerId, `creates ${say(record)}`, () => done({ ...record, id: recordId(9), readOnly: false })),
    update: ({ customerId }, _zone, id, to) =>
      does(customerId, `changes ${id} to ${say(to as NewRecord)}`, () =>
        done({ ...(to as NewRecord), id, readOnly: false }),
      ),
    remove: ({ customerId }, _zone, id) => does(customerId, `removes ${id}`, () => done()),
    removeAll: ({ customerId }, _zone, ids, sure) =>
      does(customerId, `removes ${ids.length} records, sure of ${sure.join(' ') || 'nothing'}`, () => done()),
    plan: (editor, store) =>
      does(editor.customerId, 'plans', () => planFor(editor, store.name, zones, now())),
    planSets: (editor, zone, origin) =>
      does(editor.customerId, `plans ${origin.wanted.length} sets for ${origin.kind}`, () =>
        planFor(editor, cached(zone).zone.name, zones, now()),
      ),
    confirm: ({ customerId }, _store, { planId, selected }) =>
      does(customerId, `confirms ${planId} with ${selected.join(' ')}`, () => ({
        ...done(),
        kind: 'confirm' as const,
      })),
    operation: ({ customerId }, id) =>
      does(customerId, `asks for ${id}`, (): EditOperation | undefined =>
        id === `operation-of-${customerId}`
          ? { id, kind: 'confirm', status: 'done', records: [] }
          : undefined,
      ),
    planUndo: (editor, id, entry) =>
      does(editor.customerId, `asks to undo ${entry}`, () =>
        planFor(editor, zones.get(id)!.name, zones, now()),
      ),
    history: async ({ customerId }): Promise<EditPageRead> => ({
      hasMore: false,
      entries: [
        {
          id: `edit-of-${customerId}`,
          zone: ZONES.alice,
          at: now(),
          actor: { kind: 'customer', label: `${customerId}@example.org` },
          kind: 'create',
          changes: [
            {
              type: 'A',
              name: named('www.example.com'),
              before: [],
              after: [{ ...newRecord('A www.example.com 192.0.2.1'), id: recordId(1), readOnly: false }],
            },
          ],
        },
      ],
    }),
  }
}

/** Adds an address to the name of the store, if there is a zone for it. */
function planFor(
  { customerId }: Editor,
  domain: Name,
  zones: TestDashboard['zones'],
  now: number,
): StoredPlan {
  const found = [...zones].find(([, { name }]) => name === domain)
  const expiresAt = now + 30 * 60_000
  if (found === undefined) {
    const message = `Domain not found. Make sure ${domain} is added to your Cloudflare account.`
    const blocked = { code: 'zone-not-found', message, remedy: 'Add it.' } as const
    return {
      id: 'plan-0',
      plan: { domain, zone: null, changes: [], warnings: [], blocked },
      expiresAt,
    }
  }
  const [id, { name }] = found
  const proposed = newRecord(`A ${domain} 192.0.2.10`)
  const change = {
    id: 'change-1',
    action: 'add',
    type: 'A',
    name: domain,
    proposed,
    selected: true,
    locked: false,
    reason: 'Your store is there.',
  } as const
  return {
    id: `plan-of-${customerId}`,
    plan: { domain, zone: zoneFacts(id, name), changes: [change], warnings: [] },
    expiresAt,
  }
}

function zoneFacts(id: string, name: Name) {
  const nameServers = ['ada.ns.example.net', 'bob.ns.example.net']
  const more = {
    accountId: 'c'.repeat(32),
    plan: 'free',
    nameServers,
    permissions: [],
    seenAt: 0,
    missingSince: null,
  }
  return { id, name, status: 'active', type: 'full', paused: false, ...more }
}

function browserAt(port: number): Browser {
  return browserOver((...sent) => exchange(port, ...sent))
}

/** `send`: the way to the server. */
export function browserOver(
  send: (
    method: string,
    path: string,
    body: string | undefined,
    headers: Record<string, string>,
  ) => Promise<Answer>,
): Browser {
  const cookies = new Map<string, string>()
  const browser: Browser = {
    cookies,
    csrfToken: '',
    async send(method, path, body, headers = {}) {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
      const isMutation = method !== 'GET'
      const answer = await send(method, path, text, {
        ...(cookies.size > 0 && { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') }),
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...(isMutation && { 'x-csrf-token': browser.csrfToken, 'sec-fetch-site': 'same-origin' }),
        ...headers,
      })
      for (const text of [answer.headers['set-cookie'] ?? []].flat()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? []
        if (value === '') cookies.delete(name)
        else cookies.set(name, value)
      }
      if (typeof answer.json.csrfToken === 'string') browser.csrfToken = answer.json.csrfToken
      return answer
    },
    get: (path, headers) => browser.send('GET', path, undefined, headers),
    post: (path, body, headers) => browser.send('POST', path, body, headers),
    session: () => browser.get('/dashboard/api/session'),
    async signIn(email, password = PASSWORD) {
      await browser.session()
      return browser.post('/dashboard/api/login', { email, password })
    },
  }
  return browser
}

/** Sends the path as it is; a client that tidies it would hide what a hostile one does. */
function exchange(
  port: number,
  method: string,
  path: string,
  body: string | undefined,
  headers: Record<string, string>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, method, path, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => void chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          const isJson = response.headers['content-type']?.startsWith('application/json')
          const json = isJson ? JSON.parse(text) : {}
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json,
            error: json.error,
          })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}
