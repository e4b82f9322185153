import type { AccountStore, ConnectionRow } from '#store/accounts.ts'
import type { Seals } from './seals.ts'

export interface Rotation {
  /** Connections whose tokens are under the current key now. */
  readonly sealed: number
  readonly wereSealed: number
  /** Under a key that was not given: whoever they are of has to connect again. */
  readonly unreadable: number
}

/**
 * Seals every stored token under the current key. What somebody refreshes meanwhile is looked at again: it may have been
 * sealed under the key of a process that is still to be restarted.
 */
export async function rotate(store: AccountStore, seals: Seals): Promise<Rotation> {
  const outcomes = { sealed: 0, wereSealed: 0, unreadable: 0 }
  for (const connection of await store.sealedTokens()) {
    const outcome = await resealed(connection, store, seals)
    if (outcome !== 'gone') outcomes[outcome] += 1
  }
  return outcomes
}

async function resealed(
  row: ConnectionRow,
  store: AccountStore,
  seals: Seals,
): Promise<keyof Rotation | 'gone'> {
  const anew = (kind: 'access' | 'refresh', sealed: string) =>
    seals.reseal({ customer: row.customerId, connection: row.id, kind }, sealed)
  const accessToken = anew('access', row.accessToken)
  const refreshToken = row.refreshToken === null ? null : anew('refresh', row.refreshToken)
  if (accessToken === undefined || refreshToken === undefined) return 'unreadable'
  if (accessToken === row.accessToken && refreshToken === row.refreshToken) return 'wereSealed'
  if (await store.resealTokens(row, { accessToken, refreshToken })) return 'sealed'
  const now = await store.connection(row.customerId, row.id)
  return now === undefined ? 'gone' : resealed(now, store, seals)
}
