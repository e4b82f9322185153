import type { Retained } from '#platform/retention.ts'
import type { Store } from '#store/store.ts'

/** What the store is asked to forget. */
export type ForgetfulStore = Pick<Store, 'forgetHistory' | 'forgetHistoryBeyond' | 'forgetBudgets'> & {
  readonly customers: Pick<Store['customers'], 'customers' | 'forgetAudit' | 'forgetSessions'>
}

/** What is kept for how long, and how often the rest is deleted. One day is more than anything under way looks back. */
export function retainedIn(store: ForgetfulStore, historyDays: number): readonly Retained[] {
  const { customers } = store
  const oldest = (now: number) => now - historyDays * DAY_MS
  return [
    { what: 'history', everyMs: HOUR_MS, forget: (now) => store.forgetHistory(oldest(now)) },
    { what: 'account events', everyMs: HOUR_MS, forget: (now) => customers.forgetAudit(oldest(now)) },
    { what: 'history of one customer', everyMs: HOUR_MS, forget: forgetExcess },
    // Of credentials that are of no more use.
    { what: 'budgets', everyMs: HOUR_MS, forget: atOnce((now) => store.forgetBudgets(now - DAY_MS, now)) },
    // Sessions, states of OAuth and counts end at a time of their own.
    { what: 'sessions', everyMs: 10 * MINUTE_MS, forget: atOnce((now) => customers.forgetSessions(now)) },
  ]

  async function forgetExcess(): Promise<number> {
    let forgotten = 0
    for (const { id } of await customers.customers()) {
      forgotten += await store.forgetHistoryBeyond(id, MOST_OF_ONE)
    }
    return forgotten
  }
}

function atOnce(forget: (now: number) => Promise<void>): Retained['forget'] {
  return async (now) => {
    await forget(now)
    return undefined
  }
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Entries of one customer: whoever rewrites a zone elsewhere and syncs each minute would fill the disk. */
const MOST_OF_ONE = 10_000
