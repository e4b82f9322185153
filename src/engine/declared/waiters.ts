import type { IntentEnd } from '#store/declared.ts'
import { DnsError } from '../errors.ts'
import { refusedError } from '../operations/provider-errors.ts'
import type { UpsertAnswer } from '../zones.ts'

/** What became of an intent, for the request that waits for it. */
export interface Done {
  readonly outcome: Exclude<UpsertAnswer['outcome'], 'accepted'> | 'deleted' | 'left-in-place'
}

/** The requests that wait in this process, by the generation of their intents. */
export interface Waiters {
  wait(generation: number, deadline: number): Promise<Done>
  done(generation: number, done: Done): void
  fail(generation: number, error: DnsError): void
  /** As another process has left word. */
  ended(end: IntentEnd): void
  /** All that are waited for. */
  readonly waiting: readonly number[]
  /** Those that cannot wait until `when` (ms). */
  outOfTimeBy(when: number): readonly number[]
  /** What last kept us from Cloudflare, to be told to whoever runs out of time. */
  providerError: DnsError | undefined
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

  const done = (generation: number, outcome: Done) => take(generation)?.resolve(outcome)
  const fail = (generation: number, error: DnsError) => take(generation)?.reject(error)

  function ended({ generation, outcome }: IntentEnd): void {
    if (typeof outcome !== 'string') fail(generation, refusedError(outcome))
    else if (outcome === 'superseded') fail(generation, notSent())
    else done(generation, { outcome })
  }

  return {
    providerError: undefined,
    wait: (generation, deadline) =>
      new Promise((resolve, reject) => waiting.set(generation, { deadline, resolve, reject })),
    done,
    fail,
    ended,
    get waiting() {
      return [...waiting.keys()]
    },
    outOfTimeBy: (when) =>
      [...waiting].filter(([, { deadline }]) => deadline < when).map(([generation]) => generation),
  }
}

/** Nothing was sent, and nothing will be. */
export function notSent(): DnsError {
  return new DnsError('deadline', 'There was no time left to send this; nothing was changed.', {
    retryAfterSeconds: 5,
  })
}
