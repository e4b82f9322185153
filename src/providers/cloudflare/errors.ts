import { type OutcomeClass, ProviderError, type ProviderErrorKind } from '#providers/provider.ts'

export interface CloudflareErrorFacts {
  readonly status?: number
  readonly codes?: readonly number[]
  readonly retryAfterMs?: number
  /** `cf-ray`, to quote to Cloudflare's support. */
  readonly ray?: string
  readonly cause?: unknown
}

/** The one error of this room: what it is to everybody, and what Cloudflare said of it. */
export class CloudflareError extends ProviderError {
  override readonly name = 'CloudflareError'
  readonly status: number | undefined
  readonly codes: readonly number[]

  constructor(
    kind: ProviderErrorKind,
    outcome: OutcomeClass,
    message: string,
    { status, codes = [], retryAfterMs, ray, cause }: CloudflareErrorFacts = {},
  ) {
    super(kind, outcome, message, {
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(cause !== undefined && { cause }),
      details: { ...(codes.length > 0 && { cloudflareCode: codes[0] }), ...(ray && { ray }) },
      // Our own rate limiter, which had no leave to give, answers with no status.
      wasCalled: kind !== 'breaker-open' && !(kind === 'rate-limited' && status === undefined),
    })
    this.status = status
    this.codes = codes
  }
}

/**
 * Codes that say "what you sent does not fit what I hold": our picture of the zone is old. Cloudflare has renumbered
 * them before (81057 → 81058 in 2024), so they are matched as a family, and answered by reading, never by believing.
 * Source: Cloudflare docs, "Records with the same name"; developers.cloudflare.com, seen 2026-08.
 */
const STALE_VIEW_CODES: ReadonlySet<number> = new Set([81044, 81053, 81054, 81056, 81057, 81058])

/** "Record quota exceeded." Nothing new fits until something is deleted or the plan changes. */
const QUOTA_CODES: ReadonlySet<number> = new Set([81045])

/** What a definite no to a batch is about. */
export function kindOfRefusal(codes: readonly number[]): 'stale-view' | 'quota' | 'refused' {
  if (codes.some((code) => STALE_VIEW_CODES.has(code))) return 'stale-view'
  return codes.some((code) => QUOTA_CODES.has(code)) ? 'quota' : 'refused'
}
