import { CompiledQuery, type Selectable } from 'kysely'
import type { Name } from '#dns/name.ts'
import type { SetKey } from '#dns/record-set.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { Lease } from '../coordination.ts'
import {
  type EndedIntent,
  type Intent,
  type KnownSet,
  type ManagedSet,
  NameTaken,
  type NewIntent,
  type Refused,
  type SetRefusal,
  type SetState,
} from '../declared.ts'
import { prepared } from '../prepared.ts'
import { intent, intentRow, knownSet, managedSet, refusalOf } from '../rows.ts'
import type { Schema } from '../schema.ts'
import { StoreError } from '../store.ts'
import { all, type Build, first, inSlices, run, type Transaction } from '../transaction.ts'
import { sentEdits } from './edits.ts'
import { leaveWord } from './ends.ts'
import { type Recorder, recordHistory } from './history.ts'
import { ownerInTheWay } from './owners.ts'
import { settleSets } from './sets.ts'
import { stillHolds } from './zones.ts'

/** Asked once for every upsert, so it is one statement, compiled by nobody. */
const SET_STATE = `
  select s.*, z.read_at,
    exists (select 1 from intents i where i.zone_id = k.zone_id and i.name = k.name and i.type = k.type) as pending,
    exists (select 1 from dispatches d where d.zone_id = k.zone_id and d.state <> 'sent') as doubts
  from (select cast(? as text) as zone_id, cast(? as text) as name, cast(? as text) as type) k
  left join record_sets s on s.zone_id = k.zone_id and s.name = k.name and s.type = k.type
  left join zone_states z on z.zone_id = k.zone_id`

type SetStateRow = Selectable<Schema['record_sets']> & {
  read_at: number | null
  pending: number
  doubts: number
}

export function* setState(build: Build, zone: ZoneId, key: SetKey): Transaction<SetState> {
  const [row] = (yield CompiledQuery.raw(SET_STATE, [zone, key.name, key.type])) as SetStateRow[]
  const known = row !== undefined && row.generation !== null
  return {
    managed: known ? managedSet(row) : undefined,
    refusal: refusalOf(row),
    pending: row?.pending ? yield* newestIntent(build, zone, key) : undefined,
    readAt: row?.read_at ?? null,
    hasUnknownOutcome: Boolean(row?.doubts) && (yield* isOutcomeUnknown(build, zone, key.name)),
  }
}

function* newestIntent(build: Build, zone: ZoneId, { name, type }: SetKey): Transaction<Intent | undefined> {
  const row = yield* first(intentsFor(build, zone, name, type))
  return row && intent(row)
}

const intentsFor = prepared((build: Build, zone: ZoneId, name: string, type: string) =>
  build
    .selectFrom('intents')
    .selectAll()
    .where('zone_id', '=', zone)
    .where('name', '=', name)
    .where('type', '=', type)
    .orderBy('generation', 'desc')
    .limit(1),
)

function* isOutcomeUnknown(build: Build, zone: ZoneId, name: Name): Transaction<boolean> {
  const tainted = yield* all(hasUnknownOutcome(build, zone))
  if (tainted.some(({ names }) => (JSON.parse(names) as Name[]).includes(name))) return true
  const byHand = tainted.filter(({ by_hand }) => by_hand === 1).map(({ id }) => id)
  return (yield* sentEdits(build, byHand)).some(({ names }) => names.includes(name))
}

const hasUnknownOutcome = prepared((build: Build, zone: ZoneId) =>
  build
    .selectFrom('dispatches')
    .select(['id', 'names', 'by_hand'])
    .where('zone_id', '=', zone)
    .where('state', '<>', 'sent'),
)

