import type { Limit } from '../coordination.ts'
import { type Build, first, run, type Transaction } from '../transaction.ts'

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
