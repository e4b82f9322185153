import type { Change } from '#dns/plan.ts'
import type { OtherRecord, ZoneRecord } from '#dns/record.ts'
import { AUTOMATIC, effectiveTtl } from '#dns/ttl.ts'

/**
 * Seconds, counted from when the changes were made, until no resolver can have an old answer: the largest TTL that was
 * replaced, and for a name that had none of the type, `soaMinimum`, for which its absence may be remembered (RFC 2308 §5).
 */
export function waitingSeconds(changes: readonly Change[], soaMinimum: number): number {
  return Math.max(
    0,
    ...changes.map((change) => (change.kind === 'post' ? soaMinimum : ttlServed(change.record))),
  )
}

function ttlServed(record: ZoneRecord | OtherRecord): number {
  return effectiveTtl(record.ttl ?? AUTOMATIC, 'value' in record && record.proxied)
}
