import { expect, test } from 'vitest'
import { retainedIn } from './retained.ts'

const DAY_MS = 86_400_000

test('everything that grows is deleted at its age, once an hour or oftener', async () => {
  const now = 1_000 * DAY_MS
  const asked: Record<string, unknown> = {}
  const days = (before: number) => (now - before) / DAY_MS
  const note = <T>(what: string, facts: unknown, answer: T): T => {
    asked[what] = facts
    return answer
  }
  const table = retainedIn(
    {
      customers: {
        customers: async () => [{ id: 'ann' }, { id: 'ben' }] as never,
        forgetAudit: async (before) => note('audit', days(before), 0),
        forgetSessions: async (at) => note('sessions', days(at), undefined),
      },
      forgetHistory: async (before) => note('history', days(before), 0),
      forgetHistoryBeyond: async (id, most) => note(`all but ${most} of ${id}`, '', 0),
      forgetBudgets: async (before, at) => note('budgets', [days(before), days(at)], undefined),
    },
    400,
  )
  const inLots = async (forgetSome: () => Promise<number>) => void (await forgetSome())
  for (const { forget } of table) await forget(now, inLots)
  expect(asked).toEqual({
    history: 400,
    audit: 400,
    'all but 10000 of ann': '',
    'all but 10000 of ben': '',
    budgets: [1, 0],
    sessions: 0,
  })
  expect(table.map(({ everyMs }) => everyMs / 60_000)).toEqual([60, 60, 60, 60, 10])
})
