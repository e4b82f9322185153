import { describe, expect, test } from 'vitest'
import { ALL_SCOPES, CALLBACK, office, SECRET, textOf, VERIFIER } from './testing.ts'

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
})
const NO_SECRET = { client_id: null, client_secret: null }

describe('the code for tokens', () => {
  test('an access token that works at the API, a refresh token, and nothing that is kept', async () => {
    const { code, exchange, zonesSeenBy } = office()
    const { status, headers, json, access } = await exchange(code())
    expect(status).toBe(200)
    expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    expect(json).toMatchObject({ token_type: 'bearer', expires_in: 57_600, scope: ALL_SCOPES })
    expect(access).toMatch(/^cfoat_[A-Za-z0-9]{48}$/)
    expect(await zonesSeenBy(access)).toEqual(['example.com', 'example.net'])
  })

  test('the same seed gives the same tokens, another seed others', async () => {
    const first = async (seed: number) => {
      const { code, exchange } = office({ seed })
      return (await exchange(code())).access
    }
    expect(await first(1)).toBe(await first(1))
    expect(await first(1)).not.toBe(await first(2))
  })

  test('a client proves itself in the header or in the body, letters of all kinds included', async () => {
    const secret = 'a+b c%:d/é'
    const shop = office({ oauthClients: [{ id: 'a shop', secret, name: 'S', redirectUris: [CALLBACK] }] })
    const asShop = { client_id: 'a shop' }
    expect((await shop.exchange(shop.code(asShop), { ...asShop, client_secret: secret })).status).toBe(200)
    const form = {
      grant_type: 'authorization_code',
      redirect_uri: CALLBACK,
      code_verifier: VERIFIER,
      ...NO_SECRET,
    }
    const byHeader = await shop.token({ ...form, code: shop.code(asShop) }, basic('a shop', secret))
    expect(byHeader.status).toBe(200)
  })

  test('a public client has PKCE instead of a secret', async () => {
    const { code, exchange } = office()
    const asTool = { client_id: 'tool', client_secret: null }
    expect((await exchange(code({ client_id: 'tool' }), asTool)).status).toBe(200)
    const withSecret = await exchange(code({ client_id: 'tool' }), { client_id: 'tool' })
    expect([withSecret.status, withSecret.json.error]).toEqual([401, 'invalid_client'])
  })

  test('without offline_access there is no refresh token, without openid no ID token', async () => {
    const { code, exchange } = office()
    const { json } = await exchange(code({ scope: 'zone.read' }))
    expect(Object.keys(json).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type'])
  })

  test('a code used twice ends what came of it', async () => {
    const { code, exchange, callWith, refresh } = office()
    const used = code()
    const first = await exchange(used)
    const second = await exchange(used)
    expect([second.status, second.json.error]).toEqual([400, 'invalid_grant'])
    expect(await callWith(first.access)).toEqual([403, 9109])
    expect((await refresh(first.refresh)).json.error).toBe('invalid_grant')
  })

  test('a code is good for ten minutes', async () => {
    const { code, exchange, clock } = office()
    const [early, late] = [code(), code()]
    clock.now += 599_999
    expect((await exchange(early)).status).toBe(200)
    clock.now += 1
    expect((await exchange(late)).json.error).toBe('invalid_grant')
  })
})

describe('errors of the token endpoint', () => {
  test.each([
    [400, 'invalid_request', { grant_type: null }],
    [400, 'invalid_request', { code: null }],
    [400, 'invalid_request', { grant_type: 'refresh_token' }],
    [400, 'unsupported_grant_type', { grant_type: 'password' }],
    [400, 'unauthorized_client', { grant_type: 'client_credentials' }],
    [400, 'invalid_grant', { code: 'unknown' }],
    [400, 'invalid_grant', { redirect_uri: null }],
    [400, 'invalid_grant', { redirect_uri: `${CALLBACK}?` }],
    [400, 'invalid_grant', { code_verifier: null }],
    [400, 'invalid_grant', { code_verifier: VERIFIER.replace('a', 'b') }],
    [400, 'invalid_grant', { code_verifier: 'short' }],
    [400, 'invalid_grant', { client_id: 'tool', client_secret: null }],
    [401, 'invalid_client', { client_secret: 'wrong' }],
    [401, 'invalid_client', { client_secret: null }],
    [401, 'invalid_client', { client_id: 'nobody' }],
    [401, 'invalid_client', { client_id: null }],
  ])('%i %s for %j, and the code stays good', async (status, error, changes) => {
    const { code, exchange } = office()
    const fresh = code()
    const refused = await exchange(fresh, changes)
    expect([refused.status, refused.json.error]).toEqual([status, error])
    expect(refused.json.error_description).toBeTypeOf('string')
    expect(refused.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })
    expect((await exchange(fresh)).status).toBe(200)
  })

  test('a verifier without a challenge is refused', async () => {
    const { code, exchange } = office()
    const bare = code({ code_challenge: null, code_challenge_method: null })
    expect((await exchange(bare)).json.error).toBe('invalid_grant')
  })

  test('a wrong header is 401 with a challenge, two proofs at once are 400', async () => {
    const { token } = office()
    const grant = { grant_type: 'refresh_token', refresh_token: 'x' }
    const wrong = await token({ ...grant, ...NO_SECRET }, basic('shop', 'wrong'))
    expect([wrong.status, wrong.headers['www-authenticate']]).toEqual([401, 'Basic realm="oauth2"'])
    for (const authorization of ['Basic !', 'Basic c2hvcA==', 'Bearer x', `Basic ${btoa('%:%')}`]) {
      expect((await token({ ...grant, ...NO_SECRET }, { authorization })).status, authorization).toBe(401)
    }
    const twice = await token(grant, basic('shop', SECRET))
    expect([twice.status, twice.json.error]).toEqual([400, 'invalid_request'])
    const two = await token({ ...grant, client_id: 'tool', client_secret: null }, basic('shop', SECRET))
    expect(two.json.error).toBe('invalid_request')
  })

  test('a client that is registered for one way of proof may use no other', async () => {
    const { token } = office({
      oauthClients: [
        {
          id: 'shop',
          secret: SECRET,
          name: 'S',
          redirectUris: [CALLBACK],
          authMethod: 'client_secret_basic',
        },
      ],
    })
    const grant = { grant_type: 'refresh_token', refresh_token: 'x' }
    expect((await token(grant)).json.error).toBe('invalid_client')
    expect((await token({ ...grant, ...NO_SECRET }, basic('shop', SECRET))).json.error).toBe('invalid_grant')
  })

  test('JSON, parameters in the query, a parameter twice, and GET are refused', async () => {
    const { emulator, post, get } = office()
    const asJson = await emulator.handle({
      method: 'POST',
      target: '/oauth2/token',
      headers: { 'content-type': 'application/json' },
      body: '{"grant_type":"refresh_token"}',
    })
    expect(asJson).toMatchObject({ status: 400 })
    const query = `client_id=shop&client_secret=${encodeURIComponent(SECRET)}&grant_type=refresh_token`
    expect((await post(`/oauth2/token?${query}`, {})).status).toBe(401)
    const twice = new URLSearchParams(`${query}&grant_type=refresh_token`)
    const refused = await post('/oauth2/token', twice)
    expect(JSON.parse(textOf(refused))).toMatchObject({ error: 'invalid_request' })
    const wrongMethod = await get('/oauth2/token')
    expect([wrongMethod.status, wrongMethod.headers.allow]).toEqual([405, 'POST'])
  })
})

