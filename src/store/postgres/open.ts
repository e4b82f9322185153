import { sql } from 'kysely'
import type { Random } from '#platform/ports.ts'
import { NameTaken } from '../declared.ts'
import { intentRow } from '../rows.ts'
import { sqlStore } from '../sql-store.ts'
import { type Store, StoreError } from '../store.ts'
import { givenTime, type LeaseTime, postgresBuild } from '../transaction.ts'
import { openConnections } from './connections.ts'
import { gathered } from './gathered.ts'
import { addIntents, type Claim, claimNonces, type NewRow } from './lots.ts'
import { migrate } from './migrate.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, with what else the driver takes (`sslmode`, `host=/run/…`). */
  readonly url: string
  readonly random: Random
  /** Open to the server at once, by this process. */
  readonly connections?: number
  /** What leases are compared with: the clock of the server, or, for tests in a time of their own, the one given. */
  readonly leaseTime?: 'database' | 'given'
}

/** A store that several processes share. */
export interface SharedStore extends Store {
  /** What the clock of the database says (ms), when it was asked. */
  time(): Promise<number>
  /** The server answers before a commit is safe: a crash of it would forget what was promised. */
  forgetsCommits(): Promise<boolean>
}

/**
 * The store for several replicas. Correct at READ COMMITTED by unique keys, row locks and conditional updates; nothing
 * is kept in a session, so a pooler may hand every transaction to another connection (decisions/003).
 */
export async function openPostgresStore(options: PostgresOptions): Promise<SharedStore> {
  const { url, random, connections: most = 10, leaseTime = 'database' } = options
  const connections = openConnections(url, most)
  try {
    await connections.underWay(() => migrate(connections))
  } catch (error) {
    await connections.close()
    throw error
  }
  const time = leaseTime === 'database' ? databaseTime : givenTime
  const newId = () => random.hex(16)
  // No commit of a nonce is lost with the machine, so nothing from before a start is in doubt.
  const replaysPossibleUntil = 0
  const store = sqlStore({ ...connections, build: postgresBuild(), time }, { newId }, replaysPossibleUntil)
  const { underWay, query, transact } = connections
  const claim = gathered((claims: readonly Claim[]) => claimNonces(query, claims))
  const add = gathered((wanted: readonly NewRow[]) => transact(() => addIntents(wanted)))
  return {
    ...store,
    claimNonce: (caller, nonce, expiresAt) => underWay(() => claim({ caller, nonce, expiresAt })),
    // What cannot be written down fails here, before it is among others.
    addIntent: (intent, notAfter) =>
      underWay(async () => {
        const admission = await add({ intent, row: intentRow(intent), notAfter })
        if (admission === 'too-late') throw new StoreError('The database took too long.')
        if ('takenBy' in admission) throw new NameTaken(intent.key.name, admission.takenBy)
        return admission.added
      }),
    async time() {
      const [row] = await underWay(() => query<{ ms: number }>(NOW, []))
      return row!.ms
    },
    async forgetsCommits() {
      const [row] = await underWay(() => query<{ forgets: boolean }>(FORGETS, []))
      return row!.forgets
    },
  }
}

const NOW = 'select cast(extract(epoch from clock_timestamp()) * 1000 as double precision) as ms'

const FORGETS =
  "select current_setting('fsync') = 'off' or current_setting('synchronous_commit') = 'off' as forgets"

const databaseTime: LeaseTime = () =>
  sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`
