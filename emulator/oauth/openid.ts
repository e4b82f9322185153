/** The OpenID side: who the user is, signed with a key that lives as long as the process; discovery. */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Cloudflare } from '../cloudflare.ts'
import { idFor } from '../random.ts'
import { jsonReply, type SiteReply, type SiteRequest } from '../site/request.ts'
import type { Site } from '../site/site.ts'
import { type IssuedTokens, USER } from './grants.ts'
import { knownScopes } from './scopes.ts'

export interface OpenId {
  idToken(issued: IssuedTokens, request: SiteRequest): string
  /** A JWK Set with the one public key. */
  keys(): object
  readonly subject: string
}

export function createOpenId({ seed }: Cloudflare): OpenId {
  const subject = idFor(seed, 'user', USER)
  return {
    subject,
    keys: () => ({
      keys: [
        { ...createPublicKey(privateKey()).export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: KEY_ID },
      ],
    }),
    idToken({ grant, accessToken }, { nowMs, origin }) {
      const now = Math.floor(nowMs / 1_000)
      const claims = {
        iss: origin,
        sub: subject,
        aud: [grant.client.id],
        iat: now,
        exp: now + ID_TOKEN_SECONDS,
        auth_time: Math.floor(grant.at / 1_000),
        at_hash: createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url'),
        ...(grant.nonce !== undefined && { nonce: grant.nonce }),
      }
      const signed = [{ alg: 'RS256', kid: KEY_ID, typ: 'JWT' }, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.')
      return `${signed}.${sign('sha256', Buffer.from(signed), privateKey()).toString('base64url')}`
    },
  }
}

/** What is served, and nothing else: what Cloudflare's own document holds is not known. */
export function discovery({ designUrls }: Site, { origin }: SiteRequest): SiteReply {
  return jsonReply(200, {
    issuer: origin,
    authorization_endpoint: `${origin}/oauth2/auth`,
    token_endpoint: `${origin}/oauth2/token`,
    revocation_endpoint: `${origin}/oauth2/revoke`,
    userinfo_endpoint: `${origin}/oauth2/userinfo`,
    jwks_uri: `${origin}/.well-known/jwks.json`,
    scopes_supported: knownScopes(designUrls),
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    code_challenge_methods_supported: ['S256'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    claims_supported: ['sub'],
  })
}

/** `{"sub": "…"}` for an access token with `openid`; otherwise the errors of RFC 6750 section 3.1. */
export function userInfo(site: Site, { headers }: SiteRequest): SiteReply {
  const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const credential = site.cloudflare.credentials.get(token ?? '')
  if (credential?.scopes === undefined || credential.status !== 'active') {
    return refusedToken(401, 'invalid_token', 'The access token is missing, expired, revoked or not known.')
  }
  if (!credential.scopes.includes('openid')) {
    return refusedToken(403, 'insufficient_scope', 'The access token has not the scope openid.')
  }
  return jsonReply(200, { sub: site.openId.subject })
}

// An RSA key takes a while to make: nobody waits who never asks for it, and a process makes one only.
let made: KeyObject | undefined

function privateKey(): KeyObject {
  made ??= generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey
  return made
}

const KEY_ID = 'emulator'
const ID_TOKEN_SECONDS = 3_600

function refusedToken(status: 401 | 403, error: string, words: string): SiteReply {
  const challenge = `Bearer error="${error}", error_description="${words}"`
  return jsonReply(status, { error, error_description: words }, { 'www-authenticate': challenge })
}
