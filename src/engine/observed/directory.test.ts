import { describe, expect, test } from 'vitest'
import { createWorld, key, set } from '../../../tests/support/world.ts'
import { zoneWorld } from '../../../tests/support/zone-world.ts'

const zoneLists = (world: Awaited<ReturnType<typeof zoneWorld>>) =>
  world.emulator.state.calls().filter(({ route }) => route === 'zones').length

describe('a name in no zone that we see', () => {
  test('a name in no visible zone is refused, and zones are listed for it once a minute at most', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 A 192.0.2.1')
    const before = zoneLists(world)
    for (let second = 0; second < 50; second += 1) {
      expect(await world.refusal('www.example.net 300 A 192.0.2.1')).toMatchObject({ code: 'zone-not-found' })
      await world.clock.pass(1_000)
    }
    expect(zoneLists(world) - before).toBeLessThanOrEqual(1)
    await world.clock.pass(60_000)
    const later = zoneLists(world)
    await world.refusal('www.example.net 300 A 192.0.2.1')
    expect(zoneLists(world) - later).toBe(1)
    await world.end()
  })

  test('a name is found within a minute after its zone was added', async () => {
    const world = await zoneWorld()
    await world.refusal('www.example.net 300 A 192.0.2.1')
    world.emulator.state.addZone({ name: 'example.net' })
    await world.clock.pass(60_000)
    expect(await world.upsert('www.example.net 300 A 192.0.2.1')).toMatchObject({ zone: 'example.net' })
    await world.end()
  })

  test('zones are listed once, however many callers ask for an unknown name at once', async () => {
    const world = await zoneWorld()
    const before = zoneLists(world)
    const { clock, engine, caller, asked } = world
    const names = Array.from({ length: 20 }, (_, index) => set(`n${index}.example.net 300 A 192.0.2.1`))
    await clock.until(Promise.allSettled(names.map((one) => engine.upsert(caller, one, asked()))))
    expect(zoneLists(world) - before).toBeLessThanOrEqual(1)
    await world.end()
  })

  test('a name is not reported as in no zone while zones cannot be listed', async () => {
    const world = await zoneWorld()
    await world.clock.pass(120_000)
    world.emulator.faults.script([{ fault: 'F6', times: Number.POSITIVE_INFINITY }])
    expect(await world.refusal('www.example.net 300 A 192.0.2.1')).toMatchObject({
      code: 'cloudflare-unavailable',
    })
    await world.end()
  })

  test('a request for an unknown name is answered in time, however long the list of zones takes', async () => {
    const world = await zoneWorld()
    await world.clock.pass(120_000)
    const { clock, engine, caller } = world
    world.emulator.faults.script([{ fault: 'F7', times: Number.POSITIVE_INFINITY }])
    const deadline = clock.now() + 3_000
    const asked = { deadline, requestId: 'late' }
    const answer = engine.upsert(caller, set('www.example.net 300 A 192.0.2.1'), asked)
    await expect(clock.until(answer)).rejects.toMatchObject({ code: 'cloudflare-unavailable' })
    expect(clock.now()).toBe(deadline)
    await world.end()
  })

  test('a delete of a name in no visible zone succeeds, with nothing to delete', async () => {
    const world = await zoneWorld()
    expect(await world.remove('www.example.net A')).toEqual({ outcome: 'absent' })
    await world.end()
  })
})

describe('a name', () => {
  test('a name belongs to the zone with the longest matching suffix, label by label', async () => {
    const world = await createWorld({ zones: [{ name: 'example.com' }, { name: 'sub.example.com' }] })
    const { clock, engine, caller, asked } = world
    const zoneOf = async (name: string) =>
      (await clock.until(engine.upsert(caller, set(`${name} 300 A 192.0.2.1`), asked()))).zone
    expect(await zoneOf('www.example.com')).toBe('example.com')
    expect(await zoneOf('www.sub.example.com')).toBe('sub.example.com')
    expect(await zoneOf('sub.example.com')).toBe('sub.example.com')
    expect(await zoneOf('notsub.example.com')).toBe('example.com')
    await expect(zoneOf('www.notexample.com')).rejects.toMatchObject({ code: 'zone-not-found' })
    await world.end()
  })
})

describe('a zone', () => {
  test('a zone that vanished is unavailable, not unknown, and its declared sets are kept until it is back', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 A 192.0.2.1')
    world.emulator.state.removeZone('example.com')
    await world.clock.pass(330_000)
    expect(await world.refusal('www.example.com 300 A 192.0.2.2')).toMatchObject({ code: 'zone-unavailable' })
    await expect(world.remove('www.example.com A')).rejects.toMatchObject({ code: 'zone-unavailable' })
    expect(await world.remove('ftp.example.com A')).toEqual({ outcome: 'absent' })
    await world.end()
  })

  test('a zone that is secondary or has moved away is not written to', async () => {
    for (const [changes, code] of [
      [{ type: 'secondary' }, 'zone-read-only'],
      [{ status: 'moved' }, 'zone-unavailable'],
    ] as const) {
      const world = await zoneWorld()
      world.emulator.state.changeZone('example.com', changes)
      await world.clock.pass(330_000)
      expect(await world.refusal('www.example.com 300 A 192.0.2.1')).toMatchObject({ code })
      const reading = world.engine.read(world.caller, key('www.example.com A'), world.asked())
      await expect(world.clock.until(reading)).rejects.toMatchObject({ code })
      expect(world.writes()).toBe(0)
      await world.end()
    }
  })

  test('a pending or paused zone is written to like any other', async () => {
    for (const changes of [{ status: 'pending' }, { paused: true }] as const) {
      const world = await zoneWorld()
      world.emulator.state.changeZone('example.com', changes)
      await world.clock.pass(330_000)
      expect(await world.upsert('www.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'created' })
      await world.end()
    }
  })
})
