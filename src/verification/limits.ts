import type { Clock } from '#platform/ports.ts'

export interface LimitedOptions {
  /** ms */
  readonly now: () => number
  /** For how long an answer is given again. */
  readonly lastsMs: number
  /** How many are worked for at once; others wait for their turn. */
  readonly atOnce: number
}

/** Work that each one may have done only so often: who asks again meanwhile gets the same answer. */
export function createLimited<T>({ now, lastsMs, atOnce }: LimitedOptions) {
  const kept = new Map<string, { at: number; readonly answer: Promise<T> }>()
  const waiting: (() => void)[] = []
  let busy = 0

  async function inTurn(work: () => Promise<T>): Promise<T> {
    if (busy >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    else busy += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) busy -= 1
      else next()
    }
  }

  return (who: string, work: () => Promise<T>): Promise<T> => {
    const known = kept.get(who)
    if (known !== undefined && now() - known.at < lastsMs) return known.answer
    const answer = inTurn(work)
    const entry = { at: Number.POSITIVE_INFINITY, answer }
    kept.delete(who)
    kept.set(who, entry)
    // It begins to grow old when it is there.
    const begin = () => {
      entry.at = now()
    }
    answer.then(begin, () => {
      if (kept.get(who) === entry) kept.delete(who)
    })
    const [oldest] = kept.keys()
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
    return answer
  }
}

const MOST_KEPT = 500

/** What the work comes to, or what is there to say when it takes too long. */
export async function within<T>(clock: Clock, ms: number, work: Promise<T>, otherwise: T): Promise<T> {
  const done = new AbortController()
  const late = clock.sleep(ms, done.signal).then(() => otherwise)
  return Promise.race([work, late]).finally(() => done.abort())
}
