import { CompiledQuery } from 'kysely'
import type { Intent, NewIntent } from '../declared.ts'
import type { intentRow } from '../rows.ts'
import type { Transaction } from '../transaction.ts'
import { FORGOTTEN } from '../transactions/coordination.ts'
import { mayFollow, namesBelow } from '../transactions/owners.ts'
import type { Connections } from './connections.ts'

export interface Claim {
  readonly caller: string
  readonly nonce: string
  readonly expiresAt: number
}

/** True for each nonce that nobody had before, neither elsewhere nor earlier in this lot. */
export async function claimNonces(
  query: Connections['query'],
  claims: readonly Claim[],
): Promise<readonly boolean[]> {
  const first = new Map<string, Claim>()
  for (const claim of claims) if (!first.has(nameOf(claim))) first.set(nameOf(claim), claim)
  // In one order, so that two lots of two replicas do not wait for each other.
  const asking = [...first].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, claim]) => claim)
  const rows = await query<{ caller: string; nonce: string }>(CLAIM, [
    asking.map(({ caller }) => caller),
    asking.map(({ nonce }) => nonce),
    asking.map(({ expiresAt }) => expiresAt),
  ])
  const taken = new Set(rows.map(nameOf))
  return claims.map((claim) => first.get(nameOf(claim)) === claim && taken.has(nameOf(claim)))
}

const CLAIM = `
  insert into nonces (caller, nonce, expires_at)
  select * from unnest($1::text[], $2::text[], $3::bigint[]) as claim (caller, nonce, expires_at)
  where claim.expires_at > coalesce((select value from sequences where name = '${FORGOTTEN}'), -1)
  on conflict do nothing returning caller, nonce`

function nameOf({ caller, nonce }: { caller: string; nonce: string }): string {
  return `${caller}\n${nonce}`
}

type Row = ReturnType<typeof intentRow>

export interface NewRow {
  /** By the clock of the server, once its turn has come (ms). */
  readonly notAfter: number | undefined
  readonly intent: NewIntent
  readonly row: Row
}

/** An intent that was added, or why it was not. */
export type Admission = { readonly added: Intent } | { readonly takenBy: string } | 'too-late'

/**
 * Generations are given out under the lock of one row, which is let go of by the commit: whoever sees one has seen all
 * that are older. A lot takes it once. Only the statement after it sees what others wrote down while the lock was theirs,
 * so it is that one which looks whose the names are.
 */
export function* addIntents(wanted: readonly NewRow[]): Transaction<readonly Admission[]> {
  yield CompiledQuery.raw(LOCK, [wanted.length])
  const columns = COLUMNS.map(({ name }) => wanted.map(({ row }) => row[name]))
  const followed = wanted.map(({ intent }) => spaced(mayFollow(intent)))
  const latest = wanted.map(({ notAfter }) => notAfter ?? null)
  const below = wanted.map(({ intent }) => namesBelow(intent))
  const rows = (yield CompiledQuery.raw(ADD, [wanted.length, ...columns, followed, latest, below])) as {
    number: number
    generation: number | null
    owner: string | null
  }[]
  const judged = new Map(rows.map((row) => [row.number, row]))
  return wanted.map(({ intent }, index) => {
    const { generation = null, owner = null } = judged.get(index + 1) ?? {}
    if (generation !== null) return { added: { ...intent, generation } }
    return owner === null ? 'too-late' : { takenBy: owner }
  })
}

/** Ids have no blank in them, so that one of them is found among others by the blanks around it. */
function spaced(ids: readonly string[]): string {
  return ` ${ids.join(' ')} `
}

const COLUMNS: readonly { name: keyof Row; type: 'text' | 'bigint' | 'smallint' }[] = [
  { name: 'zone_id', type: 'text' },
  { name: 'name', type: 'text' },
  { name: 'type', type: 'text' },
  { name: 'wanted', type: 'text' },
  { name: 'caller', type: 'text' },
  { name: 'origin', type: 'text' },
  { name: 'request_id', type: 'text' },
  { name: 'at', type: 'bigint' },
  { name: 'waits_until', type: 'bigint' },
  { name: 'adopts', type: 'smallint' },
]
const NAMES = COLUMNS.map(({ name }) => `"${name}"`).join(', ')
/** By which it is judged, and which are not kept: whose names it may take, until when, and what it would hide. */
const ASIDE = [
  { name: 'may', type: 'text' },
  { name: 'not_after', type: 'bigint' },
  { name: 'below', type: 'text' },
]
const ARRAYS = [...COLUMNS, ...ASIDE].map(({ type }, index) => `$${index + 2}::${type}[]`).join(', ')

const LOCK = "update sequences set value = value + $1::bigint where name = 'generation'"

const AT = (table: string) => `${table}.name = asked.name`
const BELOW = (table: string) =>
  `asked.below is not null and ${table}.zone_id = asked.zone_id and ${table}.name like asked.below escape '\\'`

/** Somebody there who is not among those whose names this one may take. */
const others = (there: (table: string) => string) => `
      (select s.caller from record_sets s where ${other(there, 's')} limit 1),
      (select i.caller from intents i where ${other(there, 'i')} limit 1),
      (select e.caller from asked e where e.number < asked.number and ${other(there, 'e')} limit 1)`
const other = (there: (table: string) => string, table: string) =>
  `${there(table)} and ${table}.wanted is not null and strpos(asked.may, ' ' || ${table}.caller || ' ') = 0`

const ADD = `
  with asked as (
    select * from unnest(${ARRAYS})
      with ordinality as row (${NAMES}, ${ASIDE.map(({ name }) => name).join(', ')}, number)
  ), judged as (
    select asked.*, case when not exists (
      select 1 from record_sets own where own.zone_id = asked.zone_id and own.name = asked.name
        and own.type = asked.type and own.wanted is not null and own.caller = asked.caller
    ) then coalesce(${others(AT)},${others(BELOW)}
    ) end as owner
    from asked
    where asked.not_after is null or asked.not_after >= extract(epoch from clock_timestamp()) * 1000
  ), numbered as (
    select judged.*, case when judged.owner is null then last.value - $1::bigint + judged.number end as generation
    from judged, sequences last where last.name = 'generation'
  ), added as (
    insert into intents (generation, ${NAMES})
    select generation, ${NAMES} from numbered where generation is not null
  )
  select number, generation, owner from numbered`
