import type { Insertable } from 'kysely'
import type { Name } from '#dns/name.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { Lease } from '../coordination.ts'
import type { Intent, IntentEnd, Refused } from '../declared.ts'
import type { ZoneState } from '../observed.ts'
import type { Dispatch, NewDispatch, SettledSet, Settlement } from '../operations.ts'
import { prepared } from '../prepared.ts'
import { dispatch as dispatchOf, intent } from '../rows.ts'
import type { Schema } from '../schema.ts'
import { all, type Build, first, inSlices, type LeaseTime, run, type Transaction } from '../transaction.ts'
import { beginEdit, editDone, markEditUnknown, sentEdits } from './edits.ts'
import { leaveWord } from './ends.ts'
import { type Recorder, recordHistory } from './history.ts'
import { refuse } from './intents.ts'
import { forgetRecords, keepRecords } from './mirror.ts'
import { settleSets } from './sets.ts'
import { holdsOn, stillHolds } from './zones.ts'

export function* zoneState(build: Build, zone: ZoneId): Transaction<ZoneState> {
  const state = yield* first(stateOf(build, zone))
  const managing = yield* first(anyManaged(build, zone))
  const rows = yield* all(dispatchesOf(build, zone))
  const intents = rows.length === 0 ? [] : yield* dispatchedIntents(build, zone)
  const edits = yield* sentEdits(
    build,
    rows.filter(({ by_hand }) => by_hand === 1).map(({ id }) => id),
  )
  return {
    readAt: state?.read_at ?? null,
    fullUntil: state?.full_until ?? 0,
    managing: managing !== undefined,
    dispatches: rows.flatMap((row) =>
      row.by_hand === 1
        ? edits.filter(({ id }) => id === row.id)
        : dispatchOf(
            row,
            intents.filter(({ dispatchId }) => dispatchId === row.id).map(({ intent }) => intent),
          ),
    ),
  }
}

export function* dispatch(
  build: Build,
  recorder: Recorder,
  time: LeaseTime,
  lease: Lease,
  batch: NewDispatch,
  minimumLeft: number,
): Transaction<Dispatch | undefined> {
  if (!(yield* holdsOn(build, time, lease, batch.at, minimumLeft))) return undefined
  const { edit } = batch
  const id = edit?.id ?? recorder.newId()
  const generations = batch.intents.map(({ generation }) => generation)
  const current = generations.length === 0 ? [] : yield* all(taken(build, id, generations))
  if (current.length !== generations.length) {
    yield* run(givenBack(build, id))
    return undefined
  }
  yield* beginEdit(build, batch)
  yield* run(
    newDispatch(build, {
      id,
      zone_id: lease.zone,
      epoch: lease.epoch,
      state: 'sent',
      changes: JSON.stringify(edit ? [] : batch.changes),
      names: JSON.stringify(edit ? [] : batch.names),
      at: batch.at,
      doubtful_since: null,
      fence_until: 0,
      by_hand: edit ? 1 : 0,
    }),
  )
  return { ...batch, id, epoch: lease.epoch, state: 'sent', unknownSince: null, fenceUntil: 0 }
}

export function* settle(
  build: Build,
  recorder: Recorder,
  lease: Lease,
  { id, edit }: Dispatch,
  settlement: Settlement,
): Transaction<boolean> {
  if (!(yield* stillHolds(build, lease)) || !(yield* endDispatch(build, id))) return false
  const { at, deleted, patched, created, sets } = settlement
  if (edit) yield* editDone(build, recorder, edit, settlement)
  // Where nobody keeps sets there is no mirror to be kept up to date.
  if (edit && (yield* first(stateOf(build, lease.zone)))?.read_at == null) return true
  yield* forgetRecords(build, lease.zone, deleted, at)
  yield* keepRecords(build, lease.zone, [...patched, ...created], at, at)
  yield* endSets(build, recorder, lease.zone, sets, at)
  return true
}

export function* requeue(
  build: Build,
  recorder: Recorder,
  lease: Lease,
  { id }: Dispatch,
  refused: readonly Refused[],
  at: number,
): Transaction<boolean> {
  if (!(yield* stillHolds(build, lease)) || !(yield* endDispatch(build, id))) return false
  yield* run(givenBack(build, id))
  yield* deleteIntents(
    build,
    refused.map(({ intent }) => intent),
  )
  for (const one of refused) yield* refuse(build, recorder, one, at)
  yield* leaveWord(
    build,
    refused.map(({ intent, refusal }) => ({ intent, outcome: refusal })),
    at,
  )
  return true
}

export function* markUnknown(
  build: Build,
  lease: Lease | undefined,
  { id }: Dispatch,
  at: number,
  fenceUntil: number,
  error?: string,
): Transaction<boolean> {
  if (lease !== undefined && !(yield* stillHolds(build, lease))) return false
  if ((yield* first(markedUnknown(build, id, at, fenceUntil))) === undefined) return false
  if (error !== undefined) yield* markEditUnknown(build, id, error)
  return true
}

/** A read has shown what became of it; it stays, fenced, until no late commit is possible any more. */
export function* resolve(
  build: Build,
  recorder: Recorder,
  zone: ZoneId,
  done: readonly SettledSet[],
  { id }: Dispatch,
  at: number,
): Transaction<void> {
  yield* run(fenced(build, id))
  yield* endSets(build, recorder, zone, done, at)
  // It was sent once and may still arrive: from now on it is finished, whoever waits.
  yield* run(finished(build, id))
}

