import { expect, test } from 'vitest'
import { createVirtualClock } from '../../tests/support/virtual-clock.ts'
import type { Log } from './ports.ts'
import { createRetention } from './retention.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** A store that holds so many entries that are too old, and notes what it is asked to forget. */
function forgettingOver({ old = 0, fails = false } = {}) {
  const clock = createVirtualClock()
  const start = clock.now()
  const asked: string[] = []
  const warned: string[] = []
  let left = old
  const log: Log = { debug() {}, info() {}, warn: (_facts, words) => void warned.push(words), error() {} }
  const store = {
    customers: {
      customers: async () => [{ id: 'ann' }],
      async forgetAudit(before: number) {
        asked.push(`audit of ${(start - before) / DAY_MS} days and more`)
        return 0
      },
    },
    async forgetHistory(before: number) {
      asked.push(`history of ${(start - before) / DAY_MS} days and more`)
      if (fails) throw new Error('no database')
      const some = Math.min(left, 1_000)
      left -= some
      return some
    },
    async forgetHistoryBeyond(id: string, most: number) {
      asked.push(`all but ${most} of ${id}`)
      return 0
    },
    async forgetBudgets(before: number, now: number) {
      asked.push(`budgets of ${(now - before) / DAY_MS} days and more`)
    },
  }
  const retention = createRetention({ store: store as never, clock, log, historyDays: 400 })
  return { clock, asked, warned, retention }
}

test('history that is too old goes in lots, then what a customer has too much of, then budgets', async () => {
  const { clock, asked, retention } = forgettingOver({ old: 1_500 })
  retention.start()
  await clock.pass(1_000)
  const history = 'history of 400 days and more'
  const rest = ['audit of 400 days and more', 'all but 10000 of ann', 'budgets of 1 days and more']
  expect(asked).toEqual([history, history, history, ...rest])
  await clock.until(retention.stop())
})

test('it comes back every hour, also after a failure, and no more once it was stopped', async () => {
  const { clock, asked, warned, retention } = forgettingOver({ fails: true })
  retention.start()
  await clock.pass(2 * HOUR_MS)
  expect([asked.length, warned.length]).toEqual([3, 3])
  await clock.until(retention.stop())
  await clock.pass(2 * HOUR_MS)
  expect(asked).toHaveLength(3)
})
