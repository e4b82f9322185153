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
 */
export interface Suspects {
  readonly generations: ReadonlySet<number>
}

export function suspectsIn(groups: readonly NameGroup[]): Suspects {
  return {
    generations: new Set(groups.flatMap(({ intents }) => intents.map(({ generation }) => generation))),
  }
}

/** The half to try next; all of it when only one is left, to be sure before it is refused. */
export function nextToTry(groups: readonly NameGroup[], { generations }: Suspects): readonly NameGroup[] {
  const suspected = groups.filter(({ intents }) =>
    intents.some(({ generation }) => generations.has(generation)),
  )
  return suspected.slice(0, Math.ceil(suspected.length / 2))
}

/** What is still suspect once `tried` was done without complaint. */
export function cleared({ generations }: Suspects, tried: readonly NameGroup[]): Suspects | undefined {
  const done = suspectsIn(tried).generations
  const left = new Set([...generations].filter((generation) => !done.has(generation)))
  return left.size > 0 ? { generations: left } : undefined
}
