import type { Name } from '#dns/name.ts'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import { all, type Build, type Operation, run } from '../operation.ts'
import { CALLERS, mirrorId, mirrorRecord, recordRow } from '../rows.ts'
import type { BelievedRead, ForeignRecord, Lease, MirrorRecord, ZoneId } from '../store.ts'
import { forgetFences, resolve } from './dispatches.ts'
import type { Recorder } from './history.ts'
import { markSettled } from './sets.ts'
import { stillHolds } from './zones.ts'

/** How long we remember that a record is gone. No list has been seen to be older than half a minute. */
const GONE_FOR_MS = 600_000

export function* recordsOf(build: Build, zone: ZoneId): Operation<readonly MirrorRecord[]> {
  const rows = yield* all(mirrorOf(build, zone))
  return rows.map(mirrorRecord)
}

export function* recordsAt(
  build: Build,
  zone: ZoneId,
  names: readonly Name[],
): Operation<readonly MirrorRecord[]> {
  if (names.length === 0) return []
  const rows = yield* all(mirrorOf(build, zone).where('name', 'in', names))
  return rows.map(mirrorRecord)
}

export function* keepRecords(
  build: Build,
  zone: ZoneId,
  records: readonly (ZoneRecord | ForeignRecord)[],
  confirmedAt: number,
  at: number,
): Operation<void> {
  for (const record of records) {
    const row = recordRow(zone, record, confirmedAt, at)
    yield* run(
      build
        .insertInto('dns_records_cache')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row)),
    )
  }
}

export function* forgetRecords(build: Build, ids: readonly RecordId[], at: number): Operation<void> {
  for (const id of ids) {
    yield* run(
      build
        .updateTable('dns_records_cache')
        .set({ gone_at: at, confirmed_at: at, synced_at: at })
        .where('id', '=', mirrorId(id)),
    )
  }
}

export function* believeRead(
  build: Build,
  recorder: Recorder,
  lease: Lease,
  read: BelievedRead,
): Operation<boolean> {
  if (!(yield* stillHolds(build, lease))) return false
  const { zone } = lease
  yield* forgetRecords(build, read.gone, read.at)
  yield* keepRecords(build, zone, read.seen, 0, read.at)
  for (const { dispatch, ended } of read.resolved) yield* resolve(build, recorder, ended, dispatch, read.at)
  yield* markSettled(build, zone, read.settled, true)
  yield* markSettled(build, zone, read.drifted, false)
  yield* run(build.updateTable('zone_states').set({ read_at: read.at }).where('zone_id', '=', zone))
  yield* forgetFences(build, zone, read.at)
  yield* run(
    build
      .deleteFrom('dns_records_cache')
      .where('zone_id', '=', zone)
      .where('gone_at', '<', read.at - GONE_FOR_MS),
  )
  return true
}

/** Knowledge about these names no longer protects itself against what a read shows. */
export function* distrust(build: Build, zone: ZoneId, names: readonly Name[]): Operation<void> {
  if (names.length === 0) return
  yield* run(
    build
      .updateTable('dns_records_cache')
      .set({ confirmed_at: 0 })
      .where('zone_id', '=', zone)
      .where('name', 'in', names),
  )
}

function mirrorOf(build: Build, zone: ZoneId) {
  return build
    .selectFrom('dns_records_cache')
    .selectAll()
    .where('zone_id', '=', zone)
    .where('holder', '=', CALLERS)
}
