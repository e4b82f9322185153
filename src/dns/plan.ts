import { addressKind } from './ip.ts'
import type { Name } from './name.ts'
import type { ForeignRecord, NewRecord, RecordFields, RecordId, ZoneRecord } from './record.ts'
import { bySet, keyOf, type RecordSet, type SetKey } from './record-set.ts'
import { canBeProxied, type RecordType } from './record-type.ts'
import { AUTOMATIC } from './ttl.ts'
import type { Value } from './value.ts'

/** A record set and what Cloudflare keeps with each of its records. Left out: as it is, or as `joinsProxied`; no comment. */
export interface DesiredSet extends RecordSet {
  /** Says nothing about types that cannot be proxied. */
  readonly proxied?: boolean
  /** For records that are created; those that exist keep theirs. */
  readonly comment?: string
}

export type SetIntent =
  | { readonly kind: 'upsert'; readonly set: DesiredSet }
  | { readonly kind: 'delete'; readonly key: SetKey }

export type Change =
  | { readonly kind: 'delete'; readonly record: ZoneRecord | ForeignRecord }
  /** In place: the record keeps its id, and its comment unless another is given. */
  | { readonly kind: 'patch'; readonly record: ZoneRecord; readonly to: PatchFields }
  /** Deleted by id and created anew in one batch: fails if the id is gone, and nothing late can find the new one. */
  | { readonly kind: 'replace'; readonly record: ZoneRecord; readonly to: NewRecord }
  | { readonly kind: 'post'; readonly to: NewRecord }

/** What a record says from now on. Left out: the comment that it has. */
export interface PatchFields extends RecordFields {
  /** null: none any more. */
  readonly comment?: string | null
}

export interface PlanOptions {
  /** Records whose ids may not survive, because a change of unknown outcome may still reach them. */
  readonly fence?: ReadonlySet<RecordId>
}

/**
 * The fewest changes that make the named sets what they should be. Nothing else in the zone is touched.
 *
 *     current                            desired                   plan
 *     www  300 A     192.0.2.1           www  300 A 192.0.2.1      - old  A 192.0.2.9
 *     www  300 A     192.0.2.2           www  300 A 192.0.2.7      - shop CNAME host.example.net
 *     old  300 A     192.0.2.9           old  A     (delete)       ~ www  A 192.0.2.2 → 192.0.2.7
 *     shop 300 CNAME host.example.net    shop CNAME (delete)       + shop A 192.0.2.8
 *     mail 300 A     192.0.2.5           shop 300 A 192.0.2.8
 *
 * A record whose value is desired stays, patched only if its TTL or proxy status differs; the TTL of a proxied record
 * is Cloudflare's and is not compared. Left-over records become left-over values in place. A fenced record is never
 * kept: it is replaced, with its comment and proxy status, or deleted. Of several intents for one set the last counts.
 *
 * The order is that in which Cloudflare carries out a batch: deletes, patches, posts; a CNAME has to leave its name
 * before an address moves in (Cloudflare docs, "Batch record changes", 2026).
 */
export function planChanges(
  current: readonly ZoneRecord[],
  desired: readonly SetIntent[],
  { fence = new Set() }: PlanOptions = {},
): Change[] {
  const intents = new Map(desired.map((intent) => [keyOf(keyIn(intent)), intent]))
  const held = bySet(current)
  const changes = [...intents.keys()].sort().flatMap((key) => {
    const intent = intents.get(key)
    const records = held.get(key) ?? []
    return intent?.kind === 'upsert'
      ? planSet(records, intent.set, fence)
      : [...records].sort(byValue).map(deletion)
  })
  return PHASES.flatMap((phase) => changes.filter(({ kind }) => phase.includes(kind)))
}

/** What a batch counts, towards Cloudflare's limit on its operations. */
export function operationCount(changes: readonly Change[]): number {
  return changes.reduce((count, { kind }) => count + (kind === 'replace' ? 2 : 1), 0)
}

/** The records that a plan would touch and must not; such a plan has to be refused. */
export function readOnlyIn(changes: readonly Change[]): ZoneRecord[] {
  return changes.flatMap((change) =>
    change.kind !== 'post' && 'value' in change.record && change.record.readOnly ? [change.record] : [],
  )
}

/** The sets that changes touch, as `keyOf`. */
export function touchedKeys(changes: readonly Change[]): ReadonlySet<string> {
  return new Set(touched(changes).map(keyOf))
}

/** The names that changes touch. */
export function touchedNames(changes: readonly Change[]): ReadonlySet<Name> {
  return new Set(touched(changes).map(({ name }) => name))
}

/** Each of the types that we manage. */
export function touchedSets(changes: readonly Change[]): readonly SetKey[] {
  const ours = touched(changes).filter((one): one is ZoneRecord | RecordFields => 'value' in one)
  return [...new Map(ours.map(({ name, type }) => [keyOf({ name, type }), { name, type }])).values()]
}

/** Whether the records of this set hold exactly its values, once each, as a plan would leave them. */
export function matchesSet(records: readonly ZoneRecord[], set: DesiredSet): boolean {
  const held = records.filter((record) => keyOf(record) === keyOf(set))
  const values = new Set(held.map(({ value }) => value))
  return (
    held.length === set.values.length &&
    set.values.every((value) => values.has(value)) &&
    held.every((record) => isAsDesired(record, set))
  )
}

