import { randomBytes } from 'node:crypto'
import type { OAuthConfig } from '#config/dashboard.ts'
import { CALLBACK } from '#connections/create.ts'
import { createOAuth } from '#providers/cloudflare/oauth.ts'
import {
  type Transport,
  TransportError,
  type TransportReply,
  type TransportRequest,
} from '#providers/cloudflare/transport.ts'
import { type Finding, fault, good, warning } from './finding.ts'
import { connectionTrouble } from './trouble.ts'

/**
 * Whether Cloudflare's OAuth knows our client, its secret and its redirect URI. The token endpoint is given a code that
 * nobody has: it looks at the client first, and then says `invalid_grant` (RFC 6749, section 5.2).
 */
export async function visitOAuth(
  oauth: OAuthConfig,
  publicUrl: string,
  transport: Transport,
): Promise<readonly Finding[]> {
  const redirectUri = `${publicUrl}${CALLBACK}`
  return [
    await asked(oauth.tokenUrl, () => transport(nonsenseCode(oauth, redirectUri)), tokenFinding),
    await asked(oauth.revokeUrl, () => transport(nonsenseToken(oauth)), revokeFinding),
    await asked(
      oauth.authorizeUrl,
      async () =>
        transport({ method: 'GET', url: await authorizeUrl(oauth, redirectUri, transport), headers: AGENT }),
      (reply) => authorizeFinding(reply, redirectUri),
    ),
  ]
}

const AGENT = { 'User-Agent': 'zonewright', Accept: 'text/html, application/json' }

async function asked(
  url: string,
  ask: () => Promise<TransportReply>,
  findingOf: (reply: TransportReply) => Finding,
): Promise<Finding> {
  try {
    return findingOf(await ask())
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    const { words, remedy } = connectionTrouble(error)
    return fault('OAuth', `${url}: ${words}`, remedy)
  }
}

function nonsenseCode(oauth: OAuthConfig, redirectUri: string): TransportRequest {
  return asClient(oauth, oauth.tokenUrl, {
    grant_type: 'authorization_code',
    code: nonsense(),
    redirect_uri: redirectUri,
    code_verifier: randomBytes(32).toString('base64url'),
  })
}

/** A token that is not there is as good as revoked: 200 (RFC 7009, section 2.2). */
function nonsenseToken(oauth: OAuthConfig): TransportRequest {
  return asClient(oauth, oauth.revokeUrl, { token: nonsense() })
}

function nonsense(): string {
  return `zonewright-doctor-${randomBytes(16).toString('hex')}`
}

/** A form with the client's secret in its body or in a header (RFC 6749, section 2.3.1). */
function asClient(
  { clientId, clientSecret, clientAuth }: OAuthConfig,
  url: string,
  parameters: Record<string, string>,
): TransportRequest {
  const form = new URLSearchParams(parameters)
  const headers = { ...AGENT, 'Content-Type': 'application/x-www-form-urlencoded' }
  if (clientAuth === 'client_secret_basic') {
    const pair = [clientId, clientSecret.reveal()].map(encodeURIComponent).join(':')
    const Authorization = `Basic ${Buffer.from(pair).toString('base64')}`
    return { method: 'POST', url, headers: { ...headers, Authorization }, body: `${form}` }
  }
  form.set('client_id', clientId)
  form.set('client_secret', clientSecret.reveal())
  return { method: 'POST', url, headers, body: `${form}` }
}

function tokenFinding({ status, body }: TransportReply): Finding {
  const code = errorIn(body)
  switch (code) {
    case 'invalid_grant':
      return good('OAuth', 'the token endpoint knows the client and its secret')
    case 'invalid_client':
      return fault(
        'OAuth',
        'the token endpoint refuses the client: invalid_client',
        'correct CLOUDFLARE_OAUTH_CLIENT_ID and CLOUDFLARE_OAUTH_CLIENT_SECRET, or CLOUDFLARE_OAUTH_CLIENT_AUTH',
      )
    case 'unauthorized_client':
      return fault(
        'OAuth',
        'the token endpoint says unauthorized_client',
        "allow the authorization code grant in the client's settings at Cloudflare",
      )
    case undefined:
      return fault(
        'OAuth',
        `the token endpoint answers with status ${status}, and not as RFC 6749 has it`,
        'correct CLOUDFLARE_OAUTH_TOKEN_URL, or remove it',
      )
    default:
      return warning(
        'OAuth',
        `the token endpoint says ${code}`,
        'customers may not be able to connect; try it',
      )
  }
}

/** What it says of the client, the token endpoint has said already. */
function revokeFinding({ status, body }: TransportReply): Finding {
  if (status === 200) return good('OAuth', 'the revoke endpoint answers')
  const code = errorIn(body)
  if (code !== undefined) {
    return warning(
      'OAuth',
      `the revoke endpoint says ${code}`,
      'tokens may outlive their disconnection; see above',
    )
  }
  return fault(
    'OAuth',
    `the revoke endpoint answers with status ${status}, and not as RFC 7009 has it`,
    'correct CLOUDFLARE_OAUTH_REVOKE_URL, or remove it',
  )
}

function authorizeUrl(oauth: OAuthConfig, redirectUri: string, transport: Transport): Promise<string> {
  const { authorizeUrl } = createOAuth(
    { ...oauth, clientSecret: oauth.clientSecret.reveal(), redirectUri },
    transport,
  )
  const random = () => randomBytes(32).toString('base64url')
  return authorizeUrl(random(), random()).then((url) => url.href)
}

/** Whoever is asked for consent is shown a page, or sent to sign in first. What is wrong is a 4xx, or `error=` on the way. */
function authorizeFinding({ status, headers }: TransportReply, redirectUri: string): Finding {
  const location = headers.location ?? ''
  const error = /[?&#]error=([\w.-]{1,60})/.exec(location)?.[1]
  if (error === 'invalid_scope') {
    return fault(
      'OAuth',
      'the authorize endpoint says invalid_scope',
      'correct CLOUDFLARE_OAUTH_SCOPES, or give the client those scopes at Cloudflare',
    )
  }
  if (error !== undefined || (status >= 400 && status < 500 && status !== 404)) {
    return fault(
      'OAuth',
      `the authorize endpoint refuses the client or its redirect URI: ${error ?? `status ${status}`}`,
      `register ${redirectUri} for the client at Cloudflare, letter by letter; it follows from PUBLIC_URL`,
    )
  }
  if (status >= 200 && status < 400) return good('OAuth', 'the authorize endpoint asks for consent')
  return fault(
    'OAuth',
    `the authorize endpoint answers with status ${status}`,
    'correct CLOUDFLARE_OAUTH_AUTHORIZE_URL, or remove it',
  )
}

function errorIn(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: unknown }
    return typeof error === 'string' && /^[\w.-]{1,60}$/.test(error) ? error : undefined
  } catch {
    return undefined
  }
}
