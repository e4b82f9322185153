import type { Name } from '#dns/name.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { Dispatch } from '#store/operations.ts'
import type { Store } from '#store/store.ts'
import { FENCE_MS } from '../operations/send.ts'

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
