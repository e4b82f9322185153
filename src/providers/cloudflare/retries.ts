/**
 * Trying again must not multiply trouble: of all calls, at most one in ten is made only because an earlier one failed.
 * Ten may be saved up, so that a quiet system can help itself, and one comes back every ten seconds.
 */
export interface Retries {
  /** A call was made, first or repeated. */
  called(now: number): void
  /** Takes leave for one repeated call. 0: granted; otherwise how long until one will be (ms). */
  take(now: number): number
}

const EARNED_BY_A_CALL = 0.1
const MOST_SAVED = 10
const MS_FOR_ONE = 10_000

export function createRetries(): Retries {
  let saved = MOST_SAVED
  let at: number | undefined

  function refill(now: number): void {
    saved = Math.min(MOST_SAVED, saved + Math.max(0, now - (at ?? now)) / MS_FOR_ONE)
    at = now
  }

  return {
    called(now) {
      refill(now)
      saved = Math.min(MOST_SAVED, saved + EARNED_BY_A_CALL)
    },
    take(now) {
      refill(now)
      if (saved < 1) return Math.ceil((1 - saved) * MS_FOR_ONE)
      saved -= 1
      return 0
    },
  }
}
