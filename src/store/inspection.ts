/** What a database is found to be, without a change to it. */
export interface Inspection {
  /** Names of the steps of the schema that are still to be applied, oldest first. */
  readonly missing: readonly string[]
  /** Why nothing can be written; undefined: it can. */
  readonly readOnly: string | undefined
  /** A crash of the database server would forget commits that were answered. */
  readonly forgetsCommits: boolean
  /** Of its server (ms since 1970); undefined: its time is that of this machine. */
  readonly time: number | undefined
  /** Call budgets by the name of their credential, as they were last kept. */
  readonly budgets: ReadonlyMap<string, unknown>
  /** Domains of more than one customer. */
  readonly sharedDomains: readonly string[]
}

export const SHARED_DOMAINS =
  'select domain from customers group by domain having count(*) > 1 order by domain'

export function budgetsFrom(rows: readonly { credential: string; budget: string }[]): Inspection['budgets'] {
  return new Map(rows.map(({ credential, budget }) => [credential, JSON.parse(budget) ?? undefined]))
}
