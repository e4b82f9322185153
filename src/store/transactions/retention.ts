import { all, type Build, first, run, type Transaction } from '../transaction.ts'

/** A lot is one transaction, which others wait for. */
const ENTRIES_AT_ONCE = 1_000

/** Forgets entries of before (ms), the oldest first, some hundreds at a time. Returns how many. */
export function* forgetHistory(build: Build, before: number): Transaction<number> {
  const old = build
    .selectFrom('history')
    .select('id')
    .where('at', '<', before)
    .orderBy('at')
    .limit(ENTRIES_AT_ONCE)
  const forgotten = yield* all(build.deleteFrom('history').where('id', 'in', old).returning('id'))
  return forgotten.length
}

/**
 * Forgets what is beyond the newest `most` entries of a customer, some hundreds at a time. One change by hand is many
 * entries of one time, and stays whole. Returns how many.
 */
export function* forgetHistoryBeyond(build: Build, customerId: string, most: number): Transaction<number> {
  const ofCustomer = build.selectFrom('history').where('customer_id', '=', customerId)
  const last = yield* first(
    ofCustomer
      .select('at')
      .orderBy('at', 'desc')
      .limit(1)
      .offset(most - 1),
  )
  if (last === undefined) return 0
  const old = ofCustomer.select('id').where('at', '<', last.at).orderBy('at').limit(ENTRIES_AT_ONCE)
  const forgotten = yield* all(build.deleteFrom('history').where('id', 'in', old).returning('id'))
  return forgotten.length
}

/** Forgets budgets that nobody has used since (ms): such a one is full again, as a new one is. */
export function* forgetBudgets(build: Build, before: number, now: number): Transaction<void> {
  yield* run(build.deleteFrom('budgets').where('used_at', '<', before))
  // Kept by a program that did not say when.
  yield* run(build.updateTable('budgets').set({ used_at: now }).where('used_at', 'is', null))
}
