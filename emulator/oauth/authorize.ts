/** The authorize request: whose it is, where the answer goes, and what is asked for. */
import type { UnknownChoices } from '../unknowns.ts'
import type { OAuthClient } from './clients.ts'
import { errorBody, OAuthError, refuseRepeated } from './oauth-error.ts'
import { scopesIn } from './scopes.ts'

export interface AuthorizeRequest {
  readonly client: OAuthClient
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly state: string | null
  /** Of PKCE, S256. */
  readonly challenge?: string
  readonly nonce?: string
}

/**
 * `untrusted`: nobody knows whether the address in it is the client's, so the person is told, and not sent there
 * (RFC 6749 section 4.1.2.1). `refused`: the client is told, at `location`.
 */
export type AuthorizeOutcome =
  | { readonly kind: 'asks'; readonly request: AuthorizeRequest }
  | { readonly kind: 'refused'; readonly location: string }
  | { readonly kind: 'untrusted'; readonly words: string }

export function readAuthorizeRequest(
  query: URLSearchParams,
  clients: ReadonlyMap<string, OAuthClient>,
  choices: UnknownChoices,
): AuthorizeOutcome {
  const [clientId, ...otherIds] = query.getAll('client_id')
  const client = clients.get(clientId ?? '')
  if (client === undefined || otherIds.length > 0) {
    return {
      kind: 'untrusted',
      words: `No application with the client_id "${clientId ?? ''}" is registered.`,
    }
  }
  const [redirectUri, ...otherUris] = query.getAll('redirect_uri')
  if (redirectUri === undefined || otherUris.length > 0 || !client.redirectUris.includes(redirectUri)) {
    const words = `The redirect_uri "${redirectUri ?? ''}" is none of those that ${client.name} has registered.`
    return { kind: 'untrusted', words }
  }
  const state = query.get('state')
  try {
    return { kind: 'asks', request: { client, redirectUri, state, ...asked(query, client, choices) } }
  } catch (problem) {
    if (!(problem instanceof OAuthError)) throw problem
    return { kind: 'refused', location: refusalLocation({ redirectUri, state }, problem) }
  }
}

export function refusalLocation(
  { redirectUri, state }: Pick<AuthorizeRequest, 'redirectUri' | 'state'>,
  problem: OAuthError,
): string {
  return withParameters(redirectUri, { ...errorBody(problem), state })
}

export function codeLocation(
  { redirectUri, state }: AuthorizeRequest,
  code: string,
  scopes: readonly string[],
  choices: UnknownChoices,
): string {
  const scope = choices.scopeInRedirect === 'present' ? scopes.join(' ') : null
  return withParameters(redirectUri, { code, scope, state })
}

function asked(
  query: URLSearchParams,
  client: OAuthClient,
  choices: UnknownChoices,
): Pick<AuthorizeRequest, 'scopes' | 'challenge' | 'nonce'> {
  refuseRepeated(query)
  checkResponse(query)
  if (choices.shortState === 'refused' && (query.get('state') ?? '').length < 8) {
    throw new OAuthError('invalid_state', 'The state is missing or too short.')
  }
  const challenge = challengeIn(query, client)
  const scopes = scopesIn(query.get('scope') ?? '')
  if (scopes.length === 0) throw new OAuthError('invalid_scope', 'The scope is missing.')
  const stray = scopes.find((scope) => !client.scopes.includes(scope))
  if (stray !== undefined) {
    const words = `The OAuth 2.0 Client is not allowed to request scope '${stray}'.`
    throw new OAuthError('invalid_scope', words)
  }
  if (query.get('prompt') === 'none') {
    throw new OAuthError('consent_required', 'The emulator always asks; it cannot do without.')
  }
  const nonce = query.get('nonce')
  return { scopes, ...(challenge !== null && { challenge }), ...(nonce !== null && { nonce }) }
}

function checkResponse(query: URLSearchParams): void {
  const responseType = query.get('response_type')
  if (responseType === null) throw new OAuthError('invalid_request', 'The response_type is missing.')
  if (responseType !== 'code') {
    const words = `The client is not allowed to request response_type '${responseType}'.`
    throw new OAuthError('unsupported_response_type', words)
  }
  if ((query.get('response_mode') ?? 'query') !== 'query') {
    throw new OAuthError('invalid_request', 'The emulator has the response_mode query only.')
  }
}

/** RFC 7636, S256 only: a challenge without a method would be plain. */
function challengeIn(query: URLSearchParams, client: OAuthClient): string | null {
  const challenge = query.get('code_challenge')
  const method = query.get('code_challenge_method')
  if (challenge === null && method === null) {
    if (client.secret !== undefined) return null
    throw new OAuthError('invalid_request', 'A public client must send a code_challenge.')
  }
  if (method !== 'S256') throw new OAuthError('invalid_request', 'The code_challenge_method must be S256.')
  if (challenge === null || !/^[A-Za-z0-9_-]{43}$/.test(challenge)) {
    throw new OAuthError('invalid_request', 'The code_challenge is not the base64url of a SHA-256 hash.')
  }
  return challenge
}

/** What the registered URI has in its query stays as it is (RFC 6749 section 3.1.2). */
function withParameters(redirectUri: string, parameters: Readonly<Record<string, string | null>>): string {
  const added = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== null) added.append(name, value)
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${added}`
}
