import { expect, test } from 'vitest'
import { create, editWorld, sync } from '../../../tests/support/edit-world.ts'
import { createWorld, set, zoneLines } from '../../../tests/support/world.ts'

test('another process lends its zone for an edit, and takes it back afterwards', async () => {
  const world = await editWorld()
  const { clock, store, emulator } = world
  const other = await createWorld({ clock, store, emulator, engine: { lookEveryMs: 20 } })
  const upsert = (text: string) => clock.until(other.engine.upsert(other.caller, set(text), other.asked()))
  await upsert('a.example.com 300 A 192.0.2.1')
  expect(
    await store.holdLease(world.zone, world.zoneLock.owner, clock.now(), clock.now() + 1),
  ).toBeUndefined()

  await sync(world)
  const start = clock.now()
  expect(await world.until(create(world, 'shop A 192.0.2.7'))).toMatchObject({ status: 'done' })
  expect(clock.now() - start).toBeLessThan(5_000)
  await upsert('b.example.com 300 A 192.0.2.1')
  expect(zoneLines(emulator)).toHaveLength(3)
  await clock.until(other.engine.stop())
  await world.end()
})

test('an edit in a zone that is not lent is refused in time, and nothing is changed', async () => {
  const world = await editWorld()
  const { clock, store } = world
  await sync(world)
  const held = await store.holdLease(world.zone, 'another', clock.now(), clock.now() + 60_000)
  expect(held).toBeDefined()
  const start = clock.now()
  const refusal = await world.refusal(create(world, 'shop A 192.0.2.7'))
  expect(refusal.code).toMatch(/zone-busy|deadline/)
  expect(clock.now() - start).toBeLessThanOrEqual(25_000)
  await clock.pass(120_000)
  expect(zoneLines(world.emulator)).toEqual([])
  expect(await world.until(create(world, 'shop A 192.0.2.7'))).toMatchObject({ status: 'done' })
  await world.end()
})
