import type { Selectable } from 'kysely'
import type { EditEntry, EditedSet, Holder } from '../edits.ts'
import { all, type Build, inSlices, type Operation, run } from '../operation.ts'
import type { Schema } from '../schema.ts'
import type { ZoneId } from '../store.ts'
import type { Recorder } from './history.ts'

export interface ChangedByHand extends Pick<Holder, 'customerId'> {
  readonly id: string
  readonly zone: ZoneId
  readonly requestId: string
  readonly actorKind: 'customer' | 'outside'
  readonly actor: string
  readonly at: number
  readonly sets: readonly EditedSet[]
}

/** A zone that somebody rewrites elsewhere, again and again, has a history that no memory holds. */
const MOST_SETS = 4_000

export function* recordEdit(build: Build, recorder: Recorder, edit: ChangedByHand): Operation<void> {
  const rows = edit.sets.map(({ name, type, before, after }) => ({
    id: recorder.newId(),
    zone_id: edit.zone,
    at: edit.at,
    // They are no intents; what one edit did happened at once.
    generation: 0,
    actor_kind: edit.actorKind,
    actor: edit.actor,
    request_id: edit.requestId,
    name,
    type,
    before: JSON.stringify(before),
    after: JSON.stringify(after),
    outcome: 'done',
    reason: null,
    customer_id: edit.customerId,
    edit_id: edit.id,
  }))
  for (const slice of inSlices(rows)) yield* run(build.insertInto('history').values(slice))
}

export function* editHistory(
  build: Build,
  customerId: string,
  zone: ZoneId,
  limit: number,
): Operation<readonly EditEntry[]> {
  const newest = build
    .selectFrom('history')
    .select('edit_id')
    .where('customer_id', '=', customerId)
    .where('zone_id', '=', zone)
    .where('edit_id', 'is not', null)
    .groupBy('edit_id')
    .orderBy((eb) => eb.fn.max('at'), 'desc')
    .orderBy('edit_id')
    .limit(limit)
  const rows = yield* all(
    build
      .selectFrom('history')
      .selectAll()
      .where('customer_id', '=', customerId)
      .where('edit_id', 'in', (eb) => eb.selectFrom(newest.as('newest')).select('newest.edit_id'))
      .orderBy('at', 'desc')
      .orderBy('edit_id')
      .orderBy('name')
      .orderBy('type')
      .limit(MOST_SETS + 1),
  )
  return whole(entriesOf(rows), rows.length > MOST_SETS)
}

/** Without the last one, of which a part is missing; the only one is better than none. */
function whole(entries: readonly EditEntry[], isCut: boolean): readonly EditEntry[] {
  return isCut && entries.length > 1 ? entries.slice(0, -1) : entries
}

function entriesOf(rows: readonly Selectable<Schema['history']>[]): readonly EditEntry[] {
  const entries = new Map<string, EditEntry & { changes: EditedSet[] }>()
  for (const row of rows) {
    const id = row.edit_id!
    const actor = { kind: row.actor_kind as EditEntry['actor']['kind'], label: row.actor }
    const entry = entries.get(id) ?? { id, at: row.at, actor, changes: [] }
    entries.set(id, entry)
    const { type, name } = row
    const [before, after] = [JSON.parse(row.before), JSON.parse(row.after)]
    entry.changes.push({ type, name: name as EditedSet['name'], before, after })
  }
  return [...entries.values()]
}
