import { type Selectable, sql } from 'kysely'
import {
  type OAuthStateRow,
  SESSION_IDLE_MS,
  SESSION_LONGEST_MS,
  type SessionRow,
  type SessionToKeep,
} from '../accounts.ts'
import type { Schema } from '../schema.ts'
import { type Build, first, run, type Transaction } from '../transaction.ts'

/**
 * The row of a session that has ended stays a while, run out: a request that is still under way would otherwise bring
 * it back when it writes down what it knows.
 */
const STRAGGLERS_MS = 10 * 60_000

export function* session(build: Build, idHash: string, now: number): Transaction<SessionRow | undefined> {
  const row = yield* first(
    build
      .updateTable('sessions')
      .set({ seen_at: now, expires_at: expiry(now) })
      .where('id_hash', '=', idHash)
      .where('expires_at', '>', now)
      .returningAll(),
  )
  return row && sessionOf(row)
}

export function* keepSession(
  build: Build,
  { idHash, customerId, data, createdAt }: SessionToKeep,
  now: number,
): Transaction<boolean> {
  const begunAt = createdAt ?? now
  const kept = yield* first(
    build
      .insertInto('sessions')
      .values({
        id_hash: idHash,
        customer_id: customerId,
        data,
        created_at: begunAt,
        seen_at: now,
        expires_at: Math.min(now + SESSION_IDLE_MS, begunAt + SESSION_LONGEST_MS),
      })
      .onConflict((conflict) =>
        conflict
          .column('id_hash')
          .doUpdateSet({ customer_id: customerId, data, seen_at: now, expires_at: expiry(now) })
          .where('sessions.expires_at', '>', now),
      )
      .returning('id_hash'),
  )
  return kept !== undefined
}

export function* endSession(build: Build, idHash: string, now: number): Transaction<void> {
  yield* run(build.updateTable('sessions').set(ended(now)).where('id_hash', '=', idHash))
}

export function* endSessionsOf(build: Build, customerId: string, now: number): Transaction<void> {
  yield* run(build.updateTable('sessions').set(ended(now)).where('customer_id', '=', customerId))
}

export function* forgetSessions(build: Build, now: number): Transaction<void> {
  yield* run(build.deleteFrom('sessions').where('expires_at', '<', now - STRAGGLERS_MS))
  yield* run(build.deleteFrom('oauth_states').where('expires_at', '<=', now))
  yield* run(build.deleteFrom('limits').where('expires_at', '<=', now))
  yield* run(build.deleteFrom('takeover_plans').where('expires_at', '<=', now))
  yield* run(
    build
      .deleteFrom('customer_cloudflare_connections')
      .where('customer_id', 'not in', (eb) => eb.selectFrom('customers').select('id')),
  )
  const holders = build
    .selectFrom('customer_cloudflare_connections')
    .select(sql<string>`'connection:' || id`.as('holder'))
  yield* run(
    build
      .deleteFrom('dns_records_cache')
      .where('customer_id', 'is not', null)
      .where('holder', 'not in', holders),
  )
  yield* run(
    build
      .deleteFrom('zones')
      .where('credential', 'like', 'connection:%')
      .where('credential', 'not in', holders),
  )
}

export function* addOAuthState(build: Build, state: OAuthStateRow, now: number): Transaction<void> {
  yield* run(build.deleteFrom('oauth_states').where('expires_at', '<=', now))
  yield* run(
    build.insertInto('oauth_states').values({
      state_hash: state.stateHash,
      customer_id: state.customerId,
      session_hash: state.sessionHash,
      verifier: state.verifier,
      expires_at: state.expiresAt,
    }),
  )
}

export function* takeOAuthState(build: Build, stateHash: string): Transaction<OAuthStateRow | undefined> {
  const row = yield* first(
    build.deleteFrom('oauth_states').where('state_hash', '=', stateHash).returningAll(),
  )
  return (
    row && {
      stateHash: row.state_hash,
      customerId: row.customer_id,
      sessionHash: row.session_hash,
      verifier: row.verifier,
      expiresAt: row.expires_at,
    }
  )
}

/** After so long unused, or so long after its beginning: whatever comes first. */
function expiry(now: number) {
  const idle = sql`cast(${now + SESSION_IDLE_MS} as bigint)`
  const last = sql`sessions.created_at + ${sql.lit(SESSION_LONGEST_MS)}`
  return sql<number>`case when ${last} < ${idle} then ${last} else ${idle} end`
}

function ended(now: number) {
  return { customer_id: null, data: '{}', expires_at: now }
}

function sessionOf(row: Selectable<Schema['sessions']>): SessionRow {
  return { idHash: row.id_hash, customerId: row.customer_id, data: row.data, createdAt: row.created_at }
}
