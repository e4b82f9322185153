import { all, type Build, inSlices, type Operation, run } from '../operation.ts'
import type { Intent, IntentEnd } from '../store.ts'

/** An intent that is over; `onceShown`: its caller is told when a read has shown it. */
export interface Ended {
  readonly intent: Intent
  readonly outcome: IntentEnd['outcome']
  readonly onceShown?: boolean
}

/** Leaves word for those who wait, in whatever process. The intents themselves are gone by the same transaction. */
export function* leaveWord(build: Build, ended: readonly Ended[], at: number): Operation<void> {
  const rows = ended
    .filter(({ intent }) => intent.waitsUntil !== null)
    .map(({ intent, outcome, onceShown }) => ({
      generation: intent.generation,
      outcome: JSON.stringify(outcome),
      shown: onceShown ? 0 : 1,
      at,
    }))
  for (const slice of inSlices(rows)) {
    const insert = build.insertInto('intent_ends').values(slice)
    yield* run(insert.onConflict((conflict) => conflict.doNothing()))
  }
}

export function* endsOf(build: Build, generations: readonly number[]): Operation<readonly IntentEnd[]> {
  const ends: IntentEnd[] = []
  for (const slice of inSlices(generations)) {
    const rows = yield* all(
      build
        .selectFrom('intent_ends')
        .select(['generation', 'outcome'])
        .where('generation', 'in', slice)
        .where('shown', '=', 1),
    )
    ends.push(...rows.map(({ generation, outcome }) => ({ generation, outcome: JSON.parse(outcome) })))
  }
  return ends
}

export function* showEnds(build: Build, generations: readonly number[]): Operation<void> {
  for (const slice of inSlices(generations)) {
    yield* run(build.updateTable('intent_ends').set({ shown: 1 }).where('generation', 'in', slice))
  }
}

export function* forgetEnds(build: Build, before: number): Operation<void> {
  yield* run(build.deleteFrom('intent_ends').where('at', '<', before))
}
