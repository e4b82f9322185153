import { CompiledQuery } from 'kysely'
import type { ZoneId } from '#dns/zone.ts'
import type { Limit } from '../coordination.ts'
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

/** The log of the last times says exactly how many there were: no window has an edge to wait for. */
export function* spend(
  build: Build,
  limit: Limit,
  now: number,
): Transaction<{ ok: true } | { ok: false; waitMs: number }> {
  const { most, windowMs } = limit
  const log = (yield* locked(build, limit)) ?? (yield* begun(build, limit, now))
  // A time from a clock that was further ahead than a window would be waited for without end.
  const times = log.filter((time) => time > now - windowMs && time <= now + windowMs)
  const [oldest = now] = times.slice(-most)
  if (times.length >= most) return { ok: false, waitMs: Math.min(windowMs, oldest + windowMs - now) }
  yield* run(written(build, limit, [...times, now], now + windowMs))
  return { ok: true }
}

export function* giveBack(
  build: Build,
  limit: Pick<Limit, 'subject' | 'kind'>,
  at: number,
): Transaction<void> {
  const times = yield* locked(build, limit)
  const index = times?.lastIndexOf(at) ?? -1
  if (times === undefined || index < 0) return
  yield* run(written(build, limit, times.toSpliced(index, 1)))
}

/** An update that changes nothing, because it locks the row in every database. */
function* locked(
  build: Build,
  { subject, kind }: Pick<Limit, 'subject' | 'kind'>,
): Transaction<readonly number[] | undefined> {
  const row = yield* first(
    build
      .updateTable('limits')
      .set((eb) => ({ times: eb.ref('times') }))
      .where('subject', '=', subject)
      .where('kind', '=', kind)
      .returning('times'),
  )
  return row && JSON.parse(row.times)
}

function* begun(build: Build, limit: Limit, now: number): Transaction<readonly number[]> {
  const { subject, kind, customerId, windowMs } = limit
  yield* run(
    build
      .insertInto('limits')
      .values({ subject, kind, customer_id: customerId, times: '[]', expires_at: now + windowMs })
      .onConflict((conflict) => conflict.doNothing()),
  )
  // Somebody else may have been first.
  return (yield* locked(build, limit)) ?? []
}

function written(
  build: Build,
  { subject, kind }: Pick<Limit, 'subject' | 'kind'>,
  times: readonly number[],
  expiresAt?: number,
) {
  return build
    .updateTable('limits')
    .set({ times: JSON.stringify(times), ...(expiresAt === undefined ? {} : { expires_at: expiresAt }) })
    .where('subject', '=', subject)
    .where('kind', '=', kind)
}

export function* releaseLease(build: Build, zone: ZoneId, owner: string): Transaction<void> {
  yield* run(
    build
      .updateTable('zone_states')
      .set({ lease_owner: null, lease_until: 0, lease_wanted: 0 })
      .where('zone_id', '=', zone)
      .where('lease_owner', '=', owner),
  )
}

export function* wantLease(build: Build, zone: ZoneId, at: number): Transaction<void> {
  yield* run(
    build
      .updateTable('zone_states')
      .set({ lease_wanted: at })
      .where('zone_id', '=', zone)
      .where('lease_wanted', '<', at),
  )
}

export function* leasesWanted(build: Build, owner: string): Transaction<readonly ZoneId[]> {
  const rows = yield* all(wantedOf(build, owner))
  return rows.map(({ zone_id }) => zone_id)
}

const wantedOf = prepared((build: Build, owner: string) =>
  build
    .selectFrom('zone_states')
    .select('zone_id')
    .where('lease_owner', '=', owner)
    .where('lease_wanted', '>', 0),
)
