import type { Name } from '#dns/name.ts'
import type { PatchFields } from '#dns/plan.ts'
import type { NewRecord, ZoneRecord } from '#dns/record.ts'
import type { AnyRecord, ForeignRecord, Observed, OnboardingZone } from './input.ts'
import type { PlanOrigin } from './wanted-set.ts'

/** What would happen to a zone, row by row, for a person to read, choose from and confirm. */
export interface OnboardingPlan {
  readonly domain: Name
  readonly zone: OnboardingZone | null
  /** Every record of the zone once, and every record to be added. What changes comes first. */
  readonly changes: readonly ReviewedChange[]
  readonly warnings: readonly Warning[]
  /** Why nothing can be done now; then everything is kept. */
  readonly blocked?: Blocked
  /** What else than pointing a store at its server it is for. */
  readonly origin?: PlanOrigin
  /** What it was made with beside the zone. */
  readonly observed?: Observed
}

/**
 * One row. Rows of a group are taken together or not at all. A kept row is selected and locked; of the others
 * `selected` is what we advise. Ids stay the same for as long as the record is there and nothing else is proposed.
 */
export type ReviewedChange = RowFacts &
  (
    | { readonly action: 'add'; readonly proposed: NewRecord }
    /** In place: the record keeps its id, and what is not proposed otherwise. */
    | { readonly action: 'replace'; readonly current: ZoneRecord; readonly proposed: PatchFields }
    | { readonly action: 'delete'; readonly current: ZoneRecord }
    /** A type that #dns cannot say; it can only go. */
    | { readonly action: 'delete'; readonly current: ForeignRecord }
    | { readonly action: 'keep'; readonly current: AnyRecord }
  )

export interface RowFacts {
  readonly id: string
  readonly type: string
  readonly name: Name
  readonly selected: boolean
  readonly locked: boolean
  readonly group?: string
  /** One sentence for the owner of the shop. */
  readonly reason: string
}

export interface Warning {
  readonly code: WarningCode
  readonly message: string
  /** Ids of the rows that it is about. */
  readonly changes?: readonly string[]
}

export interface Blocked {
  readonly code: BlockCode
  readonly message: string
  /** What the owner can do. */
  readonly remedy: string
}

export type BlockCode =
  // the zone
  | 'zone-not-found'
  | 'zone-ambiguous'
  | 'zone-initializing'
  | 'zone-moved'
  | 'zone-deleted'
  | 'zone-partial'
  | 'zone-secondary'
  | 'zone-internal'
  | 'zone-status-unknown'
  | 'dnssec-broken'
  | 'quota-exceeded'
  // the name
  | 'delegated'
  | 'managed-by-product'
  | 'cname-would-hide'
  | 'no-target'

export type WarningCode =
  // the zone
  | 'zone-pending'
  | 'zone-paused'
  | 'quota-near'
  | 'proxy-off'
  | 'cnames-flattened'
  | 'live-differs'
  // the name
  | 'placeholder'
  | 'shared-with-others'
  | 'long-ttl'
  | 'other-owner'
  | 'wildcard'
  // the twin
  | 'www-in-use'
  | 'www-not-served'
  | 'twin-left-alone'
  | 'apex-optional'
  // what else moves
  | 'mail-protected'
  | 'mail-unprotected'
  | 'mail-without-mx'
  | 'mail-proxied'
  | 'mail-managed'
  | 'spf'
  | 'follows'
  | 'caa-forbids'
  | 'caa-restricts'
  // sets that are put as somebody wants them
  | 'set-locked'
  | 'set-in-the-way'
  | 'much-deleted'
  | 'more-than-a-batch'
  | 'left-out-of-file'
  | 'not-restorable'

/** Whether there is anything to decide, be it advised or only offered. */
export function isAnythingProposed(plan: OnboardingPlan): boolean {
  return plan.changes.some(({ action }) => action !== 'keep')
}

/** By how many records the zone grows if these rows are done. */
export function growth(rows: readonly ReviewedChange[]): number {
  const count = (action: ReviewedChange['action']) => rows.filter((row) => row.action === action).length
  return count('add') - count('delete')
}
