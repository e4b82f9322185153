import type {
  ApiChange,
  ApiHistoryEntry,
  ApiPlan,
  ApiRecord,
  ApiZone,
  ConnectionStatus,
  RecordFields,
  RecordsAnswer,
  SessionAnswer,
} from '#faces/dashboard/api.ts'

/** A customer, a zone and a plan as the server would tell them. */

export const zone: ApiZone = {
  id: '0123456789abcdef0123456789abcdef',
  name: 'example.com',
  status: 'active',
  type: 'full',
  plan: 'free',
  nameServers: ['ada.ns.example.net', 'bob.ns.example.net'],
}

export function session(changes: Partial<SessionAnswer> = {}): SessionAnswer {
  return {
    customer: {
      id: 'c1',
      email: 'owner@example.com',
      domain: 'example.com',
      targets: { ipv4: ['203.0.113.10'], ipv6: [], servesWww: true },
    },
    csrfToken: 'csrf-1',
    flash: [],
    features: { oauth: true, token: true, sso: false, cloudflareDashUrl: 'https://dash.cloudflare.com' },
    ...changes,
  }
}

export function answer(
  status: ConnectionStatus,
  records: readonly ApiRecord[] = [],
  changes: Partial<RecordsAnswer> = {},
): RecordsAnswer {
  const isThere = status !== 'none' && status !== 'zone_missing'
  return {
    records,
    lastSyncedAt: isThere ? new Date(Date.now() - 125_000).toISOString() : null,
    connection: { status },
    zone: isThere ? zone : null,
    ...changes,
  }
}

const EVENTS = [
  'signed-in',
  'signed-in-from-host',
  'sign-in-failed',
  'signed-out-everywhere',
  'connected',
  'reconnected',
  'disconnected',
  'confirmed',
  'changed',
] as const

let lastRecord = 0

export function record(
  type: string,
  name: string,
  content: string,
  changes: Partial<ApiRecord> = {},
): ApiRecord {
  lastRecord += 1
  return {
    id: lastRecord.toString(16).padStart(32, '0'),
    type,
    name,
    content,
    priority: null,
    proxied: false,
    proxiable: ['A', 'AAAA', 'CNAME'].includes(type),
    ttl: 1,
    comment: null,
    editable: true,
    ...changes,
  }
}

export const usual: readonly ApiRecord[] = [
  record('A', 'example.com', '203.0.113.10', { proxied: true }),
  record('CNAME', 'www.example.com', 'example.com', { proxied: true }),
  record('MX', 'example.com', 'mail.example.net', { priority: 10 }),
  record('MX', 'example.com', 'mail2.example.net', { priority: 20 }),
  record(
    'TXT',
    'example.com',
    'v=spf1 include:spf.example.net include:mailer.example.org ip4:198.51.100.7 -all',
  ),
  record(
    'TXT',
    's1._domainkey.example.com',
    `v=DKIM1; k=rsa; p=${'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A'.repeat(9)}`,
  ),
  record('TXT', '_dmarc.example.com', 'v=DMARC1; p=quarantine; rua=mailto:postmaster@example.com'),
  record('CNAME', 'blog.example.com', 'blogs.example.org'),
  record('A', 'ftp.example.com', '198.51.100.7'),
  record('AAAA', 'ftp.example.com', '2001:db8:0:1::7'),
  record('CAA', 'example.com', '0 issue "letsencrypt.org"', {
    editable: false,
    reason: 'CAA records can be seen here, but only changed at Cloudflare.',
  }),
  record('SRV', '_sip._tcp.example.com', '10 5 5060 sip.example.net', {
    editable: false,
    reason: 'SRV records can be seen here, but only changed at Cloudflare.',
  }),
]

export const long: readonly ApiRecord[] = [
  record(
    'A',
    `${'a-very-long-label-of-sixty-three-octets-which-is-the-most-there'}.${'b'.repeat(60)}.${'c'.repeat(60)}.example.com`,
    '192.0.2.1',
  ),
  record('TXT', 'example.com', 'x'.repeat(2048)),
  record('CNAME', 'shop.example.com', `${'target-'.repeat(8)}x.${'d'.repeat(63)}.example.net`, {
    proxied: true,
  }),
]

export function many(count: number): ApiRecord[] {
  return Array.from({ length: count }, (_, index) =>
    record('A', `host-${index}.example.com`, `192.0.2.${index % 254}`, { proxied: index % 3 === 0 }),
  )
}

let lastChange = 0

