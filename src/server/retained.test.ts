import { expect, test } from 'vitest'
import { retainedIn } from './retained.ts'

const DAY_MS = 86_400_000

test('everything that grows is deleted at its age, once an hour or more often', async () => {
  const now = 1_000 * DAY_MS
  const asked: Record<string, unknown> = {}
  const days = (before: number) => (now - before) / DAY_MS
  const note = <T>(what: string, facts: unknown, answer: T): T => {
    asked[what] = facts
    return answer
  }
  const table = retainedIn(
    {
      accounts: {
        customers: async () => [{ id: 'ann' }, { id: 'ben' }] as never,
        forgetAudit: async (before) => note('audit', days(before), 0),
        forgetSessions: async (at) => note('sessions', days(at), undefined),
      },
      edits: { forgetEdits: async (before) => note('edits', days(before), undefined) },
      forgetNonces: async (at) => note('nonces', days(at), 0),
      forgetEnds: async (before) => note('ends', days(before) * 1_440, undefined),
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
    edits: 1,
    nonces: 0,
    ends: 5,
    budgets: [1, 0],
    sessions: 0,
  })
  expect(table.map(({ everyMs }) => everyMs / 60_000)).toEqual([60, 60, 60, 60, 0.5, 0.5, 60, 10])
})