export function* addIntent(
  build: Build,
  wanted: NewIntent,
  now: () => number,
  notAfter?: number,
): Transaction<Intent> {
  if (notAfter !== undefined && now() > notAfter) throw new StoreError('The database took too long.')
  // First, because nobody can add another intent from here to the end of the transaction.
  const generation = yield* nextGeneration(build)
  const owner = yield* ownerInTheWay(build, wanted)
  if (owner !== undefined) throw new NameTaken(wanted.key.name, owner)
  return yield* insertIntent(build, wanted, generation)
}

export function* addCorrection(
  build: Build,
  wanted: NewIntent,
  managedAs: number | undefined,
): Transaction<Intent | undefined> {
  // First, because nobody can add another intent from here to the end of the transaction.
  const generation = yield* nextGeneration(build)
  const pending = yield* newestIntent(build, wanted.zone, wanted.key)
  const managed = yield* first(
    build
      .selectFrom('record_sets')
      .select('generation')
      .where('zone_id', '=', wanted.zone)
      .where('name', '=', wanted.key.name)
      .where('type', '=', wanted.key.type)
      .where('wanted', 'is not', null),
  )
  const isAsSeen = pending === undefined && managed?.generation === managedAs
  return isAsSeen ? yield* insertIntent(build, wanted, generation) : undefined
}

function* nextGeneration(build: Build): Transaction<number> {
  return (yield* first(generationTaken(build)))!.value
}

const generationTaken = prepared((build: Build) =>
  build
    .updateTable('sequences')
    .set((eb) => ({ value: eb('value', '+', 1) }))
    .where('name', '=', 'generation')
    .returning('value'),
)

export function* lastGeneration(build: Build): Transaction<number> {
  return (yield* first(generationKept(build)))!.value
}

const generationKept = prepared((build: Build) =>
  build.selectFrom('sequences').select('value').where('name', '=', 'generation'),
)

function* insertIntent(build: Build, wanted: NewIntent, generation: number): Transaction<Intent> {
  yield* run(intentAdded(build, { generation, dispatch_id: null, ...intentRow(wanted) }))
  return { ...wanted, generation }
}

const intentAdded = prepared((build: Build, row: Schema['intents']) =>
  build.insertInto('intents').values(row),
)

export function* withdrawIntent(build: Build, generation: number): Transaction<boolean> {
  return (yield* first(intentWithdrawn(build, generation))) !== undefined
}

const intentWithdrawn = prepared((build: Build, generation: number) =>
  build
    .deleteFrom('intents')
    .where('generation', '=', generation)
    .where('dispatch_id', 'is', null)
    .where(({ eb, or }) => or([eb('waits_until', 'is', null), eb('waits_until', '>', 0)]))
    .returning('generation'),
)

export function* waitingIntents(build: Build, zone: ZoneId): Transaction<readonly Intent[]> {
  return (yield* all(intentsWaiting(build, zone))).map(intent)
}

const intentsWaiting = prepared((build: Build, zone: ZoneId) =>
  build
    .selectFrom('intents')
    .selectAll()
    .where('zone_id', '=', zone)
    .where('dispatch_id', 'is', null)
    .orderBy('generation'),
)

export function* endIntents(
  build: Build,
  recorder: Recorder,
  lease: Lease,
  ended: readonly EndedIntent[],
  at: number,
): Transaction<boolean> {
  if (!(yield* stillHolds(build, lease))) return false
  const gone = new Set<number>()
  for (const slice of inSlices(ended)) {
    const generations = slice.map(({ intent }) => intent.generation)
    const rows = yield* all(neverSent(build, generations))
    for (const { generation } of rows) gone.add(generation)
  }
  const ending = ended.filter(({ intent }) => gone.has(intent.generation))
  const alreadySo = ending.filter(({ outcome }) => outcome === 'already-so')
  yield* settleSets(
    build,
    lease.zone,
    alreadySo.map(({ intent, records = [] }) => ({ intent, records })),
    at,
  )
  for (const { intent, outcome } of ending) {
    if (typeof outcome !== 'string') yield* refuse(build, recorder, { intent, refusal: outcome }, at)
  }
  yield* leaveWord(
    build,
    ending.map(({ intent, outcome }) => ({
      intent,
      outcome: outcome !== 'already-so' ? outcome : intent.wanted === null ? 'deleted' : 'unchanged',
    })),
    at,
  )
  return true
}

