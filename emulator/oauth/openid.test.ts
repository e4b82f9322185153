import { createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { api } from '../testing.ts'
import { office, textOf } from './testing.ts'

const decoded = (part: string) =>
  JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>

describe('OpenID', () => {
  test('the ID token is signed with the key of jwks.json, and speaks of this access token', async () => {
    const { code, exchange, get, clock } = office({ issuer: 'https://cloudflare.example' })
    const { json, access } = await exchange(code({ nonce: 'once' }))
    const [head, claims, signature] = json.id_token!.split('.') as [string, string, string]
    const { keys } = JSON.parse(textOf(await get('/.well-known/jwks.json'))) as { keys: JsonWebKey[] }
    const key = createPublicKey({ key: keys[0]!, format: 'jwk' })
    expect(keys[0]).not.toHaveProperty('d')
    expect(decoded(head)).toEqual({ alg: 'RS256', kid: keys[0]!.kid, typ: 'JWT' })
    expect(verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(
      true,
    )
    const seconds = clock.now / 1_000
    expect(decoded(claims)).toEqual({
      iss: 'https://cloudflare.example',
      sub: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      aud: ['shop'],
      iat: seconds,
      exp: seconds + 3_600,
      auth_time: seconds,
      at_hash: createHash('sha256').update(access).digest().subarray(0, 16).toString('base64url'),
      nonce: 'once',
    })
  })

  test('userinfo says who it is, to an access token with openid', async () => {
    const { code, exchange, get, callWith } = office()
    const { access, json } = await exchange(code())
    const ask = (token: string) => get('/oauth2/userinfo', { authorization: `Bearer ${token}` })
    expect(JSON.parse(textOf(await ask(access)))).toEqual({ sub: decoded(json.id_token!.split('.')[1]!).sub })
    const without = await ask((await exchange(code({ scope: 'zone.read' }))).access)
    expect([without.status, without.headers['www-authenticate']]).toEqual([
      403,
      expect.stringContaining('insufficient_scope'),
    ])
    expect((await ask('unknown')).status).toBe(401)
    expect((await get('/oauth2/userinfo')).status).toBe(401)
    expect(await callWith(access)).toEqual([200, undefined])
  })

  test('every address of the discovery document is one of the emulator, at the host that was asked', async () => {
    const { get } = office()
    const text = textOf(await get('/.well-known/openid-configuration', { host: 'localhost:8787' }))
    const document = JSON.parse(text) as Record<string, string>
    expect(document.issuer).toBe('http://localhost:8787')
    expect(document).toMatchObject({ code_challenge_methods_supported: ['S256'] })
    const addresses = Object.keys(document).filter((name) => /_endpoint$|_uri$/.test(name))
    expect(addresses).toHaveLength(5)
    for (const name of addresses) {
      const { origin, pathname } = new URL(document[name]!)
      expect(origin).toBe('http://localhost:8787')
      expect((await get(pathname)).status, name).not.toBe(501)
    }
  })
})

test('the list of scopes is for whoever has a token, and has those that a client may be given', async () => {
  const { call } = api()
  const { json } = await call('GET', '/oauth/scopes')
  expect((json.result as { id: string }[]).map(({ id }) => id)).toEqual([
    'zone.read',
    'dns.read',
    'dns.write',
  ])
  expect((await call('GET', '/oauth/scopes', undefined, {})).json.errors).toMatchObject([{ code: 9106 }])
})
