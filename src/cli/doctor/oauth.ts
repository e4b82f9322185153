import { randomBytes } from 'node:crypto'
import { type Transport, TransportError, type TransportReply } from '#cloudflare/transport.ts'
import { CALLBACK } from '#customers/create.ts'
import { createOAuth } from '#customers/oauth.ts'
import type { OAuthConfig } from '#src/dashboard-config.ts'
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

function nonsenseCode({ clientId, clientSecret, clientAuth, tokenUrl }: OAuthConfig, redirectUri: string) {
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code: `zonewright-doctor-${randomBytes(8).toString('hex')}`,
    redirect_uri: redirectUri,
    code_verifier: randomBytes(32).toString('base64url'),
  })
  const headers = { ...AGENT, 'Content-Type': 'application/x-www-form-urlencoded' }
  if (clientAuth === 'client_secret_basic') {
    const pair = [clientId, clientSecret.reveal()].map(encodeURIComponent).join(':')
    const Authorization = `Basic ${Buffer.from(pair).toString('base64')}`
    return { method: 'POST', url: tokenUrl, headers: { ...headers, Authorization }, body: `${form}` } as const
  }
  form.set('client_id', clientId)
  form.set('client_secret', clientSecret.reveal())
  return { method: 'POST', url: tokenUrl, headers, body: `${form}` } as const
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
