import Database from 'better-sqlite3'
import type { CompiledQuery } from 'kysely'
import type { Clock, Random } from '#platform/ports.ts'
import { migrations } from '#store/migrations.ts'
import { sqlStore } from '#store/sql-store.ts'
import { type Store, StoreError } from '#store/store.ts'
import { givenTime, sqliteBuild, type Transaction } from '#store/transaction.ts'
import { addIntent } from '#store/transactions/intents.ts'

/**
 * PostgreSQL at READ COMMITTED as far as our operations can tell, in one process and with the time of a test: other
 * transactions come in between the statements of one, each statement sees what is committed when it begins and what its
 * own transaction has done, and who wants to write a row that another has written waits for the end of that one.
 * (PostgreSQL's documentation, "Transaction Isolation", 13.2.1; "Explicit Locking", 13.3.2 to 13.3.4.)
 *
 * The database is an SQLite that holds what is committed. A transaction keeps the rows that it has written; each of its
 * statements is run on top of them and rolled back, and its commit writes them. Nobody else can have written them
 * meanwhile. Where this is stricter or looser than the server:
 *
 * - Who has waited runs its whole statement again; the server looks again at the row that was waited for, and at the
 *   others as they were. No operation of ours lets one statement write several rows that depend on each other.
 * - An insert whose conflict leaves the row as it is waits for nobody, as long as the row is committed.
 * - Keys other than the primary one are kept at the end of each statement, but not waited for.
 * - Operations that only read run at one moment, as they do there (REPEATABLE READ).
 */
export function openInterleavedStore(options: InterleavedOptions): Store {
  const { clock, random } = options
  const committed = openCommitted()
  const locks = new Map<string, RunningTransaction>()
  const pending = new Set<Promise<unknown>>()
  let isClosed = false

  async function underWay<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    if (isClosed) throw new StoreError('The database is closed.')
    const working = work()
    pending.add(working)
    try {
      return await working
    } finally {
      pending.delete(working)
    }
  }

  /** Undone to make way for another, it is done again, as the driver does it. */
  async function transact<Answer>(operation: () => Transaction<Answer>): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      const transaction = begun()
      try {
        const answer = await toItsEnd(operation(), transaction)
        committed.keep(transaction.writes)
        return answer
      } catch (error) {
        if (!(error instanceof Deadlock)) throw error
        if (tries === MOST_TRIES) throw new StoreError('The database did not answer (40P01).')
      } finally {
        letGo(transaction)
      }
    }
  }

  async function toItsEnd<Answer>(
    operation: Transaction<Answer>,
    transaction: RunningTransaction,
  ): Promise<Answer> {
    let step = operation.next([])
    while (!step.done) {
      step = operation.next(await answered(step.value, transaction))
      await clock.sleep(pause(random))
    }
    return step.value
  }

  async function answered(
    query: CompiledQuery,
    transaction: RunningTransaction,
  ): Promise<readonly unknown[]> {
    const asked = options.statement?.(query) ?? query
    for (;;) {
      const { rows, written } = committed.tried(asked, transaction.writes)
      const holder = written.map(({ lock }) => locks.get(lock)).find((one) => one && one !== transaction)
      if (holder === undefined) {
        for (const write of written) {
          locks.set(write.lock, transaction)
          transaction.writes.set(write.lock, write)
        }
        return rows
      }
      for (let next: RunningTransaction | undefined = holder; next; next = next.waitsFor) {
        if (next === transaction) throw new Deadlock()
      }
      transaction.waitsFor = holder
      await holder.end
      transaction.waitsFor = undefined
    }
  }

  function letGo(transaction: RunningTransaction): void {
    for (const lock of transaction.writes.keys()) locks.delete(lock)
    transaction.finish()
  }

  async function read<Answer>(operation: () => Transaction<Answer>): Promise<Answer> {
    const running = operation()
    let step = running.next([])
    while (!step.done) {
      step = running.next(committed.tried(options.statement?.(step.value) ?? step.value, NOTHING).rows)
    }
    return step.value
  }

  async function close(): Promise<void> {
    if (isClosed) return
    isClosed = true
    await Promise.allSettled(pending)
    committed.close()
  }

  const database = {
    build: sqliteBuild,
    time: givenTime,
    transact: <Answer>(operation: () => Transaction<Answer>) => underWay(() => transact(operation)),
    once: <Answer>(operation: () => Transaction<Answer>) => underWay(() => transact(operation)),
    read: <Answer>(operation: () => Transaction<Answer>) => underWay(() => read(operation)),
    close,
    now: clock.now,
  }
  return {
    ...sqlStore(database, { newId: () => random.hex(16) }, 0),
    // Whether it is too late is looked at under the lock, as in the statement that does all of it there.
    addIntent: (intent, notAfter) =>
      database.transact(() =>
        checkedAfterFirst(addIntent(sqliteBuild, intent, clock.now), () => {
          if (notAfter !== undefined && clock.now() > notAfter) {
            throw new StoreError('The database took too long.')
          }
        }),
      ),
  }
}

