import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Pooler, startPooler } from '../../../tests/support/pooler.ts'
import { type Database, sharedCluster } from '../../../tests/support/postgres.ts'
import { keyIn, NOON, newIntent, post, record, ZONE } from '../../../tests/support/samples.ts'
import { seededRandom } from '../../../tests/support/world.ts'
import { openPostgresStore, type SharedStore } from './open.ts'

let pooler: Pooler
let database: Database
let stores: SharedStore[]

// Three processes with ten connections each, over three to the server.
beforeAll(async () => {
  const cluster = await sharedCluster()
  database = await cluster.freshDatabase()
  pooler = await startPooler(cluster)
  const url = pooler.url(new URL(database.url).pathname.slice(1))
  stores = await Promise.all([1, 2, 3].map((seed) => openPostgresStore({ url, random: seededRandom(seed) })))
})
afterAll(async () => {
  for (const store of stores) await store.close()
  await pooler.stop()
  await database.drop()
})

test('through a pooler a nonce is given away once', async () => {
  const nonces = Array.from({ length: 100 }, (_, index) => `n${index}`)
  const claims = stores.flatMap((store) => nonces.map((nonce) => store.claimNonce('c', nonce, NOON)))
  expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(100)
})

test('through a pooler many changes at once come out as if one by one', async () => {
  const now = Date.now()
  const [one] = stores
  const lease = (await one!.holdLease(ZONE, 'one', now, now + 25_000))!
  const working = Array.from({ length: 60 }, async (_, index) => {
    const store = stores[index % stores.length]!
    const intent = await store.addIntent(newIntent(`n${index} A 192.0.2.1`))
    const created = record(`r${index} n${index} A 192.0.2.1`)
    const batch = { changes: [post(created)], intents: [intent], names: [created.name], at: now }
    const [dispatch, withdrawn] = await Promise.all([
      store.dispatch(lease, batch, 11_000),
      stores[(index + 1) % stores.length]!.withdrawIntent(intent.generation),
    ])
    expect([dispatch !== undefined, withdrawn].filter(Boolean)).toHaveLength(1)
    if (dispatch === undefined) return 0
    const sets = [{ intent, before: [], after: [created] }]
    const settlement = { at: now, deleted: [], patched: [], created: [created], sets }
    expect(await store.settle(lease, dispatch, settlement)).toBe(true)
    expect((await store.setState(ZONE, keyIn(`n${index} A`))).managed).toMatchObject({ settled: true })
    return 1
  })
  const settled = (await Promise.all(working)).reduce<number>((sum, count) => sum + count, 0)
  expect(await one!.managedSets(ZONE)).toHaveLength(settled)
  expect(await one!.waitingIntents(ZONE)).toEqual([])
})

test('through a pooler one budget is taken from exactly', async () => {
  const takeOne = (budget: { left: number } | undefined) => {
    const { left } = budget ?? { left: 40 }
    return { budget: { left: Math.max(0, left - 1) }, answer: left > 0 }
  }
  const asking = stores.flatMap((store) => Array.from({ length: 30 }, () => store.changeBudget('c', takeOne)))
  expect((await Promise.all(asking)).filter(Boolean)).toHaveLength(40)
})
