import { expect, test } from 'vitest'
import { createVirtualClock } from '../../tests/support/virtual-clock.ts'
import type { Log } from './ports.ts'
import { createRetention, type Retained } from './retention.ts'

const HOUR_MS = 3_600_000

function retaining(forget: Retained['forget'], others: readonly Retained[] = []) {
  const clock = createVirtualClock()
  const warned: object[] = []
  const log: Log = { debug() {}, info() {}, warn: (facts) => void warned.push(facts), error() {} }
  const table = [{ what: 'letters', everyMs: HOUR_MS, forget }, ...others]
  return { clock, warned, retention: createRetention(table, clock, log) }
}

test('what is too old is deleted in lots, until there is none left', async () => {
  let left = 2_500
  let lots = 0
  const { clock, retention } = retaining((_now, inLots) =>
    inLots(async () => {
      lots += 1
      const some = Math.min(left, 1_000)
      left -= some
      return some
    }),
  )
  retention.start()
  await clock.pass(1_000)
  expect({ left, lots }).toEqual({ left: 0, lots: 4 })
  await clock.until(retention.stop())
})

test('each row comes back when it is due, also after a failure that keeps up no other, and no more once stopped', async () => {
  const asked = { failing: 0, often: 0 }
  const forget = async () => {
    asked.often += 1
  }
  const failing = async () => {
    asked.failing += 1
    throw new Error('no database')
  }
  const { clock, warned, retention } = retaining(failing, [{ what: 'crumbs', everyMs: HOUR_MS / 4, forget }])
  retention.start()
  await clock.pass(2 * HOUR_MS)
  expect(asked).toEqual({ failing: 3, often: 9 })
  expect(warned).toEqual(Array(3).fill({ err: expect.any(Error), what: 'letters' }))
  await clock.until(retention.stop())
  await clock.pass(2 * HOUR_MS)
  expect(asked).toEqual({ failing: 3, often: 9 })
})

test('whoever stops it waits for one lot, not for all that is left', async () => {
  let lots = 0
  const { clock, retention } = retaining(async (_now, inLots) => {
    for (const _customer of ['ann', 'ben']) {
      await inLots(async () => {
        lots += 1
        return 1
      })
    }
  })
  retention.start()
  await clock.until(retention.stop())
  expect(lots).toBe(1)
})
