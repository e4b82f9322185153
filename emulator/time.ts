/** Times as Cloudflare stores and writes them: microseconds since 1970. */

import type { RandomStream } from './random.ts'

export type Microseconds = number

/** RFC 3339 in UTC, six digits of fraction, trailing zeros trimmed: `2026-08-01T10:00:24.9667Z`. */
export function printTime(at: Microseconds): string {
  const seconds = new Date(Math.floor(at / 1_000_000) * 1_000).toISOString().slice(0, 19)
  const fraction = String(at % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '')
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`
}

/** Turns `now()` into stamps that strictly increase while it stands still and never go back when it does, nor behind `latest`. */
export function stampSource(random: RandomStream, latest: Microseconds): (nowMs: number) => Microseconds {
  let last = latest
  return (nowMs) => {
    last = Math.max(last + 1, Math.floor(nowMs) * 1_000 + random.below(1_000))
    return last
  }
}
