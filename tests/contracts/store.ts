import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Store, StoreError } from '#store/store.ts'
import { keyIn, NOON, newIntent, ZONE, zoneFacts } from '../support/samples.ts'
import { accountContract } from './store/accounts.ts'
import { dispatchContract } from './store/dispatches.ts'
import { editContract } from './store/edits.ts'
import { endContract } from './store/ends.ts'
import { historyContract } from './store/history.ts'
import { intentContract } from './store/intents.ts'
import { leaseContract } from './store/leases.ts'
import { mirrorContract } from './store/mirror.ts'
import { nameContract } from './store/names.ts'
import { nonceContract } from './store/nonces.ts'
import { visitContract } from './store/visits.ts'
import { zoneContract } from './store/zones.ts'

/**
 * What every store keeps, whatever database it stands on. `open` gives a store with nothing in it; each test closes
 * the one it was given.
 */
export function storeContract(open: () => Promise<Store>): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(() => store.close())

  const current = () => store
  describe('nonces and budgets', () => nonceContract(current))
  describe('zones', () => zoneContract(current))
  describe('leases', () => leaseContract(current))
  describe('visits', () => visitContract(current))
  describe('intents', () => intentContract(current))
  describe('names', () => nameContract(current))
  describe('dispatches', () => dispatchContract(current))
  describe('ends', () => endContract(current))
  describe('the mirror', () => mirrorContract(current))
  describe('edits', () => editContract(current))
  describe('the history', () => historyContract(current))
  describe('customers', () => accountContract(current))

  test('a store answers while it is open, and says so when it is not', async () => {
    await expect(store.ping()).resolves.toBeUndefined()
    await store.close()
    await expect(store.ping()).rejects.toThrow(StoreError)
    await expect(store.claimNonce('default', 'n', NOON)).rejects.toThrow(StoreError)
    await expect(store.addIntent(newIntent('www A 192.0.2.1'))).rejects.toThrow(StoreError)
    await expect(store.setState(ZONE, keyIn('www A'))).rejects.toThrow(StoreError)
    await expect(store.rememberZones('c', [zoneFacts('example.com')], NOON)).rejects.toThrow(StoreError)
  })

  test('what was asked for before the close is answered', async () => {
    const claims = [store.claimNonce('default', 'a', NOON), store.claimNonce('default', 'a', NOON)]
    await store.close()
    expect(await Promise.all(claims)).toEqual([true, false])
  })

  test('closing twice is closing once', async () => {
    await store.close()
    await expect(store.close()).resolves.toBeUndefined()
  })
}
