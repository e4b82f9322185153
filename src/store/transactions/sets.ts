import { sql } from 'kysely'
import type { ZoneRecord } from '#dns/record.ts'
import { keyOf, type SetKey } from '#dns/record-set.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { Intent } from '../declared.ts'
import { prepared } from '../prepared.ts'
import type { Schema } from '../schema.ts'
import { asInserted, type Build, inSlices, run, type Transaction } from '../transaction.ts'

/** What an intent asked for is so, with these records. */
export interface Fulfilled {
  readonly intent: Intent
  readonly records: readonly ZoneRecord[]
}

/** The sets are managed as they were declared, or no longer managed. An older generation never overwrites a newer one. */
export function* settleSets(
  build: Build,
  zone: ZoneId,
  fulfilled: readonly Fulfilled[],
  at: number,
): Transaction<void> {
  const newest = newestOfEach(fulfilled)
  yield* forgetSets(
    build,
    zone,
    newest.map(({ intent }) => intent).filter(({ wanted }) => wanted === null),
  )
  const rows = newest
    .filter(({ intent }) => intent.wanted !== null)
    .map(({ intent: { key, wanted, caller, generation }, records }) => ({
      zone_id: zone,
      name: key.name,
      type: key.type,
      since: at,
      wanted: JSON.stringify(wanted),
      caller,
      generation,
      settled: 1,
      proxied: records.some(({ proxied }) => proxied) ? 1 : 0,
      refusal: null,
    }))
  for (const slice of inSlices(rows)) yield* run(setsSettled(build, slice))
}

export function* markSettled(
  build: Build,
  zone: ZoneId,
  keys: readonly SetKey[],
  settled: boolean,
): Transaction<void> {
  for (const slice of inSlices(keys)) yield* run(setsMarked(build, zone, slice, settled ? 1 : 0))
}

const setsSettled = prepared((build: Build, rows: readonly Schema['record_sets'][]) =>
  build
    .insertInto('record_sets')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['zone_id', 'name', 'type'])
        .doUpdateSet(asInserted(SETTLED))
        .whereRef('record_sets.generation', '<=', 'excluded.generation'),
    ),
)

// One condition after another would be tried on every set of the zone; of pairs each is looked up.
const setsMarked = prepared((build: Build, zone: ZoneId, keys: readonly SetKey[], settled: number) =>
  build
    .updateTable('record_sets')
    .set({ settled })
    .where('zone_id', '=', zone)
    .where(
      sql<boolean>`(name, type) in (values ${sql.join(keys.map(({ name, type }) => sql`(${name}, ${type})`))})`,
    ),
)

const SETTLED = ['wanted', 'caller', 'generation', 'settled', 'proxied', 'refusal'] as const

function* forgetSets(build: Build, zone: ZoneId, intents: readonly Intent[]): Transaction<void> {
  for (const slice of inSlices(intents)) {
    const sets = slice.map(({ key: { name, type }, generation }) => ({ name, type, generation }))
    yield* run(setsForgotten(build, zone, sets))
  }
}

const setsForgotten = prepared(
  (build: Build, zone: ZoneId, sets: readonly (SetKey & { generation: number })[]) =>
    build
      .deleteFrom('record_sets')
      .where('zone_id', '=', zone)
      .where((eb) =>
        eb.or(
          sets.map(({ name, type, generation }) =>
            eb.and([eb('name', '=', name), eb('type', '=', type), eb('generation', '<=', generation)]),
          ),
        ),
      ),
)

/** One statement may write a row once. */
function newestOfEach(fulfilled: readonly Fulfilled[]): Fulfilled[] {
  const newest = new Map<string, Fulfilled>()
  for (const one of fulfilled) {
    const known = newest.get(keyOf(one.intent.key))
    if (known === undefined || known.intent.generation <= one.intent.generation)
      newest.set(keyOf(one.intent.key), one)
  }
  return [...newest.values()]
}
