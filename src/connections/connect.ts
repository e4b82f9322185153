import { createHash, randomBytes } from 'node:crypto'
import { randomPKCECodeVerifier } from 'openid-client'
import { CustomerError } from '#accounts/errors.ts'
import type { ListedZone } from '#dns/zone.ts'
import type { Clock, Random } from '#platform/ports.ts'
import { CloudflareError } from '#providers/cloudflare/errors.ts'
import { type GrantedTokens, type OAuth, OAuthTrouble } from '#providers/cloudflare/oauth.ts'
import type { TokenOwner, TokenStatus } from '#providers/cloudflare/token-status.ts'
import type { AccountStore, ConnectionRow, SealedTokens } from '#store/accounts.ts'
import type { Customer } from './customers.ts'
import { sealTokens } from './grants.ts'
import { mayEdit } from './permissions.ts'
import type { Seals } from './seals.ts'

export interface ConnectParts {
  readonly store: AccountStore
  readonly seals: Seals
  readonly oauth: OAuth | undefined
  /** With a token that is not anybody's connection yet. */
  readonly zonesSeenBy: (customer: Customer, token: string) => Promise<readonly ListedZone[]>
  readonly tokenStatus: (customer: Customer, token: string, owner: TokenOwner) => Promise<TokenStatus>
  readonly clock: Clock
  readonly random: Random
}

/** What is there now, and what was in its place. */
export interface Kept {
  readonly connection: ConnectionRow
  readonly replaced: readonly ConnectionRow[]
}

/** As `Customers.connectByToken`; of what it replaces nothing is revoked. */
export async function connectByToken(
  customer: Customer,
  text: string,
  parts: ConnectParts,
): Promise<Kept & { readonly zones: number }> {
  const token = text.trim()
  if (!/^[\x21-\x7e]{1,1000}$/.test(token)) throw new CustomerError('token-invalid', NO_TOKEN)
  if (token.startsWith('cfk_')) throw new CustomerError('token-invalid', GLOBAL_KEY)
  const { owner, zones } = await told(() => verified(customer, token, parts))
  mayEdit(customer.domain, zones, 'token')
  const scope = owner === 'user' ? null : owner.account
  const kept = await keep(customer, 'token', parts, ({ id, customerId }) => ({
    accessToken: parts.seals.seal({ customer: customerId, connection: id, kind: 'access' }, token),
    refreshToken: null,
    expiresAt: null,
    scope,
  }))
  return { ...kept, zones: zones.length }
}

/** As `Customers.beginOAuth`. */
export async function beginOAuth(customer: Customer, session: string, parts: ConnectParts): Promise<URL> {
  const oauth = offered(parts)
  const state = randomBytes(32).toString('base64url')
  const verifier = randomPKCECodeVerifier()
  const now = parts.clock.now()
  const stateHash = hashOf(state)
  const sealed = parts.seals.seal(
    { customer: customer.id, connection: stateHash, kind: 'verifier' },
    verifier,
  )
  await parts.store.addOAuthState(
    {
      stateHash,
      customerId: customer.id,
      sessionHash: session,
      verifier: sealed,
      expiresAt: now + STATE_LASTS_MS,
    },
    now,
  )
  return oauth.authorizeUrl(state, verifier)
}

/** As `Customers.finishOAuth`. */
export async function finishOAuth(
  customer: Customer,
  session: string,
  callback: URL,
  parts: ConnectParts,
): Promise<Kept> {
  const oauth = offered(parts)
  const { state, verifier } = await begun(customer, session, callback, parts)
  const answer = answerIn(callback, oauth)
  const tokens = await told(() => oauth.exchange(answer, state, verifier))
  try {
    const missing = oauth.client.scopes.filter(
      (scope) => scope !== 'offline_access' && !tokens.scopes.includes(scope),
    )
    if (missing.length > 0) {
      throw new CustomerError(
        'permission-missing',
        `Cloudflare did not grant ${missing.join(', ')}. Connect again, and leave every permission ticked.`,
        { details: { missing } },
      )
    }
    const zones = await told(() => parts.zonesSeenBy(customer, tokens.accessToken))
    mayEdit(customer.domain, zones, 'oauth')
    return await keep(customer, 'oauth', parts, (row) =>
      sealTokens(parts.seals, row, tokens, parts.clock.now()),
    )
  } catch (error) {
    // Nothing is kept here, so nothing stays there.
    await forgotten(oauth, tokens)
    throw error
  }
}

const STATE_LASTS_MS = 10 * 60_000

const NO_TOKEN =
  'This is not an active Cloudflare API token. Copy the whole token from the page that Cloudflare shows after "Create Token".'
const GLOBAL_KEY =
  'This is the Global API Key of a Cloudflare account, which may do everything. Make an API token instead, with the permissions Zone → Zone → Read and Zone → DNS → Edit.'

