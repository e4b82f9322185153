/** How many requests a caller may send: so many a second in the long run, and so many more at once. */
export interface RateLimit {
  readonly perSecond: number
  readonly burst: number
}

/** Counts the requests of one caller in this process. */
export interface RequestLimiter {
  /** How long until there is one to take (s); 0: there is. `now` in milliseconds. */
  secondsToWait(now: number): number
  /** Takes one, where there is one; otherwise how long until there is (s). */
  take(now: number): number
}

/** A bucket that holds `burst` requests and is filled with `perSecond` of them. */
export function createRequestLimiter({ perSecond, burst }: RateLimit): RequestLimiter {
  let left = burst
  let countedAt = Number.NEGATIVE_INFINITY

  function secondsToWait(now: number): number {
    const seconds = Math.max(0, now - countedAt) / 1000
    left = Math.min(burst, left + seconds * perSecond)
    countedAt = now
    return left >= 1 ? 0 : (1 - left) / perSecond
  }

  return {
    secondsToWait,
    take(now) {
      const wait = secondsToWait(now)
      if (wait === 0) left -= 1
      return wait
    },
  }
}
