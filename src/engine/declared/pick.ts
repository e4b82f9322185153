import type { Name } from '#dns/name.ts'
import { keyOf } from '#dns/record-set.ts'
import type { Intent } from '#store/declared.ts'

/** The intents that are next at one name. They go in one batch: a CNAME leaves as the address moves in. */
export interface NameGroup {
  readonly name: Name
  readonly intents: readonly Intent[]
}

export interface Picked {
  readonly groups: readonly NameGroup[]
  /** Older than another intent for the same set, and waited for by nobody. */
  readonly superseded: readonly Intent[]
}

/**
 * What to do next, of all that waits: one intent a set, oldest first.
 *
 *     www A  v1 (a caller waits)   v2   v3 (a caller waits)     →  v1 now, v2 never, v3 in a later batch
 *     ftp A  v1   v2                                            →  v2 now, v1 never
 *
 * A caller that is told "done" must have been right at that moment, so what it waits for is never skipped.
 */
export function pickIntents(waiting: readonly Intent[], now: number): Picked {
  const bySet = Map.groupBy(waiting, (intent) => keyOf(intent.key))
  const superseded: Intent[] = []
  const next: Intent[] = []
  for (const intents of bySet.values()) {
    const waitedFor = intents.findIndex(({ waitsUntil }) => waitsUntil !== null && waitsUntil > now)
    const index = waitedFor === -1 ? intents.length - 1 : waitedFor
    superseded.push(...intents.slice(0, index))
    next.push(intents[index]!)
  }
  next.sort((a, b) => a.generation - b.generation)
  const groups = Map.groupBy(next, ({ key }) => key.name)
  return { superseded, groups: [...groups].map(([name, intents]) => ({ name, intents })) }
}
