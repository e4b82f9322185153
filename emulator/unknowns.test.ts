import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { CredentialSeed, EmulatorOptions, RecordSeed, ZoneSeed } from './emulator.ts'
import { KNOWN_ERRORS } from './errors.ts'
import { type Office, office } from './oauth/testing.ts'
import { type Api, api, TOKEN } from './testing.ts'
import { UNKNOWNS, type UnknownChoices } from './unknowns.ts'

const KEY = { kind: 'key', key: '0123456789abcdef0123456789abcdef01234', email: 'a@example.com' } as const
const OTHER = { code: 4_711, message: 'something else' }

interface Probe<T> {
  /** Another choice than the table's. */
  readonly instead: T
  /** What a caller sees of the choice. */
  see(options: EmulatorOptions): Promise<unknown>
}

const zone = (records: readonly RecordSeed[] = [], more: Partial<ZoneSeed> = {}) => ({
  zones: [{ name: 'example.com', records, ...more }],
})
const seen = async (called: ReturnType<Api['call']>) => {
  const { status, json } = await called
  return [
    status,
    json.errors.flatMap(({ code, error_chain = [] }) => [code, ...error_chain.map((each) => each.code)]),
  ]
}
/** The refusal of one record, in a zone with others. */
const posted = (record: object, records: readonly RecordSeed[] = [], more: Partial<ZoneSeed> = {}) => ({
  instead: OTHER,
  see(options: EmulatorOptions) {
    const { call, zoneId } = api({ ...zone(records, more), ...options })
    return seen(call('POST', `/zones/${zoneId}/dns_records`, { name: 'www', ttl: 300, ...record }))
  },
})
const got = (path: string, credentials?: readonly CredentialSeed[], headers?: Record<string, string>) => ({
  see(options: EmulatorOptions) {
    const { call } = api({ ...(credentials && { credentials }), ...options })
    return seen(call('GET', path, undefined, headers))
  },
})
const keyed = (email: string) => ({ 'x-auth-email': email, 'x-auth-key': KEY.key })
const imported = (file: string, records: readonly RecordSeed[] = []) => ({
  see(options: EmulatorOptions) {
    const { call, zoneId } = api({ ...zone(records), ...options })
    const body = `--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n${file}\r\n--b--\r\n`
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'multipart/form-data; boundary=b' }
    return seen(call('POST', `/zones/${zoneId}/dns_records/import`, body, headers))
  },
})
const twoCalls = (read: (called: Awaited<ReturnType<Api['call']>>) => unknown) => ({
  async see(options: EmulatorOptions) {
    const { call } = api({ quota: 1, ...options })
    await call('GET', '/zones')
    return read(await call('GET', '/zones'))
  },
})
const granted = (
  see: (office: Office, access: string, refresh: string, code: string) => Promise<unknown>,
) => ({
  async see(options: EmulatorOptions) {
    const started = office(options)
    const code = started.code()
    const { access, refresh } = await started.exchange(code)
    return see(started, access, refresh, code)
  },
})
const newZone = (name: string) => ({
  instead: OTHER,
  see(options: EmulatorOptions) {
    const permissions = ['zone:edit'] as const
    const { call } = api({ credentials: [{ kind: 'token', token: TOKEN, permissions }], ...options })
    return seen(call('POST', '/zones', { name }))
  },
})

