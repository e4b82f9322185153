import { expect, test } from 'vitest'
import { aName } from '#dns/testing.ts'
import { planner } from '#onboarding/planner.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import { aRecord } from '../../tests/support/edit-world.ts'
import { createMemoryProvider } from '../../tests/support/memory-provider.ts'
import { createVirtualClock } from '../../tests/support/virtual-clock.ts'
import { key, seededRandom, set, silent } from '../../tests/support/world.ts'
import { createZoneEdits, type Editor } from './edits/edits.ts'
import { createEngine } from './engine.ts'
import type { DnsError } from './errors.ts'
import { createZoneLock } from './zone-lock.ts'
import type { Caller } from './zones.ts'

/** The whole engine, callers and customers, over a provider of which it knows the contract alone. */
async function world(options: { recordQuota?: number; batchLimit?: number } = {}) {
  const clock = createVirtualClock()
  const random = seededRandom(1)
  const store = await openSqliteStore({ path: ':memory:', random, now: clock.now, bootId: undefined })
  const provider = createMemoryProvider({
    clock,
    name: aName('example.com'),
    records: [aRecord('www A 192.0.2.1', { ttl: 300 })],
    ...options,
  })
  const shared = { store, clock, random, log: silent, zoneLock: createZoneLock(random) }
  const editor: Editor = { customerId: 'ann', connectionId: 'ann-1', cloudflare: provider, label: 'ann' }
  const edits = createZoneEdits({ ...shared, planner, editorOf: async () => editor })
  const caller: Caller = { id: 'default', cloudflare: provider, ownership: 'adopt', ack: 'cloudflare' }
  const nothing = () => {}
  const engine = createEngine({
    ...shared,
    callers: [caller],
    refreshMs: 300_000,
    drift: 'correct',
    events: {
      unchanged: nothing,
      change: nothing,
      batch: nothing,
      read: nothing,
      unknownOutcome: nothing,
      queue: nothing,
      drift: nothing,
    },
  })
  const asked = () => ({ requestId: random.hex(8), deadline: clock.now() + 25_000 })
  edits.start()
  await clock.until(engine.start())
  await clock.until(edits.sync(editor, provider.zone.id, asked()))
  const www = provider.records()[0]!.id
  return {
    clock,
    provider,
    www,
    upsert: (text: string) => clock.until(engine.upsert(caller, set(text), asked())),
    upsertAll: (texts: readonly string[]) =>
      clock.until(Promise.all(texts.map((text) => engine.upsert(caller, set(text), asked())))),
    remove: (text: string) => clock.until(engine.remove(caller, key(text), asked())),
    edit: (text: string) =>
      clock.until(edits.update(editor, provider.zone.id, www, aRecord(text, { ttl: 300 }), asked())),
    operation: (id: string) => clock.until(edits.operation(editor, id)),
    held: () =>
      provider
        .records()
        .map(({ name, type, value }) => `${name} ${type} ${value}`)
        .sort(),
    async end() {
      await clock.until(engine.stop())
      await clock.until(edits.stop())
      await store.close()
    },
  }
}

test('declares, leaves alone and removes a set', async () => {
  const { provider, upsert, remove, held, end } = await world()
  expect(await upsert('shop.example.com 300 A 192.0.2.7')).toMatchObject({ outcome: 'created' })
  expect(await upsert('shop.example.com 300 A 192.0.2.7')).toMatchObject({ outcome: 'unchanged' })
  expect(provider.batches).toBe(1)
  expect(held()).toEqual(['shop.example.com A 192.0.2.7', 'www.example.com A 192.0.2.1'])
  expect(await remove('shop.example.com A')).toMatchObject({ outcome: 'deleted' })
  expect(held()).toEqual(['www.example.com A 192.0.2.1'])
  await end()
})

test('finds out by reading what became of a batch without an answer, for callers and for customers', async () => {
  const { clock, provider, upsert, edit, operation, held, end } = await world()
  provider.next('lost')
  expect(await upsert('shop.example.com 300 A 192.0.2.7')).toMatchObject({ outcome: 'created' })
  provider.next('lost')
  const edited = await edit('www A 192.0.2.2')
  expect(edited).toMatchObject({ status: 'checking' })
  await clock.pass(15_000)
  expect(await operation(edited.id)).toMatchObject({ status: 'done' })
  expect(held()).toEqual(['shop.example.com A 192.0.2.7', 'www.example.com A 192.0.2.2'])
  expect(provider.batches).toBe(2)
  await end()
})

test.each([1, 30, 60, 100])(
  'lets no edit that is carried out %i s late undo what was declared after it',
  async (seconds) => {
    const { clock, provider, www, upsert, edit, held, end } = await world()
    provider.next({ lateMs: seconds * 1_000 })
    expect(await edit('www A 192.0.2.2')).toMatchObject({ status: 'checking' })
    expect(await upsert('www.example.com 300 A 192.0.2.9')).toMatchObject({ outcome: 'updated' })
    for (let second = 0; second < 400; second += 1) {
      expect(held()).toEqual(['www.example.com A 192.0.2.9'])
      await clock.pass(1_000)
    }
    expect(provider.records()[0]!.id).not.toBe(www)
    await end()
  },
)

test('reads again where its view is stale, and says what does not fit', async () => {
  const { provider, www, upsert, held, end } = await world({ recordQuota: 2 })
  const [record] = provider.records().filter(({ id }) => id === www)
  provider.change({ kind: 'replace', record: record!, to: aRecord('www A 192.0.2.4', { ttl: 300 }) })
  expect(await upsert('www.example.com 300 A 192.0.2.9')).toMatchObject({ outcome: 'updated' })
  expect(held()).toEqual(['www.example.com A 192.0.2.9'])
  const full = await upsert('shop.example.com 300 A 192.0.2.7 192.0.2.8').catch((error: DnsError) => error)
  expect(full).toMatchObject({ code: 'quota-exceeded' })
  await end()
})

test('sends no more in a batch than the provider takes', async () => {
  const { provider, upsertAll, held, end } = await world({ batchLimit: 3 })
  await upsertAll(Array.from({ length: 9 }, (_, index) => `n${index}.example.com 300 A 192.0.2.${index}`))
  expect(held()).toHaveLength(10)
  expect(provider.batches).toBeGreaterThanOrEqual(3)
  await end()
})
