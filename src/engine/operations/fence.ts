import type { Name } from '#dns/name.ts'
import { touchedSets } from '#dns/plan.ts'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import { keyOf, type SetKey } from '#dns/record-set.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { ZoneState } from '#store/observed.ts'
import type { Dispatch } from '#store/operations.ts'
import type { Store } from '#store/store.ts'
import { servedText } from './record-text.ts'
import { FENCE_MS } from './send.ts'

/** Names at which we do not know what Cloudflare holds: nothing is planned there before a read has told. */
export function namesOfUnknownOutcome({ dispatches }: ZoneState): ReadonlySet<Name> {
  return new Set(dispatches.filter(({ state }) => state === 'doubtful').flatMap(({ names }) => names))
}

/** Names where a late commit may have happened that no list has shown yet: until a list that must show it. */
export function taintedNames({ dispatches }: ZoneState): ReadonlySet<Name> {
  return new Set(dispatches.filter(({ state }) => state !== 'sent').flatMap(({ names }) => names))
}

/** The sets that a dispatch is about. */
export function setsIn({ intents, changes }: Dispatch): readonly SetKey[] {
  const keys = [...intents.map(({ key }) => key), ...touchedSets(changes)]
  return [...new Map(keys.map((key) => [keyOf(key), key])).values()]
}

/**
 * Ids that a change of unknown outcome may still reach. They must not survive what we do next to their sets: a batch
 * with a change to an id that is gone fails as a whole, so the late one cannot undo what came after it. It is the
 * only fence that Cloudflare offers (decisions/008).
 */
export function idsInFence({ dispatches }: ZoneState, now: number): ReadonlySet<RecordId> {
  const reachingOut = dispatches.filter(({ state, fenceUntil }) => state !== 'sent' && fenceUntil > now)
  const changes = reachingOut.flatMap(({ changes }) => changes)
  return new Set(changes.flatMap((change) => (change.kind === 'post' ? [] : [change.record.id])))
}

/**
 * Whether a record was created by a change of ours of unknown outcome, however late: it says all that the change said,
 * its comment included. What a customer has made by hand is the customer's.
 */
export function createdByUnknown(dispatches: readonly Dispatch[]): (record: ZoneRecord) => boolean {
  const made = changesOfUnknownOutcome(dispatches).flatMap((change) =>
    change.kind === 'post' || change.kind === 'replace'
      ? [`${servedText(change.to)} ${change.to.comment}`]
      : [],
  )
  const known = new Set(made)
  return (record) => known.has(`${servedText(record)} ${record.comment}`)
}

/**
 * Whether a record is as a change of ours of unknown outcome was to make it, and so is ours: whatever was sent had passed the
 * check of ownership before.
 */
export function madeByUnknown(dispatches: readonly Dispatch[]): (record: ZoneRecord) => boolean {
  const isCreated = createdByUnknown(dispatches)
  const patched = changesOfUnknownOutcome(dispatches).flatMap((change) =>
    change.kind === 'patch' ? [`${change.record.id} ${servedText({ ...change.record, ...change.to })}`] : [],
  )
  const known = new Set(patched)
  return (record) => isCreated(record) || known.has(`${record.id} ${servedText(record)}`)
}

function changesOfUnknownOutcome(dispatches: readonly Dispatch[]) {
  return dispatches
    .filter(({ state, edit }) => state !== 'sent' && edit === undefined)
    .flatMap(({ changes }) => changes)
}

/** What nobody knows yet: names at which a change of anybody's may have been carried out, or still may be. */
export interface UnknownOutcome {
  readonly names: ReadonlySet<Name>
  /** Until when it may still be carried out (ms). */
  readonly lateUntil: number
}

/** Of customers' edits, and of sets that callers have declared. */
export async function unknownOutcomesIn(
  store: Store,
  zone: ZoneId,
  now: number,
): Promise<readonly UnknownOutcome[]> {
  const { dispatches } = await store.zoneState(zone)
  return dispatches
    .filter((dispatch) => isUnknown(dispatch, now))
    .map((dispatch) => ({ names: new Set(dispatch.names), lateUntil: lateUntil(dispatch) }))
}

/** Where nobody keeps sets any more nobody finds out about them: a list that began later shows what there is. */
function isUnknown(dispatch: Dispatch, now: number): boolean {
  return dispatch.edit ? !dispatch.edit.hasEnded : lateUntil(dispatch) > now
}

function lateUntil({ state, at, unknownSince, fenceUntil }: Dispatch): number {
  return state === 'fenced' ? fenceUntil : (unknownSince ?? at) + FENCE_MS
}

/** Names at which nobody knows what there is. */
export function namesIn(unknownOutcomes: readonly UnknownOutcome[]): ReadonlySet<Name> {
  return new Set(unknownOutcomes.flatMap(({ names }) => [...names]))
}