/** Of every entry, a request in whose answer the choice shows: so that the code asks the table, and nothing else. */
const PROBES: { readonly [K in keyof UnknownChoices]: Probe<UnknownChoices[K]> } = {
  expiredToken: {
    instead: 'accepted',
    ...got('/zones', [{ kind: 'token', token: TOKEN, status: 'expired' }]),
  },
  invisibleZone: { instead: 404, ...got(`/zones/${'0e'.repeat(16)}`) },
  malformedIdStatus: { instead: 404, ...got('/zones/example.com') },
  malformedEmail: { instead: OTHER, ...got('/zones', [KEY], keyed('nobody')) },
  keyAtTokenVerify: { instead: OTHER, ...got('/user/tokens/verify', [KEY], keyed(KEY.email)) },
  rateLimitError: { instead: OTHER, ...twoCalls(({ json }) => json.errors) },
  retryAfter: { instead: 'absent', ...twoCalls(({ headers }) => headers['retry-after']) },
  zonesRatePolicy: { instead: '"other";q=1;w=1', ...twoCalls(({ headers }) => headers['ratelimit-policy']) },
  zonesPerPageMaximum: {
    instead: 50,
    see: async (options) =>
      (await api(options).call('GET', '/zones?per_page=500')).json.result_info?.per_page,
  },
  perPageOutOfRange: { instead: 'refuse', ...got('/zones?per_page=1') },
  invalidType: posted({ type: 'NONE', content: 'x' }),
  typeChange: {
    instead: OTHER,
    async see(options) {
      const { call, zoneId } = api({
        ...zone([{ type: 'A', name: 'www', content: '192.0.2.1' }]),
        ...options,
      })
      const [record] = (await call('GET', `/zones/${zoneId}/dns_records`)).records
      const path = `/zones/${zoneId}/dns_records/${record?.id}`
      return seen(call('PATCH', path, { type: 'TXT', content: 'x' }))
    },
  },
  contentMissing: posted({ type: 'A' }),
  nsContent: posted({ type: 'NS', content: '192.0.2.1' }),
  ptrContent: posted({ type: 'PTR', content: '192.0.2.1' }),
  srvData: posted({
    type: 'SRV',
    data: { priority: 1, weight: 1, port: 65_536, target: 'host.example.net' },
  }),
  caaData: posted({ type: 'CAA', data: { flags: 256, tag: 'issue', value: 'ca.example.net' } }),
  recordData: posted({ type: 'SSHFP', data: { algorithm: 4, type: 2, fingerprint: 'no hexadecimal' } }),
  dsWithoutNs: posted({ type: 'DS', data: { key_tag: 1, algorithm: 13, digest_type: 2, digest: 'ab' } }),
  mxPriority: posted({ type: 'MX', content: 'mail.example.net', priority: 65_536 }),
  mxWithoutPriority: posted({ type: 'MX', content: 'mail.example.net' }),
  txtContent: posted({ type: 'TXT', content: '"open' }),
  cnameToItself: posted({ type: 'CNAME', content: 'www.example.com' }),
  notProxiable: posted({ type: 'TXT', content: 'x', proxied: true }),
  commentNewline: posted({ type: 'A', content: '192.0.2.1', comment: 'two\nlines' }),
  tagInvalid: posted({ type: 'A', content: '192.0.2.1', tags: ['white space'] }, [], { plan: 'pro' }),
  flattenOnFree: posted({ type: 'CNAME', content: 'a.example.net', settings: { flatten_cname: true } }),
  readOnlyRecord: {
    instead: OTHER,
    async see(options) {
      const records = [{ type: 'A', name: 'www', content: '192.0.2.1', meta: { read_only: true } }]
      const { call, zoneId } = api({ ...zone(records), ...options })
      const [record] = (await call('GET', `/zones/${zoneId}/dns_records`)).records
      return seen(call('DELETE', `/zones/${zoneId}/dns_records/${record?.id}`))
    },
  },
  nsBesideHost: posted({ type: 'NS', content: 'ns1.example.net' }, [
    { type: 'A', name: 'www', content: '192.0.2.1' },
  ]),
  batchTooLarge: {
    instead: OTHER,
    see(options) {
      const { call, zoneId } = api(options)
      const deletes = Array.from({ length: 201 }, () => ({ id: '0e'.repeat(16) }))
      return seen(call('POST', `/zones/${zoneId}/dns_records/batch`, { deletes }))
    },
  },
  batchEmptyLists: {
    instead: 'absent',
    async see(options) {
      const { call, zoneId } = api(options)
      const posts = [{ type: 'A', name: 'www', content: '192.0.2.1' }]
      return Object.keys(
        (await call('POST', `/zones/${zoneId}/dns_records/batch`, { posts })).json.result as object,
      )
    },
  },
  quotedTxtIdentity: {
    ...posted({ type: 'TXT', content: '"one"' }, [{ type: 'TXT', name: 'www', content: 'one' }]),
    instead: 'by-text',
  },
  importFault: { instead: OTHER, ...imported('www A') },
  importTooLarge: { instead: OTHER, ...imported(`; ${'x'.repeat(262_144)}`) },
  importIdentical: {
    instead: 'refused',
    ...imported('www A 192.0.2.1', [{ type: 'A', name: 'www', content: '192.0.2.1' }]),
  },
  accountQuota: {
    instead: 200,
    async see(options) {
      const { call, emulator } = api(options)
      const [first] = emulator.state.zones()
      return (await call('GET', `/accounts/${first?.accountId}/dns_records/usage`)).json.result
    },
  },
  zoneExists: newZone('example.com'),
  zoneNameInvalid: newZone('192.0.2.1'),
  oauthTokenAtVerify: {
    instead: 'active',
    ...granted(({ callWith }, access) => callWith(access, '/user/tokens/verify')),
  },
  codeSeconds: {
    instead: 1,
    async see(options) {
      const started = office(options)
      const code = started.code()
      started.clock.now += 2_000
      return (await started.exchange(code)).status
    },
  },
  codeReuse: {
    instead: 'refused',
    ...granted(async ({ exchange, callWith }, access, _refresh, code) => {
      await exchange(code)
      return callWith(access)
    }),
  },
  refreshReuse: {
    instead: 'refused',
    ...granted(async ({ refresh, callWith }, _access, token) => {
      const { access } = await refresh(token)
      await refresh(token)
      return callWith(access)
    }),
  },
  refreshedAccessToken: {
    instead: 'stays',
    ...granted(async ({ refresh, callWith }, access, token) => {
      await refresh(token)
      return callWith(access)
    }),
  },
  revokedAccessToken: {
    instead: 'alone',
    ...granted(async ({ post, refresh }, access, token) => {
      await post('/oauth2/revoke', { client_id: 'shop', client_secret: 'secret of the shop', token: access })
      return (await refresh(token)).status
    }),
  },
  endOfSession: {
    instead: 'refresh-only',
    see: (options) =>
      granted(({ clock, callWith }, access) => {
        clock.now += 2_000
        return callWith(access)
      }).see({ ...options, grantSeconds: 1 }),
  },
  shortState: {
    instead: 'refused',
    see: async (options) => {
      const { emulator, authorizeUrl } = office(options)
      return new URL(emulator.state.consent(authorizeUrl({ state: 'short' }))).searchParams.has('code')
    },
  },
  scopeInRedirect: {
    instead: 'absent',
    see: async (options) => {
      const { emulator, authorizeUrl } = office(options)
      return new URL(emulator.state.consent(authorizeUrl())).searchParams.has('scope')
    },
  },
  otherKnownGrants: {
    instead: 'unsupported_grant_type',
    see: async (options) => (await office(options).token({ grant_type: 'client_credentials' })).json.error,
  },
}

