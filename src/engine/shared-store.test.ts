import { expect, test } from 'vitest'
import { freshStore } from '../../tests/support/postgres.ts'
import { realClock } from '../../tests/support/real-clock.ts'
import { createWorld, set, zoneLines } from '../../tests/support/world.ts'

const overPostgres = async () => createWorld({ store: await freshStore(), clock: realClock, latencyMs: 20 })

test('over PostgreSQL a thousand new sets cost at most eight calls, unchanged none, and one change one', async () => {
  const { engine, caller, asked, calls, emulator, end } = await overPostgres()
  const sets = (address: number) =>
    Array.from({ length: 1_000 }, (_, index) => set(`n${index}.example.com 300 A 192.0.2.${address}`))

  const created = await Promise.all(sets(1).map((one) => engine.upsert(caller, one, asked())))
  expect(created.every(({ outcome }) => outcome === 'created')).toBe(true)
  expect(calls()).toBeLessThanOrEqual(8)
  expect(zoneLines(emulator)).toHaveLength(1_000)

  const unchanged = await Promise.all(sets(1).map((one) => engine.upsert(caller, one, asked())))
  expect(unchanged.every(({ outcome }) => outcome === 'unchanged')).toBe(true)
  expect(calls()).toBe(0)

  const changed = await engine.upsert(caller, sets(2)[7]!, asked())
  expect(changed.outcome).toBe('updated')
  expect(calls()).toBe(1)
  await end()
}, 90_000)