describe('refreshing', () => {
  test('gives the next pair; the old access token ends with the old refresh token', async () => {
    const { code, exchange, refresh, callWith } = office()
    const first = await exchange(code())
    const second = await refresh(first.refresh)
    expect(second).toMatchObject({ status: 200, json: { expires_in: 57_600, scope: ALL_SCOPES } })
    expect([second.access, second.refresh]).not.toEqual([first.access, first.refresh])
    expect(await callWith(second.access)).toEqual([200, undefined])
    expect(await callWith(first.access)).toEqual([403, 9109])
  })

  test('a refresh token used twice ends the grant, the newest tokens included', async () => {
    const { code, exchange, refresh, callWith, emulator } = office()
    const first = await exchange(code())
    const second = await refresh(first.refresh)
    const reused = await refresh(first.refresh)
    expect([reused.status, reused.json.error]).toEqual([400, 'invalid_grant'])
    expect(await callWith(second.access)).toEqual([403, 9109])
    expect((await refresh(second.refresh)).json.error).toBe('invalid_grant')
    expect(emulator.state.grants()).toMatchObject([{ ended: true }])
  })

  test('what is unknown of Cloudflare can be chosen otherwise', async () => {
    const { code, exchange, refresh, callWith } = office({
      unknowns: { refreshReuse: 'refused', refreshedAccessToken: 'stays' },
    })
    const first = await exchange(code())
    const second = await refresh(first.refresh)
    expect((await refresh(first.refresh)).json.error).toBe('invalid_grant')
    expect(await callWith(first.access)).toEqual([200, undefined])
    expect((await refresh(second.refresh)).status).toBe(200)
  })

  test('may ask for less, not for more; the grant keeps what it has', async () => {
    const { code, exchange, token, refresh, callWith } = office()
    const first = await exchange(code({ scope: 'zone.read dns.read offline_access' }))
    const form = { grant_type: 'refresh_token', refresh_token: first.refresh }
    expect((await token({ ...form, scope: 'zone.read dns.write' })).json.error).toBe('invalid_scope')
    const less = await token({ ...form, scope: 'dns.read' })
    expect(less.json.scope).toBe('dns.read')
    expect(await callWith(less.access)).toEqual([403, 9109])
    expect((await refresh(less.refresh)).json.scope).toBe('zone.read dns.read offline_access')
  })

  test("another client's token is refused, and is not used up", async () => {
    const { code, exchange, token, refresh } = office()
    const { refresh: held } = await exchange(code())
    const asTool = { client_id: 'tool', client_secret: null }
    const foreign = await token({ grant_type: 'refresh_token', refresh_token: held, ...asTool })
    expect(foreign.json.error).toBe('invalid_grant')
    expect((await refresh(held)).status).toBe(200)
  })

  test('ends with the session of the grant, however often it was refreshed', async () => {
    const { code, exchange, refresh, clock, callWith } = office({ grantSeconds: 86_400 })
    let held = await exchange(code())
    for (let hours = 10; hours < 24; hours += 10) {
      clock.now += 36_000_000
      held = await refresh(held.refresh)
      expect(held.status).toBe(200)
    }
    clock.now += 86_400_000
    expect((await refresh(held.refresh)).json.error).toBe('invalid_grant')
    expect(await callWith(held.access)).toEqual([403, 9109])
  })
})

