import type { Clock } from '#platform/ports.ts'

/** client-go's work queue: first come, first served, nobody twice, and who changes while being worked on comes again. */
export interface WorkQueue {
  add(key: string): void
  addAfter(key: string, ms: number): void
  /** Works for ever, on one at a time. `work` answers after how many milliseconds its key shall come again. */
  run(work: (key: string) => Promise<number | undefined>): Promise<never>
}

export function createWorkQueue(clock: Clock): WorkQueue {
  const waiting: string[] = []
  const dirty = new Set<string>()
  let underWork: string | undefined
  let wake = () => {}

  function add(key: string): void {
    if (dirty.has(key)) return
    dirty.add(key)
    if (key !== underWork) line(key)
  }

  function line(key: string): void {
    waiting.push(key)
    wake()
  }

  function addAfter(key: string, ms: number): void {
    void clock.sleep(ms).then(() => add(key))
  }

  async function next(): Promise<string> {
    while (waiting.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return waiting.shift()!
  }

  return {
    add,
    addAfter,
    async run(work) {
      for (;;) {
        const key = await next()
        dirty.delete(key)
        underWork = key
        const againAfterMs = await work(key)
        underWork = undefined
        if (againAfterMs !== undefined) addAfter(key, againAfterMs)
        if (dirty.has(key)) line(key)
      }
    },
  }
}
