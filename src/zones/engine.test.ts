import { expect, test } from 'vitest'
import { createWorld, key, set, zoneLines } from '../../tests/support/world.ts'

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
