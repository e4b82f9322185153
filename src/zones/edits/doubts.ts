import type { Name } from '#dns/name.ts'
import { touchedNames } from '#dns/plan.ts'
import type { Store, ZoneId } from '#store/store.ts'
import { FENCE_MS } from '../engine/fence.ts'

/** What nobody knows yet: names at which a change of anybody's may have been carried out, or still may be. */
export interface Doubt {
  readonly names: ReadonlySet<Name>
  /** Until when it may still be carried out (ms). */
  readonly lateUntil: number
}

/** Of customers' edits, and of sets that callers have declared. */
export async function doubtsIn(store: Store, zone: ZoneId, now: number): Promise<readonly Doubt[]> {
  const edits = await store.edits.editsUnderWay(zone)
  const { dispatches } = await store.zoneState(zone)
  return [
    ...edits.map(({ changes, lateUntil }) => ({ names: touchedNames(changes), lateUntil: lateUntil ?? 0 })),
    ...dispatches
      .filter(({ byHand }) => !byHand)
      .map(({ names, state, at, doubtfulSince, fenceUntil }) => ({
        names: new Set(names),
        // Where nobody keeps sets any more nobody finds out: a list that began after this shows what there is.
        lateUntil: state === 'fenced' ? fenceUntil : (doubtfulSince ?? at) + FENCE_MS,
      }))
      .filter(({ lateUntil }) => lateUntil > now),
  ]
}

/** Names at which nobody knows what there is. */
export function namesIn(doubts: readonly Doubt[]): ReadonlySet<Name> {
  return new Set(doubts.flatMap(({ names }) => [...names]))
}
