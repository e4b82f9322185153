import { describe, expect, test } from 'vitest'
import { api, TOKEN } from '../testing.ts'

const permissions = ['zone:edit', 'dns:edit'] as const
const editor = { credentials: [{ kind: 'token', token: TOKEN, permissions }] } as const
const codeOf = ({ status, json }: { status: number; json: { errors: readonly { code: number }[] } }) => [
  status,
  json.errors[0]?.code,
]

describe('a zone', () => {
  test('is created in an account of the caller, and waits for its delegation', async () => {
    const { call, emulator } = api(editor)
    const { accountId } = emulator.state.zones()[0]!
    const { status, json } = await call('POST', '/zones', { name: 'Example.NET', account: { id: accountId } })
    expect(status).toBe(200)
    expect(json.result).toMatchObject({
      name: 'example.net',
      status: 'pending',
      type: 'full',
      activated_on: null,
      account: { id: accountId },
      permissions: ['#dns_records:edit', '#dns_records:read', '#zone:edit', '#zone:read'],
    })
    const elsewhere = { name: 'example.org', account: { id: '0e'.repeat(16) } }
    expect(codeOf(await call('POST', '/zones', elsewhere))).toEqual([403, 9109])
  })

  test('is paused, and deleted with all that is in it', async () => {
    const { call, zoneId, emulator } = api(editor)
    expect((await call('PATCH', `/zones/${zoneId}`, { paused: true })).json.result).toMatchObject({
      paused: true,
    })
    expect(codeOf(await call('PATCH', `/zones/${zoneId}`, { paused: 'yes' }))).toEqual([400, 9207])
    expect((await call('DELETE', `/zones/${zoneId}`)).json.result).toEqual({ id: zoneId })
    expect(emulator.state.zones()).toEqual([])
  })

  test('stays as it is for a token that may edit its records alone', async () => {
    const { call, zoneId } = api()
    expect(codeOf(await call('DELETE', `/zones/${zoneId}`))).toEqual([403, 9109])
    expect(codeOf(await call('PATCH', `/zones/${zoneId}`, { paused: true }))).toEqual([403, 9109])
    expect(codeOf(await call('POST', '/zones', { name: 'example.net' }))).toEqual([403, 9109])
  })
})

test('accounts and memberships are those of the zones that the caller sees', async () => {
  const zones = [
    { name: 'example.com', account: { name: 'One' } },
    { name: 'example.net', account: { name: 'Two' } },
  ]
  const { call } = api({ zones, credentials: [{ kind: 'token', token: TOKEN, zones: ['example.net'] }] })
  expect((await call('GET', '/accounts')).json.result).toMatchObject([{ name: 'Two' }])
  expect((await call('GET', '/memberships')).json.result).toMatchObject([{ account: { name: 'Two' } }])
  const ofAccount = api({ credentials: [{ kind: 'token', token: TOKEN, accountOwned: true }] })
  expect(codeOf(await ofAccount.call('GET', '/memberships'))).toEqual([400, 9106])
})

test.each([
  ['192.0.2.7', 200],
  ['::ffff:192.0.2.7', 200],
  ['2001:db8::7', 200],
  ['198.51.100.7', 403],
])('a token bound to addresses, used from %s, is answered with %i', async (from, status) => {
  const allowedFrom = ['192.0.2.0/24', '2001:db8::7']
  const { emulator } = api({ credentials: [{ kind: 'token', token: TOKEN, allowedFrom }] })
  const headers = { authorization: `Bearer ${TOKEN}` }
  const reply = await emulator.handle({ method: 'GET', target: '/client/v4/zones', headers, from })
  expect(reply).toMatchObject({ status })
  if (status === 403 && reply.kind === 'reply') {
    expect(Buffer.from(reply.body).toString()).toContain(
      `"code":9109,"message":"Cannot use the access token from location: ${from}"`,
    )
  }
})
