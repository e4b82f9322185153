import type { SetKey } from '#dns/record-set.ts'
import type { Ttl } from '#dns/ttl.ts'
import type { Value } from '#dns/value.ts'
import type { Warning } from './review.ts'
import type { Undone } from './undo.ts'

/**
 * What a review is for that puts record sets as somebody wants them: with the zone's records it gives the review, when
 * it is made and again when it is confirmed.
 */
export interface PlanOrigin {
  readonly kind: OriginKind
  readonly wanted: readonly WantedSet[]
  /** Said with it, whatever the zone holds. */
  readonly notes: readonly Warning[]
  /** The change that the way back leads behind: what is wanted follows from that, and from the zone as it is by then. */
  readonly undoes?: Undone
}

/** A zone file, the way back, or something that a look at the zone's health found. */
export type OriginKind = 'import' | 'undo' | 'mend'

/** A record set as it is to be. Without records it is to go. Values differ from each other. */
export interface WantedSet extends SetKey {
  readonly records: readonly WantedRecord[]
  /** Why, in a sentence for the owner of the domain. */
  readonly reason: string
  /** A record that it does not name goes unasked only where one of the same kind (`kindOfText`) comes in its place. */
  readonly sparesOtherKinds?: boolean
}

/** What is left out stays as it is; a new record is automatic, proxied as the others of its set are, and without a comment. */
export interface WantedRecord {
  readonly value: Value
  readonly ttl?: Ttl
  readonly proxied?: boolean
  readonly comment?: string | null
}
