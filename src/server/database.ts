import type { DatabaseConfig } from '#config/config.ts'
import type { Clock, Log, Random } from '#platform/ports.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import type { Store } from '#store/store.ts'

/** A store, and the time by which those who share it live. */
export interface OpenDatabase {
  readonly store: Store
  readonly clock: Clock
  /** How often to look for what others wrote down (ms); undefined: there is hardly anybody else. */
  readonly lookEveryMs: number | undefined
  close(): Promise<void>
}

/** A request that another replica carries out is answered so much later at most (ms). */
const LOOK_AT_OTHERS_EVERY_MS = 100

/**
 * `serving`: to serve from it; SQLite lets one process do that at a time, and no lease in it is anybody's then.
 * `mustExist`: a SQLite file that is not there is not made, but told.
 */
export async function openDatabase(
  config: DatabaseConfig,
  { clock, random, log }: { clock: Clock; random: Random; log: Log },
  { serving, mustExist = false }: { serving: boolean; mustExist?: boolean },
): Promise<OpenDatabase> {
  if (config.kind === 'sqlite') {
    const { path } = config
    const store = await openSqliteStore({
      path,
      exclusive: serving,
      mustExist,
      random,
      now: () => clock.now(),
    })
    return { store, clock, lookEveryMs: undefined, close: () => store.close() }
  }
  // Whoever keeps to SQLite does not pay for the other driver: 6 MiB.
  const { openPostgresStore } = await import('#store/postgres/open.ts')
  const { followClock } = await import('#store/postgres/clock.ts')
  const store = await openPostgresStore({ url: config.url.reveal(), random })
  try {
    if (await store.forgetsCommits()) {
      log.warn(
        {},
        'PostgreSQL runs with fsync or synchronous_commit off: a crash of it would lose changes that were acknowledged',
      )
    }
    const shared = await followClock({ time: store.time, local: clock, log })
    return {
      store,
      clock: shared,
      lookEveryMs: LOOK_AT_OTHERS_EVERY_MS,
      async close() {
        await shared.stop()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** For people; without user and password. */
export function describeDatabase(config: DatabaseConfig): string {
  if (config.kind === 'sqlite') return config.path
  const { host, pathname } = new URL(config.url.reveal())
  return `postgres://${host}${pathname}`
}
