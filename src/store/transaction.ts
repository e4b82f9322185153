import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import type { Compilable } from './prepared.ts'
import type { Schema } from './schema.ts'

/**
 * One transaction, written once for every database: it yields its queries and is handed their rows. SQLite runs it to
 * its end without letting go of the thread; PostgreSQL awaits each answer, and others may be at work in between (READ
 * COMMITTED): what is read and then written must be locked, or written on a condition. Neither can leave half of it
 * behind; either may run it again from its beginning.
 */
export type Transaction<Answer> = Generator<CompiledQuery, Answer, readonly unknown[]>

/** Builds queries; it never runs them. */
export type Build = Kysely<Schema>

/** One for all files, so that what it has compiled serves every one of them. */
export const sqliteBuild: Build = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

export function postgresBuild(): Build {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
}

/** What leases are compared with: the time that the caller gives, or the one that the database has. Milliseconds. */
export type LeaseTime = (given: number) => RawBuilder<number>

export const givenTime: LeaseTime = (given) => sql<number>`cast(${given} as bigint)`

/** For an insert of rows that may be there: these columns become as the new row has them. */
export function asInserted<Column extends string>(columns: readonly Column[]) {
  return Object.fromEntries(columns.map((column) => [column, sql.ref(`excluded.${column}`)])) as Record<
    Column,
    RawBuilder<never>
  >
}

/** A database takes so many parameters and no more in one statement; sixteen columns times this are far from it. */
const ROWS_AT_ONCE = 500

export function inSlices<Row>(rows: readonly Row[]): Row[][] {
  const slices: Row[][] = []
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    slices.push(rows.slice(start, start + ROWS_AT_ONCE))
  }
  return slices
}

/** The rows that a query gives. */
export function* all<Row>(query: Compilable<Row>): Generator<CompiledQuery, Row[], readonly unknown[]> {
  return (yield query.compile()) as Row[]
}

/** The first row, or undefined. */
export function* first<Row>(
  query: Compilable<Row>,
): Generator<CompiledQuery, Row | undefined, readonly unknown[]> {
  return ((yield query.compile()) as Row[])[0]
}

/** For its effect alone. */
export function* run(query: Compilable<unknown>): Generator<CompiledQuery, void, readonly unknown[]> {
  yield query.compile()
}
