import type { Intent, IntentEnd } from '../declared.ts'
import { prepared } from '../prepared.ts'
import type { Schema } from '../schema.ts'
import { all, type Build, inSlices, run, type Transaction } from '../transaction.ts'

/** An intent that is over; `onceShown`: its caller is told when a read has shown it. */
export interface Ended {
  readonly intent: Intent
  readonly outcome: IntentEnd['outcome']
  readonly onceShown?: boolean
}

/** Leaves word for those who wait, in whatever process. The intents themselves are gone by the same transaction. */
export function* leaveWord(build: Build, ended: readonly Ended[], at: number): Transaction<void> {
  const rows = ended
    .filter(({ intent }) => intent.waitsUntil !== null)
    .map(({ intent, outcome, onceShown }) => ({
      generation: intent.generation,
      outcome: JSON.stringify(outcome),
      shown: onceShown ? 0 : 1,
      at,
    }))
  for (const slice of inSlices(rows)) yield* run(wordsLeft(build, slice))
}

export function* endsOf(build: Build, generations: readonly number[]): Transaction<readonly IntentEnd[]> {
  const ends: IntentEnd[] = []
  for (const slice of inSlices(generations)) {
    const rows = yield* all(endsShown(build, slice))
    ends.push(...rows.map(({ generation, outcome }) => ({ generation, outcome: JSON.parse(outcome) })))
  }
  return ends
}

export function* showEnds(build: Build, generations: readonly number[]): Transaction<void> {
  for (const slice of inSlices(generations)) {
    yield* run(toBeShown(build, slice))
  }
}

export function* forgetEnds(build: Build, before: number): Transaction<void> {
  yield* run(endsBefore(build, before))
}

const wordsLeft = prepared((build: Build, rows: readonly Schema['intent_ends'][]) =>
  build
    .insertInto('intent_ends')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing()),
)

const endsShown = prepared((build: Build, generations: readonly number[]) =>
  build
    .selectFrom('intent_ends')
    .select(['generation', 'outcome'])
    .where('generation', 'in', generations)
    .where('shown', '=', 1),
)

const toBeShown = prepared((build: Build, generations: readonly number[]) =>
  build.updateTable('intent_ends').set({ shown: 1 }).where('generation', 'in', generations),
)

const endsBefore = prepared((build: Build, before: number) =>
  build.deleteFrom('intent_ends').where('at', '<', before),
)
