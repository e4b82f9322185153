import { expect, test } from 'vitest'
import { bothFaces } from '../../tests/support/both-faces.ts'
import { zoneLines } from '../../tests/support/world.ts'

test("an upsert puts back what a customer's edit has changed since the zone was read", async () => {
  const world = await bothFaces({ drift: 'report' })
  const { clock } = world
  expect(await clock.until(world.upsert('api.example.com 300 A 192.0.2.9'))).toMatchObject({
    outcome: 'created',
  })
  expect(await clock.until(world.edit('www A 192.0.2.2'))).toMatchObject({ status: 'done' })
  expect(await clock.until(world.upsert('www.example.com 300 A 192.0.2.1'))).toMatchObject({
    outcome: 'updated',
  })
  expect(zoneLines(world.emulator)).toContain('www.example.com 300 A 192.0.2.1')
  await world.end()
})

test("a customer's edit in a zone that callers keep costs no read of theirs", async () => {
  const world = await bothFaces()
  const { clock } = world
  await clock.until(world.upsert('api.example.com 300 A 192.0.2.9'))
  await clock.until(world.edit('www A 192.0.2.2'))
  const calls = world.emulator.state.calls().length
  expect(await clock.until(world.upsert('www.example.com 300 A 192.0.2.9'))).toMatchObject({
    outcome: 'updated',
  })
  expect(world.emulator.state.calls()).toHaveLength(calls + 1)
  await world.end()
})
