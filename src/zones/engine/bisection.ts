import type { Intent } from '#store/store.ts'
import type { NameGroup } from './pick.ts'

/**
 * Finds the one bad change in a refused batch. Cloudflare refuses all of it and names only the first error, so: try
 * half of what must hold the culprit. Refused: the culprit is in that half, and the rest is free to go. Done: it is in
 * the other half. For one culprit among n sets that takes ⌈log₂ n⌉ + 1 calls, and one more for all the innocent.
 *
 *     suspects  1 2 3 4 5 6 7 8 (5 is bad)
 *     try       1 2 3 4           done     → suspects 5 6 7 8
 *     try       5 6               refused  → suspects 5 6, free 7 8
 *     try       5                 refused  → 5 is refused for good; 6, 7, 8 go together
 *
 * What goes to one name goes together, until it alone is left: then its sets are told apart, too.
 */
export interface Suspects {
  readonly generations: ReadonlySet<number>
}

export function suspectsIn(intents: readonly Intent[]): Suspects {
  return { generations: new Set(intents.map(({ generation }) => generation)) }
}

/** The half to try next; all of it when only one is left, to be sure before it is refused. */
export function nextToTry(groups: readonly NameGroup[], { generations }: Suspects): readonly NameGroup[] {
  const isSuspect = ({ generation }: Intent) => generations.has(generation)
  const suspected = groups.filter(({ intents }) => intents.some(isSuspect))
  const [only] = suspected
  if (suspected.length !== 1) return firstHalf(suspected)
  // What leaves goes before what takes its place, or with it.
  const isLeaving = ({ wanted }: Intent) => wanted === null
  const inOrder = [...only!.intents].sort((a, b) => Number(isLeaving(b)) - Number(isLeaving(a)))
  const half = firstHalf(inOrder.filter(isSuspect))
  const isTried = (intent: Intent) => half.includes(intent) || (isLeaving(intent) && !isSuspect(intent))
  return [{ name: only!.name, intents: inOrder.filter(isTried) }]
}

function firstHalf<Item>(items: readonly Item[]): readonly Item[] {
  return items.slice(0, Math.ceil(items.length / 2))
}

/** What is still suspect once `tried` was done without complaint. */
export function cleared({ generations }: Suspects, tried: readonly Intent[]): Suspects | undefined {
  const done = suspectsIn(tried).generations
  const left = new Set([...generations].filter((generation) => !done.has(generation)))
  return left.size > 0 ? { generations: left } : undefined
}
