import type { Random } from '#platform/ports.ts'
import type { Attempt, ProviderError } from '#providers/provider.ts'

/** When to try again what Cloudflare did not do. */
export interface Backoff {
  /** Whether a call now would be made only because one just before failed. */
  attempt(now: number): Attempt
  /** Nothing is tried before this (ms). */
  readonly until: number
  /** Why; undefined after a success. */
  readonly error: ProviderError | undefined
  failed(error: ProviderError, now: number): void
  succeeded(): void
}

/** After longer than this a call is no repetition: it is made because it is due (ms). */
const JUST_BEFORE_MS = 30_000
const FIRST_MS = 500
const LONGEST_MS = 30_000
/** Credentials have been refused, and zones denied, for no reason before; twice in a row is a reason. */
const REFUSED_ONCE_MS = 5_000
const REFUSED_AGAIN_MS = 60_000

/** Full jitter: a random part of a span that doubles. What Cloudflare asks for goes first. */
export function createBackoff(random: Random): Backoff {
  let failures = 0
  let failedAt = 0
  let until = 0
  let last: ProviderError | undefined

  function msToWait({ kind, retryAfterMs }: ProviderError): number {
    if (kind === 'unauthorised' || kind === 'zone-missing' || kind === 'too-many')
      return failures === 0 ? REFUSED_ONCE_MS : REFUSED_AGAIN_MS
    return retryAfterMs ?? Math.ceil(random.fraction() * Math.min(FIRST_MS * 2 ** failures, LONGEST_MS))
  }

  return {
    attempt: (now) => (failures > 0 && now - failedAt < JUST_BEFORE_MS ? 'again' : 'first'),
    get until() {
      return until
    },
    get error() {
      return last
    },
    failed(error, now) {
      until = now + msToWait(error)
      last = error
      if (!error.wasCalled) return
      failures += 1
      failedAt = now
    },
    succeeded() {
      failures = 0
      until = 0
      last = undefined
    },
  }
}
