import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type House, house } from '#connections/testing.ts'
import { CustomerError } from './errors.ts'

const SECRET = 'a secret that the host platform shares with us'
const HOST = 'https://host.example.com'

let at: House
let ids = 0
beforeEach(async () => {
  at = await house({}, { hostSecret: SECRET })
})
afterEach(() => at.close())

/** As a host platform would make it; claims that are undefined are left out. */
function token(
  claims: Record<string, unknown> = {},
  { secret = SECRET, algorithm = 'HS256' } = {},
): Promise<string> {
  ids += 1
  const standard = {
    iss: HOST,
    sub: '42',
    aud: 'zonewright',
    jti: `id-${ids}`,
    exp: Math.floor(at.clock.now() / 1000) + 60,
    email: 'Owner@Example.com',
    domain: 'shop.example.com',
  }
  const payload = JSON.parse(JSON.stringify({ ...standard, ...claims })) as JWTPayload
  return new SignJWT(payload).setProtectedHeader({ alg: algorithm }).sign(new TextEncoder().encode(secret))
}

/** The customer, or the code of the error and its reason. */
async function arrives(signed: string): Promise<unknown> {
  try {
    return await at.customers.signInFromHost(signed)
  } catch (error) {
    if (error instanceof CustomerError) return [error.code, error.details.reason].filter(Boolean).join(': ')
    throw error
  }
}

describe('a customer whom the host platform signs in', () => {
  test('is made with what the token names, and has no password', async () => {
    const targets = { target_ipv4: '192.0.2.7', target_ipv6: ['2001:db8::7'], serves_www: false }
    expect(await arrives(await token(targets))).toMatchObject({
      email: 'owner@example.com',
      domain: 'shop.example.com',
      targets: { ipv4: ['192.0.2.7'], ipv6: ['2001:db8::7'], servesWww: false },
    })
    const row = await at.store.accounts.customerByEmail('owner@example.com')
    expect(row?.passwordHash).toBeNull()
  })

  test('is the same one next time, brought up to date; what is not named stays', async () => {
    const first = await at.customers.signInFromHost(await token({ target_ipv4: ['192.0.2.7'] }))
    const second = await at.customers.signInFromHost(await token({ email: 'new@example.com' }))
    expect(second).toEqual({ ...first, email: 'new@example.com' })
  })

  test('of another issuer is another one, with the same subject', async () => {
    const first = await at.customers.signInFromHost(await token())
    const other = await at.customers.signInFromHost(
      await token({ iss: 'https://other.example.com', email: 'other@example.com' }),
    )
    expect(other.id).not.toBe(first.id)
  })

  test('who arrives twice at once is made once', async () => {
    const both = await Promise.all([token(), token()])
    const [one, two] = await Promise.all(both.map((signed) => at.customers.signInFromHost(signed)))
    expect(two?.id).toBe(one?.id)
  })

  test('does not become somebody else who has the address', async () => {
    expect(await arrives(await token({ email: at.anna.email }))).toBe('email-taken')
    await at.customers.signInFromHost(await token())
    expect(await arrives(await token({ email: at.anna.email }))).toBe('email-taken')
  })

  test('who has another domain now reviews it anew', async () => {
    const { id } = await at.customers.signInFromHost(await token({ domain: 'example.com' }))
    const customer = (await at.customers.find(id))!
    const connection = await at.connected(customer)
    await at.customers.chooseZone(connection, 'a'.repeat(32))
    await at.customers.signInFromHost(await token({ domain: 'example.com' }))
    expect(await at.row(customer)).toMatchObject({ zoneId: 'a'.repeat(32) })
    await at.customers.signInFromHost(await token({ domain: 'example.net' }))
    expect(await at.row(customer)).toMatchObject({ zoneId: null, reviewedAt: null })
  })
})

describe('a token', () => {
  test('is good once, in every process', async () => {
    const signed = await token()
    await at.customers.signInFromHost(signed)
    expect(await arrives(signed)).toBe('host-token-invalid: it was used before')
    const replica = at.replica()
    await expect(replica.signInFromHost(signed)).rejects.toMatchObject({ code: 'host-token-invalid' })
  })

  test('that is refused for another reason does not use up the id of a real one', async () => {
    const forged = await token({ jti: 'the-id' }, { secret: 'another secret, which nobody shares with us' })
    expect(await arrives(forged)).toContain('signature')
    expect(await arrives(await token({ jti: 'the-id' }))).toMatchObject({ email: 'owner@example.com' })
  })

  test('that has expired is refused', async () => {
    const signed = await token()
    at.clock.pass(66_000)
    expect(await arrives(signed)).toBe('host-token-invalid: it has expired')
  })

  test.each([
    ['lives for more than five minutes', { exp: 1_900_000_000 }, 'more than 300 seconds'],
    ['is for somebody else', { aud: 'another' }, 'claims'],
    ['has no end', { exp: undefined }, 'claims'],
    ['has no id', { jti: undefined }, 'claims'],
    ['has no subject', { sub: undefined }, 'claims'],
    ['names no address', { email: undefined }, 'claim email'],
    ['names what is no address', { email: 'owner' }, 'claim email'],
    ['names what is no domain', { domain: '-' }, 'host-token-invalid: '],
    ['names what is no IPv4 address', { target_ipv4: '2001:db8::1' }, 'host-token-invalid: '],
    ['names an address for a host', { target_host: '192.0.2.1' }, 'host-token-invalid: '],
  ])('that %s is refused', async (_, claims, reason) => {
    expect(await arrives(await token(claims))).toContain(reason)
    expect((await at.store.accounts.customers()).map(({ id }) => id)).toEqual(['anna', 'ben'])
  })

  test('that nobody signed, or that is signed by another algorithm, is refused', async () => {
    const claims = { iss: HOST, sub: '42', jti: 'x', email: 'owner@example.com', domain: 'example.com' }
    const unsigned = new UnsecuredJWT(claims).setAudience('zonewright').setExpirationTime('1m').encode()
    expect(await arrives(unsigned)).toContain('signature')
    expect(await arrives(await token({}, { algorithm: 'HS512', secret: SECRET.repeat(2) }))).toContain(
      'signature',
    )
    expect(await arrives('')).toContain('signature')
  })

  test('is of no use where no secret is shared', async () => {
    const replica = at.replica({ hostSecret: undefined })
    await expect(replica.signInFromHost(await token())).rejects.toMatchObject({ code: 'host-token-invalid' })
  })
})
