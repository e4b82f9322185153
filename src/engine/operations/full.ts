import type { ZoneState } from '#store/observed.ts'

/** For so long nothing that makes a full zone grow is refused by Cloudflare, but by us (ms). */
const FULL_FOR_MS = 600_000
/** But for one set now and then: somebody may have made room, or bought some (ms). */
const TRY_AFTER_MS = 60_000

/** Until when a zone counts as full that Cloudflare has just called so (ms). */
export function fullFrom(now: number): number {
  return now + FULL_FOR_MS
}

/** Whether the zone has been called full for so long that one set may try. */
export function mayTryAgain({ fullUntil }: ZoneState, now: number): boolean {
  return fullUntil > now && fullUntil - now <= FULL_FOR_MS - TRY_AFTER_MS
}
