import { FORGOTTEN } from '../operations/nonces.ts'
import type { intentRow } from '../rows.ts'
import type { Intent, NewIntent } from '../store.ts'
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

/**
 * Generations are given out under the lock of one row, which is let go of by the commit: whoever sees one has seen all
 * that are older. A lot takes it once. Undefined: it was too late when the lock was ours.
 */
export async function addIntents(
  query: Connections['query'],
  wanted: readonly NewRow[],
): Promise<readonly (Intent | undefined)[]> {
  const columns = COLUMNS.map(({ name }) => wanted.map(({ row }) => row[name]))
  const latest = wanted.map(({ notAfter }) => notAfter ?? null)
  const rows = await query<{ generation: number; last: number }>(ADD, [wanted.length, ...columns, latest])
  const added = new Map(
    rows.map(({ generation, last }) => [generation - last + wanted.length - 1, generation]),
  )
  return wanted.map(({ intent }, index) => {
    const generation = added.get(index)
    return generation === undefined ? undefined : { ...intent, generation }
  })
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
const ARRAYS = COLUMNS.map(({ type }, index) => `$${index + 2}::${type}[]`).join(', ')

const ADD = `
  with last as (
    update sequences set value = value + $1::bigint where name = 'generation'
    returning value, extract(epoch from clock_timestamp()) * 1000 as at
  ), added as (
    insert into intents (generation, ${NAMES})
    select last.value - $1::bigint + row.number, ${COLUMNS.map(({ name }) => `row."${name}"`).join(', ')}
    from last, unnest(${ARRAYS}, $${COLUMNS.length + 2}::bigint[]) with ordinality as row (${NAMES}, not_after, number)
    where row.not_after is null or row.not_after >= last.at
    returning generation
  )
  select added.generation, last.value as last from added, last`
