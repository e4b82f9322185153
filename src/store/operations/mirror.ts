import type { Name } from '#dns/name.ts'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import { all, asInserted, type Build, inSlices, type Operation, run } from '../operation.ts'
import { CALLERS, mirrorId, mirrorRecord, recordRow } from '../rows.ts'
import type { ForeignRecord, MirrorRecord, ZoneId } from '../store.ts'

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
  const rows = new Map(records.map((record) => [record.id, recordRow(zone, record, confirmedAt, at)]))
  for (const slice of inSlices([...rows.values()])) {
    const columns = Object.keys(slice[0]!) as (keyof (typeof slice)[0])[]
    yield* run(
      build
        .insertInto('dns_records_cache')
        .values(slice)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(asInserted(columns))),
    )
  }
}

export function* forgetRecords(build: Build, ids: readonly RecordId[], at: number): Operation<void> {
  for (const slice of inSlices(ids)) {
    yield* run(
      build
        .updateTable('dns_records_cache')
        .set({ gone_at: at, confirmed_at: at, synced_at: at })
        .where('id', 'in', slice.map(mirrorId)),
    )
  }
}

function mirrorOf(build: Build, zone: ZoneId) {
  return build
    .selectFrom('dns_records_cache')
    .selectAll()
    .where('zone_id', '=', zone)
    .where('holder', '=', CALLERS)
}
