import { isExclusive } from '#dns/record-type.ts'
import type { Intent } from '#store/declared.ts'
import type { NameGroup } from '../declared/pick.ts'

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
 * What goes to one name goes together, until a batch of it alone is refused: then its sets are told apart, too. What
 * leaves goes with what takes its place, so that the name is not empty in between, until those alone are refused.
 */
export interface Suspects {
  readonly generations: ReadonlySet<number>
  /** What was refused together. */
  readonly refused: 'names' | 'name' | 'swap'
}

export function suspectsIn(intents: readonly Intent[]): Suspects {
  const isOneName = new Set(intents.map(({ key }) => key.name)).size === 1
  return {
    generations: new Set(intents.map(({ generation }) => generation)),
    refused: isOneName ? (intents.every(isOfSwap) ? 'swap' : 'name') : 'names',
  }
}

/** The half to try next; all of it when only one is left, to be sure before it is refused. */
export function nextToTry(
  groups: readonly NameGroup[],
  { generations, refused }: Suspects,
): readonly NameGroup[] {
  const isSuspect = ({ generation }: Intent) => generations.has(generation)
  const suspected = groups.filter(({ intents }) => intents.some(isSuspect))
  const [only] = suspected
  if (suspected.length !== 1 || refused === 'names') return firstHalf(suspected)
  const { name, intents } = only!
  const swap = intents.filter(isOfSwap)
  if (refused === 'name' && swap.some(isSuspect)) return [{ name, intents: swap }]
  // What leaves goes before what takes its place, or with it.
  const inOrder = [...intents].sort((a, b) => Number(isLeaving(b)) - Number(isLeaving(a)))
  const half = firstHalf(inOrder.filter(isSuspect))
  const isTried = (intent: Intent) => half.includes(intent) || (isLeaving(intent) && !isSuspect(intent))
  return [{ name, intents: inOrder.filter(isTried) }]
}

/** What is still suspect once `tried` was done without complaint. */
export function cleared({ generations, refused }: Suspects, tried: readonly Intent[]): Suspects | undefined {
  const done = suspectsIn(tried).generations
  const left = new Set([...generations].filter((generation) => !done.has(generation)))
  return left.size > 0 ? { generations: left, refused } : undefined
}

function firstHalf<Item>(items: readonly Item[]): readonly Item[] {
  return items.slice(0, Math.ceil(items.length / 2))
}

/** Of those one may leave as another takes its place: addresses and aliases, which are not beside each other. */
function isOfSwap(intent: Intent): boolean {
  return isLeaving(intent) || isExclusive(intent.key.type)
}

function isLeaving({ wanted }: Intent): boolean {
  return wanted === null
}
