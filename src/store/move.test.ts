import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, sharedCluster } from '../../tests/support/postgres.ts'
import { keyIn, NOON, newIntent, post, record, ZONE, zoneFacts } from '../../tests/support/samples.ts'
import { seededRandom } from '../../tests/support/world.ts'
import type { Lease } from './coordination.ts'
import { moveToPostgres } from './move.ts'
import { openPostgresStore } from './postgres/open.ts'
import { openSqliteStore, type SqliteOptions } from './sqlite/open.ts'
import type { Store } from './store.ts'

let folder: string
let path: string
let database: Database
const random = seededRandom(1)

beforeEach(async () => {
  folder = mkdtempSync(`${tmpdir()}/zonewright-`)
  path = `${folder}/zonewright.db`
  database = await (await sharedCluster()).freshSchema()
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  await database.drop()
})

const openSource = (options: Partial<SqliteOptions> = {}) =>
  openSqliteStore({ path, random, exclusive: true, now: () => NOON, bootId: 'boot-1', ...options })
const openTarget = () => openPostgresStore({ url: database.url, random, leaseTime: 'given' })
const move = () => moveToPostgres(path, database.url, { random, now: () => NOON })

/** Something in every table, and more of it than one slice. */
async function fill(store: Store): Promise<void> {
  const lease = (await store.holdLease(ZONE, 'me', NOON, NOON + 25_000))!
  await store.rememberZones('credential', [zoneFacts('example.com')], NOON)
  await store.changeBudget('credential', () => ({ budget: { calls: 7 }, answer: undefined }))
  const records = Array.from({ length: 1_200 }, (_, index) => record(`r${index} n${index} A 192.0.2.1`))
  await store.keepTrustedRead(lease, {
    at: NOON,
    seen: records,
    gone: [],
    resolved: [],
    settled: [],
    drifted: [],
  })
  const done = await store.addIntent(newIntent('www A 192.0.2.1', { waitsUntil: NOON + 25_000 }))
  const doubtful = await store.addIntent(newIntent('x A 192.0.2.1'))
  await store.addIntent(newIntent('y TXT v=spf1 ü \\ -all'))
  const created = record('created www A 192.0.2.1', { comment: 'zonewright:default' })
  const batch = { changes: [post(created)], names: [created.name], at: NOON }
  const first = (await store.dispatch(lease, { ...batch, intents: [done] }, 0))!
  const sets = [{ intent: done, before: [], after: [created] }]
  await store.settle(lease, first, { at: NOON, deleted: [], patched: [], created: [created], sets })
  const second = (await store.dispatch(lease, { ...batch, intents: [doubtful] }, 0))!
  await store.markUnknown(lease, second, NOON, NOON + 120_000)
  await Promise.all(
    Array.from({ length: 1_001 }, (_, index) => store.claimNonce('default', `n${index}`, NOON + 600_000)),
  )
  await store.claimNonce('default', 'forgotten', NOON)
  await store.forgetNonces(NOON + 1)
  await fillEdits(store, lease)
}

/** What a customer has changed by hand, what is still being checked, and what is under review. */
async function fillEdits(store: Store, lease: Lease): Promise<void> {
  const { edits } = store
  const changed = record('edited shop A 192.0.2.7', { comment: 'ü \\' })
  await edits.keepList(ANN, ZONE, { at: NOON, seen: [changed], gone: [], outside: [] })
  const batch = { changes: [post(changed)], intents: [], names: [changed.name], at: NOON }
  const begun = async (id: string) => {
    const asked = { kind: 'create', requestId: 'request-1', actor: 'ann@example.org' } as const
    const edit = { ...ANN, ...asked, id, zone: ZONE, before: [], hasEnded: false, error: null }
    return { ...(await store.dispatch(lease, { ...batch, edit }, 0))!, edit }
  }
  const sets = [{ name: changed.name, type: 'A', before: [], after: [changed] }]
  const settlement = { at: NOON, deleted: [], held: [changed], records: [changed], sets }
  await edits.settleEdit(await begun('done'), settlement)
  await store.markUnknown(lease, await begun('checking'), NOON, NOON + 120_000)
  const plan = { zone: ZONE, plan: '{}', fingerprint: 'f', createdAt: NOON, expiresAt: NOON + 1 }
  await edits.keepPlan({ ...ANN, ...plan, id: 'plan' })
}

const ANN = { customerId: 'ann', connectionId: 'ann-1' }