async function verified(
  customer: Customer,
  token: string,
  { tokenStatus, zonesSeenBy }: ConnectParts,
): Promise<{ owner: TokenOwner; zones: readonly ListedZone[] }> {
  const ofUser = await tokenStatus(customer, token, 'user')
  if (ofUser === 'disabled' || ofUser === 'expired') throw inactive(ofUser)
  const zones = await zonesSeenBy(customer, token).catch((error: unknown) => {
    if (!(error instanceof CloudflareError) || error.kind !== 'unauthorised') throw error
    if (ofUser === 'active')
      throw new CustomerError('permission-missing', NO_ZONES, { details: { missing: ['Zone: Read'] } })
    // Keys of before 2026 have no mark.
    const isKey = /^[0-9a-f]{37}$/.test(token)
    throw new CustomerError('token-invalid', isKey ? GLOBAL_KEY : NO_TOKEN)
  })
  if (ofUser === 'active') return { owner: 'user', zones }
  // A token of an account is known to that account alone, and its zones tell which that is.
  for (const account of new Set(zones.map(({ accountId }) => accountId))) {
    const status = await tokenStatus(customer, token, { account })
    if (status === 'active') return { owner: { account }, zones }
    if (status !== 'unknown') throw inactive(status)
  }
  throw new CustomerError('token-invalid', NO_TOKEN)
}

const NO_ZONES =
  'This token may not see zones. Make one with the permissions Zone → Zone → Read and Zone → DNS → Edit.'

function inactive(status: 'disabled' | 'expired'): CustomerError {
  const words = status === 'expired' ? 'has expired' : 'is disabled'
  return new CustomerError(
    'token-invalid',
    `This API token ${words}. Make a new one, or roll it at Cloudflare.`,
  )
}

function offered({ oauth }: ConnectParts): OAuth {
  if (oauth !== undefined) return oauth
  throw new CustomerError('oauth-failed', 'Connecting by sign-in is not set up here; use an API token.')
}

/** Takes the state away first: whatever is wrong with it, it was looked at once (RFC 9700, section 4.7). */
async function begun(
  customer: Customer,
  session: string,
  callback: URL,
  { store, seals, clock }: ConnectParts,
): Promise<{ state: string; verifier: string }> {
  const [state = '', ...more] = callback.searchParams.getAll('state')
  const stateHash = hashOf(state)
  const row = more.length === 0 ? await store.takeOAuthState(stateHash) : undefined
  const isTheirs =
    row !== undefined &&
    row.customerId === customer.id &&
    row.sessionHash === session &&
    row.expiresAt > clock.now()
  const what = { customer: customer.id, connection: stateHash, kind: 'verifier' } as const
  const verifier = isTheirs ? seals.open(what, row.verifier, STATE_LASTS_MS) : undefined
  if (verifier !== undefined) return { state, verifier }
  throw new CustomerError(
    'oauth-state',
    'This answer of Cloudflare does not belong to a sign-in that was begun here, or it came too late. Connect again.',
  )
}

/** What the browser came back with, if it is a code of the one issuer that we know (RFC 9207). */
function answerIn(callback: URL, { client }: OAuth): URLSearchParams {
  const { searchParams } = callback
  const issuer = searchParams.get('iss')
  const own = new URL(client.authorizeUrl).origin
  if (issuer !== null && issuer !== own && issuer !== `${own}/`) {
    throw new CustomerError('oauth-state', 'This answer does not come from Cloudflare. Connect again.')
  }
  const error = searchParams.get('error')
  if (error === 'access_denied') {
    throw new CustomerError('oauth-denied', 'Cloudflare was not connected: access was not allowed.')
  }
  const isTemporary = error === 'temporarily_unavailable' || error === 'server_error'
  if (isTemporary) throw unavailable()
  const answer = new URLSearchParams(searchParams)
  answer.delete('iss')
  const isCode = error === null && answer.getAll('code').length === 1
  if (!isCode) throw failed()
  return answer
}

/** Cloudflare's troubles in words for the customer. */
async function told<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof OAuthTrouble) throw error.kind === 'refused' ? failed(error) : unavailable(error)
    if (!(error instanceof CloudflareError)) throw error
    if (error.kind === 'unauthorised') throw failed(error)
    throw unavailable(error, error.retryAfterMs)
  }
}

function failed(cause?: unknown): CustomerError {
  return new CustomerError('oauth-failed', 'Cloudflare did not give us access. Connect again.', { cause })
}

function unavailable(cause?: unknown, retryAfterMs = 10_000): CustomerError {
  return new CustomerError(
    'cloudflare-unavailable',
    'Cloudflare is not answering just now. Try again in a moment.',
    {
      retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)),
      cause,
    },
  )
}

async function keep(
  customer: Customer,
  kind: ConnectionRow['kind'],
  { store, clock, random }: ConnectParts,
  sealed: (row: { id: string; customerId: string }) => SealedTokens,
): Promise<Kept> {
  const id = random.hex(16)
  const connection: ConnectionRow = {
    id,
    customerId: customer.id,
    kind,
    status: 'active',
    zoneId: null,
    ...sealed({ id, customerId: customer.id }),
    tokenVersion: 1,
    connectedAt: clock.now(),
    reviewedAt: null,
    lastSyncAt: null,
  }
  return { connection, replaced: await store.replaceConnection(connection) }
}

async function forgotten(oauth: OAuth, { accessToken, refreshToken }: GrantedTokens): Promise<void> {
  const revoking =
    refreshToken === null
      ? oauth.revoke(accessToken, 'access_token')
      : oauth.revoke(refreshToken, 'refresh_token')
  await revoking.catch(() => {})
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
