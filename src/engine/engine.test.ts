import { expect, test } from 'vitest'
import { createWorld, key, set, zoneLines } from '../../tests/support/world.ts'
import { zoneWorld } from '../../tests/support/zone-world.ts'

test('a thousand new sets at once cost at most eight calls, unchanged none, and one change one', async () => {
  const { clock, engine, caller, asked, calls, emulator, end } = await createWorld()
  const sets = (address: number) =>
    Array.from({ length: 1_000 }, (_, index) => set(`n${index}.example.com 300 A 192.0.2.${address}`))

  const created = await clock.until(Promise.all(sets(1).map((one) => engine.upsert(caller, one, asked()))))
  expect(created.every(({ outcome }) => outcome === 'created')).toBe(true)
  expect(calls()).toBeLessThanOrEqual(8)
  expect(zoneLines(emulator)).toHaveLength(1_000)

  const unchanged = await clock.until(Promise.all(sets(1).map((one) => engine.upsert(caller, one, asked()))))
  expect(unchanged.every(({ outcome }) => outcome === 'unchanged')).toBe(true)
  expect(calls()).toBe(0)

  const changed = await clock.until(engine.upsert(caller, sets(2)[7]!, asked()))
  expect(changed.outcome).toBe('updated')
  expect(calls()).toBe(1)
  await end()
})

test('a set that moves from one proxied address over both to the other stays behind the proxy', async () => {
  const web = {
    name: 'web',
    type: 'A',
    content: '192.0.2.10',
    ttl: 1,
    proxied: true,
    comment: 'shop',
  } as const
  const world = await zoneWorld({ records: [web] })
  await world.upsert('web.example.com 300 A 192.0.2.10 192.0.2.11')
  expect(world.records().map(({ proxied }) => proxied)).toEqual([true, true])
  await world.upsert('web.example.com 300 A 192.0.2.11')
  expect(world.records()).toMatchObject([{ content: '192.0.2.11', proxied: true, ttl: 1 }])
  await world.end()
})

test('a set grows as it is by then: proxied, once somebody has turned the proxy on for one of its records', async () => {
  const world = await zoneWorld()
  await world.upsert('web.example.com 300 A 192.0.2.10 192.0.2.11')
  world.emulator.state.editRecord('example.com', world.records()[0]!.id, { proxied: true, ttl: 1 })
  await world.clock.pass(400_000)
  await world.upsert('web.example.com 300 A 192.0.2.10 192.0.2.11 192.0.2.12')
  expect(world.records().find(({ content }) => content === '192.0.2.12')).toMatchObject({ proxied: true })
  await world.end()
})

test('two values are two records; in another order they are the same; one changed leaves the other its id', async () => {
  const { clock, engine, caller, asked, calls, emulator, end } = await createWorld()
  await clock.until(engine.upsert(caller, set('www.example.com 300 A 192.0.2.1 192.0.2.2'), asked()))
  const before = emulator.state.records('example.com')
  expect(before).toHaveLength(2)

  calls()
  await clock.until(engine.upsert(caller, set('www.example.com 300 A 192.0.2.2 192.0.2.1'), asked()))
  expect(calls()).toBe(0)

  await clock.until(engine.upsert(caller, set('www.example.com 300 A 192.0.2.1 192.0.2.9'), asked()))
  const idOf = (records: typeof before, content: string) =>
    records.find((record) => record.content === content)?.id
  const after = emulator.state.records('example.com')
  expect(idOf(after, '192.0.2.1')).toBe(idOf(before, '192.0.2.1'))
  expect(after).toHaveLength(2)

  const removed = await clock.until(engine.remove(caller, key('www.example.com A'), asked()))
  expect(removed.outcome).toBe('deleted')
  expect(zoneLines(emulator)).toEqual([])
  await end()
})
