import { sql } from 'kysely'
import type { ForeignRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { CachedRecords, Holder, KeptList } from '../edits.ts'
import type { MirrorRecord } from '../observed.ts'
import { cacheId, cacheRow, holderOf, mirrorRecord } from '../rows.ts'
import type { Schema } from '../schema.ts'
import { all, asInserted, type Build, first, inSlices, run, type Transaction } from '../transaction.ts'
import { type Recorder, recordEdit } from './history.ts'

/** How long we remember that a record is gone (ms). */
const GONE_FOR_MS = 600_000

export function* cached(build: Build, holder: Holder, zone: ZoneId): Transaction<CachedRecords> {
  const rows = yield* all(present(build, holder, zone))
  return {
    records: rows.map((row) => mirrorRecord(row).record),
    // What was changed by hand since then is younger.
    syncedAt: rows.length === 0 ? null : Math.min(...rows.map(({ synced_at }) => synced_at)),
  }
}

export function* cachedRecord(
  build: Build,
  holder: Holder,
  zone: ZoneId,
  id: RecordId,
): Transaction<ZoneRecord | ForeignRecord | undefined> {
  const row = yield* first(present(build, holder, zone).where('cloudflare_record_id', '=', id))
  return row && mirrorRecord(row).record
}

/** Of every holder: they see one zone. */
export function* confirmedSince(
  build: Build,
  zone: ZoneId,
  since: number,
): Transaction<readonly MirrorRecord[]> {
  const rows = yield* all(
    build
      .selectFrom('dns_records_cache')
      .selectAll()
      .where('zone_id', '=', zone)
      .where('confirmed_at', '>=', since)
      .orderBy('confirmed_at'),
  )
  return [...new Map(rows.map((row) => [row.cloudflare_record_id, mirrorRecord(row)])).values()]
}

export function* keepList(
  build: Build,
  recorder: Recorder,
  holder: Holder,
  zone: ZoneId,
  { at, seen, gone, outside }: KeptList,
): Transaction<void> {
  const rows = seen.map((record) => ({ record, confirmedAt: 0, goneAt: null }))
  yield* keepCached(build, holder, zone, rows, at, at)
  for (const slice of inSlices(gone)) {
    const ids = slice.map((id) => cacheId(holder, zone, id))
    yield* run(
      ofHolder(build.deleteFrom('dns_records_cache'), holder, zone)
        .where('id', 'in', ids)
        .where('confirmed_at', '<=', at),
    )
  }
  yield* run(
    ofHolder(build.deleteFrom('dns_records_cache'), holder, zone).where('gone_at', '<', at - GONE_FOR_MS),
  )
  yield* run(
    ofHolder(build.updateTable('dns_records_cache').set({ synced_at: at }), holder, zone)
      .where('gone_at', 'is', null)
      .where('synced_at', '<', at),
  )
  if (outside.length === 0) return
  const entry = { id: recorder.newId(), zone, requestId: 'sync', actor: 'outside', at, sets: outside }
  yield* recordEdit(build, recorder, { ...holder, ...entry, actorKind: 'outside' })
}

interface Known {
  readonly record: ZoneRecord | ForeignRecord
  readonly confirmedAt: number
  readonly goneAt: number | null
}

/** `unlessConfirmedAfter` (ms): rows that a definite answer has told since stay as they are. */
export function* keepCached(
  build: Build,
  holder: Holder,
  zone: ZoneId,
  known: readonly Known[],
  at: number,
  unlessConfirmedAfter = Number.MAX_SAFE_INTEGER,
): Transaction<void> {
  const rows = new Map(known.map((one) => [one.record.id, cacheRow(holder, zone, one, at)]))
  // In one order, so that two processes with the same list do not wait for each other.
  const inOrder = [...rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  for (const slice of inSlices(inOrder)) {
    const columns = Object.keys(slice[0]!) as (keyof Schema['dns_records_cache'])[]
    yield* run(
      build
        .insertInto('dns_records_cache')
        .values(slice)
        .onConflict((conflict) =>
          conflict
            .column('id')
            .doUpdateSet(asInserted(columns))
            .where(
              'dns_records_cache.confirmed_at',
              '<=',
              sql<number>`cast(${unlessConfirmedAfter} as bigint)`,
            ),
        ),
    )
  }
}

function present(build: Build, holder: Holder, zone: ZoneId) {
  return build
    .selectFrom('dns_records_cache')
    .selectAll()
    .where('zone_id', '=', zone)
    .where('holder', '=', holderOf(holder))
    .where('customer_id', '=', holder.customerId)
    .where('gone_at', 'is', null)
}

interface Narrowable {
  where(column: 'zone_id' | 'holder' | 'customer_id', operator: '=', value: string): this
}

function ofHolder<Query extends Narrowable>(query: Query, holder: Holder, zone: ZoneId): Query {
  return query
    .where('zone_id', '=', zone)
    .where('holder', '=', holderOf(holder))
    .where('customer_id', '=', holder.customerId)
}
