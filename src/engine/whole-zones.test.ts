import { expect, test } from 'vitest'
import { createVirtualClock } from '../../tests/support/virtual-clock.ts'
import { createWholeZones, roomIn } from './whole-zones.ts'

test('two very large zones are held in memory at once, or a dozen small ones', async () => {
  const clock = createVirtualClock()
  const whole = createWholeZones(40_000)
  const most = async (sizes: readonly number[]) => {
    let [held, mostHeld] = [0, 0]
    const reads = sizes.map((size) =>
      whole.hold(size, 'machines', async () => {
        held += 1
        mostHeld = Math.max(mostHeld, held)
        await clock.sleep(100)
        held -= 1
      }),
    )
    await clock.until(Promise.all(reads))
    return mostHeld
  }
  expect(await most([20_000, 20_000, 20_000, 20_000, 20_000])).toBe(2)
  // What nobody has read yet may be as large.
  expect(await most([0, 0, 0])).toBe(2)
  expect(await most(Array.from({ length: 60 }, () => 10))).toBe(40)
})

test('people are served before machines and machines before background, and a large zone is not overtaken', async () => {
  const clock = createVirtualClock()
  const whole = createWholeZones(20_000)
  const began: string[] = []
  const read = (name: string, size: number, kind: 'people' | 'machines' | 'background') =>
    whole.hold(size, kind, async () => {
      began.push(name)
      await clock.sleep(100)
    })
  const all = [
    read('first', 1_000, 'background'),
    read('drift', 20_000, 'background'),
    read('drift of a small zone', 10, 'background'),
    read('an upsert', 20_000, 'machines'),
    read('a review', 20_000, 'people'),
  ]
  await clock.until(Promise.all(all))
  expect(began).toEqual(['first', 'a review', 'an upsert', 'drift', 'drift of a small zone'])
})

test('a failed read makes room for the next', async () => {
  const whole = createWholeZones(20_000)
  await expect(whole.hold(20_000, 'people', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await whole.hold(20_000, 'people', async () => 'read')).toBe('read')
})

test('a heap of 64 MiB has room for one whole zone, one of 128 for two', () => {
  expect([51, 67, 99, 131, 515].map(roomIn)).toEqual([20_000, 20_000, 20_000, 40_000, 40_000])
})
