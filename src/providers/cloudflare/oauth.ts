import * as client from 'openid-client'
import { type Transport, TransportError } from './transport.ts'

/** The application as it is registered at Cloudflare, and where Cloudflare's OAuth is (docs, "OAuth clients", 2026-06). */
export interface OAuthClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly clientAuth: 'client_secret_post' | 'client_secret_basic'
  readonly authorizeUrl: string
  readonly tokenUrl: string
  readonly revokeUrl: string
  readonly scopes: readonly string[]
  /** Compared letter by letter by Cloudflare. */
  readonly redirectUri: string
}

export interface GrantedTokens {
  readonly accessToken: string
  readonly refreshToken: string | null
  /** Seconds; null: Cloudflare did not say. */
  readonly expiresIn: number | null
  readonly scopes: readonly string[]
}

/** Every method throws `OAuthTrouble`. */
export interface OAuth {
  readonly client: OAuthClient
  /** Where the browser goes. */
  authorizeUrl(state: string, verifier: string): Promise<URL>
  /** `callback`: what the browser came back with; its state is `state`. */
  exchange(callback: URLSearchParams, state: string, verifier: string): Promise<GrantedTokens>
  refresh(refreshToken: string): Promise<GrantedTokens>
  /** RFC 7009. */
  revoke(token: string, kind: 'access_token' | 'refresh_token'): Promise<void>
}

/** Cloudflare's OAuth gave us nothing. Its words are not kept: they may quote what was sent. */
export class OAuthTrouble extends Error {
  override readonly name = 'OAuthTrouble'
  /** `refused`: it said no, and will say so again; `unavailable`: no usable answer. */
  readonly kind: 'refused' | 'unavailable'
  /** RFC 6749's, such as `invalid_grant`. */
  readonly code: string

  constructor(kind: OAuthTrouble['kind'], code: string) {
    super(`Cloudflare's OAuth: ${code}`)
    this.kind = kind
    this.code = code
  }
}

/** openid-client over our own transport: our deadline, our limit of size, no redirect followed. */
export function createOAuth(application: OAuthClient, transport: Transport): OAuth {
  const { clientId, clientSecret, clientAuth, authorizeUrl, tokenUrl, revokeUrl, scopes, redirectUri } =
    application
  const authentication =
    clientAuth === 'client_secret_basic'
      ? client.ClientSecretBasic(clientSecret)
      : client.ClientSecretPost(clientSecret)
  // What discovery would tell is configured; a document from elsewhere could send our secret elsewhere.
  const config = new client.Configuration(
    {
      issuer: new URL(authorizeUrl).origin,
      authorization_endpoint: authorizeUrl,
      token_endpoint: tokenUrl,
      revocation_endpoint: revokeUrl,
    },
    clientId,
    {},
    authentication,
  )
  config[client.customFetch] = (url, options) => fetchOver(transport, url, options)
  // http is configured for loopback addresses alone: the emulator.
  if ([tokenUrl, revokeUrl].some((url) => url.startsWith('http:'))) client.allowInsecureRequests(config)

  return {
    client: application,
    async authorizeUrl(state, verifier) {
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: scopes.join(' '),
        state,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      // A blank written as `+` is one in forms; in a URL not everybody takes it for one.
      return new URL(url.href.replaceAll('+', '%20'))
    },
    exchange(callback, state, verifier) {
      const url = new URL(redirectUri)
      url.search = callback.toString()
      return tokensFrom(scopes, () =>
        client.authorizationCodeGrant(config, url, { expectedState: state, pkceCodeVerifier: verifier }),
      )
    },
    refresh: (refreshToken) => tokensFrom(scopes, () => client.refreshTokenGrant(config, refreshToken)),
    revoke: (token, kind) =>
      orTrouble(() => client.tokenRevocation(config, token, { token_type_hint: kind })),
  }
}

async function tokensFrom(
  asked: readonly string[],
  ask: () => Promise<client.TokenEndpointResponse>,
): Promise<GrantedTokens> {
  const answer = await orTrouble(ask)
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token ?? null,
    expiresIn: answer.expires_in ?? null,
    // Left out, it is what was asked for (RFC 6749, section 5.1).
    scopes: answer.scope?.split(' ') ?? asked,
  }
}

async function orTrouble<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof client.ResponseBodyError) {
      const isFinal = error.status < 500 && error.status !== 429
      throw new OAuthTrouble(isFinal ? 'refused' : 'unavailable', error.error)
    }
    // How a 401 has to look for a client that sent its secret in a header (RFC 6749, section 5.2).
    if (error instanceof client.WWWAuthenticateChallengeError)
      throw new OAuthTrouble('refused', 'invalid_client')
    if (error instanceof client.AuthorizationResponseError) throw new OAuthTrouble('refused', error.error)
    if (error instanceof TransportError) throw new OAuthTrouble('unavailable', error.reason)
    if (error instanceof client.ClientError) throw new OAuthTrouble('unavailable', error.code ?? 'unreadable')
    throw error
  }
}

async function fetchOver(
  transport: Transport,
  url: string,
  { method, headers, body }: client.CustomFetchOptions,
): Promise<Response> {
  const reply = await transport({
    method: method as 'GET' | 'POST',
    url,
    headers: { ...headers, 'User-Agent': 'zonewright' },
    ...(body === undefined || body === null ? {} : { body: String(body) }),
  })
  const isEmpty = [204, 205, 304].includes(reply.status)
  return new Response(isEmpty ? null : reply.body, { status: reply.status, headers: reply.headers })
}
