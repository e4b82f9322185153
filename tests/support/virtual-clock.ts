import type { Clock } from '#src/world.ts'

/** Time that passes only when nothing else can happen: hours of waiting take no time, and always the same course. */
export interface VirtualClock extends Clock {
  /** Lets the world run until `work` is done. Throws if it waits for something that no passing of time will bring. */
  until<T>(work: Promise<T>): Promise<T>
  /** Lets the world run for so long (ms). */
  pass(ms: number): Promise<void>
}

interface Sleeper {
  readonly at: number
  readonly order: number
  readonly wake: () => void
}

export function createVirtualClock(start = Date.parse('2026-08-01T10:00:00Z')): VirtualClock {
  let now = start
  let order = 0
  let sleepers: Sleeper[] = []

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      order += 1
      const sleeper = { at: now + Math.max(0, ms), order, wake: resolve }
      sleepers.push(sleeper)
      signal?.addEventListener(
        'abort',
        () => {
          sleepers = sleepers.filter((one) => one !== sleeper)
          resolve()
        },
        { once: true },
      )
    })
  }

  async function until<T>(work: Promise<T>): Promise<T> {
    let settled = false
    const end = work.finally(() => {
      settled = true
    })
    end.catch(() => {})
    for (;;) {
      await quiet()
      if (settled) return end
      if (!wakeNext(Number.POSITIVE_INFINITY)) throw new Error('the world waits for something that never comes')
    }
  }

  async function pass(ms: number): Promise<void> {
    const end = now + ms
    do await quiet()
    while (wakeNext(end))
    now = end
    await quiet()
  }

  function wakeNext(latest: number): boolean {
    const next = sleepers.reduce<Sleeper | undefined>(
      (first, one) =>
        first === undefined || one.at < first.at || (one.at === first.at && one.order < first.order) ? one : first,
      undefined,
    )
    if (next === undefined || next.at > latest) return false
    sleepers = sleepers.filter((one) => one !== next)
    now = Math.max(now, next.at)
    next.wake()
    return true
  }

  return { now: () => now, sleep, until, pass }
}

/** Promises have run their course, and what the store gathers in one turn of the loop is kept. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
