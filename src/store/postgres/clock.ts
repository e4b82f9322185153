import type { Clock, Log } from '#platform/ports.ts'

/** The time of a database, for everybody who shares it. */
export interface SharedClock extends Clock {
  stop(): Promise<void>
}

const MEASURE_EVERY_MS = 10_000
/** An answer that took longer tells too little about when it was given. */
const LONGEST_TRIP_MS = 1_000
const NOTABLE_SKEW_MS = 2_000

/**
 * Follows the clock of a database, so that replicas agree about leases, fences, budgets and nonces however wrong their
 * own clocks are: to within half of the way there and back. In between it counts on its own, by a clock that nobody
 * sets (`ticks`, ms). Rejects if the database does not answer at first; later it goes on by what it knows.
 */
export async function followClock(options: {
  time: () => Promise<number>
  local: Clock
  log: Log
  ticks?: () => number
}): Promise<SharedClock> {
  const { time, local, log, ticks = () => performance.now() } = options
  const stopping = new AbortController()
  let aheadOfTicks = await measured(Number.POSITIVE_INFINITY)
  let isSkewed = false
  const following = follow()

  function now(): number {
    return Math.round(ticks() + aheadOfTicks)
  }

  async function measured(longestTripMs: number): Promise<number> {
    const before = ticks()
    const said = await time()
    const after = ticks()
    if (after - before > longestTripMs) throw new Error('the answer took too long to tell the time')
    return said - (before + after) / 2
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      tellSkew()
      await local.sleep(MEASURE_EVERY_MS, stopping.signal)
      if (stopping.signal.aborted) return
      aheadOfTicks = await measured(LONGEST_TRIP_MS).catch(() => aheadOfTicks)
    }
  }

  function tellSkew(): void {
    const skewMs = local.now() - now()
    const wasSkewed = isSkewed
    isSkewed = Math.abs(skewMs) > NOTABLE_SKEW_MS
    if (isSkewed && !wasSkewed) {
      log.warn(
        { skewMs },
        'the clock of this machine differs from that of the database; using the database clock',
      )
    }
  }

  return {
    now,
    sleep: local.sleep,
    async stop() {
      stopping.abort()
      await following
    },
  }
}
