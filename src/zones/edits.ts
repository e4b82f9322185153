import type { CloudflareClient } from '#cloudflare/client.ts'
import type { Name } from '#dns/name.ts'
import type { NewRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import type { ForeignRecord, ZoneFacts, ZoneId } from '#store/store.ts'
import type { Store } from '#takeover/input.ts'
import type { TakeoverPlan } from '#takeover/review.ts'
import type { Asked } from './zones.ts'

/** Somebody who changes a zone by hand: a customer, through the grant of one connection. */
export interface Editor {
  readonly customerId: string
  readonly connectionId: string
  readonly cloudflare: CloudflareClient
  /** Names them in the history. */
  readonly label: string
}

/**
 * What a customer can ask of a zone. Edits are one-shot: nothing is kept as it was declared, and what others change is
 * shown, never reverted. Each is one atomic batch, decided on a list that began after the question, and written down
 * before it is sent. Every method throws `DnsError` for what it cannot do; what it says of a record, of a plan or of an
 * operation of somebody else is what it says of one that does not exist.
 */
export interface ZoneEdits {
  /** The zones of this grant that hold a name, longest suffix first. Asks Cloudflare, all pages. */
  zonesFor(editor: Editor, name: Name, asked: Asked): Promise<readonly ZoneFacts[]>

  /** The cache, whole, of every type. Asks nobody. */
  records(editor: Editor, zone: ZoneId): Promise<CachedZone>
  /** Reads the zone and keeps what is there; what others changed since the last time goes into the history. */
  sync(editor: Editor, zone: ZoneId, asked: Asked): Promise<CachedZone>

  create(editor: Editor, zone: ZoneId, record: NewRecord, asked: Asked): Promise<Edited>
  /** `out-of-date` if the record is not at Cloudflare as the cache shows it; the cache is fresh afterwards. */
  update(editor: Editor, zone: ZoneId, id: RecordId, to: NewRecord, asked: Asked): Promise<Edited>
  remove(editor: Editor, zone: ZoneId, id: RecordId, asked: Asked): Promise<Edited>

  /** The review of pointing a store at its server: the same plan until it expires or the zone changes. */
  plan(editor: Editor, store: Store, asked: Asked): Promise<StoredPlan>
  /** `plan-out-of-date`, with the new plan in `details.plan`, if the zone is not as it was planned from. */
  confirm(editor: Editor, store: Store, choice: Choice, asked: Asked): Promise<Edited>

  operation(editor: Editor, id: string): Promise<Operation | undefined>

  history(editor: Editor, zone: ZoneId, limit: number): Promise<readonly EditEntry[]>
}

/** What the cache holds of a zone. */
export interface CachedZone {
  /** As this grant last listed it; names the domain that new records are relative to. */
  readonly zone: ZoneFacts
  readonly records: readonly CachedRecord[]
  /** ms; null: never. */
  readonly syncedAt: number | null
}

export interface CachedRecord {
  readonly record: ZoneRecord | ForeignRecord
  /** Why it cannot be changed here, in a sentence for its owner; undefined: it can. */
  readonly locked?: string
}

/** `checking`: sent, and nobody knows yet what became of it; the operation will tell. */
export type Edited =
  | {
      readonly status: 'done'
      readonly id: string
      /** Records as Cloudflare holds them now: those that were created or changed. */
      readonly records: readonly ZoneRecord[]
      /** How many changes there were. */
      readonly applied: number
    }
  | { readonly status: 'checking'; readonly id: string }

export interface Choice {
  readonly planId: string
  /** Ids of the ticked rows. */
  readonly selected: readonly string[]
}

export interface StoredPlan {
  readonly id: string
  readonly plan: TakeoverPlan
  /** ms */
  readonly expiresAt: number
}

export interface Operation {
  readonly id: string
  readonly status: 'checking' | 'done' | 'failed'
  readonly records: readonly ZoneRecord[]
  /** Why it failed, in words for the customer. */
  readonly error?: string
}

/** One change by hand, or what others changed since the last read. */
export interface EditEntry {
  readonly id: string
  /** ms */
  readonly at: number
  readonly actor: { readonly kind: 'customer' | 'caller' | 'outside' | 'system'; readonly label: string }
  readonly changes: readonly EditedSet[]
}

export interface EditedSet {
  readonly type: string
  readonly name: Name
  readonly before: readonly (ZoneRecord | ForeignRecord)[]
  readonly after: readonly (ZoneRecord | ForeignRecord)[]
}
