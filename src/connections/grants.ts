import type { Clock, Log, Random } from '#platform/ports.ts'
import { CloudflareError } from '#providers/cloudflare/errors.ts'
import type { Grant } from '#providers/cloudflare/granted-transport.ts'
import { type GrantedTokens, type OAuth, OAuthTrouble } from '#providers/cloudflare/oauth.ts'
import type { TokenOwner, TokenStatus } from '#providers/cloudflare/token-status.ts'
import type { AccountStore, ConnectionRow, RefreshHold, SealedTokens } from '#store/accounts.ts'
import type { Seals } from './seals.ts'

export interface GrantParts {
  readonly store: AccountStore
  readonly seals: Seals
  /** undefined: not configured; grants of before cannot be refreshed then. */
  readonly oauth: OAuth | undefined
  readonly tokenStatus: (token: string, owner: TokenOwner) => Promise<TokenStatus>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly onRefresh: (outcome: 'refreshed' | 'refused' | 'failed') => void
}

/**
 * The grant of one connection. The row is read for every call, since other processes refresh it too; who refreshes holds
 * the row, so that a refresh token is sent once. The access token is renewed in its last minute, and after a refusal.
 */
export function grantOf(customerId: string, connectionId: string, parts: GrantParts): Grant {
  const { store, seals, clock } = parts
  let renewing: Promise<string> | undefined
  let checking: Promise<boolean> | undefined
  let renewedAt = 0
  let failedAt = Number.NEGATIVE_INFINITY

  async function current(): Promise<ConnectionRow> {
    const row = await store.connection(customerId, connectionId)
    if (row === undefined || row.status === 'reconnect_required') throw ended()
    return row
  }

  async function tokenIn(row: ConnectionRow, kind: 'access' | 'refresh'): Promise<string> {
    const sealed = kind === 'access' ? row.accessToken : row.refreshToken
    const what = { customer: customerId, connection: connectionId, kind }
    const token = sealed === null ? undefined : seals.open(what, sealed)
    return token ?? lose(row)
  }

  async function lose({ tokenVersion }: ConnectionRow): Promise<never> {
    await store.loseGrant(connectionId, tokenVersion)
    throw ended()
  }

  function renewed(row: ConnectionRow): Promise<string> {
    renewing ??= renew(row).finally(() => {
      renewing = undefined
    })
    return renewing
  }

  async function renew(row: ConnectionRow): Promise<string> {
    const patientUntil = clock.now() + PATIENCE_MS
    for (;;) {
      if (clock.now() < failedAt + RETRY_AFTER_MS) throw unavailable()
      const hold = { connectionId, owner: parts.random.hex(8), version: row.tokenVersion }
      const now = clock.now()
      if (await store.holdRefresh(hold, now, now + HOLD_MS)) return exchanged(row, hold)
      if (now >= patientUntil) throw unavailable()
      await clock.sleep(LOOK_EVERY_MS)
      const next = await current()
      if (next.tokenVersion !== row.tokenVersion) return tokenIn(next, 'access')
    }
  }

  async function exchanged(row: ConnectionRow, hold: RefreshHold): Promise<string> {
    const refreshToken = await tokenIn(row, 'refresh')
    const tokens = await parts.oauth
      ?.refresh(refreshToken)
      .catch((error: unknown) => refused(row, hold, error))
    if (tokens === undefined) return refused(row, hold, new OAuthTrouble('unavailable', 'not_configured'))
    // Before anybody uses it: the one that it replaces is good no more.
    const isKept = await kept(hold, sealedTokens(tokens, row))
    parts.onRefresh('refreshed')
    renewedAt = clock.now()
    if (isKept) return tokens.accessToken
    // The connection went away meanwhile, or whoever thought us dead was quicker: nobody is to have these.
    await parts.oauth?.revoke(tokens.refreshToken ?? tokens.accessToken, 'refresh_token').catch(() => {})
    return tokenIn(await current(), 'access')
  }

  async function refused(row: ConnectionRow, hold: RefreshHold, error: unknown): Promise<never> {
    if (!(error instanceof OAuthTrouble)) throw error
    if (error.kind === 'refused' && error.code === 'invalid_grant') {
      parts.onRefresh('refused')
      return lose(row)
    }
    parts.onRefresh('failed')
    parts.log.warn(
      { connection: connectionId, code: error.code },
      'refreshing an OAuth grant failed; retrying',
    )
    failedAt = clock.now()
    await store.releaseRefresh(hold, failedAt + RETRY_AFTER_MS)
    throw unavailable()
  }

  /** Lost here, they are lost for good: a moment's trouble of the database is waited for. */
  async function kept(hold: RefreshHold, tokens: SealedTokens, triesLeft = 5): Promise<boolean> {
    try {
      return await store.keepTokens(hold, tokens)
    } catch (error) {
      if (triesLeft === 1) throw error
      await clock.sleep(500)
      return kept(hold, tokens, triesLeft - 1)
    }
  }

  function sealedTokens(tokens: GrantedTokens, row: ConnectionRow): SealedTokens {
    // Where the answer has no refresh token, the one before it goes on (RFC 6749, section 6).
    const sealed = sealTokens(seals, row, tokens, clock.now())
    return { ...sealed, refreshToken: sealed.refreshToken ?? row.refreshToken }
  }

  /** Cloudflare has refused good tokens now and then, and taken them a moment later: one no is not believed. */
  async function isStillGood(row: ConnectionRow, token: string): Promise<boolean> {
    renewedAt = clock.now()
    const owner: TokenOwner = row.scope === null ? 'user' : { account: row.scope }
    for (const pauseMs of [0, 1_000, 2_000]) {
      await clock.sleep(pauseMs)
      const status = await parts.tokenStatus(token, owner).catch(() => undefined)
      if (status === undefined) return false
      if (status === 'active') return true
    }
    return lose(row)
  }

  return {
    async accessToken() {
      const row = await current()
      const { expiresAt, refreshToken } = row
      const left = expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt - clock.now()
      if (left > RENEW_BEFORE_MS) return tokenIn(row, 'access')
      if (refreshToken === null) return left > 0 ? tokenIn(row, 'access') : lose(row)
      try {
        return await renewed(row)
      } catch (error) {
        const isUsable = left > 0 && error instanceof CloudflareError && error.kind === 'unreachable'
        if (!isUsable) throw error
        return tokenIn(row, 'access')
      }
    },
    async refused(token) {
      const row = await current()
      if ((await tokenIn(row, 'access')) !== token) return true
      const isNew = clock.now() < Math.max(renewedAt, row.connectedAt) + BELIEVED_FOR_MS
      if (row.kind === 'token') {
        if (isNew) return (await checking) ?? true
        checking ??= isStillGood(row, token).finally(() => {
          checking = undefined
        })
        return checking
      }
      // A token of this minute is asked with again, not renewed: what it may not do, the next one may not either.
      if (!isNew && row.refreshToken !== null) await renewed(row)
      return true
    },
  }
}

