import type { Edit, EditDoubt, EditSettlement, Holder, ToldEdit } from '../edits.ts'
import { all, type Build, first, type LeaseTime, type Operation, run } from '../operation.ts'
import { prepared } from '../prepared.ts'
import { DISPATCHED_BY_HAND, dispatchByHand, editFrom, editRow, toldEdit } from '../rows.ts'
import type { Dispatch, Lease, ZoneId } from '../store.ts'
import { keepCached } from './cache.ts'
import { recordEdit } from './edit-history.ts'
import type { Recorder } from './history.ts'
import { OLDEST_LIST_MS } from './mirror.ts'
import { holdsOn } from './zones.ts'

const UNDER_WAY = ['sent', 'checking']

export function* beginEdit(
  build: Build,
  time: LeaseTime,
  lease: Lease,
  edit: Edit,
  minimumLeft: number,
): Operation<boolean> {
  if (!(yield* holdsOn(build, time, lease, edit.at, minimumLeft))) return false
  yield* run(build.insertInto('edits').values(editRow(edit)))
  return true
}

export function* editsUnderWay(build: Build, zone: ZoneId): Operation<readonly Edit[]> {
  return (yield* all(underWay(build).where('zone_id', '=', zone))).map(editFrom)
}

export function* unsettledEdits(build: Build): Operation<readonly Edit[]> {
  return (yield* all(underWay(build))).map(editFrom)
}

export function* doubtEdit(
  build: Build,
  { id }: Pick<Edit, 'id'>,
  { at, lateUntil, error }: EditDoubt,
): Operation<boolean> {
  const doubted = build
    .updateTable('edits')
    .set({ status: 'checking', doubtful_since: at, late_until: lateUntil, error })
    .where('id', '=', id)
    .where('status', '=', 'sent')
    .returning('id')
  return (yield* first(doubted)) !== undefined
}

/**
 * Edits of this zone that are under way, or may have been carried out since it was read (ms; null: never): a late commit
 * of the last moment shows in every list from half a minute later on.
 */
export function* dispatchedByHand(
  build: Build,
  zone: ZoneId,
  readAt: number | null,
): Operation<readonly Dispatch[]> {
  return (yield* all(sentOrLate(build, zone, (readAt ?? 0) - OLDEST_LIST_MS))).map(dispatchByHand)
}

/** Good reads have shown its names. */
export function* showEdit(build: Build, id: string, at: number): Operation<void> {
  yield* run(editShown(build, id, at))
}

const sentOrLate = prepared((build: Build, zone: ZoneId, since: number) => {
  const ofZone = build.selectFrom('edits').select(DISPATCHED_BY_HAND).where('zone_id', '=', zone)
  return ofZone
    .where('ended_at', 'is', null)
    .where('status', '=', 'sent')
    .unionAll(ofZone.where('late_until', '>', since))
})

const editShown = prepared((build: Build, id: string, at: number) =>
  build.updateTable('edits').set({ shown_at: at }).where('id', '=', id),
)

export function* settleEdit(
  build: Build,
  recorder: Recorder,
  edit: Edit,
  settlement: EditSettlement,
): Operation<boolean> {
  const { at, deleted, held, records, sets } = settlement
  const outcome = JSON.stringify(records)
  if (!(yield* ended(build, edit, { status: 'done', outcome, error: null, ended_at: at }))) return false
  yield* keepCached(
    build,
    edit,
    edit.zone,
    [
      ...deleted.map((record) => ({ record, confirmedAt: at, goneAt: at })),
      ...held.map((record) => ({ record, confirmedAt: at, goneAt: null })),
    ],
    at,
  )
  yield* recordEdit(build, recorder, { ...edit, at, sets, actorKind: 'customer' })
  return true
}

export function* failEdit(build: Build, edit: Edit, error: string, at: number): Operation<boolean> {
  return yield* ended(build, edit, { status: 'failed', error, ended_at: at })
}

export function* editOf(
  build: Build,
  { customerId, connectionId }: Holder,
  id: string,
): Operation<ToldEdit | undefined> {
  const row = yield* first(
    build
      .selectFrom('edits')
      .select(['id', 'kind', 'status', 'outcome', 'error'])
      .where('id', '=', id)
      .where('customer_id', '=', customerId)
      .where('connection_id', '=', connectionId),
  )
  return row && toldEdit(row)
}

export function* forgetEdits(build: Build, before: number): Operation<void> {
  yield* run(build.deleteFrom('edits').where('ended_at', '<', before))
}

/** Whoever is first ends it. */
function* ended(
  build: Build,
  { id }: Edit,
  end: { status: string; outcome?: string; error?: string | null; ended_at: number },
): Operation<boolean> {
  const query = build
    .updateTable('edits')
    .set(end)
    .where('id', '=', id)
    .where('status', 'in', UNDER_WAY)
    .returning('id')
  return (yield* first(query)) !== undefined
}

/** Of every customer: what is under way in a zone keeps everybody from the same names. */
function underWay(build: Build) {
  return build.selectFrom('edits').selectAll().where('ended_at', 'is', null).orderBy('at')
}