/**
 * Whether a new record of a set that holds these is proxied, where nobody says so: as they are; and where they differ it
 * is, because Cloudflare stands in front of a name if one of its records is proxied. It takes no address that it cannot
 * reach.
 */
export function joinsProxied(held: readonly ZoneRecord[], type: RecordType, value: Value): boolean {
  const isReachable = canBeProxied(type) && addressKind(type, value) === 'public'
  return isReachable && held.some(({ proxied }) => proxied)
}

/**
 * The zone after the changes, in Cloudflare's order; for tests and previews. Throws where Cloudflare would refuse
 * the batch because a record is gone.
 */
export function applyChanges(
  records: readonly ZoneRecord[],
  changes: readonly Change[],
  newId: () => RecordId,
): ZoneRecord[] {
  const zone = new Map(records.map((record) => [record.id, record]))
  for (const change of changes) {
    const isDeleted = change.kind === 'delete' || change.kind === 'replace'
    if (isDeleted && !zone.delete(change.record.id)) throw new Error(`no record ${change.record.id}`)
  }
  for (const change of changes) {
    if (change.kind !== 'patch') continue
    const record = zone.get(change.record.id)
    if (!record) throw new Error(`no record ${change.record.id}`)
    zone.set(record.id, { ...record, ...change.to })
  }
  for (const change of changes) {
    if (change.kind !== 'post' && change.kind !== 'replace') continue
    const id = newId()
    zone.set(id, { ...change.to, id, readOnly: false })
  }
  return [...zone.values()]
}

const PHASES: readonly (readonly Change['kind'][])[] = [['delete', 'replace'], ['patch'], ['post']]

function planSet(records: readonly ZoneRecord[], set: DesiredSet, fence: ReadonlySet<RecordId>): Change[] {
  const kept = new Map<Value, ZoneRecord>()
  const free: ZoneRecord[] = []
  const fenced: ZoneRecord[] = []
  for (const record of inOrderOfKeeping(records, set, fence)) {
    const isKept = set.values.includes(record.value) && !kept.has(record.value)
    if (isKept) kept.set(record.value, record)
    else (fence.has(record.id) ? fenced : free).push(record)
  }
  const missing = set.values.filter((value) => !kept.has(value))
  const patched = free.slice(0, missing.length)
  const replaced = fenced.slice(0, missing.length - patched.length)
  const posted = missing.slice(patched.length + replaced.length)
  const becomes = (record: ZoneRecord, index: number) =>
    (fence.has(record.id) ? replacement : patch)(record, set, missing[index]!)

  return [
    ...[...kept].flatMap(([value, record]) => {
      if (fence.has(record.id)) return [replacement(record, set, value)]
      return isAsDesired(record, set) ? [] : [patch(record, set, value)]
    }),
    ...[...patched, ...replaced].map(becomes),
    ...[...free.slice(patched.length), ...fenced.slice(replaced.length)].map(deletion),
    ...posted.map((value): Change => {
      const joined = { proxied: joinsProxied(records, set.type, value) }
      return { kind: 'post', to: { ...fieldsOf(set, value, joined), comment: set.comment ?? null } }
    }),
  ]
}

/** By value; of several with one value first the one that costs least to keep, then the one with the lowest id. */
function inOrderOfKeeping(
  records: readonly ZoneRecord[],
  set: DesiredSet,
  fence: ReadonlySet<RecordId>,
): readonly ZoneRecord[] {
  const cost = (record: ZoneRecord) =>
    (fence.has(record.id) ? 4 : 0) + (record.readOnly ? 0 : 2) + (isAsDesired(record, set) ? 0 : 1)
  return [...records].sort((a, b) => inTextOrder(a.value, b.value) || cost(a) - cost(b) || byValue(a, b))
}

function touched(changes: readonly Change[]): readonly (ZoneRecord | ForeignRecord | RecordFields)[] {
  return changes.flatMap((change) => [
    ...(change.kind === 'post' ? [] : [change.record]),
    ...(change.kind === 'delete' ? [] : [change.to]),
  ])
}

function deletion(record: ZoneRecord): Change {
  return { kind: 'delete', record }
}

function patch(record: ZoneRecord, set: DesiredSet, value: Value): Change {
  return { kind: 'patch', record, to: fieldsOf(set, value, record) }
}

function replacement(record: ZoneRecord, set: DesiredSet, value: Value): Change {
  return { kind: 'replace', record, to: { ...fieldsOf(set, value, record), comment: record.comment } }
}

/** What a record of the set should say, if it takes the place of `held`. */
function fieldsOf(set: DesiredSet, value: Value, held: Pick<ZoneRecord, 'proxied'>): RecordFields {
  const { name, type } = set
  const proxied = canBeProxied(type) && (set.proxied ?? held.proxied)
  return { name, type, value, ttl: proxied ? AUTOMATIC : set.ttl, proxied }
}

function isAsDesired(record: ZoneRecord, set: DesiredSet): boolean {
  const { ttl, proxied } = fieldsOf(set, record.value, record)
  return record.proxied === proxied && (proxied || record.ttl === ttl)
}

function keyIn(intent: SetIntent): SetKey {
  return intent.kind === 'upsert' ? intent.set : intent.key
}

function byValue(a: ZoneRecord, b: ZoneRecord): number {
  return inTextOrder(a.value, b.value) || inTextOrder(a.id, b.id)
}

function inTextOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
