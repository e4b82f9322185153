import { CompiledQuery } from 'kysely'
import { all, type Build, first, type Operation, run } from '../operation.ts'
import { prepared } from '../prepared.ts'

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
  const kept = (yield* lockedBudget(build, credential)) ?? (yield* newBudget(build, credential))
  const { budget, answer } = decide((JSON.parse(kept) as Budget | null) ?? undefined)
  yield* run(budgetKept(build, credential, JSON.stringify(budget)))
  return answer
}

/** An update that changes nothing, because it locks the row in every database. */
function* lockedBudget(build: Build, credential: string): Operation<string | undefined> {
  return (yield* first(budgetOf(build, credential)))?.budget
}

function* newBudget(build: Build, credential: string): Operation<string> {
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

const budgetKept = prepared((build: Build, credential: string, budget: string) =>
  build.updateTable('budgets').set({ budget }).where('credential', '=', credential),
)
