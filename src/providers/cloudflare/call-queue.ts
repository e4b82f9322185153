import type { Clock, Random } from '#platform/ports.ts'
import { WORK_KINDS, type WorkKind } from '#providers/provider.ts'
import { MS_PER_CALL } from './budget.ts'
import type { CloudflareError } from './errors.ts'

/** One that waits to make a call. */
export interface Waiting {
  readonly work: WorkKind
  /** Since when there has been need of the call (ms), maybe before it came to the line. */
  readonly since: number
  /** What is later than this (ms) is too late. */
  readonly patientUntil: number
}

/** Whoever has waited longest is next, among those of one kind of work. One asks for leave on behalf of all. */
export interface CallQueue {
  /** Resolves when it is their turn; rejects with what `mustWait` makes as soon as that is known to be too late. */
  join(waiting: Waiting): Promise<void>
  /** Leave may be had sooner than it was said. */
  look(): void
}

interface QueuedCall extends Waiting {
  readonly admit: () => void
  readonly turnAway: (error: unknown) => void
}

export function createCallQueue(options: {
  clock: Clock
  random: Random
  /** Takes leave for one call; otherwise how long until it is worth asking again (ms). */
  msToWait: (work: WorkKind) => Promise<number>
  mustWait: (waitMs: number) => CloudflareError
}): CallQueue {
  const { clock, random, msToWait, mustWait } = options
  const queued: Record<WorkKind, QueuedCall[]> = { people: [], machines: [], background: [] }
  let isServing = false
  let nap = new AbortController()

  function join(waiting: Waiting): Promise<void> {
    return new Promise((admit, turnAway) => {
      const queue = queued[waiting.work]
      const ahead = queue.findLastIndex(({ since }) => since <= waiting.since)
      queue.splice(ahead + 1, 0, { ...waiting, admit, turnAway })
      look()
      if (!isServing) void serve()
    })
  }

  function look(): void {
    nap.abort(null)
  }

  async function serve(): Promise<void> {
    isServing = true
    while (isAnybodyThere()) {
      nap = new AbortController()
      const waitMs = await serveOne()
      // Those who wait in other processes do not come back in the same moment.
      if (waitMs > 0 && isAnybodyThere()) {
        await clock.sleep(waitMs + Math.floor(random.fraction() * 100), nap.signal)
      }
    }
    isServing = false
  }

  /** 0: somebody went; otherwise how long nobody can (ms). */
  async function serveOne(): Promise<number> {
    let soonestMs = Number.POSITIVE_INFINITY
    for (const work of WORK_KINDS) {
      if (queued[work].length === 0) continue
      try {
        const waitMs = await msToWait(work)
        if (waitMs === 0) {
          queued[work].shift()!.admit()
          return 0
        }
        turnAwayTheImpatient(work, waitMs)
        soonestMs = Math.min(soonestMs, waitMs)
      } catch (error) {
        queued[work].shift()!.turnAway(error)
        return 0
      }
    }
    return soonestMs
  }

  /** At best one goes after the other as calls come back to the budget. */
  function turnAwayTheImpatient(work: WorkKind, waitMs: number): void {
    const now = clock.now()
    queued[work] = queued[work].filter(({ patientUntil, turnAway }, index) => {
      const atBestMs = waitMs + Math.floor(index * MS_PER_CALL)
      if (now + atBestMs <= patientUntil) return true
      turnAway(mustWait(atBestMs))
      return false
    })
  }

  function isAnybodyThere(): boolean {
    return WORK_KINDS.some((work) => queued[work].length > 0)
  }

  return { join, look }
}
