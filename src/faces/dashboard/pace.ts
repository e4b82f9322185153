import { type DashboardRefusal, RefusedRequest } from './on-error.ts'

/** Lets everybody do something so many times a minute. */
export interface Pace {
  /** Counts one more at `now` (ms). Throws `RefusedRequest` where there were too many, and counts nothing then. */
  step(who: string, now: number): void
}

/** Kept in memory: it spares the thread of this process, and no other. `words`: what is limited, in a sentence. */
export function createPace(perMinute: number, words: string): Pace {
  /** When each of them did, the oldest first; whoever did last is the last. */
  const steps = new Map<string, number[]>()

  function forgetIdle(now: number): void {
    for (const [who, times] of steps) {
      if (times.at(-1)! > now - MINUTE_MS) return
      steps.delete(who)
    }
  }

  return {
    step(who, now) {
      forgetIdle(now)
      const times = (steps.get(who) ?? []).filter((time) => time > now - MINUTE_MS)
      if (times.length >= perMinute) throw new RefusedRequest(tooFast(words, times[0]! + MINUTE_MS - now))
      steps.delete(who)
      steps.set(who, [...times, now])
    },
  }
}

const MINUTE_MS = 60_000

function tooFast(words: string, waitMs: number): DashboardRefusal {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000))
  const wait = seconds === 1 ? 'a second' : `${seconds} seconds`
  return {
    status: 429,
    code: 'RATE_LIMITED',
    message: `${words} Please wait ${wait} and try again.`,
    retryAfterSeconds: seconds,
  }
}
