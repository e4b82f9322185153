import type { Name } from '#dns/name.ts'
import type { RecordId } from '#dns/record.ts'
import type { Dispatch, ZoneState } from '#store/store.ts'

/** Names at which we do not know what Cloudflare holds: nothing is planned there before a read has told. */
export function namesInDoubt({ dispatches }: ZoneState): ReadonlySet<Name> {
  return new Set(dispatches.filter(({ state }) => state === 'doubtful').flatMap(({ names }) => names))
}

/** Names of dispatches that may still be carried out late: in doubt, or resolved a short while ago. */
export function namesInFence(state: ZoneState, now: number): ReadonlySet<Name> {
  return new Set(reachingOut(state, now).flatMap(({ names }) => names))
}

/**
 * Ids that a change of unknown outcome may still reach. They must not survive what we do next to their sets: a batch
 * with a change to an id that is gone fails as a whole, so the late one cannot undo what came after it. It is the
 * only fence that Cloudflare offers (decisions/008).
 */
export function idsInFence(state: ZoneState, now: number): ReadonlySet<RecordId> {
  const changes = reachingOut(state, now).flatMap(({ changes }) => changes)
  return new Set(changes.flatMap((change) => (change.kind === 'post' ? [] : [change.record.id])))
}

function reachingOut({ dispatches }: ZoneState, now: number): readonly Dispatch[] {
  return dispatches.filter(({ state, fenceUntil }) => state !== 'sent' && fenceUntil > now)
}
