/**
 * What we know of a request after its answer, which is all that the engine decides by.
 *
 * - `not-executed`: Cloudflare did nothing. Safe to send again, if sending again can help.
 * - `executed`: Cloudflare did it, but the answer does not tell us enough. Read back.
 * - `ambiguous`: either may be true, now or up to some minutes from now. Never send again: read back, plan again.
 */
export type OutcomeClass = 'not-executed' | 'executed' | 'ambiguous'

/**
 * - `unreachable`: no connection, or it was lost; `timeout`: no whole answer within our deadline
 * - `rate-limited`: 429, or our own budget is empty; `retryAfterMs` tells how long to keep quiet
 * - `breaker-open`: Cloudflare failed several times in a row; we ask again with one probe at a time
 * - `unauthorised`: the credential is unknown, revoked, or lacks a permission
 * - `zone-missing`: there is no such zone, or it is not shown to this credential
 * - `refused`: a well-formed 4xx; `codes` and `message` are Cloudflare's own
 * - `server-error`: 5xx
 * - `unreadable`: an answer that is not Cloudflare's envelope, or not about what we asked
 * - `too-large`: an answer of more than we take into memory
 * - `too-many`: a list of more than `MOST_LISTED`; nothing of it is kept
 * - `incomplete-list`: the pages of a list do not add up; the list is unknown, not short
 */
export type CloudflareErrorKind =
  | 'unreachable'
  | 'timeout'
  | 'rate-limited'
  | 'breaker-open'
  | 'unauthorised'
  | 'zone-missing'
  | 'refused'
  | 'server-error'
  | 'unreadable'
  | 'too-large'
  | 'too-many'
  | 'incomplete-list'

export interface CloudflareErrorFacts {
  readonly status?: number
  readonly codes?: readonly number[]
  readonly retryAfterMs?: number
  /** `cf-ray`, to quote to Cloudflare's support. */
  readonly ray?: string
  readonly cause?: unknown
}

/** The one error of this room. It holds nothing of the request: no credential, no URL, no body. */
export class CloudflareError extends Error {
  override readonly name = 'CloudflareError'
  readonly kind: CloudflareErrorKind
  readonly outcome: OutcomeClass
  readonly status: number | undefined
  readonly codes: readonly number[]
  readonly retryAfterMs: number | undefined
  readonly ray: string | undefined

  constructor(
    kind: CloudflareErrorKind,
    outcome: OutcomeClass,
    message: string,
    facts: CloudflareErrorFacts = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.kind = kind
    this.outcome = outcome
    this.status = facts.status
    this.codes = facts.codes ?? []
    this.retryAfterMs = facts.retryAfterMs
    this.ray = facts.ray
  }
}

/**
 * Codes that say "what you sent does not fit what I hold": our picture of the zone is old. Cloudflare has renumbered
 * them before (81057 → 81058 in 2024), so they are matched as a family, and answered by reading, never by believing.
 * Source: Cloudflare docs, "Records with the same name"; developers.cloudflare.com, seen 2026-08.
 */
export const STALE_PICTURE_CODES: ReadonlySet<number> = new Set([81044, 81053, 81054, 81056, 81057, 81058])

/** "Record quota exceeded." Nothing new fits until something is deleted or the plan changes. */
export const QUOTA_CODES: ReadonlySet<number> = new Set([81045])
