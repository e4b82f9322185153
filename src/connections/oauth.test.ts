import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startEmulator } from '#emulator/serve.ts'
import { systemClock } from '#platform/system.ts'
import { nodeTransport, TransportError } from '#providers/cloudflare/transport.ts'
import { codeOf, type House, house, OAUTH, SESSION } from './testing.ts'

let at: House
beforeEach(async () => {
  at = await house()
})
afterEach(() => at.close())

const finish = (callback: URL, customer = at.anna, session = SESSION) =>
  codeOf(at.customers.finishOAuth(customer, session, callback))

function changed(url: URL, changes: Record<string, string | null>): URL {
  const copy = new URL(url)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) copy.searchParams.delete(name)
    else copy.searchParams.set(name, value)
  }
  return copy
}

test('a customer who agrees is connected, and nothing that was granted is kept in plain text', async () => {
  const connection = await at.connected()
  expect(connection).toMatchObject({
    customerId: 'anna',
    kind: 'oauth',
    status: 'active',
    zoneId: null,
    reviewedAt: null,
    connectedAt: at.clock.now(),
  })
  expect(await at.customers.connectionOf('anna')).toEqual(connection)
  const row = (await at.row())!
  expect(row.scope).toBe('zone.read dns.read dns.write offline_access')
  expect(row.expiresAt! - at.clock.now()).toBe(57_600_000)
  expect(JSON.stringify(row)).not.toMatch(/cfoat_|cfort_/)
  const zones = await at.customers.cloudflareOf(connection).listZones('people')
  expect(zones.map(({ name }) => name)).toEqual(['example.com', 'example.net'])
})

test('what Cloudflare is asked says all that it has to', async () => {
  const url = await at.customers.beginOAuth(at.anna, SESSION)
  expect(url.href.split('?')[0]).toBe(OAUTH.authorizeUrl)
  expect(url.search).toContain('scope=zone.read%20dns.read%20dns.write%20offline_access')
  expect(url.search).not.toContain('+')
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: 'shop',
    redirect_uri: 'http://localhost:3000/dashboard/cloudflare/callback',
    response_type: 'code',
    scope: 'zone.read dns.read dns.write offline_access',
    // 256 bits.
    state: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
  })
})

test('a client may prove itself in the header instead', async () => {
  const other = await house(
    {
      oauthClients: [
        {
          id: 'shop',
          secret: OAUTH.clientSecret,
          name: 'The Shop',
          redirectUris: ['http://localhost:3000/dashboard/cloudflare/callback'],
          authMethod: 'client_secret_basic',
        },
      ],
    },
    { oauth: { ...OAUTH, clientAuth: 'client_secret_basic' } },
  )
  expect(await other.connected()).toMatchObject({ kind: 'oauth' })
  await other.close()
})

describe('nobody is connected to what they did not ask for (W6): a callback', () => {
  test('is good once', async () => {
    const callback = await at.consented()
    expect(await finish(callback)).toMatchObject({ kind: 'oauth' })
    expect(await finish(callback)).toBe('oauth-state')
  })

  test('of another session is refused, and its state is spent', async () => {
    const callback = await at.consented()
    expect(await finish(callback, at.anna, 'another session')).toBe('oauth-state')
    expect(await finish(callback)).toBe('oauth-state')
    expect(await at.row()).toBeUndefined()
  })

  test('of another customer is refused, in the same session as well', async () => {
    expect(await finish(await at.consented(at.ben), at.anna)).toBe('oauth-state')
    expect(await at.row()).toBeUndefined()
  })

  test('without a state, with a made-up one, or with two is refused', async () => {
    const callback = await at.consented()
    expect(await finish(changed(callback, { state: null }))).toBe('oauth-state')
    expect(await finish(changed(callback, { state: 'x'.repeat(43) }))).toBe('oauth-state')
    const twice = new URL(callback)
    twice.searchParams.append('state', callback.searchParams.get('state')!)
    expect(await finish(twice)).toBe('oauth-state')
    expect(at.sent.filter((line) => line.includes('token'))).toEqual([])
  })

  test('is good for ten minutes', async () => {
    const [early, late] = [await at.consented(), await at.consented()]
    at.clock.pass(599_000)
    expect(await finish(early)).not.toBe('oauth-state')
    at.clock.pass(1_000)
    expect(await finish(late)).toBe('oauth-state')
  })

  test('of either of two tabs is good; the later one stays', async () => {
    const [first, second] = [await at.consented(), await at.consented()]
    await finish(second)
    const connection = await at.customers.finishOAuth(at.anna, SESSION, first)
    expect(await at.customers.connectionOf('anna')).toEqual(connection)
    expect(at.emulator.state.grants().map(({ ended }) => ended)).toEqual([false, true])
  })
})

test('a code of somebody else is of no use in our callback (W7)', async () => {
  const [own, others] = [await at.consented(), await at.consented(at.ben)]
  const injected = changed(own, { code: others.searchParams.get('code') })
  expect(await finish(injected)).toBe('oauth-failed')
  expect(await at.row()).toBeUndefined()
  expect(await finish(own)).toBe('oauth-state')
})

test('a code that another issuer gives is not sent anywhere (W8)', async () => {
  expect(await finish(changed(await at.consented(), { iss: 'https://evil.example' }))).toBe('oauth-state')
  expect(at.sent).toEqual([])
  for (const iss of ['https://cloudflare.example', 'https://cloudflare.example/'])
    expect(await finish(changed(await at.consented(), { iss }))).toMatchObject({ kind: 'oauth' })
})