const neverSent = prepared((build: Build, generations: readonly number[]) =>
  build
    .deleteFrom('intents')
    .where('generation', 'in', generations)
    .where('dispatch_id', 'is', null)
    .returning('generation'),
)

/** Remembers Cloudflare's no, or ours, beside the set; what was managed before goes on being managed as it was. */
export function* refuse(
  build: Build,
  recorder: Recorder,
  { intent, refusal }: Refused,
  at: number,
): Transaction<void> {
  const kept: SetRefusal = { ...refusal, wanted: intent.wanted, at, told: intent.waitsUntil !== null }
  const text = JSON.stringify(kept)
  const before = refusalOf(
    yield* first(
      build
        .selectFrom('record_sets')
        .select('refusal')
        .where('zone_id', '=', intent.zone)
        .where('name', '=', intent.key.name)
        .where('type', '=', intent.key.type),
    ),
  )
  yield* run(
    build
      .insertInto('record_sets')
      .values({
        zone_id: intent.zone,
        name: intent.key.name,
        type: intent.key.type,
        wanted: null,
        caller: intent.caller,
        generation: intent.generation,
        settled: 0,
        proxied: 0,
        since: at,
        refusal: text,
      })
      .onConflict((conflict) => conflict.columns(['zone_id', 'name', 'type']).doUpdateSet({ refusal: text })),
  )
  // The operator repeats itself a hundred times a second; the same no to the same question is one event.
  if (before && saysTheSame(before, kept)) return
  const happened = { intent, before: [], after: [], outcome: 'refused', reason: refusal.message } as const
  yield* recordHistory(build, recorder, [happened], at)
}

function saysTheSame(a: SetRefusal, b: SetRefusal): boolean {
  return a.message === b.message && JSON.stringify(a.wanted) === JSON.stringify(b.wanted)
}

export function* markRefusalTold(build: Build, zone: ZoneId, { name, type }: SetKey): Transaction<void> {
  const row = yield* first(
    build
      .selectFrom('record_sets')
      .select('refusal')
      .where('zone_id', '=', zone)
      .where('name', '=', name)
      .where('type', '=', type),
  )
  const refusal = refusalOf(row)
  if (!row?.refusal || refusal === undefined) return
  yield* run(
    build
      .updateTable('record_sets')
      .set({ refusal: JSON.stringify({ ...refusal, told: true }) })
      .where('zone_id', '=', zone)
      .where('name', '=', name)
      .where('type', '=', type)
      // Of another refusal nobody has been told.
      .where('refusal', '=', row.refusal),
  )
}

export function* setsAt(
  build: Build,
  zone: ZoneId,
  names: readonly Name[],
): Transaction<readonly KnownSet[]> {
  if (names.length === 0) return []
  return (yield* all(setsNamed(build, zone, names))).map(knownSet)
}

const setsNamed = prepared((build: Build, zone: ZoneId, names: readonly Name[]) =>
  build.selectFrom('record_sets').selectAll().where('zone_id', '=', zone).where('name', 'in', names),
)

export function* setsOf(build: Build, zone: ZoneId): Transaction<readonly KnownSet[]> {
  const rows = yield* all(
    build.selectFrom('record_sets').selectAll().where('zone_id', '=', zone).orderBy('name').orderBy('type'),
  )
  return rows.map(knownSet)
}

export function* managedSets(build: Build, zone: ZoneId): Transaction<readonly ManagedSet[]> {
  return (yield* all(setsManaged(build, zone))).flatMap((row) => managedSet(row) ?? [])
}

const setsManaged = prepared((build: Build, zone: ZoneId) =>
  build.selectFrom('record_sets').selectAll().where('zone_id', '=', zone).where('wanted', 'is not', null),
)
