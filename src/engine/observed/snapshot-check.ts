import type { Name } from '#dns/name.ts'
import { matchesSet } from '#dns/plan.ts'
import type { ForeignRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import { type BySet, bySet, keyOf, type SetKey } from '#dns/record-set.ts'
import type { Intent, ManagedSet } from '#store/declared.ts'
import type { MirrorRecord, TrustedRead } from '#store/observed.ts'
import type { Dispatch } from '#store/operations.ts'
import { isFulfilled, recordsOfSet } from '../declared/decide.ts'
import { createdByUnknown, setsIn } from '../operations/fence.ts'
import { rowText, saidText, servedText, textOf } from '../operations/record-text.ts'

/** Two reads that shall vouch for each other are at least so far apart (ms). */
export const APART_MS = 5_000

/**
 * For how long what a definite answer told us stands against any list (ms). Lists have been seen to lag behind writes
 * by up to half a minute.
 */
export const PROTECTED_MS = 60_000

/** A list that has just contradicted us is not asked for again in the same breath (ms). */
export const BREATH_MS = 2_000

/** What Cloudflare is still at work on, when its answer is lost at once, mostly shows by then (ms). */
export const FIRST_LOOK_MS = 500

/** No list has been seen to be older than this (ms). */
export const OLDEST_LIST_MS = 30_000

/** A complete list of a zone, and when we began to ask for it. */
export interface ZoneRead {
  readonly startedAt: number
  readonly records: readonly (ZoneRecord | ForeignRecord)[]
}

/** What we knew when the list came. */
export interface Knowledge {
  readonly mirror: readonly MirrorRecord[]
  readonly dispatches: readonly Dispatch[]
  readonly managed: readonly ManagedSet[]
  /** What sets of doubtful dispatches held before changes that are known and recent: a list that is old shows it. */
  readonly past: readonly PastSet[]
  /** Sets with an intent under way, `keyOf`: not drift, whatever they look like. */
  readonly busy: ReadonlySet<string>
}

/** A set as it was before `changedAt` (ms). */
export interface PastSet {
  readonly key: SetKey
  readonly changedAt: number
  readonly records: readonly ZoneRecord[]
}

/** What earlier reads claimed and no second read has confirmed yet. Starts empty, and is lost with the process. */
export interface PendingContradictions {
  readonly contradictions?: Contradiction
  readonly unknownOutcomes: ReadonlyMap<string, Claim>
}

/** What a list claims of something, and since when lists do. */
export interface Claim {
  readonly at: number
  readonly text: string
}

/** Lists that say something else than what we know. */
interface Contradiction extends Claim {
  /** How many have said it, each so far from the one before that it counts. */
  readonly times: number
  readonly lastAt: number
  /** When another list that says the same may be believed (ms). */
  readonly believableAt: number
}

export const noPendingContradictions: PendingContradictions = { unknownOutcomes: new Map() }

export type SnapshotCheck =
  | {
      readonly good: true
      readonly trusted: TrustedRead
      readonly pendingContradictions: PendingContradictions
      /** Sets that nobody wants, made by a change of ours that arrived late. */
      readonly lateCreates: readonly SetKey[]
    }
  /** It may be old, or somebody changed the zone: only another read can tell. */
  | {
      readonly good: false
      readonly pendingContradictions: PendingContradictions
      readonly contradictions: number
    }

/**
 * Decides what follows from a list. One rule for every read, in whatever path:
 *
 * - It is good if it shows every record that we know to exist as we know it, and none that we know to be gone.
 * - Otherwise nothing follows from it, unless an earlier one, five seconds or more before, claimed the very same, and
 *   nothing in that claim contradicts what a definite answer told us within the last minute. Three have to claim it
 *   where most of the zone is missing: lists that are empty for no reason have been seen.
 * - What became of a dispatch of unknown outcome is known when two good reads so far apart show its names alike, and
 *   neither may be older than the last change there that we know of: v1, v2 and v1 again look like v1.
 */
export function checkSnapshot(
  read: ZoneRead,
  known: Knowledge,
  pendingContradictions: PendingContradictions,
): SnapshotCheck {
  const unresolved = known.dispatches.filter(({ state }) => state === 'doubtful')
  const unknownNames = new Set(unresolved.flatMap(({ names }) => names))
  const listed = new Map(read.records.map((record) => [record.id, record]))

  const contradictions = contradictionsOf(known.mirror, listed, unknownNames)
  const claim = {
    at: read.startedAt,
    text: contradictions.map(({ text }) => text).join('\n'),
  }
  const isProtected = contradictions.some(({ protectedUntil }) => protectedUntil > read.startedAt)
  const said = saidAgain(claim, pendingContradictions.contradictions)
  const isSaidEnough = said.times >= (isMostMissing(known.mirror, listed, unknownNames) ? 3 : 2)
  if (contradictions.length > 0 && (isProtected || !isSaidEnough)) {
    const believableAt = Math.max(
      said.lastAt + APART_MS,
      ...contradictions.map(({ protectedUntil }) => protectedUntil),
    )
    return {
      good: false,
      contradictions: contradictions.length,
      pendingContradictions: { ...pendingContradictions, contradictions: { ...said, believableAt } },
    }
  }

  const sets: Sets = {
    shown: bySet(read.records),
    present: bySet(known.mirror.filter(({ goneAt }) => goneAt === null).map(({ record }) => record)),
  }
  const past = Map.groupBy(known.past, ({ key }) => keyOf(key))
  const open = Map.groupBy(
    read.records.filter(({ name }) => unknownNames.has(name)),
    ({ name }) => name,
  )
  const unknownOutcomes = new Map<string, Claim>()
  const resolved: Dispatch[] = []
  for (const dispatch of unresolved) {
    const isOld = setsIn(dispatch).some((key) => {
      const young = (past.get(keyOf(key)) ?? []).filter(
        ({ changedAt }) => read.startedAt - changedAt < OLDEST_LIST_MS,
      )
      return showsThePast(key, sets, young)
    })
    const here = dispatch.names.flatMap((name) => open.get(name) ?? [])
    const seen = { at: read.startedAt, text: isOld ? NOTHING_CERTAIN : textOf(here, saidText) }
    const earlier = pendingContradictions.unknownOutcomes.get(dispatch.id)
    if (isOld) unknownOutcomes.set(dispatch.id, seen)
    else if (isVouchedFor(seen, earlier)) resolved.push(dispatch)
    else unknownOutcomes.set(dispatch.id, older(seen, earlier))
  }
  const stillUnknown = new Set(
    unresolved.filter((dispatch) => !resolved.includes(dispatch)).flatMap(({ names }) => names),
  )
  return {
    good: true,
    pendingContradictions: { unknownOutcomes },
    trusted: conclusions(read, known, listed, sets, stillUnknown, resolved),
    lateCreates: lateCreatesIn(sets, known, stillUnknown),
  }
}

/** As no list is. */
const NOTHING_CERTAIN = 'it may be old'

/** What a list shows, and what the mirror holds: a zone has too many sets to look through either for each of them. */
interface Sets {
  readonly shown: BySet<ZoneRecord | ForeignRecord>
  readonly present: BySet<ZoneRecord | ForeignRecord>
}

/** Whether a list shows a set as it was before one of the changes that may be younger than the list. */
function showsThePast(key: SetKey, sets: Sets, past: readonly PastSet[]): boolean {
  if (past.length === 0) return false
  const shown = textOf(recordsOfSet({ key }, sets.shown), heldText)
  const isPast = past.some(({ records }) => textOf(records, heldText) === shown)
  return isPast && textOf(recordsOfSet({ key }, sets.present), heldText) !== shown
}

/** Its comment may have been changed since. */
function heldText(record: ZoneRecord | ForeignRecord): string {
  return `${record.id} ${servedText(record)}`
}

function conclusions(
  { startedAt, records }: ZoneRead,
  { mirror, managed, busy }: Knowledge,
  listed: ReadonlyMap<RecordId, ZoneRecord | ForeignRecord>,
  sets: Sets,
  stillUnknown: ReadonlySet<Name>,
  resolved: readonly Dispatch[],
): TrustedRead {
  const present = new Map(
    mirror.filter(({ goneAt }) => goneAt === null).map(({ record }) => [record.id, record]),
  )
  const certain = ({ name }: { name: Name }) => !stillUnknown.has(name)
  const before = [...present.values()]
  const judged = managed.filter(({ key }) => certain(key) && !busy.has(keyOf(key)))

  return {
    at: startedAt,
    seen: records.filter((record) => certain(record) && !isKeptSo(record, present.get(record.id))),
    gone: before.filter((record) => certain(record) && !listed.has(record.id)).map(({ id }) => id),
    resolved: resolved.map((dispatch) => {
      // A set whose name is in doubt through another dispatch as well stays in doubt.
      const done = (intent: Intent) => certain(intent.key) && isFulfilled(intent, sets.shown)
      return {
        dispatch,
        ended: dispatch.intents.filter(done).map((intent) => ({
          intent,
          before: recordsOfSet(intent, sets.present),
          after: recordsOfSet(intent, sets.shown),
        })),
        again: dispatch.intents.filter((intent) => !done(intent)),
      }
    }),
    settled: judged.filter((set) => !set.settled && isAsDeclared(set, sets)).map(({ key }) => key),
    drifted: judged.filter((set) => !isAsDeclared(set, sets)).map(({ key }) => key),
  }
}

/**
 * A new record that arrived after its set was deleted again has no owner, and would stay for ever. It is known by
 * saying all that a change of unknown outcome said, its comment included.
 */
function lateCreatesIn(
  { shown }: Sets,
  { dispatches, managed, busy }: Knowledge,
  stillUnknown: ReadonlySet<Name>,
): readonly SetKey[] {
  const made = dispatches
    .filter(({ state }) => state !== 'sent')
    .flatMap(({ changes }) => changes)
    .flatMap((change) => (change.kind === 'post' || change.kind === 'replace' ? [change.to] : []))
  if (made.length === 0) return []
  const isLate = createdByUnknown(dispatches)
  const wanted = new Set([...managed.map(({ key }) => keyOf(key)), ...busy])
  const keys = new Map(made.map(({ name, type }) => [keyOf({ name, type }), { name, type }]))
  return [...keys.values()].filter((key) => {
    if (wanted.has(keyOf(key)) || stillUnknown.has(key.name)) return false
    const held = recordsOfSet({ key }, shown)
    return held.length > 0 && held.every(isLate)
  })
}

function isKeptSo(record: ZoneRecord | ForeignRecord, kept: ZoneRecord | ForeignRecord | undefined): boolean {
  return kept !== undefined && rowText(record) === rowText(kept)
}

function isAsDeclared(set: ManagedSet, { shown }: Sets): boolean {
  return matchesSet(recordsOfSet(set, shown), set.wanted)
}

/** Whether a list says otherwise than what is known for certain, but for names at which nothing is. */
export function contradicts(
  records: readonly (ZoneRecord | ForeignRecord)[],
  known: readonly MirrorRecord[],
  unknownNames: ReadonlySet<Name>,
): boolean {
  const listed = new Map(records.map((record) => [record.id, record]))
  return contradictionsOf(known, listed, unknownNames).length > 0
}

function contradictionsOf(
  mirror: readonly MirrorRecord[],
  listed: ReadonlyMap<RecordId, ZoneRecord | ForeignRecord>,
  unknownNames: ReadonlySet<Name>,
) {
  return mirror
    .filter(({ record }) => !unknownNames.has(record.name))
    .filter(({ record, goneAt }) =>
      goneAt === null ? servedText(listed.get(record.id)) !== servedText(record) : listed.has(record.id),
    )
    .map(({ record, confirmedAt }) => ({
      text: `${record.id} ${servedText(listed.get(record.id))}`,
      protectedUntil: confirmedAt + PROTECTED_MS,
    }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
}

/** A claim with those before it that were the very same. */
function saidAgain(claim: Claim, earlier: Contradiction | undefined): Omit<Contradiction, 'believableAt'> {
  if (earlier?.text !== claim.text) return { ...claim, times: 1, lastAt: claim.at }
  const counts = claim.at - earlier.lastAt >= APART_MS
  return counts ? { ...earlier, times: earlier.times + 1, lastAt: claim.at } : earlier
}

/** Whether a list lacks more than half of what we know of a zone, and not just a record or two. */
function isMostMissing(
  mirror: readonly MirrorRecord[],
  listed: ReadonlyMap<RecordId, unknown>,
  unknownNames: ReadonlySet<Name>,
): boolean {
  const known = mirror.filter(({ record, goneAt }) => goneAt === null && !unknownNames.has(record.name))
  const missing = known.filter(({ record }) => !listed.has(record.id))
  return missing.length >= LEAST_OF_MOST && missing.length > known.length / 2
}

const LEAST_OF_MOST = 3

/** Two lists that are so far apart have claimed the same. */
export function isVouchedFor(claim: Claim, earlier: Claim | undefined): boolean {
  return earlier !== undefined && earlier.text === claim.text && claim.at - earlier.at >= APART_MS
}

/** The earlier claim goes on counting while nothing else is claimed. */
export function older(claim: Claim, earlier: Claim | undefined): Claim {
  return earlier?.text === claim.text ? earlier : claim
}