test('less than we need is said, given back, and not kept (W9)', async () => {
  const callback = await at.consented(at.anna, { without: ['dns.write'] })
  await expect(at.customers.finishOAuth(at.anna, SESSION, callback)).rejects.toMatchObject({
    code: 'permission-missing',
    details: { missing: ['dns.write'] },
    message: 'Cloudflare did not grant dns.write. Connect again, and leave every permission ticked.',
  })
  expect(await at.row()).toBeUndefined()
  expect(at.emulator.state.grants()).toMatchObject([{ ended: true }])
  expect(at.sent.filter((line) => line.includes('dns_records'))).toEqual([])
})

test('an account without the zone is connected; the zone is missing, and that is for others to say', async () => {
  const callback = await at.consented(at.anna, { accounts: ['Second'] })
  expect(await finish(callback)).toMatchObject({ zoneId: null })
})

test('who says no is not connected', async () => {
  expect(await finish(await at.consented(at.anna, { deny: true }))).toBe('oauth-denied')
})

test.each([
  ['server_error', 'cloudflare-unavailable'],
  ['temporarily_unavailable', 'cloudflare-unavailable'],
  ['invalid_scope', 'oauth-failed'],
  ['<script>', 'oauth-failed'],
])('a callback with the error %s is %s', async (error, code) => {
  expect(await finish(changed(await at.consented(), { code: null, error }))).toBe(code)
})

test('a callback without a code, or with two, is a failure', async () => {
  expect(await finish(changed(await at.consented(), { code: null }))).toBe('oauth-failed')
  const twice = await at.consented()
  twice.searchParams.append('code', 'another')
  expect(await finish(twice)).toBe('oauth-failed')
})

test.each(['server_error', 'temporarily_unavailable', '429', 'html'])(
  'a token endpoint that fails with %s is temporary, and nothing is kept',
  async (form) => {
    const callback = await at.consented()
    at.emulator.faults.script([{ fault: 'F26', route: 'token', phase: 'before-commit', form }])
    expect(await finish(callback)).toBe('cloudflare-unavailable')
    expect(await at.row()).toBeUndefined()
  },
)

test('a token endpoint that cannot be reached, or sends us elsewhere, is temporary', async () => {
  const { way } = at
  at.way = async () => {
    throw new TransportError('connect', false)
  }
  expect(await finish(await at.consented())).toBe('cloudflare-unavailable')
  at.way = async (request) =>
    request.url === OAUTH.tokenUrl
      ? { status: 307, headers: { location: 'https://evil.example/' }, body: '' }
      : way(request)
  expect(await finish(await at.consented())).toBe('cloudflare-unavailable')
  expect(at.sent.every((line) => line.startsWith('POST /oauth2/'))).toBe(true)
})

test.each(['client_secret_post', 'client_secret_basic'] as const)(
  'a client that Cloudflare does not know (%s) is a failure of ours, and not for the customer to wait out',
  async (clientAuth) => {
    const wrong = at.replica({ oauth: { ...OAUTH, clientAuth, clientSecret: 'wrong' } })
    expect(await codeOf(wrong.finishOAuth(at.anna, SESSION, await at.consented()))).toBe('oauth-failed')
  },
)

test('where the zones cannot be listed, the grant is given back', async () => {
  const callback = await at.consented()
  at.emulator.faults.script([{ fault: 'F5', route: 'zones', times: 5 }])
  expect(await finish(callback)).toBe('cloudflare-unavailable')
  expect(at.emulator.state.grants()).toMatchObject([{ ended: true }])
})

test('connecting again takes the place of what was there, which is revoked', async () => {
  const first = await at.connected()
  const second = await at.connected()
  expect(second.id).not.toBe(first.id)
  expect(await at.customers.connectionOf('anna')).toEqual(second)
  expect(at.emulator.state.grants().map(({ ended }) => ended)).toEqual([true, false])
})

test('nobody begins more than ten times a minute', async () => {
  const begin = () => codeOf(at.customers.beginOAuth(at.anna, SESSION))
  for (let index = 0; index < 10; index += 1) expect(await begin()).toBeInstanceOf(URL)
  expect(await begin()).toBe('rate-limited')
})

test('over real sockets the whole way is gone: consent, exchange, use, refresh and revocation', async () => {
  const running = await startEmulator({
    port: 0,
    accessTokenSeconds: 30,
    zones: [{ name: 'example.com' }],
    oauthClients: [
      {
        id: OAUTH.clientId,
        secret: OAUTH.clientSecret,
        name: 'The Shop',
        redirectUris: ['http://localhost:3000/dashboard/cloudflare/callback'],
      },
    ],
  })
  const transport = nodeTransport()
  const { siteUrl, apiUrl } = running
  const customers = at.replica({
    transport,
    clock: systemClock,
    baseUrl: apiUrl,
    oauth: {
      ...OAUTH,
      authorizeUrl: `${siteUrl}/oauth2/auth`,
      tokenUrl: `${siteUrl}/oauth2/token`,
      revokeUrl: `${siteUrl}/oauth2/revoke`,
    },
  })
  try {
    const url = await customers.beginOAuth(at.anna, SESSION)
    const callback = new URL(running.emulator.state.consent(url.href))
    const connection = await customers.finishOAuth(at.anna, SESSION, callback)
    // A token of 30 seconds is in its last minute from the beginning.
    expect(await customers.cloudflareOf(connection).listZones('people')).toHaveLength(1)
    expect(at.refreshes).toEqual(['refreshed'])
    expect(await customers.disconnect(at.anna)).toEqual({ revoked: 'yes' })
    expect(running.emulator.state.grants()).toMatchObject([{ ended: true }])
  } finally {
    transport.close()
    await running.close()
  }
})

test('without a client there is no such door', async () => {
  const without = at.replica({ oauth: undefined })
  expect(await codeOf(without.beginOAuth(at.anna, SESSION))).toBe('oauth-failed')
})
