import type { Name } from '#dns/name.ts'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import { keyOf, type SetKey } from '#dns/record-set.ts'
import { isRecordType } from '#dns/record-type.ts'
import { type AnyRecord, isOther } from './input.ts'
import type { Warning } from './review.ts'
import type { WantedRecord, WantedSet } from './wanted-set.ts'
import { undoWords } from './words.ts'

/** A record set as it was before a change, and after it. */
export interface ChangedSet {
  readonly type: string
  readonly name: Name
  readonly before: readonly AnyRecord[]
  readonly after: readonly AnyRecord[]
}

/** A change of the past, to be taken back. */
export interface Undone {
  /** In the history. */
  readonly entry: string
  /** ms */
  readonly at: number
  readonly changed: readonly ChangedSet[]
}

export interface Inverse {
  readonly wanted: readonly WantedSet[]
  /** Sets, by `keyOf`, that were changed again since: what came after would be lost too, so nobody is advised to. */
  readonly changedSince: ReadonlySet<string>
  readonly notes: readonly Warning[]
}

/**
 * What puts these sets back as they were, in a zone that holds `records` now. Where a set is as the change left it, that
 * is the set from before, with everything that Cloudflare keeps beside a value. Where it was changed again:
 *
 * - of A, AAAA, CNAME and MX, whose records answer together, still the set from before
 * - of all others the records of this change go back, and what came after stays
 *
 * Record ids do not come back. A type that #dns cannot say is only told of.
 */
export function inverseOf(changed: readonly ChangedSet[], records: readonly AnyRecord[]): Inverse {
  const held = new Map<string, ZoneRecord[]>()
  for (const record of records) {
    if (isOther(record)) continue
    const set = held.get(keyOf(record))
    if (set) set.push(record)
    else held.set(keyOf(record), [record])
  }
  const steps = changed.map((set) => stepFor(set, held.get(keyOf(set)) ?? []))
  return {
    wanted: steps.flatMap(({ wanted }) => wanted ?? []),
    changedSince: new Set(
      steps.flatMap(({ wanted, isChangedSince }) => (wanted && isChangedSince ? [keyOf(wanted)] : [])),
    ),
    notes: steps.flatMap(({ note }) => note ?? []),
  }
}

/** Whether anything of a change could be put back. */
export function isUndoable(changed: readonly ChangedSet[]): boolean {
  return changed.some(({ type }) => isRecordType(type))
}

interface Step {
  readonly wanted?: WantedSet
  readonly isChangedSince?: boolean
  readonly note?: Warning
}

/** One record answers as well as any other of its set, or all of them together do. */
const ANSWERING_TOGETHER: readonly string[] = ['A', 'AAAA', 'CNAME', 'MX']

function stepFor({ type, name, before, after }: ChangedSet, held: readonly ZoneRecord[]): Step {
  if (!isRecordType(type)) {
    return { note: { code: 'not-restorable', message: undoWords.notRestorable(type, name) } }
  }
  const key: SetKey = { type, name }
  const [was, left] = [before.filter(isKnown), after.filter(isKnown)]
  if (sayTheSame(held, was)) return {}
  if (sayTheSame(held, left)) return { wanted: setOf(key, was, undoWords.asBefore) }
  if (ANSWERING_TOGETHER.includes(type)) {
    return { wanted: setOf(key, was, undoWords.changedSince), isChangedSince: true }
  }
  return stepBeside(key, { was, left, held })
}

/** For a set in which other records came, went or changed since. */
function stepBeside(
  key: SetKey,
  { was, left, held }: Readonly<Record<'was' | 'left' | 'held', readonly ZoneRecord[]>>,
): Step {
  const [gone, come] = [notAmong(was, left), notAmong(left, was)]
  const [byId, byValue] = [byEach(held, ({ id }) => id), byEach(held, ({ value }) => value)]
  const leaving = new Map<RecordId, ZoneRecord>()
  for (const record of come) {
    const now = byId.get(record.id) ?? byValue.get(record.value)
    if (now !== undefined) leaving.set(now.id, record)
  }
  const staying = held.filter(({ id }) => !leaving.has(id))
  const stayingValues = new Set(staying.map(({ value }) => value))
  const missing = gone.filter(({ value }) => !stayingValues.has(value))
  if (leaving.size === 0 && missing.length === 0) return {}
  const isChangedSince =
    leaving.size < come.length ||
    missing.length < gone.length ||
    held.some((record) => leaving.has(record.id) && textOf(record) !== textOf(leaving.get(record.id)!))
  const reason = isChangedSince ? undoWords.changedSince : undoWords.asBefore
  return { wanted: setOf(key, [...staying, ...missing], reason), isChangedSince }
}

/** Those that say what none of the others says. A set may hold thousands. */
function notAmong(some: readonly ZoneRecord[], others: readonly ZoneRecord[]): ZoneRecord[] {
  const texts = new Set(others.map(textOf))
  return some.filter((record) => !texts.has(textOf(record)))
}

/** The first record of each. */
function byEach<Part>(
  records: readonly ZoneRecord[],
  part: (record: ZoneRecord) => Part,
): ReadonlyMap<Part, ZoneRecord> {
  return new Map(records.toReversed().map((record) => [part(record), record]))
}

function setOf(key: SetKey, records: readonly ZoneRecord[], reason: string): WantedSet {
  const byValue = new Map(records.map((record): [string, WantedRecord] => [record.value, wantedOf(record)]))
  return { name: key.name, type: key.type, records: [...byValue.values()], reason }
}

function wantedOf({ value, ttl, proxied, comment }: ZoneRecord): WantedRecord {
  return { value, ttl, proxied, comment: comment || null }
}

function isKnown(record: AnyRecord): record is ZoneRecord {
  return !isOther(record)
}

/** Up to ids. */
function sayTheSame(some: readonly ZoneRecord[], others: readonly ZoneRecord[]): boolean {
  const texts = (records: readonly ZoneRecord[]) => records.map(textOf).sort().join('\n')
  return texts(some) === texts(others)
}

function textOf({ value, ttl, proxied, comment }: ZoneRecord): string {
  return JSON.stringify([value, ttl, proxied, comment || null])
}
