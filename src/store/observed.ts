import type { Name } from '#dns/name.ts'
import type { ForeignRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import type { SetKey } from '#dns/record-set.ts'
import type { ListedZone, ZoneId } from '#dns/zone.ts'
import type { Lease } from './coordination.ts'
import type { Intent } from './declared.ts'
import type { Dispatch, SettledSet } from './operations.ts'

/** What was read at the provider: zones, and a mirror of their records. */
export interface ObservedZones {
  zonesOf(credential: string): Promise<readonly KnownZone[]>
  /** Keeps a complete list of what a credential sees. A zone that left the list stays known, with `missingSince`. */
  rememberZones(credential: string, listed: readonly ListedZone[], at: number): Promise<readonly KnownZone[]>
  /** Every zone that any credential has seen, once. */
  knownZones(): Promise<readonly KnownZone[]>
  /** Zones with anything to do or to keep true: managed sets, intents, unsettled dispatches. */
  zonesInUse(): Promise<readonly ZoneId[]>

  zoneState(zone: ZoneId): Promise<ZoneState>
  recordsAt(zone: ZoneId, names: readonly Name[]): Promise<readonly MirrorRecord[]>
  recordsOf(zone: ZoneId): Promise<readonly MirrorRecord[]>
  /** How many records are known of a zone, by whoever knows most of it. */
  sizeOf(zone: ZoneId): Promise<number>

  /** Keeps a read that was found good, and what follows from it. */
  keepTrustedRead(lease: Lease, read: TrustedRead): Promise<boolean>
  /** The zone is full: nothing that grows it is tried until then. */
  markFull(zone: ZoneId, until: number): Promise<void>
}

export interface KnownZone extends ListedZone {
  readonly seenAt: number
  readonly missingSince: number | null
}

export interface ZoneState {
  readonly readAt: number | null
  readonly fullUntil: number
  /** There are sets that we keep as they were declared. */
  readonly managing: boolean
  /** Dispatches that are not settled, of anybody: in flight, in doubt, or resolved and still fenced. */
  readonly dispatches: readonly Dispatch[]
}

export interface MirrorRecord {
  readonly record: ZoneRecord | ForeignRecord
  /** When a definite answer to a write of ours last told us this record (ms); 0: only read. */
  readonly confirmedAt: number
  /** Known to be gone since (ms); null: it is there. Kept a while, to know a stale list by. */
  readonly goneAt: number | null
}

export interface TrustedRead {
  readonly at: number
  readonly seen: readonly (ZoneRecord | ForeignRecord)[]
  readonly gone: readonly RecordId[]
  /** Dispatches whose outcome this read has shown: done, so their intents end, or not, so they wait again. */
  readonly resolved: readonly {
    readonly dispatch: Dispatch
    readonly ended: readonly SettledSet[]
    readonly again: readonly Intent[]
  }[]
  /** Managed sets that now are, or no longer are, as declared. */
  readonly settled: readonly SetKey[]
  readonly drifted: readonly SetKey[]
}
