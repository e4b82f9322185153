import { describe, expect, test } from 'vitest'
import { api, TOKEN } from '../testing.ts'

const UNKNOWN = 'unknown-token-0123456789-0123456789-0123'
const ACCOUNT_TOKEN = 'account-token-0123456789-0123456789-0123'
const READER = 'reading-token-0123456789-0123456789-0123'
const DNS_ONLY = 'dns-only-token-0123456789-0123456789-012'
const KEY = '0123456789abcdef0123456789abcdef01234'
const EMAIL = 'admin@example.com'

function office() {
  return api({
    zones: [{ name: 'example.com' }, { name: 'example.net' }],
    credentials: [
      { kind: 'token', token: TOKEN },
      { kind: 'token', token: ACCOUNT_TOKEN, accountOwned: true },
      { kind: 'token', token: READER, permissions: ['zone:read', 'dns:read'], zones: ['example.com'] },
      { kind: 'token', token: DNS_ONLY, permissions: ['dns:edit'] },
      { kind: 'key', key: KEY, email: EMAIL },
    ],
  })
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('the error matrix', () => {
  const { call, zoneId } = office()
  const paths = {
    zones: '/zones',
    zone: `/zones/${zoneId}`,
    records: `/zones/${zoneId}/dns_records`,
    verify: '/user/tokens/verify',
  }
  type Row = [
    words: string,
    headers: Record<string, string>,
    path: keyof typeof paths,
    status: number,
    code: number,
  ]
  const rows: Row[] = [
    ['no credentials', {}, 'records', 400, 9106],
    ['a malformed Bearer', bearer('short'), 'zones', 400, 6003],
    ['another scheme than Bearer', { authorization: 'Basic YTpi' }, 'zones', 400, 6003],
    ['a malformed key', { 'x-auth-email': EMAIL, 'x-auth-key': 'no' }, 'zones', 400, 6003],
    ['an e-mail beside a Bearer', { ...bearer(TOKEN), 'x-auth-email': EMAIL }, 'zones', 400, 6003],
    ['a wrong key', { 'x-auth-email': EMAIL, 'x-auth-key': KEY.replace('0', 'f') }, 'zones', 403, 9103],
    ['a wrong e-mail', { 'x-auth-email': 'other@example.com', 'x-auth-key': KEY }, 'records', 403, 9103],
    ['an unknown token', bearer(UNKNOWN), 'verify', 401, 1000],
    ['an unknown token', bearer(UNKNOWN), 'zones', 403, 9109],
    ['an unknown token', bearer(UNKNOWN), 'zone', 403, 9109],
    ['an unknown token', bearer(UNKNOWN), 'records', 401, 10000],
    ["an account's token at the users' endpoint", bearer(ACCOUNT_TOKEN), 'verify', 401, 1000],
    ['a token without zone:read', bearer(DNS_ONLY), 'zones', 403, 9109],
  ]
  test.each(rows)('%s (%j) at %s is %i with %i', async (_words, headers, path, status, code) => {
    const answer = await call('GET', paths[path], undefined, headers)
    expect([answer.status, answer.json.errors[0]?.code]).toEqual([status, code])
    expect(Object.keys(answer.json)).toEqual(['success', 'errors', 'messages', 'result'])
  })

  test('a malformed header carries the chain that says which', async () => {
    const authorization = await call('GET', '/zones', undefined, bearer('short'))
    expect(authorization.json.errors[0]?.error_chain?.[0]?.code).toBe(6111)
    const key = await call('GET', '/zones', undefined, { 'x-auth-email': EMAIL, 'x-auth-key': 'no' })
    expect(key.json.errors[0]?.error_chain?.[0]?.code).toBe(6103)
  })
})

describe('permissions', () => {
  test('a token that may only read is refused before its body is looked at', async () => {
    const { call, zoneId } = office()
    expect((await call('GET', `/zones/${zoneId}/dns_records`, undefined, bearer(READER))).status).toBe(200)
    const refused = await call('POST', `/zones/${zoneId}/dns_records`, {}, bearer(READER))
    expect([refused.status, refused.json.errors[0]?.code]).toEqual([403, 10000])
    const allowed = await call('POST', `/zones/${zoneId}/dns_records`, {}, bearer(DNS_ONLY))
    expect([allowed.status, allowed.json.errors[0]?.code]).toEqual([400, 9000])
  })

  test('a zone that a token is not for is neither listed nor shown', async () => {
    const { call, emulator } = office()
    const other = emulator.state.zones()[1]?.id
    const list = await call('GET', '/zones', undefined, bearer(READER))
    expect(list.json.result_info?.total_count).toBe(1)
    expect((await call('GET', `/zones/${other}`, undefined, bearer(READER))).json.errors[0]?.code).toBe(9109)
    const records = await call('GET', `/zones/${other}/dns_records`, undefined, bearer(READER))
    expect([records.status, records.json.errors[0]?.code]).toEqual([403, 10000])
  })

  test('each zone says what this credential may do', async () => {
    const { call, zoneId } = office()
    const permissions = async (headers: Record<string, string>) =>
      (await call('GET', `/zones/${zoneId}`, undefined, headers)).json.result
    expect(await permissions(bearer(READER))).toMatchObject({
      permissions: ['#dns_records:read', '#zone:read'],
    })
    expect(await permissions({ 'x-auth-email': EMAIL, 'x-auth-key': KEY })).toMatchObject({
      permissions: ['#dns_records:edit', '#dns_records:read', '#zone:edit', '#zone:read'],
    })
  })
})

describe('verification', () => {
  test("a user's token is active, in the words of the wire", async () => {
    const { status, text } = await office().call('GET', '/user/tokens/verify')
    expect(status).toBe(200)
    expect(text).toMatch(
      /^\{"result":\{"id":"[0-9a-f]{32}","status":"active"\},"success":true,"errors":\[\],"messages":\[\{"code":10000,"message":"This API Token is valid and active","type":null\}\]\}$/,
    )
  })

  test("an account's token is active at its account only", async () => {
    const { call, emulator } = office()
    const { accountId } = emulator.state.zones()[0]!
    const at = (id: string, token: string) =>
      call('GET', `/accounts/${id}/tokens/verify`, undefined, bearer(token)).then(({ status }) => status)
    expect(await at(accountId, ACCOUNT_TOKEN)).toBe(200)
    expect(await at('0'.repeat(32), ACCOUNT_TOKEN)).toBe(401)
    expect(await at(accountId, TOKEN)).toBe(401)
  })

  test('a revoked token is unknown from then on, an expired one says so here', async () => {
    const { call, emulator } = office()
    emulator.state.changeCredential(TOKEN, { status: 'expired' })
    expect((await call('GET', '/user/tokens/verify')).json.result).toMatchObject({ status: 'expired' })
    expect((await call('GET', '/zones')).status).toBe(403)
    emulator.state.changeCredential(TOKEN, { status: 'revoked' })
    expect((await call('GET', '/user/tokens/verify')).status).toBe(401)
  })
})

test('a seeded token that no gateway would let through is refused at once', () => {
  expect(() => api({ credentials: [{ kind: 'token', token: 'short' }] })).toThrow('40 characters')
})
