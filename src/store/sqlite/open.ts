import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { CompiledQuery } from 'kysely'
import type { Random } from '#src/world.ts'
import { migrations } from '../migrations.ts'
import { type Operation, sqliteBuild } from '../operation.ts'
import { claimNonce } from '../operations/nonces.ts'
import { sqlStore } from '../sql-store.ts'
import { type Store, StoreError } from '../store.ts'

export interface SqliteOptions {
  /** A file, or `:memory:`. */
  readonly path: string
  /** For `serve`: refuse to share the file with another `serve` process, until closed. */
  readonly exclusive?: boolean
  readonly random: Random
  readonly now: () => number
  /** Told by the kernel: changes with every start of the machine. For tests; undefined where there is none. */
  readonly bootId?: string | undefined
}

/** How long after a lost machine a signed request of before could still be replayed (ms): its whole window. */
const REPLAY_WINDOW_MS = 300_000

/**
 * The embedded store. WAL with `synchronous = NORMAL`: a commit survives `kill -9` of this process at once, and a crash
 * of the whole machine once the log is synced. Since a machine may take the last nonces with it, a start after a
 * crash of the machine opens with `replaysPossibleUntil` set (decisions/003).
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { path, random, now } = options
  const bootId = 'bootId' in options ? options.bootId : bootIdOfThisMachine()
  const lock = options.exclusive ? lockFor(path) : undefined
  try {
    const connection = connect(path)
    migrate(connection)
    const replaysPossibleUntil = lock ? noteStart(connection, bootId, now()) : 0
    const { transact, claimSoon } = transactions(connection)
    const build = sqliteBuild()
    const close = async () => {
      if (lock) connection.prepare("delete from meta where key = 'open_since_boot'").run()
      connection.close()
      lock?.close()
    }
    const store = sqlStore({ build, transact, close }, { newId: () => random.hex(16) }, replaysPossibleUntil)
    return { ...store, claimNonce: claimSoon }
  } catch (error) {
    lock?.close()
    throw wrapped(error)
  }
}

function connect(path: string): Database.Database {
  const connection = new Database(path)
  connection.pragma('journal_mode = WAL')
  connection.pragma('synchronous = NORMAL')
  connection.pragma('busy_timeout = 2000')
  connection.pragma('cache_size = -2000')
  connection.pragma('foreign_keys = ON')
  return connection
}

/** Applies what is missing, all of it or none. Safe to run at every start. */
function migrate(connection: Database.Database): void {
  connection
    .transaction(() => {
      connection.exec(
        'create table if not exists schema_migrations (version integer primary key, name text not null, applied_at text not null)',
      )
      const applied = new Set(connection.prepare('select version from schema_migrations').pluck().all())
      for (const { version, name, statements } of migrations) {
        if (applied.has(version)) continue
        for (const statement of statements) connection.exec(statement)
        connection
          .prepare("insert into schema_migrations values (?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))")
          .run(version, name)
      }
    })
    .immediate()
}

/** Whether this start follows a crash of the machine: the mark of the last start is still there, from another boot. */
function noteStart(connection: Database.Database, bootId: string | undefined, now: number): number {
  if (bootId === undefined) return 0
  const mark = connection.prepare("select value from meta where key = 'open_since_boot'").pluck().get()
  connection.prepare("insert or replace into meta (key, value) values ('open_since_boot', ?)").run(bootId)
  return mark !== undefined && mark !== bootId ? now + REPLAY_WINDOW_MS : 0
}

function bootIdOfThisMachine(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return undefined
  }
}

function transactions(connection: Database.Database) {
  const statements = new Map<string, Database.Statement>()

  function statementFor({ sql }: CompiledQuery): Database.Statement {
    const known = statements.get(sql)
    if (known) return known
    const prepared = connection.prepare(sql)
    statements.set(sql, prepared)
    return prepared
  }

  function answer(query: CompiledQuery): readonly unknown[] {
    const statement = statementFor(query)
    if (statement.reader) return statement.all(...query.parameters)
    statement.run(...query.parameters)
    return []
  }

  function runToItsEnd<Answer>(operation: Operation<Answer>): Answer {
    let step = operation.next([])
    while (!step.done) step = operation.next(answer(step.value))
    return step.value
  }

  const inTransaction = connection.transaction((work: () => unknown) => work())

  /** Synchronous between BEGIN and COMMIT: nothing of another operation can come in between. */
  async function transact<Answer>(operation: () => Operation<Answer>): Promise<Answer> {
    try {
      return inTransaction.immediate(() => runToItsEnd(operation())) as Answer
    } catch (error) {
      throw wrapped(error)
    }
  }

  let claims: Claim[] = []

  /** All nonces of one turn of the loop share one commit. */
  function claimSoon(caller: string, nonce: string, expiresAt: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      claims.push({ caller, nonce, expiresAt, resolve, reject })
      if (claims.length === 1) setImmediate(claimAll)
    })
  }

  function claimAll(): void {
    const claiming = claims
    claims = []
    try {
      const claimed = inTransaction.immediate(() =>
        claiming.map(({ caller, nonce, expiresAt }) => runToItsEnd(claimNonce(caller, nonce, expiresAt))),
      ) as boolean[]
      for (const [index, { resolve }] of claiming.entries()) resolve(claimed[index]!)
    } catch (error) {
      for (const { reject } of claiming) reject(wrapped(error))
    }
  }

  return { transact, claimSoon }
}

interface Claim {
  readonly caller: string
  readonly nonce: string
  readonly expiresAt: number
  readonly resolve: (claimed: boolean) => void
  readonly reject: (error: unknown) => void
}

/** A second file, locked for as long as we live: the kernel lets go of it however we end. */
function lockFor(path: string): Database.Database | undefined {
  if (path === ':memory:') return undefined
  const lock = new Database(`${path}.lock`)
  try {
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.pragma('busy_timeout = 0')
    lock.exec('begin exclusive')
    return lock
  } catch (error) {
    lock.close()
    throw new StoreError(
      `${path} is in use by another zonewright process. SQLite serves one process; stop the other one first.`,
      { cause: error },
    )
  }
}

function wrapped(error: unknown): unknown {
  if (error instanceof Database.SqliteError) {
    return new StoreError(`The database did not answer (${error.code}).`, { cause: error })
  }
  return error
}