/**
 * Not while anything waits at its names: that a record which came late is ours is known by the dispatch alone. And not
 * while a customer is still to be told.
 */
export function* forgetFences(build: Build, zone: ZoneId, now: number): Transaction<void> {
  const over = yield* all(fencesOver(build, zone, now))
  if (over.length === 0) return
  const intents = yield* all(namesWaitedAt(build, zone))
  const waitedAt = new Set(intents.map(({ name }) => name as Name))
  const idle = over.filter(({ names }) => !(JSON.parse(names) as Name[]).some((name) => waitedAt.has(name)))
  for (const slice of inSlices(idle)) {
    const ids = slice.map(({ id }) => id)
    yield* run(build.deleteFrom('dispatches').where('id', 'in', ids))
  }
}

function* endSets(
  build: Build,
  recorder: Recorder,
  zone: ZoneId,
  sets: readonly SettledSet[],
  at: number,
): Transaction<void> {
  yield* deleteIntents(
    build,
    sets.map(({ intent }) => intent),
  )
  const fulfilled = sets.filter(({ refusal }) => refusal === undefined)
  yield* settleSets(
    build,
    zone,
    fulfilled.map(({ intent, after }) => ({ intent, records: after })),
    at,
  )
  const happened = fulfilled.map((set) => ({ ...set, outcome: 'done' as const, reason: null }))
  yield* recordHistory(build, recorder, happened, at)
  for (const { intent, refusal } of sets) {
    if (refusal) yield* refuse(build, recorder, { intent, refusal }, at)
  }
  const ended = sets.map((set) => ({ ...set, outcome: outcomeOf(set) }))
  yield* leaveWord(build, ended, at)
}

function outcomeOf({ intent, before, refusal }: SettledSet): IntentEnd['outcome'] {
  if (refusal) return refusal
  if (intent.wanted === null) return 'deleted'
  return before.length === 0 ? 'created' : 'updated'
}

function* deleteIntents(build: Build, intents: readonly Intent[]): Transaction<void> {
  for (const slice of inSlices(intents)) {
    const generations = slice.map(({ generation }) => generation)
    yield* run(intentsOver(build, generations))
  }
}

function* endDispatch(build: Build, id: string): Transaction<boolean> {
  return (yield* first(dispatchOver(build, id))) !== undefined
}

function* dispatchedIntents(build: Build, zone: ZoneId) {
  const rows = yield* all(intentsSent(build, zone))
  return rows.map((row) => ({ dispatchId: row.dispatch_id, intent: intent(row) }))
}

const stateOf = prepared((build: Build, zone: ZoneId) =>
  build.selectFrom('zone_states').select(['read_at', 'full_until']).where('zone_id', '=', zone),
)

const anyManaged = prepared((build: Build, zone: ZoneId) =>
  build
    .selectFrom('record_sets')
    .select('zone_id')
    .where('zone_id', '=', zone)
    .where('wanted', 'is not', null)
    .limit(1),
)

const dispatchesOf = prepared((build: Build, zone: ZoneId) =>
  build.selectFrom('dispatches').selectAll().where('zone_id', '=', zone).orderBy('at'),
)

const intentsSent = prepared((build: Build, zone: ZoneId) =>
  build
    .selectFrom('intents')
    .selectAll()
    .where('zone_id', '=', zone)
    .where('dispatch_id', 'is not', null)
    .orderBy('generation'),
)

const taken = prepared((build: Build, id: string, generations: readonly number[]) =>
  build
    .updateTable('intents')
    .set({ dispatch_id: id })
    .where('generation', 'in', generations)
    .where('dispatch_id', 'is', null)
    .returning('generation'),
)

const givenBack = prepared((build: Build, id: string) =>
  build.updateTable('intents').set({ dispatch_id: null }).where('dispatch_id', '=', id),
)

const finished = prepared((build: Build, id: string) =>
  build.updateTable('intents').set({ dispatch_id: null, waits_until: 0 }).where('dispatch_id', '=', id),
)

const intentsOver = prepared((build: Build, generations: readonly number[]) =>
  build.deleteFrom('intents').where('generation', 'in', generations),
)

const newDispatch = prepared((build: Build, row: Insertable<Schema['dispatches']>) =>
  build.insertInto('dispatches').values(row),
)

const markedUnknown = prepared((build: Build, id: string, at: number, fenceUntil: number) =>
  build
    .updateTable('dispatches')
    .set({ state: 'doubtful', doubtful_since: at, fence_until: fenceUntil })
    .where('id', '=', id)
    .where('state', '=', 'sent')
    .returning('id'),
)

const fenced = prepared((build: Build, id: string) =>
  build.updateTable('dispatches').set({ state: 'fenced' }).where('id', '=', id),
)

const dispatchOver = prepared((build: Build, id: string) =>
  build.deleteFrom('dispatches').where('id', '=', id).where('state', '=', 'sent').returning('id'),
)

const fencesOver = prepared((build: Build, zone: ZoneId, now: number) =>
  build
    .selectFrom('dispatches')
    .select(['id', 'names'])
    .where('zone_id', '=', zone)
    .where('state', '=', 'fenced')
    .where('fence_until', '<=', now)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('edits')
            .select('edits.id')
            .whereRef('edits.id', '=', 'dispatches.id')
            .where('edits.ended_at', 'is', null),
        ),
      ),
    ),
)

const namesWaitedAt = prepared((build: Build, zone: ZoneId) =>
  build.selectFrom('intents').select('name').distinct().where('zone_id', '=', zone),
)
