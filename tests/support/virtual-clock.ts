import type { Clock } from '#platform/ports.ts'

/** Time that passes only when nothing else can happen: hours of waiting take no time, and always the same course. */
export interface VirtualClock extends Clock {
  /** Lets the world run until `work` is done. Throws if it waits for something that no passing of time will bring. */
  until<T>(work: Promise<T>): Promise<T>
  /** Lets the world run for so long (ms). */
  pass(ms: number): Promise<void>
  /** How often anything has woken: the events of the world. */
  readonly wakes: number
}

interface Sleeper {
  readonly at: number
  readonly order: number
  wake: (() => void) | undefined
}

export interface VirtualClockOptions {
  /** Milliseconds since 1970. */
  readonly start?: number
  /**
   * Turns of Node's loop between two moments. One is enough where everything waits for promises alone; what gathers
   * work until the next turn, as the store does with nonces, needs three.
   */
  readonly turns?: number
  /** What goes on outside, in no time of ours: nothing passes before it is over. */
  readonly underWay?: ReadonlySet<Promise<unknown>>
}

/** More wakes than this at one moment are a loop that never sleeps. */
const MOST_WAKES_AT_ONCE = 50_000

export function createVirtualClock({
  start = Date.parse('2026-08-01T10:00:00Z'),
  turns = 3,
  underWay = new Set(),
}: VirtualClockOptions = {}): VirtualClock {
  let now = start
  let order = 0
  let wakes = 0
  let wakesNow = 0
  const sleepers = createHeap()

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      order += 1
      const sleeper: Sleeper = { at: now + Math.max(0, ms), order, wake: undefined }
      const abort = () => {
        sleeper.wake = undefined
        resolve()
      }
      sleeper.wake = () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      sleepers.push(sleeper)
      signal?.addEventListener('abort', abort, { once: true })
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
      if (!wakeNext(Number.POSITIVE_INFINITY))
        throw new Error('the world waits for something that never comes')
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
    let next = sleepers.first()
    while (next && next.wake === undefined) {
      sleepers.removeFirst()
      next = sleepers.first()
    }
    if (next === undefined || next.at > latest) return false
    sleepers.removeFirst()
    wakesNow = next.at > now ? 0 : wakesNow + 1
    if (wakesNow > MOST_WAKES_AT_ONCE) throw new Error('the world goes round in circles and no time passes')
    now = Math.max(now, next.at)
    wakes += 1
    next.wake?.()
    return true
  }

  /** Promises have run their course. */
  async function quiet(): Promise<void> {
    do {
      await Promise.all(underWay)
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    } while (underWay.size > 0)
  }

  return {
    now: () => now,
    sleep,
    until,
    pass,
    get wakes() {
      return wakes
    },
  }
}

/** A binary heap: who wakes first is first; of two at one moment the one who lay down first. */
function createHeap() {
  const items: Sleeper[] = []
  const isBefore = (a: Sleeper, b: Sleeper) => a.at < b.at || (a.at === b.at && a.order < b.order)

  function swap(i: number, j: number): void {
    const held = items[i]!
    items[i] = items[j]!
    items[j] = held
  }

  return {
    first: () => items[0],
    push(item: Sleeper): void {
      items.push(item)
      for (let i = items.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1
        if (!isBefore(items[i]!, items[parent]!)) return
        swap(i, parent)
        i = parent
      }
    },
    removeFirst(): void {
      const last = items.pop()
      if (last === undefined || items.length === 0) return
      items[0] = last
      for (let i = 0; ; ) {
        const [left, right] = [2 * i + 1, 2 * i + 2]
        let least = i
        if (left < items.length && isBefore(items[left]!, items[least]!)) least = left
        if (right < items.length && isBefore(items[right]!, items[least]!)) least = right
        if (least === i) return
        swap(i, least)
        i = least
      }
    },
  }
}
