import type { Random } from '#platform/ports.ts'
import { openConnections, type Query } from './postgres/connections.ts'
import { migrate } from './postgres/migrate.ts'
import type { Schema } from './schema.ts'
import { openSqliteStore } from './sqlite/open.ts'
import { type Rows, readingAll } from './sqlite/read-all.ts'
import { StoreError } from './store.ts'
import { postgresBuild } from './transaction.ts'

const TABLES: readonly Exclude<keyof Schema, 'sequences' | 'meta'>[] = [
  'nonces',
  'budgets',
  'zones',
  'zone_states',
  'intents',
  'intent_ends',
  'dispatches',
  'record_sets',
  'dns_records_cache',
  'history',
  'customers',
  'sessions',
  'oauth_states',
  'customer_cloudflare_connections',
  'limits',
  'takeover_plans',
  'edits',
  'audit',
]

/**
 * Copies a SQLite file that nobody serves into an empty PostgreSQL, in one transaction: all of it or nothing. The file
 * stays as it is. Resolves to how many rows each table had.
 */
export async function moveToPostgres(
  path: string,
  url: string,
  { random, now }: { random: Random; now: () => number },
): Promise<ReadonlyMap<string, number>> {
  // Held open, so that no server starts on it meanwhile.
  const source = await openSqliteStore({ path, exclusive: true, mustExist: true, random, now })
  try {
    const waitMs = source.replaysPossibleUntil - now()
    if (waitMs > 0) {
      throw new StoreError(
        `${path} was open when its machine crashed, and nonces may be lost; try again in ${Math.ceil(waitMs / 1000)} s.`,
      )
    }
    const target = openConnections(url, 2)
    try {
      await target.underWay(() => migrate(target))
      const counts = new Map<string, number>()
      await readingAll(path, (rows) =>
        target.script(async (query) => {
          await mustBeEmpty(query)
          for (const table of TABLES) counts.set(table, await copy(table, rows, query))
          await copySequences(rows, query)
        }),
      )
      return counts
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

/** And nobody writes to it before we have. */
async function mustBeEmpty(query: Query): Promise<void> {
  await query(`lock table ${[...TABLES, 'sequences'].join(', ')} in access exclusive mode`)
  for (const table of TABLES) {
    const filled = await query(`select 1 from ${table} limit 1`)
    if (filled.length > 0) {
      throw new StoreError(`The PostgreSQL database is not empty (${table}); nothing was copied into it.`)
    }
  }
}

async function copy(table: (typeof TABLES)[number], rows: Rows, query: Query): Promise<number> {
  const build = postgresBuild()
  let count = 0
  for (const slice of rows(table)) {
    // Whoever held a zone holds the file, not the new database.
    const values =
      table !== 'zone_states' ? slice : slice.map((row) => ({ ...row, lease_owner: null, lease_until: 0 }))
    const { sql, parameters } = build
      .insertInto(table)
      .values(values as never)
      .compile()
    await query(sql, parameters)
    count += slice.length
  }
  return count
}

async function copySequences(rows: Rows, query: Query): Promise<void> {
  for (const slice of rows('sequences')) {
    for (const { name, value } of slice) {
      await query(
        'insert into sequences (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value',
        [name, value],
      )
    }
  }
}
