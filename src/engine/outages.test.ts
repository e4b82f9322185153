import { describe, expect, test } from 'vitest'
import type { Transport } from '#providers/cloudflare/transport.ts'
import { TransportError } from '#providers/cloudflare/transport.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import type { Store } from '#store/store.ts'
import { createVirtualClock } from '../../tests/support/virtual-clock.ts'
import { seededRandom, set, zoneLines } from '../../tests/support/world.ts'
import { zoneWorld } from '../../tests/support/zone-world.ts'

const FOR_EVER = Number.POSITIVE_INFINITY

/** A way to Cloudflare that can be cut: no byte gets through then. */
function cuttable() {
  const way = { isCut: false, tries: 0 }
  const between =
    (carry: Transport): Transport =>
    async (request) => {
      if (!way.isCut) return carry(request)
      way.tries += 1
      throw new TransportError('connect', false)
    }
  return { way, between }
}

describe('with Cloudflare out of reach', () => {
  test('with Cloudflare out of reach a caller is answered within 25 seconds, and nothing is changed later', async () => {
    const { way, between } = cuttable()
    const world = await zoneWorld({}, { between })
    await world.upsert('www.example.com 300 A 192.0.2.1')
    world.writes()

    way.isCut = true
    const start = world.clock.now()
    const refusal = await world.refusal('www.example.com 300 A 192.0.2.2')
    expect(refusal).toMatchObject({ code: 'cloudflare-unavailable' })
    expect(refusal.retryAfterSeconds).toBeGreaterThan(0)
    expect(world.clock.now() - start).toBeLessThanOrEqual(25_000)

    way.isCut = false
    await world.clock.pass(600_000)
    expect(world.writes()).toBe(0)
    expect(zoneLines(world.emulator)).toEqual(['www.example.com 300 A 192.0.2.1'])
    await world.end()
  })

  test('a short outage is waited out', async () => {
    const { way, between } = cuttable()
    const world = await zoneWorld({}, { between })
    await world.upsert('www.example.com 300 A 192.0.2.1')
    way.isCut = true
    const asked = world.upsert('www.example.com 300 A 192.0.2.2')
    void world.clock.sleep(2_000).then(() => (way.isCut = false))
    expect(await asked).toMatchObject({ outcome: 'updated' })
    await world.end()
  })

  test('with Cloudflare out of reach settled sets are answered from the mirror, until it is too old', async () => {
    const { way, between } = cuttable()
    const world = await zoneWorld({}, { between })
    await world.upsert('www.example.com 300 A 192.0.2.1')
    way.isCut = true
    await world.clock.pass(200_000)
    expect(await world.upsert('www.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'unchanged' })
    await world.clock.pass(200_000)
    expect(await world.refusal('www.example.com 300 A 192.0.2.1')).toMatchObject({
      code: 'cloudflare-unavailable',
    })
    await world.end()
  })

  test('with Cloudflare out of reach it is called seldom, however many requests come', async () => {
    const { way, between } = cuttable()
    const world = await zoneWorld({}, { between })
    await world.upsert('www.example.com 300 A 192.0.2.1')
    way.isCut = true
    for (let minute = 0; minute < 10; minute += 1) {
      await world.refusal(`n${minute}.example.com 300 A 192.0.2.1`)
      await world.clock.pass(60_000)
    }
    expect(way.tries).toBeLessThan(60)
    await world.end()
  })

  test('health is unhealthy after five minutes without Cloudflare, and healthy again afterwards', async () => {
    const { way, between } = cuttable()
    const world = await zoneWorld({}, { between })
    await world.upsert('www.example.com 300 A 192.0.2.1')
    expect(world.engine.health(world.caller)).toEqual({ healthy: true })
    way.isCut = true
    await world.clock.pass(290_000)
    expect(world.engine.health(world.caller)).toEqual({ healthy: true })
    await world.clock.pass(400_000)
    expect(world.engine.health(world.caller)).toMatchObject({ healthy: false })
    way.isCut = false
    await world.clock.pass(120_000)
    expect(world.engine.health(world.caller)).toEqual({ healthy: true })
    await world.end()
  })
})

describe('a batch that is never answered', () => {
  test('a batch without an answer is not sent again, and a read resolves its outcome', async () => {
    for (const carriedOut of [true, false]) {
      const world = await zoneWorld()
      await world.upsert('ftp.example.com 300 A 192.0.2.1')
      world.emulator.faults.script([{ fault: carriedOut ? 'F8' : 'F7', route: 'write' }])
      world.writes()
      const asked = world.upsert('www.example.com 300 A 192.0.2.2')
      // Two reads that agree need some seconds: there is time enough.
      expect(await asked).toMatchObject({ outcome: 'created' })
      expect(world.writes()).toBe(carriedOut ? 1 : 2)
      expect(zoneLines(world.emulator)).toEqual([
        'ftp.example.com 300 A 192.0.2.1',
        'www.example.com 300 A 192.0.2.2',
      ])
      await world.end()
    }
  })

  test('a batch without an answer is reported as unknown, not refused, while reads fail', async () => {
    const world = await zoneWorld()
    await world.upsert('ftp.example.com 300 A 192.0.2.1')
    world.emulator.faults.script([
      { fault: 'F8', route: 'write' },
      { fault: 'F6', route: 'read', times: FOR_EVER },
    ])
    const start = world.clock.now()
    const refusal = await world.refusal('www.example.com 300 A 192.0.2.2')
    expect(['outcome-unknown', 'cloudflare-unavailable']).toContain(refusal.code)
    expect(world.clock.now() - start).toBeLessThanOrEqual(25_000)

    world.emulator.faults.clear()
    await world.clock.pass(600_000)
    expect(await world.upsert('www.example.com 300 A 192.0.2.2')).toMatchObject({ outcome: 'unchanged' })
    expect(zoneLines(world.emulator)).toContain('www.example.com 300 A 192.0.2.2')
    await world.end()
  })
})

test('what waits behind a batch of unknown outcome is withdrawn in time, and changes nothing later', async () => {
  const world = await zoneWorld()
  await world.upsert('ftp.example.com 300 A 192.0.2.1')
  world.emulator.faults.script([
    { fault: 'F8', route: 'write' },
    { fault: 'F7', route: 'read', times: FOR_EVER },
  ])
  const { clock, engine, caller, asked } = world
  const told = async (text: string) => {
    const start = clock.now()
    const error = await engine.upsert(caller, set(text), asked()).catch((error) => error)
    return { code: error.code, ms: clock.now() - start }
  }
  const [first, second] = await clock.until(
    Promise.all([
      told('www.example.com 300 A 192.0.2.2'),
      clock.sleep(1_000).then(() => told('www.example.com 300 A 192.0.2.3')),
    ]),
  )
  expect(first.code).toBe('outcome-unknown')
  expect(['deadline', 'cloudflare-unavailable']).toContain(second.code)
  expect(Math.max(first.ms, second.ms)).toBeLessThanOrEqual(25_000)

  world.emulator.faults.clear()
  await world.clock.pass(600_000)
  expect(zoneLines(world.emulator)).toEqual([
    'ftp.example.com 300 A 192.0.2.1',
    'www.example.com 300 A 192.0.2.2',
  ])
  expect(await world.store.waitingIntents(world.zone)).toEqual([])
  await world.end()
})

describe('ACK=accepted', () => {
  test('ACK=accepted keeps accepted sets through an outage, and applies them afterwards', async () => {
    const { way, between } = cuttable()
    const world = await zoneWorld({}, { between, caller: { ack: 'accepted' } })
    await world.upsert('first.example.com 300 A 192.0.2.1')
    await world.clock.pass(60_000)
    way.isCut = true
    const { clock, engine, caller, asked } = world
    const start = clock.now()
    const accepted = await clock.until(
      Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          engine.upsert(caller, set(`n${index}.example.com 300 A 192.0.2.1`), asked()),
        ),
      ),
    )
    expect(accepted.every(({ outcome }) => outcome === 'accepted')).toBe(true)
    expect(clock.now() - start).toBeLessThan(1_000)
    await clock.pass(1_200_000)
    expect(zoneLines(world.emulator)).toHaveLength(1)

    way.isCut = false
    world.writes()
    await clock.pass(120_000)
    expect(zoneLines(world.emulator)).toHaveLength(51)
    expect(world.writes()).toBe(1)
    expect(await world.upsert('n7.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'unchanged' })
    await world.end()
  })

  test('ACK=accepted applies only the newest accepted state of a set', async () => {
    const world = await zoneWorld({}, { caller: { ack: 'accepted' } })
    for (let last = 1; last <= 9; last += 1) await world.upsert(`www.example.com 300 A 192.0.2.${last}`)
    await world.clock.pass(60_000)
    expect(zoneLines(world.emulator)).toEqual(['www.example.com 300 A 192.0.2.9'])
    expect(world.writes()).toBeLessThanOrEqual(2)
    await world.end()
  })

  test('ACK=accepted gathers single requests into few batches', async () => {
    const world = await zoneWorld({}, { caller: { ack: 'accepted' } })
    for (let index = 0; index < 300; index += 1) await world.upsert(`n${index}.example.com 300 A 192.0.2.1`)
    await world.clock.pass(60_000)
    expect(zoneLines(world.emulator)).toHaveLength(300)
    expect(world.writes()).toBeLessThanOrEqual(4)
    await world.end()
  })
})

describe('after a restart', () => {
  test('after a restart accepted sets are sent', async () => {
    const { way, between } = cuttable()
    const first = await zoneWorld({}, { between, caller: { ack: 'accepted' }, ...(await lasting()) })
    await first.upsert('www.example.com 300 A 192.0.2.1')
    await first.clock.pass(60_000)
    way.isCut = true
    await first.upsert('www.example.com 300 A 192.0.2.2')
    await first.upsert('ftp.example.com 300 A 192.0.2.3')
    await first.clock.until(first.engine.stop())

    const second = await zoneWorld({}, { store: first.store, clock: first.clock, emulator: first.emulator })
    await second.clock.pass(60_000)
    expect(zoneLines(second.emulator)).toEqual([
      'ftp.example.com 300 A 192.0.2.3',
      'www.example.com 300 A 192.0.2.2',
    ])
    await second.end()
  })

  for (const carriedOut of [true, false]) {
    test(`a batch that was ${carriedOut ? '' : 'not '}carried out when we were killed is found out, not repeated`, async () => {
      const { clock, store } = await lasting()
      const mortal = mortalOver(store)
      let isDying = false
      const between =
        (carry: Transport): Transport =>
        async (request) => {
          if (!isDying || request.method !== 'POST') return carry(request)
          if (carriedOut) await carry(request)
          mortal.kill()
          return new Promise(() => {})
        }
      const first = await zoneWorld({}, { between, clock, store: mortal.store })
      await first.upsert('ftp.example.com 300 A 192.0.2.1')
      isDying = true
      void first.engine.upsert(first.caller, set('www.example.com 300 A 192.0.2.1 192.0.2.2'), first.asked())
      await clock.pass(1_000)
      expect(zoneLines(first.emulator)).toHaveLength(carriedOut ? 3 : 1)

      const second = await zoneWorld({}, { clock, store, emulator: first.emulator })
      second.writes()
      await clock.pass(120_000)
      expect(zoneLines(second.emulator)).toEqual([
        'ftp.example.com 300 A 192.0.2.1',
        'www.example.com 300 A 192.0.2.1',
        'www.example.com 300 A 192.0.2.2',
      ])
      expect(second.writes()).toBe(carriedOut ? 0 : 1)
      expect(await second.upsert('www.example.com 300 A 192.0.2.1 192.0.2.2')).toMatchObject({
        outcome: 'unchanged',
      })
      const history = await second.store.history({ limit: 10 })
      expect(history.filter(({ key }) => key.name === 'www.example.com')).toHaveLength(1)
      await second.end()
    })
  }

  test('after a restart settled sets cost no call', async () => {
    const first = await zoneWorld({}, await lasting())
    await first.upsert('www.example.com 300 A 192.0.2.1')
    await first.clock.until(first.engine.stop())
    const second = await zoneWorld({}, { store: first.store, clock: first.clock, emulator: first.emulator })
    const lists = () => second.emulator.state.calls().filter(({ route }) => route !== 'zones').length
    const before = lists()
    expect(await second.upsert('www.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'unchanged' })
    expect(lists()).toBe(before)
    await second.end()
  })
})

/** What outlives an engine. */
async function lasting() {
  const clock = createVirtualClock()
  const store = await openSqliteStore({
    path: ':memory:',
    random: seededRandom(5),
    now: clock.now,
    bootId: undefined,
  })
  return { clock, store }
}

/** A store as one process sees it: once that is killed, nothing that it asks is answered or done any more. */
function mortalOver(store: Store) {
  let isDead = false
  const mortal = new Proxy(store, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function') return value
      return (...given: unknown[]) => (isDead ? new Promise(() => {}) : value.apply(target, given))
    },
  })
  return {
    store: mortal,
    kill() {
      isDead = true
    },
  }
}
