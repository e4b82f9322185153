import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { budgetsFrom, type Inspection, SHARED_DOMAINS } from '../inspection.ts'
import { migrations, NEEDED_VERSION, refuseIfTooOld } from '../migrations.ts'
import { StoreError } from '../store.ts'

/** Others hold the file for some milliseconds at a time. */
const PATIENCE_MS = 1_000

/**
 * Looks at a database file beside whoever has it open. Undefined: there is none yet, in a folder where one can be made.
 * Throws `StoreError` when there is no such folder, when the file is not to be read, or
 * when it needs a newer program.
 */
export function inspectSqlite(path: string): Inspection | undefined {
  if (!existsSync(path)) {
    if (existsSync(dirname(path))) return undefined
    throw new StoreError(`There is no folder ${dirname(path)}.`)
  }
  let connection: Database.Database | undefined
  try {
    connection = new Database(path, { fileMustExist: true, timeout: PATIENCE_MS })
    return inspected(connection)
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error
    throw new StoreError(`${path} cannot be read (${error.code}).`, { cause: error })
  } finally {
    connection?.close()
  }
}

function inspected(connection: Database.Database): Inspection {
  const tables = new Set(
    connection.prepare("select name from sqlite_master where type = 'table'").pluck().all(),
  )
  if (tables.has('meta')) refuseIfTooOld(connection.prepare(NEEDED_VERSION).pluck().get())
  const applied = new Set(
    tables.has('schema_migrations')
      ? connection.prepare('select version from schema_migrations').pluck().all()
      : [],
  )
  const budgets = tables.has('budgets')
    ? connection.prepare('select credential, budget from budgets').all()
    : []
  return {
    missing: migrations.filter(({ version }) => !applied.has(version)).map(({ name }) => name),
    readOnly: whyReadOnly(connection),
    forgetsCommits: false,
    time: undefined,
    budgets: budgetsFrom(budgets as { credential: string; budget: string }[]),
    sharedDomains: tables.has('customers')
      ? (connection.prepare(SHARED_DOMAINS).pluck().all() as string[])
      : [],
  }
}

/** Takes the lock for writing, and lets go of it. */
function whyReadOnly(connection: Database.Database): string | undefined {
  try {
    connection.exec('begin immediate')
    connection.exec('rollback')
    return undefined
  } catch (error) {
    if (error instanceof Database.SqliteError) return error.code
    throw error
  }
}
