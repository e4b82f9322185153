import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createVirtualClock } from '../../../tests/support/virtual-clock.ts'
import { createConnectionThrottle } from './connection-throttle.ts'

class Connection extends EventEmitter {
  isRead = true
  answers = 0
  pause() {
    this.isRead = false
  }
  resume() {
    this.isRead = true
  }
}

/** Strangers who send as much as is read, `atOnce` requests at a time, for a second. */
async function answersInASecond(connections: readonly Connection[], atOnce: number) {
  const clock = createVirtualClock()
  const connectionThrottle = createConnectionThrottle(clock, 500)
  for (let ms = 0; ms < 1_000; ms += 1) {
    for (const one of connections.filter(({ isRead }) => isRead)) {
      for (let left = atOnce; left > 0; left -= 1) {
        one.answers += 1
        connectionThrottle.answered(one as unknown as Socket)
      }
    }
    await nextTurn()
    await clock.pass(1)
  }
  return connections.reduce((sum, { answers }) => sum + answers, 0)
}

test('strangers share what is answered in a second, whatever they send, and each has a turn', async () => {
  for (const atOnce of [1, 16]) {
    const connections = Array.from({ length: 20 }, () => new Connection())
    const answers = await answersInASecond(connections, atOnce)
    expect(answers).toBeGreaterThan(400)
    // The first lot of each is there before we know them.
    expect(answers).toBeLessThan(600 + connections.length * atOnce)
    expect(Math.min(...connections.map((one) => one.answers))).toBeGreaterThan(0)
  }
})

test('who comes once is left alone, and who asks little is never kept waiting', async () => {
  const clock = createVirtualClock()
  const connectionThrottle = createConnectionThrottle(clock, 500)
  const often = Array.from({ length: 100 }, () => new Connection())
  for (const one of often) connectionThrottle.answered(one as unknown as Socket)
  await nextTurn()
  expect(often.every(({ isRead }) => isRead)).toBe(true)

  const probe = new Connection()
  for (let time = 0; time < 10; time += 1) {
    await clock.pass(10_000)
    connectionThrottle.answered(probe as unknown as Socket)
    await nextTurn()
    expect(probe.isRead).toBe(true)
  }
})

test('a connection that has closed waits for nothing', async () => {
  const clock = createVirtualClock()
  const connectionThrottle = createConnectionThrottle(clock, 500)
  const [gone, there] = [new Connection(), new Connection()]
  for (const one of [gone, there])
    for (let time = 0; time < 20; time += 1) connectionThrottle.answered(one as unknown as Socket)
  await nextTurn()
  expect([gone.isRead, there.isRead]).toEqual([false, false])
  gone.emit('close')
  await clock.pass(1_000)
  expect([gone.isRead, there.isRead]).toEqual([false, true])
})
