import type { Problem } from '#dns/problems.ts'

/**
 * What cannot be done, by code, whoever asks. Each edge words it for its own callers (`on-error.ts`).
 *
 * - `zone-not-found`: no zone that this credential sees holds the name
 * - `zone-unavailable`: we know the zone, but it cannot be written now (moved, gone from sight, paused by us)
 * - `zone-read-only`: a secondary zone; its records come from elsewhere
 * - `conflict`: another set at the same name is in the way (`details.with`)
 * - `refused`: Cloudflare refused it for good; `details.cloudflareCode`, its words in `message`
 * - `quota-exceeded`: the zone is full
 * - `rate-limited`: Cloudflare asked us to wait (`retryAfterSeconds`)
 * - `cloudflare-unavailable`: no usable answer from Cloudflare yet
 * - `stale-view`: Cloudflare still lists the zone as it was before changes that we know of; nothing was changed
 * - `credential-refused`: Cloudflare does not accept our credential
 * - `deadline`: not sent before the caller's time was over; nothing was changed
 * - `store-unavailable`: our database did not answer
 */
type SharedErrorCode =
  | 'zone-not-found'
  | 'zone-unavailable'
  | 'zone-read-only'
  | 'conflict'
  | 'refused'
  | 'quota-exceeded'
  | 'rate-limited'
  | 'cloudflare-unavailable'
  | 'stale-view'
  | 'credential-refused'
  | 'deadline'
  | 'store-unavailable'

/**
 * Of sets that are declared.
 *
 * - `not-ours`: the set exists, we did not make it, and ownership is strict
 * - `name-taken`: another caller has the name (`details.owner`)
 * - `name-not-allowed`, `type-not-allowed`: the caller may not touch this
 * - `outcome-unknown`: sent; what became of it is still being found out in the background
 * - `shutting-down`: ask the next process
 */
export type DeclaredErrorCode =
  | SharedErrorCode
  | 'not-ours'
  | 'name-taken'
  | 'name-not-allowed'
  | 'type-not-allowed'
  | 'outcome-unknown'
  | 'shutting-down'

/**
 * Of what somebody changes by hand.
 *
 * - `record-missing`: no such record, plan or operation of theirs
 * - `locked`: this record cannot be changed here; the message says why
 * - `out-of-date`: the record is not at Cloudflare as it was shown; `details.current` is as it is now, null if it is gone
 * - `plan-out-of-date`: the zone is not as the plan was made from; `details.plan` is the new one
 * - `zone-blocked`: no plan can be carried out in this zone now; `details.blocked` says why and what to do
 * - `invalid`: this cannot be asked for; `problems` by field, or `details.choice` of a plan
 * - `being-checked`: nobody knows yet what became of an earlier change at the same name (`details.operation`)
 * - `zone-busy`: another process is at work in the zone
 */
export type EditErrorCode =
  | SharedErrorCode
  | 'record-missing'
  | 'locked'
  | 'out-of-date'
  | 'plan-out-of-date'
  | 'zone-blocked'
  | 'invalid'
  | 'being-checked'
  | 'zone-busy'

export type DnsErrorCode = DeclaredErrorCode | EditErrorCode

export interface DnsErrorFacts {
  readonly retryAfterSeconds?: number
  readonly problems?: readonly Problem[]
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** Something we cannot do, with a code that every edge has words for. `message` may be shown to the caller. */
export class DnsError extends Error {
  override readonly name = 'DnsError'
  readonly code: DnsErrorCode
  readonly retryAfterSeconds: number | undefined
  readonly problems: readonly Problem[]
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: DnsErrorCode, message: string, facts: DnsErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.retryAfterSeconds = facts.retryAfterSeconds
    this.problems = facts.problems ?? []
    this.details = facts.details ?? {}
  }
}
