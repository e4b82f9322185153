/** How many requests a caller may send: so many a second in the long run, and so many more at once. */
export interface RateLimit {
  readonly perSecond: number
  readonly burst: number
}

/** Counts the requests of one caller in this process. */
export interface RateLimiter {
  /** Until one more may be taken (s); 0: now. `now` in milliseconds. */
  secondsToWait(now: number): number
  take(now: number): void
}

/** A bucket that holds `burst` requests and is filled with `perSecond` of them. */
export function createRateLimiter({ perSecond, burst }: RateLimit): RateLimiter {
  let left = burst
  let countedAt = Number.NEGATIVE_INFINITY

  function count(now: number): void {
    const seconds = Math.max(0, now - countedAt) / 1000
    left = Math.min(burst, left + seconds * perSecond)
    countedAt = now
  }

  return {
    secondsToWait(now) {
      count(now)
      return left >= 1 ? 0 : (1 - left) / perSecond
    },
    take(now) {
      count(now)
      left -= 1
    },
  }
}
