import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import Database from 'better-sqlite3'
import type { CompiledQuery } from 'kysely'
import type { Random } from '#platform/ports.ts'
import { migrations, NEEDED_VERSION, refuseIfTooOld } from '../migrations.ts'
import { sqlStore } from '../sql-store.ts'
import { type Store, StoreError } from '../store.ts'
import { givenTime, sqliteBuild, type Transaction } from '../transaction.ts'
import { claimNonce } from '../transactions/coordination.ts'

export interface SqliteOptions {
  /** A file, or `:memory:`. */
  readonly path: string
  /** A file that is not there is not made, but told. */
  readonly mustExist?: boolean
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
  const { path, exclusive = false, mustExist = false, random, now } = options
  const bootId = 'bootId' in options ? options.bootId : bootIdOfThisMachine()
  let lock: Database.Database | undefined
  let connection: Database.Database | undefined
  try {
    if (mustExist && !existsSync(path))
      throw new StoreError(`There is no database at ${path}; is that path right?`)
    lock = exclusive ? lockFor(path) : undefined
    connection = connect(path)
    migrate(connection)
    refuseIfTooOld(connection.prepare(NEEDED_VERSION).pluck().get())
    // Other commands come and go while `serve` runs: only its own start and end say how the machine fared.
    if (exclusive) noteStart(connection, bootId, now())
    const store = storeOver(connection, { lock, replaysPossibleUntil: replaysIn(connection), random, now })
    // Nobody else can be at work, so whatever held a zone is gone.
    if (exclusive) await store.freeAllLeases()
    return store
  } catch (error) {
    connection?.close()
    lock?.close()
    throw wrapped(error)
  }
}

function storeOver(
  connection: Database.Database,
  {
    lock,
    replaysPossibleUntil,
    random,
    now,
  }: {
    lock: Database.Database | undefined
    replaysPossibleUntil: number
    random: Random
    now: () => number
  },
): Store {
  const { transact, once, read, claimSoon, claimAll } = transactions(connection)

  async function close(): Promise<void> {
    if (!connection.open) return
    claimAll()
    try {
      connection.pragma(`busy_timeout = ${PATIENCE_MS}`)
      if (lock) noteEnd(connection)
    } catch (error) {
      throw wrapped(error)
    } finally {
      connection.close()
      lock?.close()
    }
  }

  const newId = () => random.hex(16)
  const database = { build: sqliteBuild, time: givenTime, transact, once, read, close, now }
  const store = sqlStore(database, { newId }, replaysPossibleUntil)
  return { ...store, claimNonce: claimSoon }
}

function connect(path: string): Database.Database {
  const connection = opened(path)
  connection.pragma('journal_mode = WAL')
  connection.pragma('synchronous = NORMAL')
  connection.pragma(`busy_timeout = ${PATIENCE_MS}`)
  connection.pragma('cache_size = -2000')
  connection.pragma('foreign_keys = ON')
  return connection
}

function opened(path: string): Database.Database {
  try {
    return new Database(path)
  } catch (error) {
    throw new StoreError(`${path} cannot be opened: ${(error as Error).message}.`, { cause: error })
  }
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

/**
 * Leaves a mark that only a clean end takes away. Found at a start from another boot, it says that the machine crashed
 * under us. What follows from it outlives this process: a second start within the window is no safer than the first.
 */
function noteStart(connection: Database.Database, bootId: string | undefined, now: number): void {
  if (bootId === undefined) return
  const mark = connection.prepare("select value from meta where key = 'open_since_boot'").pluck().get()
  const isAfterCrash = mark !== undefined && mark !== bootId
  const note = connection.prepare('insert or replace into meta (key, value) values (?, ?)')
  // Synced before the first nonce is taken: a mark that the machine takes with it is none.
  connection.pragma('synchronous = FULL')
  connection.transaction(() => {
    note.run('open_since_boot', bootId)
    if (isAfterCrash) note.run('replays_possible_until', String(now + REPLAY_WINDOW_MS))
  })()
  connection.pragma('synchronous = NORMAL')
}

function noteEnd(connection: Database.Database): void {
  connection.prepare("delete from meta where key = 'open_since_boot'").run()
}

function replaysIn(connection: Database.Database): number {
  const until = connection
    .prepare("select value from meta where key = 'replays_possible_until'")
    .pluck()
    .get()
  return Number(until ?? 0)
}

function bootIdOfThisMachine(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return undefined
  }
}

const MOST_PARAMETERS_KEPT = 80

/** How long others may keep us from the file: a command does so for some milliseconds, a shell as long as it likes. */
const PATIENCE_MS = 2_000
const TRY_AGAIN_EVERY_MS = 10
/** Statements and rows, after which others have their turn: some milliseconds. */
const MOST_A_TURN = 1_000

