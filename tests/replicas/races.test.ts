import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPostgresStore, type SharedStore } from '#store/postgres/open.ts'
import { bundled } from '../support/child-program.ts'
import { type Database, sharedCluster } from '../support/postgres.ts'
import { seededRandom } from '../support/world.ts'
import { type Authority, openAuthority } from './authority.ts'
import { CONNECTION, CUSTOMER, grantTo, type Racers, startRacers } from './racers.ts'

/** Three processes over one database, whose clocks are four minutes apart. */
const SKEWS_MS = [0, 120_000, -120_000]

let database: Database
let store: SharedStore
let authority: Authority
let racers: Racers

beforeAll(async () => {
  database = await (await sharedCluster()).freshDatabase()
  store = await openPostgresStore({ url: database.url, random: seededRandom(1) })
  authority = await openAuthority({ latencyMs: 20 })
  await grantTo(store, authority.refreshToken)
  const file = await bundled(new URL('./race-program.ts', import.meta.url))
  racers = await startRacers(file, SKEWS_MS, database.url, authority.url)
}, 60_000)
afterAll(async () => {
  await racers.end()
  await authority.close()
  await store.close()
  await database.drop()
})

test('fifty changes at once in each of three processes: exactly ten are within a customer’s minute', async () => {
  for (let burst = 0; burst < 10; burst += 1) {
    const outcomes = await racers.all({ what: 'spend', subject: randomUUID(), times: 50 })
    expect(outcomes.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(10)
  }
}, 60_000)

test('a grant that three processes need at once is renewed by one at a time, and no refresh token is sent twice', async () => {
  const ROUNDS = 20
  for (let round = 0; round < ROUNDS; round += 1) {
    const outcomes = await racers.all({ what: 'renew', subject: CUSTOMER, times: 4 })
    expect(outcomes).toEqual(SKEWS_MS.map(() => ({ succeeded: 4, failures: 0 })))
  }
  expect(authority).toMatchObject({ mostAtOnce: 1, reuses: 0 })
  expect(authority.refreshes).toBeGreaterThanOrEqual(ROUNDS)
  expect(await store.accounts.connection(CUSTOMER, CONNECTION)).toMatchObject({
    status: 'active',
    tokenVersion: authority.refreshes + 1,
  })
}, 60_000)
