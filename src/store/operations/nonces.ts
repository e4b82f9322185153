import { CompiledQuery } from 'kysely'
import { all, type Build, first, type Operation, run } from '../operation.ts'

const FORGOTTEN_AT_ONCE = 5_000

/** Once for every signed request, so it is one statement, compiled by nobody. */
const CLAIM =
  'insert into nonces (caller, nonce, expires_at) values (?, ?, ?) on conflict do nothing returning 1'

/** True for the first who asks, and for nobody else, ever. */
export function* claimNonce(caller: string, nonce: string, expiresAt: number): Operation<boolean> {
  const claimed = yield CompiledQuery.raw(CLAIM, [caller, nonce, expiresAt])
  return claimed.length === 1
}

export function* forgetNonces(build: Build, now: number): Operation<number> {
  const expired = build
    .selectFrom('nonces')
    .select(['caller', 'nonce'])
    .where('expires_at', '<', now)
    .limit(FORGOTTEN_AT_ONCE)
  const forgotten = yield* all(
    build
      .deleteFrom('nonces')
      .where(({ eb, refTuple }) => eb(refTuple('caller', 'nonce'), 'in', expired.$asTuple('caller', 'nonce')))
      .returning('nonce'),
  )
  return forgotten.length
}

export function* changeBudget<Budget, Answer>(
  build: Build,
  credential: string,
  decide: (budget: Budget | undefined) => { budget: Budget; answer: Answer },
): Operation<Answer> {
  const kept = yield* first(build.selectFrom('budgets').select('budget').where('credential', '=', credential))
  const { budget, answer } = decide(kept && (JSON.parse(kept.budget) as Budget))
  const text = JSON.stringify(budget)
  yield* run(
    build
      .insertInto('budgets')
      .values({ credential, budget: text })
      .onConflict((conflict) => conflict.column('credential').doUpdateSet({ budget: text })),
  )
  return answer
}