function transactions(connection: Database.Database) {
  const statements = new Map<string, Database.Statement>()
  // SQLite would wait on the thread, and nobody would be answered meanwhile; we wait beside it.
  connection.pragma('busy_timeout = 0')

  function statementFor({ sql, parameters }: CompiledQuery): Database.Statement {
    const known = statements.get(sql)
    if (known) return known
    const prepared = connection.prepare(sql)
    // A list of names has any length up to 200; kept for each, such statements come to many megabytes.
    if (parameters.length <= MOST_PARAMETERS_KEPT) statements.set(sql, prepared)
    return prepared
  }

  function answer(query: CompiledQuery): readonly unknown[] {
    const statement = statementFor(query)
    if (!statement.reader) {
      const { changes } = statement.run(...query.parameters)
      worked(1 + changes)
      return []
    }
    const rows = statement.all(...query.parameters)
    worked(1 + rows.length)
    return rows
  }

  /** Statements and rows since Node's loop last came round. */
  let done = 0

  function worked(more: number): void {
    if (done === 0) {
      setImmediate(() => {
        done = 0
      })
    }
    done += more
  }

  function runToItsEnd<Answer>(operation: Transaction<Answer>): Answer {
    let step = operation.next([])
    while (!step.done) step = operation.next(answer(step.value))
    return step.value
  }

  const inTransaction = connection.transaction((work: () => unknown) => work())

  function mustBeOpen(): void {
    if (!connection.open) throw new StoreError('The database is closed.')
  }

  /** At once, unless another process has the file locked; then again and again, until it is too late. */
  async function patiently<Answer>(work: () => Answer): Promise<Answer> {
    for (let waitedMs = 0; ; waitedMs += TRY_AGAIN_EVERY_MS) {
      try {
        mustBeOpen()
        const answer = work()
        // Nothing here waits for anything, so whoever asks again and again would keep everybody else waiting.
        if (done >= MOST_A_TURN) await new Promise<void>((resolve) => setImmediate(resolve))
        return answer
      } catch (error) {
        if (!isBusy(error) || waitedMs >= PATIENCE_MS) throw wrapped(error)
      }
      await setTimeout(TRY_AGAIN_EVERY_MS)
    }
  }

  /** Synchronous between BEGIN and COMMIT: nothing of another operation can come in between. */
  function transact<Answer>(operation: () => Transaction<Answer>): Promise<Answer> {
    return patiently(() => inTransaction.immediate(() => runToItsEnd(operation())) as Answer)
  }

  function once<Answer>(operation: () => Transaction<Answer>): Promise<Answer> {
    return patiently(() => runToItsEnd(operation()))
  }

  /** Without the lock for writing, which costs more than most of what is read. */
  function read<Answer>(operation: () => Transaction<Answer>): Promise<Answer> {
    return patiently(() => inTransaction.deferred(() => runToItsEnd(operation())) as Answer)
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
    if (claiming.length === 0) return
    const claimAllOfThem = () =>
      claiming.map(({ caller, nonce, expiresAt }) => runToItsEnd(claimNonce(caller, nonce, expiresAt)))
    patiently(() => inTransaction.immediate(claimAllOfThem) as boolean[]).then(
      (claimed) => {
        for (const [index, { resolve }] of claiming.entries()) resolve(claimed[index]!)
      },
      (error) => {
        for (const { reject } of claiming) reject(error)
      },
    )
  }

  return { transact, once, read, claimSoon, claimAll }
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
  // Beside the file itself: a link to it is the same database.
  const lock = opened(`${existsSync(path) ? realpathSync(path) : path}.lock`)
  try {
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.pragma('busy_timeout = 0')
    lock.exec('begin exclusive')
    return lock
  } catch (error) {
    lock.close()
    if (!isBusy(error)) throw error
    throw new StoreError(
      `${path} is in use by another zonewright process. SQLite serves one process; stop the other one first.`,
      { cause: error },
    )
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

function wrapped(error: unknown): unknown {
  if (error instanceof Database.SqliteError) {
    return new StoreError(`The database did not answer (${error.code}).${adviceOn(error.code)}`, {
      cause: error,
    })
  }
  return error
}

function adviceOn(code: string): string {
  if (code.startsWith('SQLITE_BUSY')) return ' Another program holds its file locked.'
  if (code.startsWith('SQLITE_READONLY')) {
    return ' Its file and its folder must be writable for the user who runs this.'
  }
  if (code === 'SQLITE_FULL')
    return ' There is no space left on its disk; make some, and it goes on by itself.'
  return ''
}
