import type { Bias } from './scenario.ts'

/** A seed that once showed a mistake in the engine. */
export interface Regression {
  readonly seed: number
  readonly bias: Bias
  readonly about: string
}

export const regressions: readonly Regression[] = []
