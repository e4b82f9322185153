import type { Name } from '#dns/name.ts'
import type { ForeignRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import type { SetKey } from '#dns/record-set.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { MirrorRecord } from './observed.ts'
import type { Dispatch } from './operations.ts'

/**
 * What customers see of their zones, and what they change there by hand: a part of `Store`, and kept by the same rules.
 * Whatever belongs to a customer is asked for with its `Holder`, and is not there for anybody else.
 */
export interface EditStore {
  /** The cache of a zone, whole. */
  cached(holder: Holder, zone: ZoneId): Promise<CachedRecords>
  cachedRecord(holder: Holder, zone: ZoneId, id: RecordId): Promise<ZoneRecord | ForeignRecord | undefined>
  /**
   * What definite answers told anybody in this zone since then (ms): no list that says otherwise is true yet. Of one
   * record only what was told last.
   */
  confirmedSince(zone: ZoneId, since: number): Promise<readonly MirrorRecord[]>
  /** Keeps what a complete list has changed. What a definite answer told since the list began is left as it is. */
  keepList(holder: Holder, zone: ZoneId, list: KeptList): Promise<void>

  /** Edits in every zone whose outcome is not known. They are sent as `Store.dispatch` has it. */
  unsettledEdits(): Promise<readonly SentEdit[]>
  /** Reads have shown that it was done: cache, history and edit change together. False: somebody was before us. */
  settleEdit(sent: SentEdit, settlement: EditSettlement): Promise<boolean>
  /** It was not done, or nobody can find out. */
  failEdit(sent: SentEdit, error: string, at: number): Promise<boolean>
  /** What became of it, without what it touched: that may be a whole zone, and a page asks again and again. */
  editOf(holder: Holder, id: string): Promise<ToldEdit | undefined>
  /** Forgets edits that ended before (ms); what they changed stays in the history. */
  forgetEdits(before: number): Promise<void>

  /** Newest first: so many entries, or fewer of many or large record sets. */
  editHistory(customerId: string, page: EditPage): Promise<EditPageRead>
  /** One of the customer's own, whole. */
  editEntry(customerId: string, zone: ZoneId, id: string): Promise<EditEntry | undefined>
  /** Sets that callers, or we in their name, have changed in this zone since (ms). */
  changedByCallers(zone: ZoneId, since: number): Promise<readonly SetKey[]>

  /** Replaces the plans of this customer that have expired by `plan.createdAt`, and all but the four newest. */
  keepPlan(plan: KeptPlan): Promise<void>
  planOf(holder: Holder, id: string, now: number): Promise<KeptPlan | undefined>
  /** The newest plan that was made from this, and has not expired. */
  planMadeFrom(holder: Holder, fingerprint: string, now: number): Promise<KeptPlan | undefined>
}

/** Whose grant it is. */
export interface Holder {
  readonly customerId: string
  readonly connectionId: string
}

export interface CachedRecords {
  readonly records: readonly (ZoneRecord | ForeignRecord)[]
  /** When all of it was last read (ms); null: never, or nothing was there. */
  readonly syncedAt: number | null
}

export interface KeptList {
  /** When we began to ask for it (ms). */
  readonly at: number
  readonly seen: readonly (ZoneRecord | ForeignRecord)[]
  readonly gone: readonly RecordId[]
  /** What others have changed since the last list, as one entry; none: no entry. */
  readonly outside: readonly EditedSet[]
}

/** What a dispatch is for that somebody sends by hand. */
export interface Edit extends Holder {
  /** Its dispatch has the same. */
  readonly id: string
  readonly zone: ZoneId
  readonly kind: EditKind
  readonly requestId: string
  /** Names whoever sends it, in the history. */
  readonly actor: string
  /** The records of every set that it touches, as they were. */
  readonly before: readonly (ZoneRecord | ForeignRecord)[]
  readonly hasEnded: boolean
  /** What it has failed for, if it has. */
  readonly error: string | null
}

export interface SentEdit extends Dispatch {
  readonly edit: Edit
}

export interface ToldEdit extends Pick<Edit, 'id' | 'kind' | 'error'> {
  readonly status: 'checking' | 'done' | 'failed'
  /** Those that were created or changed, once it is done. */
  readonly records: readonly ZoneRecord[]
}

/** `confirm` and what follows are reviews: of pointing a store at its server, of a zone file, of the way back, of a remedy. */
export type EditKind = 'create' | 'update' | 'delete' | 'confirm' | 'import' | 'undo' | 'mend'

export interface EditSettlement {
  readonly at: number
  readonly deleted: readonly (ZoneRecord | ForeignRecord)[]
  readonly held: readonly (ZoneRecord | ForeignRecord)[]
  /** For whoever asked. */
  readonly records: readonly ZoneRecord[]
  readonly sets: readonly EditedSet[]
}

/** One change by hand, what others changed between two reads, or one set that a caller has changed. */
export interface EditEntry {
  readonly id: string
  readonly zone: ZoneId
  /** ms */
  readonly at: number
  readonly actor: { readonly kind: 'customer' | 'caller' | 'outside' | 'system'; readonly label: string }
  /** Of a change by hand; null: another one, or from before this was kept. */
  readonly kind: EditKind | null
  readonly changes: readonly EditedSet[]
}

export interface EditPage {
  /** Of this zone; left out: what the customer changed in any. */
  readonly zone?: ZoneId
  readonly limit: number
  /** The last entry of the page before. */
  readonly after?: Pick<EditEntry, 'at' | 'id'> | undefined
  /** Since when (ms) what callers changed in the zone is there too; left out: it is not. */
  readonly callersSince?: number
}

export interface EditPageRead {
  readonly entries: readonly EditEntry[]
  /** There are older ones. */
  readonly hasMore: boolean
}

export interface EditedSet {
  readonly type: string
  readonly name: Name
  readonly before: readonly (ZoneRecord | ForeignRecord)[]
  readonly after: readonly (ZoneRecord | ForeignRecord)[]
  /** On a page of the history: what it held is too much to be told there, so both are empty. */
  readonly isLeftOut?: true
}

/** A plan as JSON, and what it was made from. */
export interface KeptPlan extends Holder {
  readonly id: string
  readonly zone: ZoneId | null
  readonly plan: string
  readonly fingerprint: string
  /** ms */
  readonly createdAt: number
  /** ms */
  readonly expiresAt: number
}
