import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Schema } from './schema.ts'

/**
 * One transaction, written once for every database: it yields its queries and is handed their rows. SQLite runs it to
 * its end without letting go of the thread; PostgreSQL will await each answer. Neither can leave half of it behind.
 */
export type Operation<Answer> = Generator<CompiledQuery, Answer, readonly unknown[]>

/** Builds queries; it never runs them. */
export type Build = Kysely<Schema>

export function sqliteBuild(): Build {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
}

interface Compilable<Row> {
  compile(): CompiledQuery<Row>
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
