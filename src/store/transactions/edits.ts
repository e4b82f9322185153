import type { Edit, EditSettlement, Holder, SentEdit, ToldEdit } from '../edits.ts'
import type { NewDispatch, Settlement } from '../operations.ts'
import { prepared } from '../prepared.ts'
import { editRow, sentEdit, toldEdit } from '../rows.ts'
import { all, type Build, first, inSlices, run, type Transaction } from '../transaction.ts'
import { keepCached } from './cache.ts'
import { type Recorder, recordEdit } from './history.ts'

/** A part of `dispatch`. */
export function* beginEdit(build: Build, batch: NewDispatch): Transaction<void> {
  if (batch.edit) yield* run(build.insertInto('edits').values(editRow(batch.edit, batch)))
}

export function* unsettledEdits(build: Build): Transaction<readonly SentEdit[]> {
  const open = yield* all(build.selectFrom('edits').select('id').where('ended_at', 'is', null).orderBy('at'))
  return yield* sentEdits(
    build,
    open.map(({ id }) => id),
  )
}

/** Those of these dispatches that were sent by hand, in this order. */
export function* sentEdits(build: Build, ids: readonly string[]): Transaction<readonly SentEdit[]> {
  const sent = new Map<string, SentEdit>()
  for (const slice of inSlices(ids)) {
    const edits = new Map((yield* all(editsWith(build, slice))).map((row) => [row.id, row]))
    for (const row of yield* all(dispatchesWith(build, slice))) {
      const edit = edits.get(row.id)
      if (edit) sent.set(row.id, sentEdit(row, edit))
    }
  }
  return ids.flatMap((id) => sent.get(id) ?? [])
}

/** Of an edit that has ended for good its error is said, and of one in doubt what it has failed for. */
export function* markEditUnknown(build: Build, id: string, error: string): Transaction<void> {
  yield* run(build.updateTable('edits').set({ error }).where('id', '=', id))
}

export function* settleEdit(
  build: Build,
  recorder: Recorder,
  { edit }: Pick<SentEdit, 'edit'>,
  settlement: EditSettlement,
): Transaction<boolean> {
  const { at, deleted, held, records, sets } = settlement
  const outcome = JSON.stringify(records)
  if (!(yield* ended(build, edit.id, { status: 'done', outcome, error: null, ended_at: at }))) return false
  yield* run(fencedByHand(build, edit.id))
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

/** A part of `settle`. */
export function* editDone(
  build: Build,
  recorder: Recorder,
  edit: Edit,
  { at, deleted, patched, created, edited = [] }: Settlement,
): Transaction<void> {
  const ids = new Set(deleted)
  const gone = edit.before.filter(({ id }) => ids.has(id))
  const held = [...patched, ...created]
  yield* settleEdit(build, recorder, { edit }, { at, deleted: gone, held, records: held, sets: edited })
}

/** What fails before it can no longer arrive, since nobody can look, stays in doubt to everybody else. */
export function* failEdit(
  build: Build,
  { edit: { id } }: SentEdit,
  error: string,
  at: number,
): Transaction<boolean> {
  if (!(yield* ended(build, id, { status: 'failed', error, ended_at: at }))) return false
  yield* run(fencedByHand(build, id).where('fence_until', '<=', at))
  return true
}

export function* editOf(
  build: Build,
  { customerId, connectionId }: Holder,
  id: string,
): Transaction<ToldEdit | undefined> {
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

export function* forgetEdits(build: Build, before: number): Transaction<void> {
  yield* run(build.deleteFrom('edits').where('ended_at', '<', before))
  // Where nobody keeps sets, nobody has forgotten them before.
  yield* run(
    build
      .deleteFrom('dispatches')
      .where('by_hand', '=', 1)
      .where('id', 'not in', (eb) => eb.selectFrom('edits').select('id')),
  )
}

/** Whoever is first ends it. One that was sent, and whose outcome is certain, leaves nothing to be fenced. */
function* ended(
  build: Build,
  id: string,
  end: { status: string; outcome?: string; error?: string | null; ended_at: number },
): Transaction<boolean> {
  const query = build
    .updateTable('edits')
    .set(end)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returning('id')
  if ((yield* first(query)) === undefined) return false
  yield* run(build.deleteFrom('dispatches').where('id', '=', id).where('state', '=', 'sent'))
  return true
}

function fencedByHand(build: Build, id: string) {
  return build.updateTable('dispatches').set({ state: 'fenced' }).where('id', '=', id)
}

const editsWith = prepared((build: Build, ids: readonly string[]) =>
  build.selectFrom('edits').selectAll().where('id', 'in', ids),
)

const dispatchesWith = prepared((build: Build, ids: readonly string[]) =>
  build.selectFrom('dispatches').selectAll().where('id', 'in', ids),
)
