import { sql } from 'kysely'
import type { SetKey } from '#dns/record-set.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { NewIntent, Origin } from '../declared.ts'
import { prepared } from '../prepared.ts'
import { type Build, first, type Transaction } from '../transaction.ts'

/** The caller whose name an intent would take, or take out of sight; undefined: none. */
export function* ownerInTheWay(build: Build, wanted: NewIntent): Transaction<string | undefined> {
  const { zone, key, caller } = wanted
  const may = mayFollow(wanted)
  const there = yield* first(nameTaken(build, zone, key, caller, may))
  if (there !== undefined) return there.caller
  const below = namesBelow(wanted)
  if (below === null) return undefined
  return (yield* first(belowTaken(build, zone, key, caller, may, below)))?.caller
}

/** Whose names an intent may take: its caller's own, those that it is heir to, and those that we keep in nobody's name. */
export function mayFollow({ caller, heirOf = [] }: NewIntent): readonly string[] {
  return [caller, ...heirOf, ...OUR_OWN]
}

/** The names that an intent would take out of sight, as LIKE has them, with \ before what it reads otherwise; null: none. */
export function namesBelow({ key, wanted, delegates }: NewIntent): string | null {
  return delegates && wanted !== null ? `%.${key.name.replaceAll('_', '\\_')}` : null
}

const OUR_OWN: readonly Origin[] = ['drift', 'undo']

const nameTaken = prepared(
  (build: Build, zone: ZoneId, key: SetKey, caller: string, may: readonly string[]) =>
    othersSets(build, zone, key, caller, may).where('here.name', '=', key.name),
)

const belowTaken = prepared(
  (build: Build, zone: ZoneId, key: SetKey, caller: string, may: readonly string[], below: string) =>
    othersSets(build, zone, key, caller, may)
      .where('here.zone_id', '=', zone)
      .where(sql<boolean>`here.name like ${below} escape '\\'`),
)

/** One of others, unless this very set is the caller's own already. */
function othersSets(
  build: Build,
  zone: ZoneId,
  { name, type }: SetKey,
  caller: string,
  may: readonly string[],
) {
  return build
    .selectFrom(
      build
        .selectFrom('record_sets')
        .select(['zone_id', 'name', 'caller', 'wanted'])
        .unionAll(build.selectFrom('intents').select(['zone_id', 'name', 'caller', 'wanted']))
        .as('here'),
    )
    .select('here.caller')
    .where('here.wanted', 'is not', null)
    .where('here.caller', 'not in', may)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('record_sets as own')
            .select('own.name')
            .where('own.zone_id', '=', zone)
            .where('own.name', '=', name)
            .where('own.type', '=', type)
            .where('own.wanted', 'is not', null)
            .where('own.caller', '=', caller),
        ),
      ),
    )
    .limit(1)
}
