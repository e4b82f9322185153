import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CustomerError, CustomerErrorCode } from '#accounts/errors.ts'
import { TransportError } from '#providers/cloudflare/transport.ts'
import { type House, house, TOKENS } from './testing.ts'

let at: House
beforeEach(async () => {
  at = await house()
})
afterEach(() => at.close())

async function refusal(token: string): Promise<readonly [CustomerErrorCode, string]> {
  const error = await at.customers.connectByToken(at.anna, token).then(
    () => expect.unreachable('it was connected'),
    (error: CustomerError) => error,
  )
  expect(error.message).not.toContain(token.trim() || '\0')
  expect(await at.row()).toBeUndefined()
  return [error.code, error.message]
}

test.each(['user', 'account'] as const)(
  'an API token of a %s connects, with blanks around it as well',
  async (owner) => {
    const connection = await at.customers.connectByToken(at.anna, ` ${TOKENS[owner]}\n`)
    expect(connection).toMatchObject({ kind: 'token', status: 'active', zoneId: null })
    const row = (await at.row())!
    expect(JSON.stringify(row)).not.toContain(TOKENS[owner])
    expect(row).toMatchObject({ refreshToken: null, expiresAt: null })
    expect(await at.customers.cloudflareOf(connection).listZones('people')).not.toEqual([])
  },
)

test.each([
  ['nothing', ''],
  ['blanks inside', 'two words'],
  ['a line break inside', `${TOKENS.user}\r\nX-Evil: 1`],
  ['letters beyond ASCII', 'töken'],
  ['something without end', 'x'.repeat(100_000)],
])('%s is no token, and nobody is asked', async (_what, text) => {
  expect((await refusal(text))[0]).toBe('token-invalid')
  expect(at.sent).toEqual([])
})

test.each([
  ['malformed', 'short'],
  ['never made', 'cfut_0000000000000000000000000000000000000000000000'],
  ['disabled', TOKENS.disabled],
])('a token that is %s is no active token', async (_what, token) => {
  expect((await refusal(token))[0]).toBe('token-invalid')
})

test.each([
  ['the one of today', `cfk_${'a'.repeat(48)}`],
  ['the one of before 2026', '0123456789abcdef0123456789abcdef01234'],
])('a Global API Key (%s) is told from a token, and not wanted', async (_what, key) => {
  const [code, message] = await refusal(key)
  expect(code).toBe('token-invalid')
  expect(message).toMatch(/^This is the Global API Key .* Make an API token instead/)
})

test('a token that may only read is refused in plain words', async () => {
  expect(await refusal(TOKENS.reader)).toEqual([
    'permission-missing',
    'This token may not change the records of example.com. Make one with the permission Zone → DNS → Edit.',
  ])
})

test('a token that may not see zones is refused in plain words', async () => {
  const withoutZones = at.way
  at.way = async (request) =>
    request.url.includes('/zones')
      ? {
          status: 403,
          headers: { 'content-type': 'application/json' },
          body: '{"success":false,"errors":[{"code":9109,"message":"Unauthorized to access requested resource"}],"messages":[],"result":null}',
        }
      : withoutZones(request)
  expect(await refusal(TOKENS.user)).toEqual([
    'permission-missing',
    expect.stringMatching(/may not see zones/),
  ])
})

test('a token that sees no zone of this domain connects; that it is missing is for others to say', async () => {
  const token = 'cfut_elsewhere-0123456789-0123456789-0123456789'
  at.emulator.state.addCredential({ kind: 'token', token, zones: ['example.net'] })
  expect(await at.customers.connectByToken(at.anna, token)).toMatchObject({ zoneId: null })
})

test('where Cloudflare does not answer, the token is neither good nor bad', async () => {
  at.way = async () => {
    throw new TransportError('timeout', true)
  }
  expect((await refusal(TOKENS.user))[0]).toBe('cloudflare-unavailable')
})

test('guessing is limited', async () => {
  for (let index = 0; index < 10; index += 1) await refusal('short')
  expect((await refusal('short'))[0]).toBe('rate-limited')
})
