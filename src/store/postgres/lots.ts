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
  select * from unnest($1::text[], $2::text[], $3::bigint[])
  on conflict do nothing returning caller, nonce`

function nameOf({ caller, nonce }: { caller: string; nonce: string }): string {
  return `${caller}\n${nonce}`
}

type Row = ReturnType<typeof intentRow>

export interface NewRow {
  readonly intent: NewIntent
  readonly row: Row
}

/**
 * Generations are given out under the lock of one row, which is let go of by the commit: whoever sees one has seen all
 * that are older. A lot takes it once.
 */
export async function addIntents(
  query: Connections['query'],
  wanted: readonly NewRow[],
): Promise<readonly Intent[]> {
  const columns = COLUMNS.map(({ name }) => wanted.map(({ row }) => row[name]))
  const rows = await query<{ generation: number }>(ADD, [wanted.length, ...columns])
  const oldest = Math.min(...rows.map(({ generation }) => generation))
  return wanted.map(({ intent }, index) => ({ ...intent, generation: oldest + index }))
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
  with last as (update sequences set value = value + $1::bigint where name = 'generation' returning value)
  insert into intents (generation, ${NAMES})
  select last.value - $1::bigint + row.number, ${COLUMNS.map(({ name }) => `row."${name}"`).join(', ')}
  from last, unnest(${ARRAYS}) with ordinality as row (${NAMES}, number)
  returning generation`
