import type { Store } from '#store/store.ts'
import type { Clock, Log } from './ports.ts'

/** Forgets what is too old for anybody: history, what happened to accounts, and budgets of credentials that are of no more use. */
export interface Retention {
  start(): void
  stop(): Promise<void>
}

export interface RetentionParts {
  readonly store: Pick<Store, 'customers' | 'forgetHistory' | 'forgetHistoryBeyond' | 'forgetBudgets'>
  readonly clock: Clock
  readonly log: Log
  /** How long history is kept; one day is more than anything under way looks back. */
  readonly historyDays: number
}

export function createRetention({ store, clock, log, historyDays }: RetentionParts): Retention {
  const over = new AbortController()
  let work = Promise.resolve()

  async function forget(): Promise<void> {
    const now = clock.now()
    const oldest = now - historyDays * DAY_MS
    await inLots(() => store.forgetHistory(oldest))
    await inLots(() => store.customers.forgetAudit(oldest))
    for (const { id } of await store.customers.customers()) {
      await inLots(() => store.forgetHistoryBeyond(id, MOST_OF_ONE))
    }
    await store.forgetBudgets(now - DAY_MS, now)
  }

  /** Others get to the database in between. */
  async function inLots(forgetSome: () => Promise<number>): Promise<void> {
    while (!over.signal.aborted && (await forgetSome()) > 0) await clock.sleep(BREATH_MS, over.signal)
  }

  async function live(): Promise<void> {
    while (!over.signal.aborted) {
      await forget().catch((err: unknown) => log.warn({ err }, 'retention failed; retrying'))
      await clock.sleep(EVERY_MS, over.signal)
    }
  }

  return {
    start() {
      work = live()
    },
    async stop() {
      over.abort()
      await work
    },
  }
}

const DAY_MS = 86_400_000
const EVERY_MS = 3_600_000
const BREATH_MS = 20

/** Entries of one customer: whoever rewrites a zone elsewhere and syncs each minute would fill the disk. */
const MOST_OF_ONE = 10_000