export interface InterleavedOptions {
  readonly clock: Clock
  readonly random: Random
  /** Says something else than the operation did; for showing that the checks would see it. */
  readonly statement?: ((query: CompiledQuery) => CompiledQuery) | undefined
}

interface RunningTransaction {
  readonly writes: Map<string, Write>
  waitsFor: RunningTransaction | undefined
  readonly end: Promise<void>
  finish(): void
}

/** A row as a transaction has left it. */
interface Write {
  /** Its table and its key. */
  readonly lock: string
  readonly table: string
  readonly key: readonly unknown[]
  /** undefined: it is gone. */
  readonly row: Readonly<Record<string, unknown>> | undefined
}

class Deadlock extends Error {}

const NOTHING: ReadonlyMap<string, Write> = new Map()
const MOST_TRIES = 4

function begun(): RunningTransaction {
  const { promise: end, resolve: finish } = Promise.withResolvers<void>()
  return { writes: new Map(), waitsFor: undefined, end, finish }
}

/** Between two statements: as a rule a moment, and now and then long (ms). */
function pause(random: Random): number {
  return Math.floor(random.fraction() * (random.fraction() < 0.03 ? 1_500 : 4))
}

function* checkedAfterFirst<Answer>(operation: Transaction<Answer>, check: () => void): Transaction<Answer> {
  let step = operation.next([])
  for (let isFirst = true; !step.done; isFirst = false) {
    const rows = yield step.value
    if (isFirst) check()
    step = operation.next(rows)
  }
  return step.value
}

function openCommitted() {
  const connection = new Database(':memory:')
  for (const { statements } of migrations) for (const statement of statements) connection.exec(statement)
  const keys = noteWrites(connection)
  const prepared = new Map<string, Database.Statement>()

  function statement(sql: string): Database.Statement {
    const known = prepared.get(sql) ?? connection.prepare(sql)
    prepared.set(sql, known)
    return known
  }

  function run({ sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>): readonly unknown[] {
    const one = statement(sql)
    if (one.reader) return one.all(...parameters)
    one.run(...parameters)
    return []
  }

  function lay(writes: ReadonlyMap<string, Write>): void {
    for (const { table, key } of writes.values())
      statement(`delete from ${table} where ${isKey(table)}`).run(...key)
    for (const { table, row } of writes.values()) {
      if (row === undefined) continue
      const columns = Object.keys(row)
      const names = columns.map((column) => `"${column}"`).join(', ')
      const places = columns.map(() => '?').join(', ')
      statement(`insert into ${table} (${names}) values (${places})`).run(...Object.values(row))
    }
    statement('delete from written').run()
  }

  function isKey(table: string): string {
    return keys
      .get(table)!
      .map((column) => `"${column}" = ?`)
      .join(' and ')
  }

  function writtenSince(): Write[] {
    const noted = statement('select distinct tbl, key from written').all() as { tbl: string; key: string }[]
    return noted.map(({ tbl, key: text }) => {
      const key = JSON.parse(text) as unknown[]
      const row = statement(`select * from ${tbl} where ${isKey(tbl)}`).get(...key) as Write['row']
      return { lock: `${tbl} ${text}`, table: tbl, key, row }
    })
  }

  return {
    /** What it answers on top of these writes, and what it would write. Nothing stays of it. */
    tried(query: CompiledQuery, writes: ReadonlyMap<string, Write>) {
      if (writes.size === 0 && statement(query.sql).readonly) return { rows: run(query), written: [] }
      statement('begin').run()
      try {
        lay(writes)
        const rows = run(query)
        return { rows, written: writtenSince() }
      } finally {
        statement('rollback').run()
      }
    },
    keep(writes: ReadonlyMap<string, Write>): void {
      connection.transaction(() => lay(writes))()
    },
    close: () => void connection.close(),
  }
}

/** Has every row that is written noted in `written`; gives the columns of each table's key. */
function noteWrites(connection: Database.Database): ReadonlyMap<string, readonly string[]> {
  connection.exec('create temp table written (tbl text not null, key text not null)')
  const tables = connection.prepare("select name from sqlite_schema where type = 'table'").pluck().all()
  const keys = new Map<string, readonly string[]>()
  for (const table of tables as string[]) {
    const columns = connection.pragma(`table_info(${table})`) as { name: string; pk: number }[]
    const key = columns.filter(({ pk }) => pk > 0).map(({ name }) => name)
    keys.set(table, key)
    const note = (row: 'old' | 'new') =>
      `insert into written values ('${table}', json_array(${key.map((column) => `${row}."${column}"`).join(', ')}));`
    const noted = { insert: note('new'), delete: note('old'), update: note('old') + note('new') }
    for (const [event, notes] of Object.entries(noted)) {
      connection.exec(
        `create temp trigger ${event}_of_${table} after ${event} on main.${table} begin ${notes} end`,
      )
    }
  }
  return keys
}
