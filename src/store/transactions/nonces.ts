import { CompiledQuery } from 'kysely'
import { prepared } from '../prepared.ts'
import { all, asInserted, type Build, first, run, type Transaction } from '../transaction.ts'

const FORGOTTEN_AT_ONCE = 5_000

/** In `sequences`: when the last nonce expired that was forgotten. */
export const FORGOTTEN = 'nonces forgotten'

/** Once for every signed request, so it is one statement, compiled by nobody. */
const CLAIM = `
  insert into nonces (caller, nonce, expires_at)
  select cast(? as text), cast(? as text), cast(? as bigint)
  where cast(? as bigint) > coalesce((select value from sequences where name = '${FORGOTTEN}'), -1)
  on conflict do nothing returning 1`

/**
 * True for the first who asks, and for nobody else, ever. A clock that was ahead for a while has forgotten nonces that
 * are not over: what would have expired with them may have been taken, and is refused.
 */
export function* claimNonce(caller: string, nonce: string, expiresAt: number): Transaction<boolean> {
  const claimed = yield CompiledQuery.raw(CLAIM, [caller, nonce, expiresAt, expiresAt])
  return claimed.length === 1
}

export function* forgetNonces(build: Build, now: number): Transaction<number> {
  const forgotten = yield* all(expiredNonces(build, now, FORGOTTEN_AT_ONCE))
  if (forgotten.length > 0) {
    yield* run(forgottenUntil(build, Math.max(...forgotten.map(({ expires_at }) => expires_at))))
  }
  return forgotten.length
}

const expiredNonces = prepared((build: Build, now: number, most: number) => {
  const expired = build
    .selectFrom('nonces')
    .select(['caller', 'nonce'])
    .where('expires_at', '<', now)
    .limit(most)
  return build
    .deleteFrom('nonces')
    .where(({ eb, refTuple }) => eb(refTuple('caller', 'nonce'), 'in', expired.$asTuple('caller', 'nonce')))
    .returning('expires_at')
})

const forgottenUntil = prepared((build: Build, value: number) =>
  build
    .insertInto('sequences')
    .values({ name: FORGOTTEN, value })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet(asInserted(['value']))
        .whereRef('sequences.value', '<', 'excluded.value'),
    ),
)

export function* changeBudget<Budget, Answer>(
  build: Build,
  credential: string,
  decide: (budget: Budget | undefined) => { budget: Budget; answer: Answer },
  now: number,
): Transaction<Answer> {
  const kept = (yield* lockedBudget(build, credential)) ?? (yield* newBudget(build, credential))
  const { budget, answer } = decide((JSON.parse(kept) as Budget | null) ?? undefined)
  yield* run(budgetKept(build, credential, JSON.stringify(budget), now))
  return answer
}

/** An update that changes nothing, because it locks the row in every database. */
function* lockedBudget(build: Build, credential: string): Transaction<string | undefined> {
  return (yield* first(budgetOf(build, credential)))?.budget
}

function* newBudget(build: Build, credential: string): Transaction<string> {
  const none = JSON.stringify(null)
  yield* run(
    build
      .insertInto('budgets')
      .values({ credential, budget: none })
      .onConflict((conflict) => conflict.doNothing()),
  )
  // Somebody else may have been first.
  return (yield* lockedBudget(build, credential)) ?? none
}

const budgetOf = prepared((build: Build, credential: string) =>
  build
    .updateTable('budgets')
    .set((eb) => ({ budget: eb.ref('budget') }))
    .where('credential', '=', credential)
    .returning('budget'),
)

const budgetKept = prepared((build: Build, credential: string, budget: string, now: number) =>
  build.updateTable('budgets').set({ budget, used_at: now }).where('credential', '=', credential),
)
