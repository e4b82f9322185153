/** How many requests a caller may send: so many a second in the long run, and so many more at once. */
export interface RateLimit {
  readonly perSecond: number
  readonly burst: number
}

/** Counts the requests of one caller in this process. */
export interface RateLimiter {
  /** Takes one, where there is one; otherwise how long until there is (s). `now` in milliseconds. */
  take(now: number): number
  /** What was taken turned out not to be a new request. */
  giveBack(): void
}

/** A bucket that holds `burst` requests and is filled with `perSecond` of them. */
export function createRateLimiter({ perSecond, burst }: RateLimit): RateLimiter {
  let left = burst
  let countedAt = Number.NEGATIVE_INFINITY

  return {
    take(now) {
      const seconds = Math.max(0, now - countedAt) / 1000
      left = Math.min(burst, left + seconds * perSecond)
      countedAt = now
      if (left < 1) return (1 - left) / perSecond
      left -= 1
      return 0
    },
    giveBack() {
      left = Math.min(burst, left + 1)
    },
  }
}
