import type { Name } from '#dns/name.ts'
import type { ForeignRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { MirrorRecord } from '../observed.ts'
import { prepared } from '../prepared.ts'
import { CALLERS, mirrorId, mirrorRecord, recordRow } from '../rows.ts'
import type { Schema } from '../schema.ts'
import { all, asInserted, type Build, inSlices, run, type Transaction } from '../transaction.ts'

export function* recordsOf(build: Build, zone: ZoneId): Transaction<readonly MirrorRecord[]> {
  const rows = yield* all(wholeMirror(build, zone))
  return rows.map(mirrorRecord)
}

export function* sizeOf(build: Build, zone: ZoneId): Transaction<number> {
  const sizes = yield* all(sizesOf(build, zone))
  return Math.max(0, ...sizes.map(({ size }) => Number(size)))
}

export function* recordsAt(
  build: Build,
  zone: ZoneId,
  names: readonly Name[],
): Transaction<readonly MirrorRecord[]> {
  if (names.length === 0) return []
  const rows = yield* all(mirrorAt(build, zone, names))
  return rows.map(mirrorRecord)
}

export function* keepRecords(
  build: Build,
  zone: ZoneId,
  records: readonly (ZoneRecord | ForeignRecord)[],
  confirmedAt: number,
  at: number,
): Transaction<void> {
  const once = new Map(records.map((record) => [record.id, record]))
  for (const slice of inSlices([...once.values()])) {
    const rows = slice.map((record) => recordRow(zone, record, confirmedAt, at))
    yield* run(recordsKept(build, rows))
  }
}

export function* forgetRecords(
  build: Build,
  zone: ZoneId,
  ids: readonly RecordId[],
  at: number,
): Transaction<void> {
  for (const slice of inSlices(ids)) {
    const rows = slice.map((id) => mirrorId(zone, id))
    yield* run(recordsGone(build, rows, at))
  }
}

function mirrorOf(build: Build, zone: ZoneId) {
  return build
    .selectFrom('dns_records_cache')
    .selectAll()
    .where('zone_id', '=', zone)
    .where('holder', '=', CALLERS)
}

const wholeMirror = prepared(mirrorOf)

const sizesOf = prepared((build: Build, zone: ZoneId) =>
  build
    .selectFrom('dns_records_cache')
    .select((eb) => eb.fn.countAll().as('size'))
    .where('zone_id', '=', zone)
    .groupBy('holder'),
)

const mirrorAt = prepared((build: Build, zone: ZoneId, names: readonly Name[]) =>
  mirrorOf(build, zone).where('name', 'in', names),
)

const recordsKept = prepared((build: Build, rows: readonly Schema['dns_records_cache'][]) =>
  build
    .insertInto('dns_records_cache')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet(asInserted(Object.keys(rows[0]!) as (keyof (typeof rows)[0])[])),
    ),
)

const recordsGone = prepared((build: Build, ids: readonly string[], at: number) =>
  build
    .updateTable('dns_records_cache')
    .set({ gone_at: at, confirmed_at: at, synced_at: at })
    .where('id', 'in', ids),
)
