import { type Insertable, type Selectable, sql } from 'kysely'
import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import type { SetKey } from '#dns/record-set.ts'
import { isRecordType } from '#dns/record-type.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { Intent } from '../declared.ts'
import type { EditEntry, EditedSet, EditKind, EditPage, EditPageRead, Holder } from '../edits.ts'
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
/** Of what the sets of a page held, as it is kept: each may have held a whole zone. */
const MOST_OCTETS = 2 * 1024 * 1024

export function* recordEdit(build: Build, recorder: Recorder, edit: ChangedByHand): Transaction<void> {
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
  yield* addEntries(build, rows)
}

export function* editHistory(build: Build, customerId: string, page: EditPage): Transaction<EditPageRead> {
  const rows = yield* all(rowsOf(build, customerId, page).limit(MOST_SETS + 1))
  const isCut = rows.length > MOST_SETS
  const entries = byEntry(rows)
  // Of the last one a part may be missing.
  if (isCut) entries.pop()
  if (entries.length === 0 && isCut) entries.push(yield* all(ofEntry(build, customerId, rows[0]!)))
  const shown = fitting(entries.slice(0, page.limit))
  return { entries: yield* withContents(build, shown), hasMore: isCut || entries.length > shown.length }
}

export function* editEntry(
  build: Build,
  customerId: string,
  zone: ZoneId,
  id: string,
): Transaction<EditEntry | undefined> {
  const rows = yield* all(ofEntry(build, customerId, { zone_id: zone, edit_id: id }))
  return (yield* withContents(build, rows.length === 0 ? [] : [rows], Infinity))[0]
}

export function* changedByCallers(build: Build, zone: ZoneId, since: number): Transaction<readonly SetKey[]> {
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

/** What is small of a row, and how large the rest is: neither database reads a text to tell its octets. */
const SMALL = ['id', 'zone_id', 'at', 'actor_kind', 'actor', 'name', 'type', 'edit_id', 'edit_kind'] as const
const OCTETS = sql<number>`octet_length(before) + octet_length(after)`.as('octets')

type SmallRow = Pick<Selectable<Schema['history']>, (typeof SMALL)[number]> & { readonly octets: number }

function rowsOf(build: Build, customerId: string, { zone, after, callersSince }: EditPage) {
  let query = build
    .selectFrom('history')
    .select([...SMALL, OCTETS])
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

function ofEntry(build: Build, customerId: string, entry: Pick<SmallRow, 'zone_id' | 'edit_id'>) {
  return build
    .selectFrom('history')
    .select([...SMALL, OCTETS])
    .where('customer_id', '=', customerId)
    .where('zone_id', '=', entry.zone_id)
    .where('edit_id', '=', entry.edit_id)
    .orderBy('name')
    .orderBy('type')
    .limit(MOST_SETS_OF_ONE)
}

function byEntry(rows: readonly SmallRow[]): SmallRow[][] {
  const entries = new Map<string, SmallRow[]>()
  for (const row of rows) {
    const id = row.edit_id ?? row.id
    const entry = entries.get(id)
    if (entry) entry.push(row)
    else entries.set(id, [row])
  }
  return [...entries.values()]
}

/** Those that come first, as many as there is room for, and one at least. */
function fitting(entries: readonly SmallRow[][]): readonly SmallRow[][] {
  let octets = 0
  const end = entries.findIndex((rows, index) => {
    for (const row of rows) octets += row.octets
    return index > 0 && octets > MOST_OCTETS
  })
  return end < 0 ? entries : entries.slice(0, end)
}

function* withContents(
  build: Build,
  entries: readonly SmallRow[][],
  most = MOST_OCTETS,
): Transaction<readonly EditEntry[]> {
  let room = most
  const read = entries.flat().filter(({ octets }) => {
    if (octets > room) return false
    room -= octets
    return true
  })
  const contents = new Map<string, Pick<EditedSet, 'before' | 'after'>>()
  for (const slice of inSlices(read.map(({ id }) => id))) {
    const query = build.selectFrom('history').select(['id', 'before', 'after']).where('id', 'in', slice)
    for (const { id, before, after } of yield* all(query)) {
      contents.set(id, { before: JSON.parse(before), after: JSON.parse(after) })
    }
  }
  return entries.map((rows) => entryFrom(rows, contents))
}

const LEFT_OUT = { before: [], after: [], isLeftOut: true } as const

function entryFrom(
  rows: readonly SmallRow[],
  contents: ReadonlyMap<string, Pick<EditedSet, 'before' | 'after'>>,
): EditEntry {
  const { id, edit_id, zone_id, at, actor_kind, actor, edit_kind } = rows[0]!
  return {
    id: edit_id ?? id,
    zone: zone_id,
    at,
    actor: { kind: actor_kind as EditEntry['actor']['kind'], label: actor },
    kind: edit_kind as EditEntry['kind'],
    changes: rows.map((row) => ({
      type: row.type,
      name: row.name as Name,
      ...(contents.get(row.id) ?? LEFT_OUT),
    })),
  }
}
