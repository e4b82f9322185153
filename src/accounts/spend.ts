import type { Limit } from '#store/coordination.ts'
import { CustomerError } from './errors.ts'

/** What a customer may do in a minute. */
export function limitFor(customerId: string, what: 'change' | 'sync' | 'connect'): Limit {
  return { subject: customerId, customerId, kind: what, windowMs: 60_000, most: MOST[what] }
}

const MOST = { change: 10, sync: 1, connect: 10 } as const

export const WORDS = {
  change: 'You can make 10 changes a minute.',
  sync: 'You can sync once a minute.',
  connect: 'You can try to connect 10 times a minute.',
} as const

/** Throws `rate-limited` in words for the customer: why, and how long to wait. */
export function orWait(spent: { ok: true } | { ok: false; waitMs: number }, why: string): void {
  if (spent.ok) return
  const seconds = Math.max(1, Math.ceil(spent.waitMs / 1000))
  throw new CustomerError('rate-limited', `${why} Try again in ${inWords(seconds)}.`, {
    retryAfterSeconds: seconds,
  })
}

function inWords(seconds: number): string {
  if (seconds <= 90) return seconds === 1 ? '1 second' : `${seconds} seconds`
  return `${Math.ceil(seconds / 60)} minutes`
}
