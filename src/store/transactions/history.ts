import type { Insertable } from 'kysely'
import type { ZoneRecord } from '#dns/record.ts'
import type { SetKey } from '#dns/record-set.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { Intent } from '../declared.ts'
import type { HistoryEntry } from '../operations.ts'
import { prepared } from '../prepared.ts'
import { historyEntry } from '../rows.ts'
import type { Schema } from '../schema.ts'
import { all, type Build, first, inSlices, run, type Transaction } from '../transaction.ts'

/** Makes ids for what is only ever added. */
export interface Recorder {
  newId(): string
}

export interface RecordedChange {
  readonly intent: Intent
  readonly before: readonly ZoneRecord[]
  readonly after: readonly ZoneRecord[]
  readonly outcome: HistoryEntry['outcome']
  readonly reason: string | null
}

export function* recordHistory(
  build: Build,
  recorder: Recorder,
  happened: readonly RecordedChange[],
  at: number,
): Transaction<void> {
  const rows = happened.map(({ intent, before, after, outcome, reason }) => ({
    id: recorder.newId(),
    zone_id: intent.zone,
    at,
    generation: intent.generation,
    actor_kind: intent.origin === 'caller' ? 'caller' : 'system',
    actor: intent.origin === 'caller' ? intent.caller : intent.origin,
    request_id: intent.requestId,
    name: intent.key.name,
    type: intent.key.type,
    before: JSON.stringify(before),
    after: JSON.stringify(after),
    outcome,
    reason,
  }))
  yield* addEntries(build, rows)
}

/** Of callers and of people alike. */
export function* addEntries(build: Build, rows: readonly Insertable<Schema['history']>[]): Transaction<void> {
  for (const slice of inSlices(rows)) yield* run(entriesAdded(build, slice))
}

const entriesAdded = prepared((build: Build, rows: readonly Insertable<Schema['history']>[]) =>
  build.insertInto('history').values(rows),
)

export function* history(
  build: Build,
  { zone, key, limit }: { zone?: ZoneId; key?: SetKey; limit: number },
): Transaction<readonly HistoryEntry[]> {
  let query = build
    .selectFrom('history')
    .selectAll()
    .where('customer_id', 'is', null)
    .orderBy('at', 'desc')
    .orderBy('generation', 'desc')
    .limit(limit)
  if (zone !== undefined) query = query.where('zone_id', '=', zone)
  if (key !== undefined) query = query.where('name', '=', key.name).where('type', '=', key.type)
  return (yield* all(query)).map(historyEntry)
}

export function* entryOf(build: Build, id: string): Transaction<HistoryEntry | undefined> {
  const row = yield* first(
    build.selectFrom('history').selectAll().where('id', '=', id).where('customer_id', 'is', null),
  )
  return row && historyEntry(row)
}
