import { expect, test } from 'vitest'
import type { Clock } from '#platform/ports.ts'
import { createWorld, set } from '../../tests/support/world.ts'

const ZONES = 60
const REFRESH_MS = 300_000

test('sixty zones due at once are read a few at a time', async () => {
  const names = Array.from({ length: ZONES }, (_, number) => `z${number}.example.com`)
  const first = await createWorld({
    zones: names.map((name) => ({ name })),
    caller: { ack: 'accepted' },
    engine: { refreshMs: REFRESH_MS },
  })
  const { clock, emulator, store, engine, caller, asked } = first
  for (const name of names)
    await clock.until(engine.upsert(caller, set(`www.${name} 300 A 192.0.2.1`), asked()))
  await clock.pass(ZONES * 2_000)
  expect(emulator.state.zones().map(({ records }) => records)).toEqual(names.map(() => 1))
  await clock.until(engine.stop())

  await clock.pass(2 * REFRESH_MS)
  const before = new Set(emulator.state.calls())
  const counting = countingSleepers(clock)
  const second = await createWorld({
    store,
    emulator,
    clock: { ...clock, ...counting.clock },
    engine: { refreshMs: REFRESH_MS },
  })
  await clock.pass(ZONES * 2_000)
  const lists = emulator.state
    .calls()
    .filter((call) => !before.has(call) && call.target.includes('/dns_records?'))
  expect(new Set(lists.map(({ target }) => target)).size).toBe(ZONES)
  // Eight that are worked for, and the clocks of the keeper itself.
  expect(counting.most()).toBeLessThan(20)
  await second.end()
})

/** A worker that is not at work sleeps. */
function countingSleepers(under: Clock): { clock: Clock; most: () => number } {
  let asleep = 0
  let most = 0
  return {
    clock: {
      now: under.now,
      async sleep(ms, signal) {
        asleep += 1
        most = Math.max(most, asleep)
        await under.sleep(ms, signal)
        asleep -= 1
      },
    },
    most: () => most,
  }
}

test('of five very large zones two are read at a time', async () => {
  const names = Array.from({ length: 5 }, (_, number) => `z${number}.example.com`)
  const records = Array.from({ length: 2_500 }, (_, number) => ({
    type: 'A',
    name: `n${number}`,
    content: '192.0.2.1',
  }))
  let pages: string[] = []
  const { clock, engine, caller, asked, end } = await createWorld({
    quota: 100_000,
    zones: names.map((name) => ({
      name,
      recordQuota: 100_000,
      records: records.map((record) => ({ ...record, name: `${record.name}.${name}` })),
    })),
    between: (way) => (request) => {
      const [, zone] = /zones\/(\w+)\/dns_records\?/.exec(request.url) ?? []
      if (zone !== undefined) pages = [...pages, zone]
      return way(request)
    },
  })
  const upserts = names.map((name) => engine.upsert(caller, set(`www.${name} 300 A 192.0.2.1`), asked()))
  await clock.until(Promise.all(upserts))
  expect(new Set(pages).size).toBe(5)
  const isUnderWay = (zone: string, at: number) => pages.indexOf(zone) <= at && pages.lastIndexOf(zone) > at
  const atOnce = pages.map((_, at) => [...new Set(pages)].filter((zone) => isUnderWay(zone, at)).length)
  expect(Math.max(...atOnce)).toBe(2)
  await end()
})
