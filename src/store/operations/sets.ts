import type { ZoneRecord } from '#dns/record.ts'
import type { SetKey } from '#dns/record-set.ts'
import { type Build, type Operation, run } from '../operation.ts'
import type { Intent, ZoneId } from '../store.ts'

/**
 * What an intent asked for is so: the set is managed as it was declared, or no longer managed. An older generation
 * never overwrites a newer one.
 */
export function* settleSet(
  build: Build,
  { zone, key, wanted, caller, generation }: Intent,
  records: readonly ZoneRecord[],
  at: number,
): Operation<void> {
  if (wanted === null) {
    yield* run(
      build
        .deleteFrom('record_sets')
        .where('zone_id', '=', zone)
        .where('name', '=', key.name)
        .where('type', '=', key.type)
        .where('generation', '<=', generation),
    )
    return
  }
  const state = {
    wanted: JSON.stringify(wanted),
    caller,
    generation,
    settled: 1,
    proxied: records.some(({ proxied }) => proxied) ? 1 : 0,
    refusal: null,
  }
  yield* run(
    build
      .insertInto('record_sets')
      .values({ zone_id: zone, name: key.name, type: key.type, since: at, ...state })
      .onConflict((conflict) =>
        conflict
          .columns(['zone_id', 'name', 'type'])
          .doUpdateSet(state)
          .where('record_sets.generation', '<=', generation),
      ),
  )
}

export function* markSettled(
  build: Build,
  zone: ZoneId,
  keys: readonly SetKey[],
  settled: boolean,
): Operation<void> {
  for (const { name, type } of keys) {
    yield* run(
      build
        .updateTable('record_sets')
        .set({ settled: settled ? 1 : 0 })
        .where('zone_id', '=', zone)
        .where('name', '=', name)
        .where('type', '=', type),
    )
  }
}