describe('revocation', () => {
  const revoke = ({ post }: ReturnType<typeof office>, token: string, changes: Record<string, string> = {}) =>
    post('/oauth2/revoke', { client_id: 'shop', client_secret: SECRET, token, ...changes })

  test.each(['refresh', 'access'] as const)(
    'of the %s token ends both: 200 and an empty body',
    async (which) => {
      const shop = office()
      const held = await shop.exchange(shop.code())
      const reply = await revoke(shop, held[which], { token_type_hint: 'refresh_token' })
      expect([reply.status, textOf(reply)]).toEqual([200, ''])
      expect(await shop.callWith(held.access)).toEqual([403, 9109])
      expect((await shop.refresh(held.refresh)).json.error).toBe('invalid_grant')
    },
  )

  test('of an unknown token is 200; of a foreign one too, and does nothing', async () => {
    const shop = office()
    const held = await shop.exchange(shop.code())
    expect((await revoke(shop, 'unknown')).status).toBe(200)
    expect((await shop.post('/oauth2/revoke', { client_id: 'tool', token: held.access })).status).toBe(200)
    expect(await shop.callWith(held.access)).toEqual([200, undefined])
  })

  test('without a token is invalid_request, without the secret invalid_client', async () => {
    const shop = office()
    const bare = await shop.post('/oauth2/revoke', { client_id: 'shop', client_secret: SECRET })
    expect([bare.status, JSON.parse(textOf(bare))]).toMatchObject([400, { error: 'invalid_request' }])
    expect((await revoke(shop, 'x', { client_secret: 'wrong' })).status).toBe(401)
  })

  test('can end an access token alone, if one chooses so', async () => {
    const shop = office({ unknowns: { revokedAccessToken: 'alone' } })
    const held = await shop.exchange(shop.code())
    await revoke(shop, held.access)
    expect(await shop.callWith(held.access)).toEqual([403, 9109])
    expect((await shop.refresh(held.refresh)).status).toBe(200)
  })
})

