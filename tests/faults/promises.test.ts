import { expect, test } from 'vitest'
import type { HistoryEntry } from '#emulator/emulator.ts'
import { createEngine } from '#engine/engine.ts'
import type { Log } from '#platform/ports.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'
import { createWorld, set, silent, type World, zoneLines } from '../support/world.ts'

const HOUR_MS = 3_600_000

test('of three upserts for one set each is true when it is answered, in the order in which they were asked', async () => {
  const world = await createWorld()
  const { clock, engine, caller, asked, emulator } = world
  await clock.until(engine.upsert(caller, address(1), asked()))

  const heldAtAnswer: string[] = []
  const upserts = [2, 3, 4].map(async (last) => {
    const { outcome } = await engine.upsert(caller, address(last), asked())
    heldAtAnswer.push(zoneLines(emulator).join())
    return outcome
  })
  expect(await clock.until(Promise.all(upserts))).toEqual(['updated', 'updated', 'updated'])
  expect(heldAtAnswer).toEqual([2, 3, 4].map((last) => `www.example.com 300 A 192.0.2.${last}`))
  expect(addressesInTime(emulator.state.history('example.com'))).toEqual(['1', '2', '3', '4'])
  await world.end()
})

test('of what was accepted for one set between two batches only the newest is ever seen', async () => {
  const world = await createWorld({ caller: { ack: 'accepted' } })
  const { clock, engine, caller, asked, emulator } = world
  for (const last of [1, 2, 3]) await clock.until(engine.upsert(caller, address(last), asked()))
  await clock.pass(10_000)
  expect(addressesInTime(emulator.state.history('example.com'))).toEqual(['3'])
  await world.end()
})

test('what was accepted outlives 48 hours without Cloudflare, and a restart in the middle of them', async () => {
  const world = await createWorld({
    clock: createVirtualClock({ turns: 1 }),
    caller: { ack: 'accepted' },
    engine: { lookEveryMs: 60_000 },
  })
  const { clock, engine, caller, asked, emulator, store } = world
  await clock.until(engine.upsert(caller, address(1), asked()))
  await clock.pass(10_000)
  emulator.faults.script([{ fault: 'F31', seconds: 48 * 3_600 }])

  const accepted = Array.from({ length: 30 }, (_, index) => set(`n${index}.example.com 300 A 192.0.2.9`))
  for (const one of [address(2), ...accepted]) {
    expect((await clock.until(engine.upsert(caller, one, asked()))).outcome).toBe('accepted')
    await clock.pass(1_000)
  }
  const callsBefore = world.calls()
  await clock.pass(24 * HOUR_MS)
  // One probe each half minute, and no more.
  expect(callsBefore + world.calls()).toBeLessThan(24 * 120 + 100)
  await clock.until(engine.stop())

  const next = engineOver(world)
  await next.start()
  expect((await clock.until(next.upsert(caller, address(3), asked()))).outcome).toBe('accepted')
  await clock.pass(24 * HOUR_MS)
  await clock.pass(120_000)
  expect(zoneLines(emulator)).toEqual(
    [...accepted.map(({ name }) => `${name} 300 A 192.0.2.9`), 'www.example.com 300 A 192.0.2.3'].sort(),
  )
  expect(addressesInTime(emulator.state.history('example.com'))).toEqual(['1', '3'])
  await clock.until(next.stop())
  await store.close()
}, 120_000)

test('drift that would take records from more than ten names is told, and left until somebody looks', async () => {
  const warnings: { words: string; brakes: unknown }[] = []
  const log: Log = {
    ...silent,
    warn: (facts, words) => void warnings.push({ words, brakes: (facts as { brakes?: unknown }).brakes }),
  }
  const world = await createWorld({ engine: { log } })
  const { clock, engine, caller, asked, emulator } = world
  const names = Array.from({ length: 11 }, (_, index) => `n${index}`)
  const sets = names.map((name) => set(`${name}.example.com 300 A 192.0.2.1`))
  await clock.until(Promise.all(sets.map((one) => engine.upsert(caller, one, asked()))))
  const byHand = names.map((name) =>
    emulator.state.addRecord('example.com', { type: 'A', name, content: '192.0.2.200' }),
  )
  await clock.pass(600_000)
  expect(zoneLines(emulator)).toHaveLength(22)
  expect(warnings).toContainEqual({
    words: 'drift found; record sets left as they are',
    brakes: ['too-many-names', 'too-large-a-part'],
  })

  // Ten of them, and not a third of the zone, are put right without asking.
  emulator.state.removeRecord('example.com', byHand[0]!.id)
  for (let index = 0; index < 20; index += 1) {
    emulator.state.addRecord('example.com', { type: 'TXT', name: `note${index}`, content: '"by hand"' })
  }
  await clock.pass(600_000)
  expect(zoneLines(emulator).filter((line) => line.includes(' A '))).toEqual(
    names.map((name) => `${name}.example.com 300 A 192.0.2.1`).sort(),
  )
  await world.end()
})

function address(last: number) {
  return set(`www.example.com 300 A 192.0.2.${last}`)
}

/** The last octets that www.example.com has had, in the order in which they took effect. */
function addressesInTime(history: readonly HistoryEntry[]): readonly string[] {
  return history
    .flatMap(({ changes }) => changes)
    .flatMap(({ after }) =>
      after?.name === 'www.example.com' ? [after.content.slice('192.0.2.'.length)] : [],
    )
}

/** The engine as a process that was started anew would have it. */
function engineOver({ store, caller, clock }: World) {
  return createEngine({
    store,
    callers: [caller],
    clock,
    random: { fraction: () => 0.5, hex: (bytes) => '0'.repeat(2 * bytes) },
    log: silent,
    events: {
      unchanged() {},
      change() {},
      batch() {},
      read() {},
      unknownOutcome() {},
      queue() {},
      drift() {},
    },
    refreshMs: 300_000,
    drift: 'correct',
    lookEveryMs: 60_000,
  })
}
