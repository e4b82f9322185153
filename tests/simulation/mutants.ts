import type { Mutation } from './replica.ts'

/** An engine that is broken in one way, and must be caught. */
export interface Mutant {
  readonly name: string
  readonly mutation: Mutation
  /** Seeds, with the bias `races`, that catch it. */
  readonly caughtBy: readonly number[]
}

export const mutants: readonly Mutant[] = []
