import type { Name } from '#dns/name.ts'
import { conflictsAt } from '#dns/neighbours.ts'
import { joinsProxied, type PatchFields } from '#dns/plan.ts'
import type { NewRecord, ZoneRecord } from '#dns/record.ts'
import { keyOf } from '#dns/record-set.ts'
import { canBeProxied, isExclusive } from '#dns/record-type.ts'
import { AUTOMATIC } from '#dns/ttl.ts'
import { deletionSafeguards } from '#edit-rules/deletion-safeguards.ts'
import { whyLocked } from '#edit-rules/editing.ts'
import { changesIn } from './chosen.ts'
import type { AnyRecord, OnboardingZone } from './input.ts'
import { inOrderOfReading } from './plan.ts'
import type { OnboardingPlan, ReviewedChange, Warning } from './review.ts'
import { deleted, kept } from './rows.ts'
import { setPlanWords } from './set-plan-words.ts'
import { kindOfText } from './text-kind.ts'
import type { PlanOrigin, WantedRecord, WantedSet } from './wanted-set.ts'
import { listed } from './words.ts'

/** What a review of sets goes by. */
export interface Planning {
  /** Every record of the zone. */
  readonly records: readonly AnyRecord[]
  /** Who declared the sets that are kept as they were declared: by `keyOf`. */
  readonly keptBy: ReadonlyMap<string, string>
  /** Of texts that may be longer than an id should be: 32 characters. */
  readonly hash: (text: string) => string
  /** Changes that fit in one step. */
  readonly batchLimit: number
}

/**
 * The review of putting sets as they are wanted. Records whose value is wanted stay, and are changed in place where they
 * are served otherwise; left-over ones become left-over values, and then go. The rows of a set are taken together, and
 * with them what stands in its way at the name. Nothing else changes.
 *
 * Not advised, but there to be ticked: what needs another set to go that nobody named; texts of other kinds, where they
 * are spared; what trips a brake (decided for deletions that nobody named: over 30 % of a zone of ten records or more,
 * over 10 names, the last MX of a name, the zone's NS); and what does not fit into one batch. What is locked is kept,
 * and said.
 */
export function planSets(zone: OnboardingZone, around: Planning, origin: PlanOrigin): OnboardingPlan {
  const said = setPlanWords[origin.kind]
  const places = {
    held: byName(around.records),
    wanted: byName(origin.wanted),
    keptBy: around.keptBy,
    hash: around.hash,
  }
  const asked = whole(origin.wanted.map((wanted) => askedOf(wanted, places, zone)))
  const refused = asked.filter(({ lockedBy }) => lockedBy !== undefined)
  const concerns = concernsAbout(asked, zone, around)
  const changed = asked.flatMap(({ rows, spared }) => [
    ...rows.map((row) => ({ ...row, selected: !concerns.has(row.group) })),
    ...spared,
  ])

  const changedIds = new Set(changed.map(({ id }) => id))
  const named = new Set(
    origin.wanted.flatMap((set) => set.records.map(({ value }) => `${keyOf(set)} ${value}`)),
  )
  const isNamed = (record: AnyRecord) => 'value' in record && named.has(`${keyOf(record)} ${record.value}`)
  const staying = inOrderOfReading(
    zone.name,
    around.records.filter(({ id }) => !changedIds.has(id)),
  )
  return {
    domain: zone.name,
    zone,
    changes: [
      ...changed,
      ...staying.map((record) => kept(record, isNamed(record) ? said.asItIs : said.bystander)),
    ],
    warnings: [
      ...origin.notes,
      ...refused.map(
        ({ wanted, lockedBy }): Warning => ({
          code: 'set-locked',
          message: setPlanWords.locked(keyOf(wanted), lockedBy!),
        }),
      ),
      ...warningsOf(asked, concerns, around),
    ],
    origin,
  }
}

/** A row that changes something; every one of them belongs to a group here. */
type GroupedRow = ReviewedChange & { readonly group: string }

/** What a wanted set comes to. */
interface AskedSet {
  readonly wanted: WantedSet
  readonly group: string
  readonly rows: readonly GroupedRow[]
  /** Records of the set that stay, and may go each by itself. */
  readonly spared: readonly ReviewedChange[]
  /** Types at its name that have to go for it, and that nobody named. */
  readonly inTheWay: readonly string[]
  /** Why it cannot be done here. */
  readonly lockedBy?: string
}

/** Why the rows of a group are not advised. */
type Concern = 'in-the-way' | 'brake' | 'batch'

/** What is at each name, and what is wanted there. */
interface Places extends Pick<Planning, 'keptBy' | 'hash'> {
  readonly held: ReadonlyMap<Name, readonly AnyRecord[]>
  readonly wanted: ReadonlyMap<Name, readonly WantedSet[]>
}

function byName<T extends { readonly name: Name }>(all: readonly T[]): ReadonlyMap<Name, readonly T[]> {
  const places = new Map<Name, T[]>()
  for (const each of all) {
    const place = places.get(each.name)
    if (place) place.push(each)
    else places.set(each.name, [each])
  }
  return places
}

