import { describe, expect, test } from 'vitest'
import type { Variables } from '#config/config.ts'
import { openPractice } from './testing.ts'

const practice = openPractice()

describe('OAuth', () => {
  const told = async (change: Variables) => {
    const { code, wrong } = await practice.doctor({ ...practice.dashboard(), ...change })
    return { code, wrong: wrong.filter((line) => line.includes('OAuth')) }
  }

  test.each(['client_secret_post', 'client_secret_basic'])('with a wrong secret (%s)', async (auth) => {
    const change = { CLOUDFLARE_OAUTH_CLIENT_SECRET: 'wrong', CLOUDFLARE_OAUTH_CLIENT_AUTH: auth }
    expect(await told(change)).toEqual({
      code: 1,
      wrong: [
        expect.stringMatching(/^✗ OAuth: the token endpoint refuses the client: invalid_client; correct/),
        expect.stringMatching(/^! OAuth: the revoke endpoint says invalid_client; /),
      ],
    })
  })

  test('with a redirect URI that is not registered, or scopes that the client has not', async () => {
    expect(await told({ PUBLIC_URL: 'http://localhost:3001' })).toEqual({
      code: 1,
      wrong: [
        expect.stringMatching(
          /^✗ OAuth: the authorize endpoint refuses .*: status 400; register http:\/\/localhost:3001\/dash/,
        ),
      ],
    })
    expect((await told({ CLOUDFLARE_OAUTH_SCOPES: 'zone.everything' })).wrong).toEqual([
      expect.stringMatching(
        /^✗ OAuth: the authorize endpoint says invalid_scope; correct CLOUDFLARE_OAUTH_SCOPES/,
      ),
    ])
  })

  test('at other addresses', async () => {
    const port = await practice.other(404, 'nothing')
    const { wrong } = await told({
      CLOUDFLARE_OAUTH_AUTHORIZE_URL: `http://127.0.0.1:${port}/auth`,
      CLOUDFLARE_OAUTH_TOKEN_URL: 'http://127.0.0.1:1/token',
      CLOUDFLARE_OAUTH_REVOKE_URL: `http://127.0.0.1:${port}/revoke`,
    })
    expect(wrong).toEqual([
      expect.stringMatching(
        /^✗ OAuth: http:\/\/127\.0\.0\.1:1\/token: nobody listens there \(ECONNREFUSED\)/,
      ),
      expect.stringMatching(/^✗ OAuth: the revoke endpoint answers with status 404.*OAUTH_REVOKE_URL/),
      expect.stringMatching(
        /^✗ OAuth: the authorize endpoint answers with status 404; correct CLOUDFLARE_OAUTH_AUTH/,
      ),
    ])
  })
})
