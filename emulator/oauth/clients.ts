/** Applications that may ask people for access, as they were registered at Cloudflare. */
import { knownScopes } from './scopes.ts'

export interface OAuthClientSeed {
  readonly id: string
  /** A client without one is public, and must use PKCE. */
  readonly secret?: string
  /** What people read on the consent page. */
  readonly name: string
  /** Compared letter by letter, port included. https, or http on this machine. */
  readonly redirectUris: readonly string[]
  /** What it may ask for; everything the emulator knows when absent. Without `offline_access` it gets no refresh token. */
  readonly scopes?: readonly string[]
  /** Those of its scopes that a person may untick. */
  readonly optionalScopes?: readonly string[]
  readonly public?: boolean
  /** The one way in which it may send its secret; both when absent. */
  readonly authMethod?: 'client_secret_basic' | 'client_secret_post'
}

export interface OAuthClient {
  readonly id: string
  /** Absent for a public client. */
  readonly secret?: string
  readonly name: string
  readonly redirectUris: readonly string[]
  readonly scopes: readonly string[]
  readonly optionalScopes: readonly string[]
  readonly authMethod?: 'client_secret_basic' | 'client_secret_post'
}

/** Throws an Error for what Cloudflare would not register. */
export function clientFrom(seed: OAuthClientSeed, designUrls: boolean): OAuthClient {
  const { id, secret, name, redirectUris, optionalScopes = [], authMethod } = seed
  const scopes = seed.scopes ?? knownScopes(designUrls)
  const problem = (words: string) => new Error(`OAuth client ${id}: ${words}`)
  if (typeof id !== 'string' || id === '') throw new Error('an OAuth client has an id')
  if (typeof name !== 'string' || name === '') throw problem('it has no name')
  if (seed.public === true && secret !== undefined) throw problem('a public client has no secret')
  if (seed.public === false && secret === undefined) throw problem('a client without a secret is public')
  if (secret === '') throw problem('its secret is empty')
  if (!Array.isArray(redirectUris) || redirectUris.length === 0) throw problem('it has no redirect URI')
  for (const uri of redirectUris) {
    const wrong = faultInRedirectUri(uri)
    if (wrong !== undefined) throw problem(`the redirect URI ${uri} ${wrong}`)
  }
  const unknown = scopes.find((scope) => !knownScopes(designUrls).includes(scope))
  if (unknown !== undefined) throw problem(`the emulator knows no scope ${unknown}`)
  const stray = optionalScopes.find((scope) => !scopes.includes(scope))
  if (stray !== undefined) throw problem(`the optional scope ${stray} is none of its scopes`)
  return {
    id,
    name,
    redirectUris,
    scopes,
    optionalScopes,
    ...(secret !== undefined && { secret }),
    ...(authMethod !== undefined && { authMethod }),
  }
}

/** RFC 6749 section 3.1.2: absolute and without a fragment; http for this machine only (Cloudflare docs). */
function faultInRedirectUri(uri: string): string | undefined {
  const url = URL.parse(uri)
  if (url === null) return 'is no absolute URI'
  const { protocol, hostname } = url
  if (uri.includes('#')) return 'has a fragment'
  if (protocol === 'https:') return undefined
  const isHere = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
  return protocol === 'http:' && isHere ? undefined : 'is neither https nor on this machine'
}