function askedOf(
  wanted: WantedSet,
  { held: records, wanted: all, keptBy, hash }: Places,
  zone: OnboardingZone,
): AskedSet {
  const atName = records.get(wanted.name) ?? []
  const named = all.get(wanted.name) ?? []
  const staying = atName.filter((record) => !named.some((set) => keyOf(set) === keyOf(record)))
  const inTheWay = wanted.records.length === 0 ? [] : typesInTheWay(wanted, staying, zone)
  const leaving = staying.filter(({ type }) => inTheWay.includes(type)) as ZoneRecord[]
  const held = atName.filter(({ type }) => type === wanted.type) as ZoneRecord[]

  const group = groupOf(wanted, named, inTheWay)
  const { parts, others } = partsOf(wanted, held)
  const rows = [
    ...leaving.map((record) => deletion(record, group, setPlanWords.inTheWay(wanted.type))),
    ...parts.flatMap((part) => rowsOf(part.wanted, part.held, group, hash)),
  ]
  const spared = others
    .filter((record) => lockOn(record, keptBy) === undefined)
    .sort(inOrderOfValue)
    .map(sparedRow)
  if (rows.length === 0) return { wanted, group, rows, spared, inTheWay: [] }
  const touched = [...rows.flatMap((row) => ('current' in row ? [row.current] : [])), wanted]
  const lockedBy = touched.map((record) => lockOn(record, keptBy)).find((reason) => reason !== undefined)
  return { wanted, group, rows, spared, inTheWay, ...(lockedBy !== undefined && { lockedBy }) }
}

/** A group in which something is locked is locked as a whole; what stands in the way of two sets goes once. */
function whole(asked: readonly AskedSet[]): readonly AskedSet[] {
  const locks = new Map(
    asked.flatMap(({ group, lockedBy }) => (lockedBy === undefined ? [] : [[group, lockedBy]])),
  )
  const told = new Set<string>()
  return asked.map((each) => {
    const lockedBy = each.rows.length > 0 ? locks.get(each.group) : undefined
    if (lockedBy !== undefined) return { ...each, rows: [], inTheWay: [], lockedBy }
    const rows = each.rows.filter(({ id }) => !told.has(id))
    for (const { id } of rows) told.add(id)
    return { ...each, rows }
  })
}

function typesInTheWay(wanted: WantedSet, staying: readonly AnyRecord[], zone: OnboardingZone): string[] {
  return conflictsAt(wanted, staying, zone.name).flatMap((problem) =>
    'with' in problem ? [problem.with] : [],
  )
}

/** Sets of one name that cannot stand beside each other, as they are and as they were, are taken together. */
function groupOf(wanted: WantedSet, named: readonly WantedSet[], inTheWay: readonly string[]): string {
  const isMoving = named.some(({ type }) => type === 'CNAME' || type === 'NS') || inTheWay.length > 0
  return isExclusive(wanted.type) && isMoving ? `at ${wanted.name}` : `set ${keyOf(wanted)}`
}

/** A wanted set kind by kind, each with the records that make way for it, and the others. */
function partsOf(
  wanted: WantedSet,
  held: readonly ZoneRecord[],
): {
  readonly parts: readonly { readonly wanted: WantedSet; readonly held: readonly ZoneRecord[] }[]
  readonly others: readonly ZoneRecord[]
} {
  if (!wanted.sparesOtherKinds) return { parts: [{ wanted, held }], others: [] }
  const parts = new Map<string, { readonly named: WantedRecord[]; readonly held: ZoneRecord[] }>()
  for (const record of wanted.records) {
    const kind = kindOfText(wanted.name, record.value)
    const part = parts.get(kind)
    if (part) part.named.push(record)
    else parts.set(kind, { named: [record], held: [] })
  }
  const others: ZoneRecord[] = []
  for (const record of held) {
    const part = parts.get(kindOfText(wanted.name, record.value))
    if (part) part.held.push(record)
    else others.push(record)
  }
  return {
    parts: [...parts.values()].map((part) => ({ ...part, wanted: { ...wanted, records: part.named } })),
    others,
  }
}

function rowsOf(
  wanted: WantedSet,
  held: readonly ZoneRecord[],
  group: string,
  hash: Planning['hash'],
): GroupedRow[] {
  const free = [...held].sort(inOrderOfValue)
  const missing: WantedRecord[] = []
  const pairs: (readonly [ZoneRecord, WantedRecord])[] = []
  for (const record of wanted.records) {
    const same = free.findIndex(({ value }) => value === record.value)
    if (same < 0) missing.push(record)
    else pairs.push([free.splice(same, 1)[0]!, record])
  }
  const replaced = missing.splice(0, free.length)
  const taken = free.splice(0, replaced.length)
  pairs.push(...replaced.map((record, index) => [taken[index]!, record] as const))
  return [
    ...pairs.flatMap(([current, record]) => replacement(current, record, wanted, group)),
    ...free.map((record) => deletion(record, group, wanted.reason)),
    ...missing.map((record) => addition(record, wanted, held, group, hash)),
  ]
}

