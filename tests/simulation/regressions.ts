import type { Bias } from './scenario.ts'

/** A seed that once showed a mistake in the engine. */
export interface Regression {
  readonly seed: number
  readonly bias: Bias
  readonly about: string
}

export const regressions: readonly Regression[] = [
  {
    seed: 4,
    bias: 'races',
    about: 'a record that arrived after its request was given up is ours, and goes when its set is deleted',
  },
  {
    seed: 16,
    bias: 'races',
    about: 'an intent that the database held up until its caller had given up does not undo a newer one',
  },
  {
    seed: 40,
    bias: 'races',
    about: 'a set with something under way is not called absent',
  },
  {
    seed: 208781790,
    bias: 'none',
    about: 'where the drift brake holds, a set stays as others left it until it is asked for again',
  },
  {
    seed: 208790181,
    bias: 'none',
    about: 'two empty lists in a row do not make a zone empty',
  },
  {
    seed: 208790185,
    bias: 'none',
    about: 'what came late of a change of ours goes, though it is a large part of the zone',
  },
  {
    seed: 15953,
    bias: 'none',
    about: 'nobody waits beyond their time for the list of zones',
  },
  {
    seed: 78,
    bias: 'customers',
    about: 'no customer hears that nothing was changed where a caller has declared otherwise since',
  },
  {
    seed: 1167,
    bias: 'none',
    about: 'no customer hears that nothing was changed where somebody has edited what they made',
  },
]
