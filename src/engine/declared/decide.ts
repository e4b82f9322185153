import type { Name } from '#dns/name.ts'
import { conflictsAt } from '#dns/neighbours.ts'
import { type Change, matchesSet, planChanges, readOnlyIn, type SetIntent } from '#dns/plan.ts'
import { describeProblem } from '#dns/problems.ts'
import type { ForeignRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import { type BySet, bySet, keyOf } from '#dns/record-set.ts'
import type { Intent, Refused } from '#store/declared.ts'
import type { NameGroup } from './pick.ts'

/** What we know where a group of intents wants to go. */
export interface Surroundings {
  readonly zone: Name
  /** Every record at the group's name, whatever its type. */
  readonly records: readonly (ZoneRecord | ForeignRecord)[]
  /** Of the sets at this name, those that we manage: `keyOf`. */
  readonly managed: ReadonlySet<string>
  /** Whether a record of a set that we do not manage is ours all the same: made by a change of unknown outcome. */
  readonly isOurDoing: (record: ZoneRecord) => boolean
  readonly fence: ReadonlySet<RecordId>
  /** The zone takes no more records. */
  readonly full: boolean
}

/** What is to be done for one group; every intent of it is in exactly one of the four. */
export interface Decision {
  readonly refused: readonly Refused[]
  /** Deletes of what others made. */
  readonly leftInPlace: readonly Intent[]
  readonly alreadySo: readonly Intent[]
  readonly acting: readonly Intent[]
  /** For `acting`, in one batch. */
  readonly changes: readonly Change[]
}

/** Checks a group against what is there, and plans what is left of it. Pure: asks nobody, changes nothing. */
export function decide(group: NameGroup, around: Surroundings): Decision {
  const refused = new Map<Intent, Refused['refusal']>()
  const leftInPlace = group.intents.filter(
    (intent) => intent.wanted === null && isSomebodyElses(intent, around),
  )
  const upholding = () =>
    group.intents.filter((intent) => !refused.has(intent) && !leftInPlace.includes(intent))

  for (const intent of upholding()) {
    const refusal =
      ownershipRefusal(intent, around) ?? readOnlyRefusal(intent, around) ?? fullRefusal(intent, around)
    if (refusal) refused.set(intent, refusal)
  }
  for (const intent of upholding()) {
    const refusal = conflictRefusal(intent, upholding(), around)
    if (refusal) refused.set(intent, refusal)
  }

  const planned = upholding().map((intent) => ({ intent, changes: changesFor([intent], around) }))
  const acting = planned.filter(({ changes }) => changes.length > 0).map(({ intent }) => intent)
  return {
    refused: [...refused].map(([intent, refusal]) => ({ intent, refusal })),
    leftInPlace,
    alreadySo: planned.filter(({ changes }) => changes.length === 0).map(({ intent }) => intent),
    acting,
    changes: changesFor(acting, around),
  }
}

/** The records of an intent's set, among others. */
export function recordsOfSet(
  { key }: Pick<Intent, 'key'>,
  records: BySet<ZoneRecord | ForeignRecord>,
): readonly ZoneRecord[] {
  const held = records.get(keyOf(key)) ?? []
  return held.filter((record): record is ZoneRecord => 'value' in record)
}

/** Whether these records are what the intent asked for. */
export function isFulfilled(intent: Intent, records: BySet<ZoneRecord | ForeignRecord>): boolean {
  const held = recordsOfSet(intent, records)
  return intent.wanted === null ? held.length === 0 : matchesSet(held, intent.wanted)
}

/** What we leave at records that we create, for people who read the zone elsewhere (≤ 100 characters on every plan). */
export function ownerComment(caller: string): string {
  return `zonewright:${caller}`.slice(0, 100)
}

function changesFor(intents: readonly Intent[], around: Surroundings): Change[] {
  const { records, fence } = around
  return planChanges(
    records.filter((record): record is ZoneRecord => 'value' in record),
    intents.map(asDesired),
    { fence },
  )
}

function asDesired({ key, wanted, caller }: Intent): SetIntent {
  return wanted === null
    ? { kind: 'delete', key }
    : { kind: 'upsert', set: { ...wanted, comment: ownerComment(caller) } }
}

/** A set that others made, or made something of, and that this intent must not touch. */
function isSomebodyElses(intent: Intent, { records, managed, isOurDoing }: Surroundings): boolean {
  if (intent.adopts || managed.has(keyOf(intent.key))) return false
  return recordsOfSet(intent, bySet(records)).some((record) => !isOurDoing(record))
}

function ownershipRefusal(intent: Intent, around: Surroundings): Refused['refusal'] | undefined {
  if (!isSomebodyElses(intent, around)) return undefined
  return {
    code: 'not-ours',
    message: `${keyOf(intent.key)} exists and was not made by Zonewright. Remove it, or allow taking it over: with OWNERSHIP=adopt, or for a caller in CONFIG_FILE with ownership: adopt.`,
    details: { reason: 'NOT_OURS' },
  }
}

function readOnlyRefusal(intent: Intent, around: Surroundings): Refused['refusal'] | undefined {
  const [locked] = readOnlyIn(changesFor([intent], around))
  if (locked === undefined) return undefined
  return {
    code: 'conflict',
    message: `${keyOf(intent.key)} belongs to another Cloudflare product, such as Email Routing, and cannot be changed here.`,
    details: { reason: 'READ_ONLY' },
  }
}

function fullRefusal(intent: Intent, around: Surroundings): Refused['refusal'] | undefined {
  if (!around.full || growthOf(changesFor([intent], around)) <= 0) return undefined
  return {
    code: 'quota-exceeded',
    message: 'The zone holds as many records as its Cloudflare plan allows. Delete some, or change the plan.',
    details: {},
  }
}

/** How many more records there will be. */
export function growthOf(changes: readonly Change[]): number {
  return changes.reduce((sum, { kind }) => sum + (kind === 'post' ? 1 : kind === 'delete' ? -1 : 0), 0)
}

function conflictRefusal(
  intent: Intent,
  together: readonly Intent[],
  around: Surroundings,
): Refused['refusal'] | undefined {
  if (intent.wanted === null) return undefined
  const { zone, records } = around
  const leaving = new Set(together.filter(({ wanted }) => wanted === null).map(({ key }) => keyOf(key)))
  const staying = records.filter((record) => !leaving.has(`${record.name} ${record.type}`))
  const arriving = together.filter(
    ({ wanted, generation }) => wanted !== null && generation < intent.generation,
  )
  const [problem] = conflictsAt(intent.key, [...staying, ...arriving.map(({ key }) => key)], zone)
  if (problem === undefined) return undefined
  return {
    code: 'conflict',
    message: describeProblem(problem),
    details: 'with' in problem ? { reason: 'CONFLICT', with: problem.with } : { reason: 'CONFLICT' },
  }
}