/** None: it says so already. */
function replacement(
  current: ZoneRecord,
  record: WantedRecord,
  { reason }: WantedSet,
  group: string,
): GroupedRow[] {
  const { id, name, type } = current
  const proxied = canBeProxied(type) && (record.proxied ?? current.proxied)
  const ttl = proxied ? AUTOMATIC : (record.ttl ?? current.ttl)
  const comment = record.comment ?? null
  const isNewComment = record.comment !== undefined && comment !== (current.comment || null)
  const isSame =
    record.value === current.value && proxied === current.proxied && ttl === current.ttl && !isNewComment
  if (isSame) return []
  const proposed: PatchFields = {
    name,
    type,
    value: record.value,
    ttl,
    proxied,
    ...(isNewComment && { comment }),
  }
  return [
    { action: 'replace', id, name, type, current, proposed, selected: true, locked: false, group, reason },
  ]
}

function addition(
  record: WantedRecord,
  { name, type, reason }: WantedSet,
  held: readonly ZoneRecord[],
  group: string,
  hash: Planning['hash'],
): GroupedRow {
  const { value, ttl = AUTOMATIC, proxied = joinsProxied(held, type, value), comment = null } = record
  const isProxied = canBeProxied(type) && proxied
  const proposed: NewRecord = {
    name,
    type,
    value,
    ttl: isProxied ? AUTOMATIC : ttl,
    proxied: isProxied,
    comment,
  }
  return {
    action: 'add',
    id: `add ${hash(`${keyOf({ name, type })} ${value}`)}`,
    name,
    type,
    proposed,
    selected: true,
    locked: false,
    group,
    reason,
  }
}

function deletion(current: ZoneRecord, group: string, reason: string): GroupedRow {
  const { id, name, type } = current
  return { action: 'delete', id, name, type, current, selected: true, locked: false, group, reason }
}

/** Of a group of its own, so that it can be ticked by itself. */
function sparedRow(record: ZoneRecord): ReviewedChange {
  return deleted(record, { selected: false, group: `spared ${record.id}`, reason: setPlanWords.spared })
}

/** What another product or a caller of the webhook looks after; a type that people do not edit one by one is no lock. */
function lockOn(record: AnyRecord | WantedSet, keptBy: ReadonlyMap<string, string>): string | undefined {
  const readOnly = 'readOnly' in record && record.readOnly
  const caller = keptBy.get(keyOf(record))
  return readOnly || caller !== undefined ? whyLocked({ type: record.type, readOnly }, caller) : undefined
}

/** The groups that are not advised. Order matters: what is not advised anyway trips no brake, and takes no room. */
function concernsAbout(
  asked: readonly AskedSet[],
  zone: OnboardingZone,
  { records, batchLimit }: Planning,
): ReadonlyMap<string, Concern> {
  const groups = new Map<string, GroupedRow[]>()
  for (const row of asked.flatMap(({ rows }) => rows)) {
    const rows = groups.get(row.group)
    if (rows) rows.push(row)
    else groups.set(row.group, [row])
  }
  const concerns = new Map<string, Concern>()
  for (const { group, inTheWay } of asked) if (inTheWay.length > 0) concerns.set(group, 'in-the-way')

  const open = () => [...groups].filter(([group]) => !concerns.has(group))
  const brakes = (rows: readonly GroupedRow[]) =>
    deletionSafeguards(changesIn(rows), { name: zone.name, records })
  const isTooMuch = brakes(open().flatMap(([, rows]) => rows)).some((brake) => brake.startsWith('too-'))
  for (const [group, rows] of open()) {
    const deletes = rows.some(({ action }) => action === 'delete')
    if ((isTooMuch && deletes) || brakes(rows).length > 0) concerns.set(group, 'brake')
  }

  let count = 0
  for (const [group, rows] of open()) {
    if (count + rows.length > batchLimit) concerns.set(group, 'batch')
    else count += rows.length
  }
  return concerns
}

function warningsOf(
  asked: readonly AskedSet[],
  concerns: ReadonlyMap<string, Concern>,
  { batchLimit }: Planning,
): Warning[] {
  const rows = asked.flatMap((each) => each.rows)
  const withConcern = (concern: Concern) =>
    rows.filter(({ group }) => concerns.get(group) === concern).map(({ id }) => id)
  const [braked, beyond] = [withConcern('brake'), withConcern('batch')]
  return [
    ...asked
      .filter(({ inTheWay }) => inTheWay.length > 0)
      .map(
        ({ wanted, rows, inTheWay }): Warning => ({
          code: 'set-in-the-way',
          message: setPlanWords.stands(wanted, listed(inTheWay)),
          changes: rows.map(({ id }) => id),
        }),
      ),
    ...(braked.length === 0
      ? []
      : [{ code: 'much-deleted', message: setPlanWords.muchDeleted, changes: braked } as const]),
    ...(beyond.length === 0
      ? []
      : [
          {
            code: 'more-than-a-batch',
            message: setPlanWords.moreThanABatch(batchLimit, beyond.length),
            changes: beyond,
          } as const,
        ]),
  ]
}

function inOrderOfValue(a: ZoneRecord, b: ZoneRecord): number {
  return inOrder(a.value, b.value) || inOrder(a.id, b.id)
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
