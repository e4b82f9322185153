import type { DnsError } from '../errors.ts'
import type { UpsertAnswer } from '../zones.ts'

/** What became of an intent, for the request that waits for it. */
export interface Done {
  readonly outcome: Exclude<UpsertAnswer['outcome'], 'accepted'> | 'deleted'
}

/** The requests that wait in this process, by the generation of their intents. */
export interface Waiters {
  wait(generation: number, deadline: number): Promise<Done>
  done(generation: number, done: Done): void
  fail(generation: number, error: DnsError): void
  /** Those that cannot wait until `when` (ms). */
  outOfTimeBy(when: number): readonly number[]
  /** What last kept us from Cloudflare, to be told to whoever runs out of time. */
  trouble: DnsError | undefined
}

export function createWaiters(): Waiters {
  const waiting = new Map<
    number,
    { deadline: number; resolve: (done: Done) => void; reject: (error: DnsError) => void }
  >()

  function take(generation: number) {
    const waiter = waiting.get(generation)
    waiting.delete(generation)
    return waiter
  }

  return {
    trouble: undefined,
    wait: (generation, deadline) =>
      new Promise((resolve, reject) => waiting.set(generation, { deadline, resolve, reject })),
    done: (generation, done) => take(generation)?.resolve(done),
    fail: (generation, error) => take(generation)?.reject(error),
    outOfTimeBy: (when) =>
      [...waiting].filter(([, { deadline }]) => deadline < when).map(([generation]) => generation),
  }
}