export function change(
  action: ApiChange['action'],
  type: string,
  name: string,
  values: { readonly from?: string; readonly to?: string; readonly priority?: number },
  changes: Partial<ApiChange> = {},
): ApiChange {
  lastChange += 1
  const fields = { type, name, priority: values.priority ?? null, proxied: false, ttl: 1, comment: null }
  return {
    id: `change-${lastChange}`,
    action,
    type,
    name,
    ...(values.from !== undefined && { current: { id: 'a', ...fields, content: values.from } }),
    ...(values.to !== undefined && { proposed: { ...fields, content: values.to } }),
    selected: true,
    locked: action === 'keep',
    reason: '',
    ...changes,
  }
}

export function plan(changes: readonly ApiChange[], rest: Partial<ApiPlan> = {}): { readonly plan: ApiPlan } {
  const expiresAt = new Date(Date.now() + 1_800_000).toISOString()
  return { plan: { id: 'plan-1', domain: 'example.com', zone, changes, warnings: [], expiresAt, ...rest } }
}

/** As the design draws it, with a second address and a left-over AAAA. */
export const drawn: readonly ApiChange[] = [
  change(
    'replace',
    'A',
    'example.com',
    { from: '192.168.1.1', to: '203.0.113.10' },
    { group: 'example.com', reason: 'Points example.com at your server.' },
  ),
  change(
    'delete',
    'A',
    'example.com',
    { from: '198.51.100.8' },
    { group: 'example.com', reason: 'It would still send some visitors to the old server.' },
  ),
  change(
    'delete',
    'AAAA',
    'example.com',
    { from: '2001:db8::8' },
    { group: 'example.com', reason: 'It would still send visitors with IPv6 to the old server.' },
  ),
  change(
    'replace',
    'CNAME',
    'www.example.com',
    { from: 'oldhost.example.net', to: 'example.com' },
    { reason: 'Lets www.example.com follow example.com.' },
  ),
  change(
    'keep',
    'MX',
    'example.com',
    { from: 'mail.example.net', priority: 10 },
    { reason: 'Your mail is not touched.' },
  ),
  change(
    'keep',
    'TXT',
    'example.com',
    { from: 'v=spf1 include:spf.example.net -all' },
    { reason: 'It is not about where visitors go, so it stays as it is.' },
  ),
]

export function history(entries: readonly ApiHistoryEntry[], next: string | null = null) {
  return { entries, next }
}

/** One of each kind, and one of many sets with long names. */
export const changed: readonly ApiHistoryEntry[] = [
  entry('customer', 'Changed A example.com', [
    set([field('A', 'example.com', '192.0.2.1')], [field('A', 'example.com', '192.0.2.2')]),
  ]),
  entry('outside', 'Changed records of www.example.com and 200 more', [
    ...Array.from({ length: 200 }, (_, index) => set([], [field('A', `n${index}.example.com`, '192.0.2.3')])),
    set([field('TXT', 'x.example.com', 'y'.repeat(600))], []),
  ]),
  entry('caller', 'Added TXT _acme.example.com', [
    set([], [field('TXT', '_acme.example.com', 'z'.repeat(90))]),
  ]),
  entry('system', 'Changed A example.com', [
    set([field('A', 'example.com', '192.0.2.1')], [field('A', 'example.com', '192.0.2.1', true)]),
  ]),
]

function entry(
  kind: ApiHistoryEntry['actor']['kind'],
  summary: string,
  changes: ApiHistoryEntry['changes'],
): ApiHistoryEntry {
  lastChange += 1
  const id = lastChange.toString(16).padStart(32, '0')
  const at = new Date(Date.now() - lastChange * 3_600_000).toISOString()
  const actor = { kind, label: 'owner-with-a-long-name@mail.department.example.com' }
  return { id, at, actor, summary, changes, undoable: kind === 'customer' || kind === 'outside' }
}

function set(
  before: readonly RecordFields[],
  after: readonly RecordFields[],
): ApiHistoryEntry['changes'][number] {
  const { type, name } = (before[0] ?? after[0])!
  return { type, name, before, after }
}

function field(type: string, name: string, content: string, proxied = false): RecordFields {
  return { type, name, content, proxied, priority: null, ttl: 1, comment: null }
}

/** One of each event, from near and far. */
export const audit = {
  next: '1.0',
  entries: EVENTS.map((event, index) => ({
    id: `${index}`.repeat(32),
    at: new Date(Date.now() - index * 7_200_000).toISOString(),
    event,
    address: index % 2 === 0 ? '192.0.2.1' : '2001:db8:1234:5678:9abc:def0:1234:5678',
    browser: 'Samsung Internet on Android',
    ...(event.endsWith('connected') && { detail: 'token' }),
  })),
}
