import { describe, expect, test } from 'vitest'
import { set, zoneLines } from '../../../tests/support/world.ts'
import { zoneWorld } from '../../../tests/support/zone-world.ts'

/** A change that is not carried out, without our knowing, and lists that show the zone as it was before the one before. */
const LOST = [
  { fault: 'F3', route: 'write' },
  { fault: 'F18', route: 'read', seconds: 25, times: 3 },
] as const

describe('lists that are older than what we know', () => {
  test('old lists do not undo a change of a set', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 A 192.0.2.1')
    await world.clock.pass(60_000)
    await world.upsert('www.example.com 300 A 192.0.2.2')
    world.emulator.faults.script([...LOST])
    const answered = world.upsert('www.example.com 300 A 192.0.2.1').then(
      () => zoneLines(world.emulator),
      (error: { code: string }) => error.code,
    )
    expect([['www.example.com 300 A 192.0.2.1'], 'outcome-unknown']).toContainEqual(await answered)
    await world.clock.pass(120_000)
    expect(zoneLines(world.emulator)).toEqual(['www.example.com 300 A 192.0.2.1'])
    expect(await world.upsert('www.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'unchanged' })
    await world.end()
  })

  test('old lists do not undo the creation of a set', async () => {
    const world = await zoneWorld()
    await world.upsert('ftp.example.com 300 A 192.0.2.1')
    await world.clock.pass(60_000)
    await world.upsert('www.example.com 300 A 192.0.2.1')
    world.emulator.faults.script([...LOST])
    const answered = world.remove('www.example.com A').then(
      () => zoneLines(world.emulator),
      (error: { code: string }) => error.code,
    )
    expect([['ftp.example.com 300 A 192.0.2.1'], 'outcome-unknown']).toContainEqual(await answered)
    await world.clock.pass(700_000)
    expect(zoneLines(world.emulator)).toEqual(['ftp.example.com 300 A 192.0.2.1'])
    await world.end()
  })

  test('old lists do not undo the deletion of a set', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 A 192.0.2.1')
    await world.clock.pass(60_000)
    await world.remove('www.example.com A')
    world.emulator.faults.script([...LOST])
    const answered = world.clock
      .until(world.engine.upsert(world.caller, set('www.example.com 300 A 192.0.2.1'), world.asked()))
      .then(
        () => zoneLines(world.emulator),
        (error: { code: string }) => error.code,
      )
    expect([['www.example.com 300 A 192.0.2.1'], 'outcome-unknown']).toContainEqual(await answered)
    await world.clock.pass(120_000)
    expect(zoneLines(world.emulator)).toEqual(['www.example.com 300 A 192.0.2.1'])
    await world.end()
  })
})