describe('the table of what is unknown', () => {
  test.each(Object.keys(UNKNOWNS) as (keyof UnknownChoices)[])('decides, and it alone: %s', async (id) => {
    const { instead, see } = PROBES[id]
    const usual = await see({})
    expect(await see({ unknowns: { [id]: UNKNOWNS[id].choice } })).toEqual(usual)
    expect(await see({ unknowns: { [id]: instead } })).not.toEqual(usual)
    expect(UNKNOWNS[id].source).toMatch(/^\S.{20,}\.$/)
  })

  test('and the table of what was seen are the only places where an error has its code', () => {
    const tables = ['errors.ts', 'unknowns.ts']
    const folder = fileURLToPath(new URL('.', import.meta.url))
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      // What a fault answers is the fault's to say.
      (file) => file.endsWith('.ts') && !/(^|\/)testing\.ts$|\.test\.ts$|^faults\//.test(file),
    )
    const deciding = files.filter((file) =>
      /\bcode: ?\d|\b(?:81|9|7|1)\d{3,4}, ?['`"]/.test(readFileSync(folder + file, 'utf8')),
    )
    expect(files.length).toBeGreaterThan(50)
    expect(deciding.sort()).toEqual(tables)
  })

  test('every error that was seen says where', () => {
    for (const [id, { source }] of Object.entries(KNOWN_ERRORS)) expect(source, id).toMatch(/^\S.{8,}\.$/)
  })
})
