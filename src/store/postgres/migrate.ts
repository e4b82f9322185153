import { migrations, NEEDED_VERSION, refuseIfTooOld } from '../migrations.ts'
import type { Connections } from './connections.ts'

/** Any number will do, if it is always the same: who migrates holds it until it is done. */
const LOCK = 7_100_9_100

/**
 * Applies what is missing, all of it or none. Safe to run at every start, by several processes at once: one does it, the
 * others wait and find it done. A schema that is newer than we know is left as it is: a step only adds, so that
 * yesterday's process goes on beside today's, or says that it does not. Throws `StoreError` if it is too new for us.
 */
export async function migrate(connections: Connections): Promise<void> {
  if ((await missingMigrations(connections.query)).length > 0) await applyMissing(connections)
  const [row] = await connections.query<{ value: string }>(NEEDED_VERSION, [])
  refuseIfTooOld(row?.value)
}

async function applyMissing(connections: Connections): Promise<void> {
  await connections.script(async (query) => {
    await query('select pg_advisory_xact_lock($1)', [LOCK])
    await query(
      'create table if not exists schema_migrations (version integer primary key, name text not null, applied_at text not null)',
    )
    for (const { version, name, statements } of await missingMigrations(query)) {
      for (const statement of statements) await query(statement)
      await query('insert into schema_migrations (version, name, applied_at) values ($1, $2, $3)', [
        version,
        name,
        new Date().toISOString(),
      ])
    }
  })
}

/** Those that have not been applied, oldest first. */
export async function missingMigrations(
  query: (text: string, parameters: readonly unknown[]) => Promise<readonly unknown[]>,
) {
  const [{ known }] = (await query("select to_regclass('schema_migrations') is not null as known", [])) as [
    { known: boolean },
  ]
  const rows = known ? await query('select version from schema_migrations', []) : []
  const applied = new Set((rows as { version: number }[]).map(({ version }) => version))
  return migrations.filter(({ version }) => !applied.has(version))
}
