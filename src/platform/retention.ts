import type { Clock, Log } from './ports.ts'

/** Something that is kept for a while. */
export interface Retained {
  /** In a word or two, for the log. */
  readonly what: string
  /** How often what is too old is deleted (ms). */
  readonly everyMs: number
  /** Deletes what is too old at `now`; what there may be much of, `inLots`. */
  readonly forget: (now: number, inLots: InLots) => Promise<void>
}

/** Asks to delete some, and again until there was none; others get to the database in between. */
export type InLots = (forgetSome: () => Promise<number>) => Promise<void>

/** Deletes what has been kept for long enough. */
export interface Retention {
  start(): void
  stop(): Promise<void>
}

/** Goes through the table row by row. A row that fails is tried again when it is due next, and keeps up no other. */
export function createRetention(table: readonly Retained[], clock: Clock, log: Log): Retention {
  const over = new AbortController()
  let work: Promise<unknown> = Promise.resolve()

  async function keep({ what, everyMs, forget }: Retained): Promise<void> {
    while (!over.signal.aborted) {
      await forget(clock.now(), inLots).catch((err: unknown) =>
        log.warn({ err, what }, 'retention failed; retrying'),
      )
      await clock.sleep(everyMs, over.signal)
    }
  }

  async function inLots(forgetSome: () => Promise<number>): Promise<void> {
    while (!over.signal.aborted && (await forgetSome()) > 0) await clock.sleep(BREATH_MS, over.signal)
  }

  return {
    start() {
      work = Promise.all(table.map(keep))
    },
    async stop() {
      over.abort()
      await work
    },
  }
}

const BREATH_MS = 20
