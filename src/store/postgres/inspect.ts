import { budgetsFrom, type Inspection, SHARED_DOMAINS } from '../inspection.ts'
import { migrations, NEEDED_VERSION, refuseIfTooOld } from '../migrations.ts'
import { openConnections } from './connections.ts'
import { missingMigrations } from './migrate.ts'

/** Looks at a database beside whoever uses it. Rejects with `StoreError` when it does not answer, or needs a newer program. */
export async function inspectPostgres(url: string): Promise<Inspection & { readonly time: number }> {
  const { underWay, query, close } = openConnections(url, 1)
  try {
    return await underWay(async () => {
      const missing = (await missingMigrations(query)).map(({ name }) => name)
      const hasTables = missing.length < migrations.length
      if (hasTables) refuseIfTooOld((await query<{ value: string }>(NEEDED_VERSION, []))[0]?.value)
      const [facts] = await query<Facts>(FACTS, [])
      const [rights] = hasTables ? await query<{ may: boolean }>(RIGHTS, []) : []
      const rows = hasTables ? await query<{ credential: string; budget: string }>(BUDGETS, []) : []
      // The customers' table came later than the first.
      const shared = missing.length === 0 ? await query<{ domain: string }>(SHARED_DOMAINS, []) : []
      return {
        missing,
        readOnly: whyReadOnly(facts!, rights?.may ?? facts!.may_create),
        forgetsCommits: facts!.forgets,
        time: facts!.ms,
        budgets: budgetsFrom(rows),
        sharedDomains: shared.map(({ domain }) => domain),
      }
    })
  } finally {
    await close()
  }
}

interface Facts {
  readonly ms: number
  readonly forgets: boolean
  readonly standby: boolean
  readonly read_only: boolean
  readonly may_create: boolean
}

function whyReadOnly({ standby, read_only }: Facts, mayWrite: boolean): string | undefined {
  if (standby) return 'it is a standby'
  if (read_only) return 'its transactions are read-only by default'
  return mayWrite ? undefined : 'its user may not'
}

const FACTS = `select
  cast(extract(epoch from clock_timestamp()) * 1000 as double precision) as ms,
  current_setting('fsync') = 'off' or current_setting('synchronous_commit') = 'off' as forgets,
  pg_is_in_recovery() as standby,
  current_setting('default_transaction_read_only') = 'on' as read_only,
  coalesce(has_schema_privilege(current_schema(), 'create'), false) as may_create`

/** A list of privileges would ask for any of them. */
const RIGHTS = `select ${['insert', 'update', 'delete'].map((right) => `has_table_privilege('record_sets', '${right}')`).join(' and ')} as may`

const BUDGETS = 'select credential, budget from budgets'
