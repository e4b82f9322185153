import type { Name } from '#dns/name.ts'
import type { Change } from '#dns/plan.ts'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import type { SetKey } from '#dns/record-set.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { Lease } from './coordination.ts'
import type { Intent, Refused } from './declared.ts'
import type { Edit, EditedSet } from './edits.ts'

/** The write-ahead log of what is sent to the provider, whoever asked for it, and the history of what came of it. */
export interface OperationLog {
  /**
   * The statement before the socket write, whoever asked for it: if the lease still holds at `minimumLeft` ms from `at`,
   * and every intent is still waiting, all of them become `dispatched` with this batch. Undefined: something changed;
   * plan again.
   */
  dispatch(lease: Lease, batch: NewDispatch, minimumLeft: number): Promise<Dispatch | undefined>
  /**
   * Cloudflare did it. Updates the mirror, sets, what a customer sees, and history, and ends what it was for; CAS on the
   * dispatch.
   */
  settle(lease: Lease, dispatch: Dispatch, settlement: Settlement): Promise<boolean>
  /** Cloudflare did nothing. The intents wait again, but for those that are refused for good. */
  requeue(lease: Lease, dispatch: Dispatch, refused: readonly Refused[], at: number): Promise<boolean>
  /**
   * Nobody knows. Its names are in doubt until reads have shown them, its record ids fenced until `fenceUntil`. Without a
   * lease: whoever sent it is long dead. `error`: what an edit by hand has failed for, if it has.
   */
  markUnknown(
    lease: Lease | undefined,
    dispatch: Dispatch,
    at: number,
    fenceUntil: number,
    error?: string,
  ): Promise<boolean>

  /** Of the sets that we keep; what customers change is in `edits`. */
  history(query: { zone?: ZoneId; key?: SetKey; limit: number }): Promise<readonly HistoryEntry[]>
  historyEntry(id: string): Promise<HistoryEntry | undefined>
  /** Forgets entries of anybody of before (ms), the oldest first, some hundreds at a time. Returns how many. */
  forgetHistory(before: number): Promise<number>
  /**
   * Forgets what is beyond the newest `most` entries of a customer, some hundreds at a time; what is of one time stays
   * together. Returns how many.
   */
  forgetHistoryBeyond(customerId: string, most: number): Promise<number>
}

export interface NewDispatch {
  readonly changes: readonly Change[]
  readonly intents: readonly Intent[]
  readonly names: readonly Name[]
  readonly at: number
  /** Of a customer, instead of intents: what became of it is for the customer to be told, and it is no doing of callers. */
  readonly edit?: Edit
}

export interface Dispatch extends NewDispatch {
  readonly id: string
  readonly epoch: number
  /** `sent`: no outcome yet; `doubtful`: outcome unknown; `fenced`: known by reading, but a late commit is still possible. */
  readonly state: 'sent' | 'doubtful' | 'fenced'
  readonly unknownSince: number | null
  readonly fenceUntil: number
}

export interface Settlement {
  readonly at: number
  readonly deleted: readonly RecordId[]
  readonly patched: readonly ZoneRecord[]
  readonly created: readonly ZoneRecord[]
  /** What became of each intent; an intent that Cloudflare answered with something else is refused. */
  readonly sets: readonly SettledSet[]
  /** Of an edit: the sets that it has changed, for the history. */
  readonly edited?: readonly EditedSet[]
}

export interface SettledSet {
  readonly intent: Intent
  /** The set before and after, for the history; null: absent. */
  readonly before: readonly ZoneRecord[]
  readonly after: readonly ZoneRecord[]
  readonly refusal?: Refused['refusal']
  /** Those who wait are told when a read has shown it (`showEnds`). */
  readonly onceShown?: boolean
}

export interface HistoryEntry {
  readonly id: string
  readonly zone: ZoneId
  readonly at: number
  readonly actor: { readonly kind: 'customer' | 'caller' | 'outside' | 'system'; readonly label: string }
  readonly requestId: string
  readonly key: SetKey
  readonly before: readonly ZoneRecord[]
  readonly after: readonly ZoneRecord[]
  readonly outcome: 'done' | 'refused'
  readonly reason: string | null
}
