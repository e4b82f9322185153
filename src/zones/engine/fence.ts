import type { Name } from '#dns/name.ts'
import type { RecordId } from '#dns/record.ts'
import type { ZoneState } from '#store/store.ts'

/** Names at which we do not know what Cloudflare holds: nothing is planned there before a read has told. */
export function namesInDoubt({ dispatches }: ZoneState): ReadonlySet<Name> {
  return new Set(dispatches.filter(({ state }) => state === 'doubtful').flatMap(({ names }) => names))
}

/** Names where a late commit may have happened that no list has shown yet: until a list that must show it. */
export function taintedNames({ dispatches }: ZoneState): ReadonlySet<Name> {
  return new Set(dispatches.filter(({ state }) => state !== 'sent').flatMap(({ names }) => names))
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
