import type { Retained } from '#platform/retention.ts'
import type { Store } from '#store/store.ts'

/** What the store is asked to forget. */
export type ForgetfulStore = Pick<
  Store,
  'forgetHistory' | 'forgetHistoryBeyond' | 'forgetBudgets' | 'forgetNonces' | 'forgetEnds'
> & {
  readonly accounts: Pick<Store['accounts'], 'customers' | 'forgetAudit' | 'forgetSessions'>
  readonly edits: Pick<Store['edits'], 'forgetEdits'>
}

/** What is kept for how long, and how often the rest is deleted. A day is more than anything under way looks back. */
export function retainedIn(store: ForgetfulStore, historyDays: number): readonly Retained[] {
  const { accounts, edits } = store
  const oldest = (now: number) => now - historyDays * DAY_MS
  return [
    {
      what: 'history',
      everyMs: HOUR_MS,
      forget: (now, inLots) => inLots(() => store.forgetHistory(oldest(now))),
    },
    {
      what: 'account events',
      everyMs: HOUR_MS,
      forget: (now, inLots) => inLots(() => accounts.forgetAudit(oldest(now))),
    },
    {
      what: 'history of one customer',
      everyMs: HOUR_MS,
      async forget(_now, inLots) {
        for (const { id } of await accounts.customers()) {
          await inLots(() => store.forgetHistoryBeyond(id, MOST_OF_ONE))
        }
      },
    },
    {
      what: 'edits that have ended',
      everyMs: HOUR_MS,
      forget: (now) => edits.forgetEdits(now - DAY_MS),
    },
    {
      what: 'nonces that have expired',
      everyMs: HALF_A_MINUTE_MS,
      forget: (now, inLots) => inLots(() => store.forgetNonces(now)),
    },
    {
      what: 'outcomes that somebody waited for',
      everyMs: HALF_A_MINUTE_MS,
      forget: (now) => store.forgetEnds(now - LONGEST_WAIT_MS),
    },
    {
      what: 'budgets of credentials that are not used any more',
      everyMs: HOUR_MS,
      forget: (now) => store.forgetBudgets(now - DAY_MS, now),
    },
    {
      what: 'sessions, states of OAuth and counts that have expired',
      everyMs: 10 * MINUTE_MS,
      forget: (now) => accounts.forgetSessions(now),
    },
  ]
}

const HALF_A_MINUTE_MS = 30_000
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Far above the deadline of any request. */
const LONGEST_WAIT_MS = 5 * MINUTE_MS

/** Entries of one customer: whoever rewrites a zone elsewhere and syncs each minute would fill the disk. */
const MOST_OF_ONE = 10_000
