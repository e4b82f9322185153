import type { CompiledQuery } from 'kysely'

/**
 * A store in which a row is not locked, or a condition is not asked, before it is written. Most are right where
 * transactions run one after the other, as in SQLite: nothing shows them but others that come in between.
 */
export interface StatementMutant {
  readonly about: string
  readonly statement: (query: CompiledQuery) => CompiledQuery
  /** Of the facts about replicas: the one that it breaks. */
  readonly breaks: string
}

export const statementMutants: readonly StatementMutant[] = [
  {
    about: 'a zone is not locked by who sends a batch in it',
    statement: unlocked('zone_states', 'lease_owner', 'zone_id', 1),
    breaks: 'write in a zone one after another, and only as long as it is theirs',
  },
  {
    about: 'a budget is looked at, and not locked',
    statement: unlocked('budgets', 'budget', 'budget', 0),
    breaks: 'take calls from one budget',
  },
  {
    about: 'generations are given out without the lock on the last one',
    statement: ({ sql, ...query }) => ({
      ...query,
      sql: sql.replace(
        /^update "sequences" set "value" = "value" \+ \? where (.*) returning "value"$/,
        'select "value" + ? as "value" from "sequences" where $1',
      ),
    }),
    breaks: 'number their intents in one order, and whoever sees one has seen the older ones',
  },
  {
    about: 'what was sent meanwhile is withdrawn all the same',
    statement: ({ sql, ...query }) => ({
      ...query,
      sql: sql.startsWith('delete from "intents"') ? sql.replace(' and "dispatch_id" is null', '') : sql,
    }),
    breaks: 'dispatch an intent or take it back, never both',
  },
  {
    about: 'a set is corrected without a look at who else wants what there',
    statement: ({ sql, ...query }) => ({
      ...query,
      sql: /^select \* from "intents" .*limit/.test(sql) ? sql.replace(' where ', ' where 1 = 0 and ') : sql,
    }),
    breaks: 'correct a set only while nobody else has asked for anything there',
  },
  {
    about: 'a lease is taken whoever has it',
    statement: ({ sql, ...query }) => ({
      ...query,
      sql: sql.replace(
        /("zone_states"."lease_until" <= cast\(\? as bigint\))\) returning/,
        '$1 or 1 = 1) returning',
      ),
    }),
    breaks: 'want the same zone, and one gets it',
  },
]

/** An update that only locks, made a question; so many of its parameters are what it sets. */
function unlocked(
  table: string,
  set: string,
  returned: string,
  parametersSet: number,
): StatementMutant['statement'] {
  const update = new RegExp(`^update "${table}" set "${set}" = \\S+ (where .*) returning "${returned}"$`)
  return (query) => {
    const condition = update.exec(query.sql)?.[1]
    if (condition === undefined) return query
    const sql = `select "${returned}" from "${table}" ${condition}`
    return { ...query, sql, parameters: query.parameters.slice(parametersSet) }
  }
}
