import { describe, expect, test } from 'vitest'
import { answerIn, CALLBACK, office, SECRET, textOf } from './testing.ts'

describe('an authorize request that cannot be trusted goes nowhere', () => {
  test.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['no client', { client_id: null }],
    ['no redirect URI', { redirect_uri: null }],
    ['another port', { redirect_uri: 'http://localhost:3001/callback' }],
    ['a longer path', { redirect_uri: `${CALLBACK}/` }],
    ['more query', { redirect_uri: `${CALLBACK}?next=https://example.org` }],
    ['another host', { redirect_uri: 'http://localhost:3000@example.org/callback' }],
    ['other letters', { redirect_uri: 'http://LOCALHOST:3000/callback' }],
  ])('%s', async (_words, changes) => {
    const { get, authorizeUrl, emulator } = office()
    const reply = await get(authorizeUrl(changes))
    expect(reply.status).toBe(400)
    expect(reply.headers.location).toBeUndefined()
    expect(textOf(reply)).toContain('This request cannot be trusted')
    expect(() => emulator.state.consent(authorizeUrl(changes))).toThrow(/registered/)
  })

  test.each(['client_id=tool', `redirect_uri=${encodeURIComponent('https://example.org/')}`])(
    'a second %s',
    async (second) => {
      const { get, authorizeUrl } = office()
      expect((await get(`${authorizeUrl()}&${second}`)).status).toBe(400)
    },
  )
})

describe('an authorize request at fault is told to the client, with the state', () => {
  test.each([
    ['invalid_request', { response_type: null }],
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_request', { response_mode: 'fragment' }],
    ['invalid_scope', { scope: null }],
    ['invalid_scope', { scope: 'zone.read zone.everything' }],
    ['invalid_scope', { scope: 'zone:read' }],
    ['invalid_request', { code_challenge_method: 'plain' }],
    ['invalid_request', { code_challenge_method: null }],
    ['invalid_request', { code_challenge: 'short' }],
    ['invalid_request', { code_challenge: null }],
    ['invalid_request', { client_id: 'tool', code_challenge: null, code_challenge_method: null }],
    ['consent_required', { prompt: 'none' }],
  ])('%s for %j', async (error, changes) => {
    const { get, authorizeUrl } = office()
    const reply = await get(authorizeUrl(changes))
    expect(reply.status).toBe(302)
    expect(reply.headers.location?.startsWith(`${CALLBACK}?`)).toBe(true)
    expect(answerIn(reply.headers.location)).toMatchObject({ error, state: 'state-0123456789' })
    expect(answerIn(reply.headers.location).error_description).not.toBe('')
  })

  test('a parameter given twice is invalid_request', async () => {
    const { get, authorizeUrl } = office()
    expect(answerIn((await get(`${authorizeUrl()}&state=other`)).headers.location).error).toBe(
      'invalid_request',
    )
  })

  test('without offline_access among its scopes a client may not ask for it, in the words of the wire', async () => {
    const { get, authorizeUrl } = office({
      oauthClients: [{ id: 'shop', secret: 's', name: 'S', redirectUris: [CALLBACK], scopes: ['zone.read'] }],
    })
    const reply = await get(authorizeUrl({ scope: 'zone.read offline_access' }))
    expect(answerIn(reply.headers.location)).toMatchObject({
      error: 'invalid_scope',
      error_description: "The OAuth 2.0 Client is not allowed to request scope 'offline_access'.",
    })
  })

  test('a short state can be refused, as Ory Hydra does', async () => {
    const { get, authorizeUrl } = office({ unknowns: { shortState: 'refused' } })
    expect(answerIn((await get(authorizeUrl({ state: 'short' }))).headers.location).error).toBe(
      'invalid_state',
    )
  })
})

test('a confidential client may do without PKCE, and no state is echoed where there was none', async () => {
  const { emulator, authorizeUrl, exchange } = office()
  const changes = { state: null, code_challenge: null, code_challenge_method: null }
  const answer = answerIn(emulator.state.consent(authorizeUrl(changes)))
  expect(answer).not.toHaveProperty('state')
  expect((await exchange(answer.code!, { code_verifier: null })).status).toBe(200)
})

test("the query of a registered redirect URI stays, and the client's parameters come after it", () => {
  const redirect = 'https://shop.example.org/back?shop=1%2F2'
  const { emulator, authorizeUrl } = office({
    oauthClients: [{ id: 'shop', secret: SECRET, name: 'S', redirectUris: [CALLBACK, redirect] }],
  })
  const url = authorizeUrl({ redirect_uri: redirect })
  expect(emulator.state.consent(url)).toMatch(/^https:\/\/shop\.example\.org\/back\?shop=1%2F2&code=/)
  expect(emulator.state.consent(url, { deny: true })).toContain('?shop=1%2F2&error=access_denied')
})

describe('the addresses of the original design', () => {
  test('are not there', async () => {
    const { get, post, authorizeUrl } = office()
    const replies = [
      await get(authorizeUrl().replace('/oauth2/auth?', '/oauth2/authorize?')),
      await post('/client/v4/oauth/token', {}),
    ]
    expect(replies.map(({ status }) => status)).toEqual([501, 501])
  })

  test('are there when asked for, scopes with colons too', async () => {
    const { get, post, authorizeUrl, emulator, callWith } = office({ designUrls: true })
    const url = authorizeUrl({ scope: 'zone:read dns:read dns:edit' })
    expect((await get(url.replace('/oauth2/auth?', '/oauth2/authorize?'))).status).toBe(200)
    const { code = '' } = answerIn(emulator.state.consent(url))
    const reply = await post('/client/v4/oauth/token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      client_id: 'shop',
      client_secret: SECRET,
      code_verifier: 'a-verifier-of-at-least-43-characters-0123456789',
    })
    const { access_token, scope } = JSON.parse(textOf(reply)) as Record<string, string>
    expect(scope).toBe('zone:read dns:read dns:edit')
    expect(await callWith(access_token!)).toEqual([200, undefined])
  })
})

describe('a client that Cloudflare would not register is refused at the start', () => {
  const client = { id: 'c', secret: 's', name: 'C', redirectUris: [CALLBACK] }
  test.each([
    ['no redirect URI', { redirectUris: [] }],
    ['neither https nor on this machine', { redirectUris: ['http://shop.example.org/'] }],
    ['neither https nor on this machine', { redirectUris: ['javascript:alert(1)'] }],
    ['fragment', { redirectUris: [`${CALLBACK}#here`] }],
    ['no absolute URI', { redirectUris: ['/callback'] }],
    ['no scope dns:edit', { scopes: ['dns:edit'] }],
    ['none of its scopes', { scopes: ['zone.read'], optionalScopes: ['dns.read'] }],
    ['a public client has no secret', { public: true }],
    ['empty', { secret: '' }],
    ['no name', { name: '' }],
  ])('%s', (words, changes) => {
    expect(() => office({ oauthClients: [{ ...client, ...changes }] })).toThrow(words)
  })
})
