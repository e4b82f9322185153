import { type Selectable, sql } from 'kysely'
import type { Name } from '#dns/name.ts'
import type { SetKey } from '#dns/record-set.ts'
import { isRecordType } from '#dns/record-type.ts'
import type { EditEntry, EditedSet, EditKind, EditPage, EditPageRead, Holder } from '../edits.ts'
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
  /** Left out: nobody's change by hand. */
  readonly kind?: EditKind
  readonly at: number
  readonly sets: readonly EditedSet[]
}

/** A zone that somebody rewrites elsewhere, again and again, has a history that no memory holds. */
const MOST_SETS = 400
/** Of one entry, which is more than one batch can touch. */
const MOST_SETS_OF_ONE = 4_000

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
    edit_kind: edit.kind ?? null,
  }))
  for (const slice of inSlices(rows)) yield* run(build.insertInto('history').values(slice))
}

export function* editHistory(build: Build, customerId: string, page: EditPage): Operation<EditPageRead> {
  const { limit } = page
  const rows = yield* all(rowsOf(build, customerId, page).limit(MOST_SETS + 1))
  const entries = entriesOf(rows)
  const isCut = rows.length > MOST_SETS
  // Of the last one a part may be missing.
  const shown = (isCut ? entries.slice(0, -1) : entries).slice(0, limit)
  const [first] = entries
  if (shown.length > 0 || first === undefined) {
    return { entries: shown, hasMore: isCut || entries.length > shown.length }
  }
  const whole = yield* editEntry(build, customerId, first.zone, first.id)
  return { entries: [whole ?? first], hasMore: true }
}

export function* editEntry(
  build: Build,
  customerId: string,
  zone: ZoneId,
  id: string,
): Operation<EditEntry | undefined> {
  const rows = yield* all(
    build
      .selectFrom('history')
      .selectAll()
      .where('customer_id', '=', customerId)
      .where('zone_id', '=', zone)
      .where('edit_id', '=', id)
      .orderBy('name')
      .orderBy('type')
      .limit(MOST_SETS_OF_ONE),
  )
  return entriesOf(rows)[0]
}

export function* changedByCallers(build: Build, zone: ZoneId, since: number): Operation<readonly SetKey[]> {
  const rows = yield* all(
    build
      .selectFrom('history')
      .select(['name', 'type'])
      .distinct()
      .where('zone_id', '=', zone)
      .where('customer_id', 'is', null)
      .where('at', '>=', since),
  )
  return rows.flatMap(({ name, type }) => (isRecordType(type) ? [{ name: name as Name, type }] : []))
}

/** What one entry is of: a batch, or a set that a caller has changed. All rows of one have one time. */
const ENTRY = sql<string>`coalesce(edit_id, id)`

function rowsOf(build: Build, customerId: string, { zone, after, callersSince }: EditPage) {
  let query = build
    .selectFrom('history')
    .selectAll()
    .where('outcome', '=', 'done')
    .where((eb) => {
      const own = eb('customer_id', '=', customerId)
      if (zone === undefined || callersSince === undefined) return own
      return eb.or([own, eb.and([eb('customer_id', 'is', null), eb('at', '>=', callersSince)])])
    })
    .orderBy('at', 'desc')
    .orderBy(ENTRY)
    .orderBy('name')
    .orderBy('type')
  if (zone !== undefined) query = query.where('zone_id', '=', zone)
  if (after === undefined) return query
  const { at, id } = after
  return query.where((eb) => eb.or([eb('at', '<', at), eb.and([eb('at', '=', at), eb(ENTRY, '>', id)])]))
}

function entriesOf(rows: readonly Selectable<Schema['history']>[]): readonly EditEntry[] {
  const entries = new Map<string, EditEntry & { changes: EditedSet[] }>()
  for (const row of rows) {
    const id = row.edit_id ?? row.id
    const actor = { kind: row.actor_kind as EditEntry['actor']['kind'], label: row.actor }
    const kind = row.edit_kind as EditEntry['kind']
    const entry = entries.get(id) ?? { id, zone: row.zone_id, at: row.at, actor, kind, changes: [] }
    entries.set(id, entry)
    const { type, name } = row
    const [before, after] = [JSON.parse(row.before), JSON.parse(row.after)]
    entry.changes.push({ type, name: name as EditedSet['name'], before, after })
  }
  return [...entries.values()]
}