describe('the access token at the API', () => {
  test('sees the zones of the accounts that were chosen', async () => {
    const { emulator, authorizeUrl, exchange, zonesSeenBy, callWith } = office()
    const location = emulator.state.consent(authorizeUrl(), { accounts: ['Second'] })
    const { access } = await exchange(new URL(location).searchParams.get('code')!)
    expect(await zonesSeenBy(access)).toEqual(['example.net'])
    const other = emulator.state.zones().find(({ name }) => name === 'example.com')!.id
    expect(await callWith(access, `/zones/${other}/dns_records`)).toEqual([403, 10000])
  })

  test('may do what was granted: reading is no writing', async () => {
    const { emulator, authorizeUrl, exchange, callWith } = office()
    const location = emulator.state.consent(authorizeUrl(), { without: ['dns.write', 'zone.read'] })
    const { access, json } = await exchange(new URL(location).searchParams.get('code')!)
    expect(json.scope).toBe('zone.read dns.read offline_access openid')
    const records = `/zones/${emulator.state.zones()[0]!.id}/dns_records`
    expect(await callWith(access, records)).toEqual([200, undefined])
    expect(await callWith(access, records, 'POST')).toEqual([403, 10000])
  })

  test('expires when it said, and is then refused like an unknown one', async () => {
    const { code, exchange, callWith, clock, emulator } = office({ accessTokenSeconds: 60 })
    const { access, json } = await exchange(code())
    expect(json.expires_in).toBe(60)
    clock.now += 59_999
    expect(await callWith(access)).toEqual([200, undefined])
    clock.now += 1
    expect(await callWith(access)).toEqual([403, 9109])
    const records = `/zones/${emulator.state.zones()[0]!.id}/dns_records`
    expect(await callWith(access, records)).toEqual([401, 10000])
  })

  test('is no API token to the verify endpoint, unless one chooses so', async () => {
    const verify = async (shop: ReturnType<typeof office>) =>
      shop.callWith((await shop.exchange(shop.code())).access, '/user/tokens/verify')
    expect(await verify(office())).toEqual([401, 1000])
    expect(await verify(office({ unknowns: { oauthTokenAtVerify: 'active' } }))).toEqual([200, undefined])
  })

  test('is good no more once the person has withdrawn it', async () => {
    const { code, exchange, callWith, refresh, emulator } = office()
    const held = await exchange(code())
    emulator.state.revokeGrant(emulator.state.grants()[0]!.id)
    expect(await callWith(held.access)).toEqual([403, 9109])
    expect((await refresh(held.refresh)).json.error).toBe('invalid_grant')
    expect(() => emulator.state.revokeGrant('none')).toThrow('no grant none')
  })

  test('the log of calls tells exchanges and refreshes apart, and holds no secret', async () => {
    const { code, exchange, refresh, emulator } = office()
    await refresh((await exchange(code())).refresh)
    expect(emulator.state.calls().map(({ route }) => route)).toEqual(['token', 'refresh'])
    expect(JSON.stringify(emulator.state.calls())).not.toContain('cfo')
  })
})