const CUSTOMER_TABLES: ReadonlySet<string> = new Set([
  'customers',
  'sessions',
  'oauth_states',
  'customer_cloudflare_connections',
  'limits',
  'audit',
])

async function everythingIn(store: Store) {
  const byId = (a: { record: { id: string } }, b: { record: { id: string } }) =>
    a.record.id < b.record.id ? -1 : 1
  return {
    zones: await store.zonesOf('credential'),
    budget: await store.changeBudget('credential', (budget) => ({ budget: budget ?? {}, answer: budget })),
    waiting: await store.waitingIntents(ZONE),
    zone: await store.zoneState(ZONE),
    records: [...(await store.recordsOf(ZONE))].sort(byId),
    sets: await store.setsOf(ZONE),
    www: await store.setState(ZONE, keyIn('www A')),
    ends: await store.endsOf([1, 2, 3]),
    history: await store.history({ limit: 10 }),
    byHand: {
      cached: await store.edits.cached(ANN, ZONE),
      underWay: await store.edits.unsettledEdits(),
      done: await store.edits.editOf(ANN, 'done'),
      history: await store.edits.editHistory('ann', { zone: ZONE, limit: 10 }),
      plan: await store.edits.planOf(ANN, 'plan', NOON),
    },
  }
}

test('everything that a file has is in PostgreSQL afterwards, and still in the file', async () => {
  const source = await openSource()
  await fill(source)
  const before = await everythingIn(source)
  await source.close()

  const counts = await move()
  const empty = [...counts].filter(([, count]) => count === 0).map(([table]) => table)
  // Those of the rooms of the customers, which nobody has entered.
  expect(empty.filter((table) => !CUSTOMER_TABLES.has(table))).toEqual([])
  expect(counts.get('dns_records_cache')).toBe(1_202)

  const target = await openTarget()
  expect(await everythingIn(target)).toEqual(before)
  expect(await target.claimNonce('default', 'n1000', NOON + 600_000)).toBe(false)
  expect(await target.claimNonce('default', 'forgotten', NOON)).toBe(false)
  expect(await target.addIntent(newIntent('www A 192.0.2.9'))).toMatchObject({ generation: 4 })
  // Free, and in a new epoch: nobody who held it there can write to it here.
  expect(await target.holdLease(ZONE, 'another', NOON, NOON + 25_000)).toMatchObject({ epoch: 2 })
  await target.close()

  const again = await openSource()
  expect(await everythingIn(again)).toEqual(before)
  await again.close()
})

test('nothing is copied into a database that is not empty, and what it holds stays', async () => {
  await (await openSource()).close()
  const target = await openTarget()
  const intent = await target.addIntent(newIntent('www A 192.0.2.1'))
  await expect(move()).rejects.toThrow(/is not empty \(intents\); nothing was copied/)
  expect(await target.waitingIntents(ZONE)).toEqual([intent])
  await target.close()
})

test('a copy that fails in its middle leaves an empty database, and the file as it was', async () => {
  const source = await openSource()
  await fill(source)
  const before = await everythingIn(source)
  await source.close()
  const target = await openTarget()
  const cluster = await sharedCluster()
  // The last table takes nothing.
  const schema = new URL(database.url).searchParams.get('options')!.split('=')[1]
  await cluster.run(`alter table ${schema}.history add constraint never check (length(name) < 0)`)
  await expect(move()).rejects.toThrow('The database did not answer (23514')
  expect(await everythingIn(target)).toMatchObject({ zones: [], waiting: [], records: [], sets: [] })
  expect(await target.claimNonce('default', 'n1', NOON)).toBe(true)
  await target.close()
  const again = await openSource()
  expect(await everythingIn(again)).toEqual(before)
  await again.close()
})

test('a file that is being served is not copied', async () => {
  const source = await openSource()
  await expect(move()).rejects.toThrow(/in use by another zonewright process/)
  await source.close()
  await expect(move()).resolves.toBeDefined()
})

test('a file that may have lost nonces with its machine is not copied before they do not matter', async () => {
  const source = await openSource()
  const files = ['zonewright.db', 'zonewright.db-wal']
  const left = files.map((file) => [`${folder}/${file}`, readFileSync(`${folder}/${file}`)] as const)
  await source.close()
  for (const [file, bytes] of left) writeFileSync(file, bytes)
  await expect(move()).rejects.toThrow(/nonces may be lost; try again in 300 s/)
})