/** As they are kept; an answer without a refresh token leaves null. */
export function sealTokens(
  seals: Seals,
  { id, customerId }: Pick<ConnectionRow, 'id' | 'customerId'>,
  { accessToken, refreshToken, expiresIn, scopes }: GrantedTokens,
  now: number,
): SealedTokens {
  const sealed = (kind: 'access' | 'refresh', token: string) =>
    seals.seal({ customer: customerId, connection: id, kind }, token)
  return {
    accessToken: sealed('access', accessToken),
    refreshToken: refreshToken === null ? null : sealed('refresh', refreshToken),
    expiresAt: expiresIn === null ? null : now + expiresIn * 1000,
    scope: scopes.join(' '),
  }
}

const RENEW_BEFORE_MS = 60_000
/** For as long it is taken for good, whatever Cloudflare says to it. */
const BELIEVED_FOR_MS = 60_000
/** Longer than a refresh can take. */
const HOLD_MS = 25_000
const PATIENCE_MS = 12_000
const LOOK_EVERY_MS = 250
const RETRY_AFTER_MS = 5_000

function ended(): CloudflareError {
  return new CloudflareError('unauthorised', 'not-executed', 'Cloudflare has to be connected again.')
}

function unavailable(): CloudflareError {
  return new CloudflareError('unreachable', 'not-executed', 'Cloudflare did not renew our access just now.', {
    retryAfterMs: RETRY_AFTER_MS,
  })
}
