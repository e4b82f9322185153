import type { KnownZone } from '#store/observed.ts'
import { DnsError } from './errors.ts'

/** Cloudflare's states of a zone in which its records cannot be edited, or would not count. */
const CLOSED_STATUSES = new Set(['moved', 'deleted', 'purged', 'deactivated'])

/** Throws for a zone whose records cannot be changed, now or ever. */
export function mustBeWritable(zone: KnownZone): void {
  if (zone.missingSince !== null) throw missing(zone)
  if (CLOSED_STATUSES.has(zone.status)) {
    throw new DnsError(
      'zone-unavailable',
      `${zone.name} is ${zone.status} at Cloudflare and cannot be edited there.`,
      {
        retryAfterSeconds: 60,
        details: { reason: 'ZONE_UNAVAILABLE', status: zone.status },
      },
    )
  }
  if (zone.type === 'secondary') {
    throw new DnsError(
      'zone-read-only',
      `${zone.name} is a secondary zone; its records come from its primary server.`,
      {
        details: { reason: 'ZONE_READ_ONLY' },
      },
    )
  }
}

/** A zone that we know, and that no list shows any more. */
export function missing(zone: KnownZone): DnsError {
  return new DnsError(
    'zone-unavailable',
    `${zone.name} is no longer visible to this server's Cloudflare credential.`,
    {
      retryAfterSeconds: 60,
      details: { reason: 'ZONE_UNAVAILABLE' },
    },
  )
}
