import { isWithin, type Name } from '#dns/name.ts'
import type { Observed, OnboardingInput, OnboardingZone, Shop } from './input.ts'
import type { Blocked, Warning } from './review.ts'
import { listed, zoneWords } from './words.ts'
import { zoneNamesFor } from './zone-choice.ts'

/**
 * Why this zone cannot be changed, or why changing it would change nothing in public (Cloudflare docs, "Domain status",
 * "Partial setup", "Secondary DNS", 2026). A status that nobody has told us of is not written to.
 */
export function zoneBlock({
  store,
  zone,
  otherZones = [],
  observed = {},
}: OnboardingInput): Blocked | undefined {
  if (!zone || !isWithin(store.name, zone.name)) return zoneNotFound(store.name, observed)
  const live = listed(observed.nameServers ?? [])
  if (otherZones.length > 0) return zoneWords.ambiguous(zone.name, otherZones.length + 1)
  switch (zone.type) {
    case 'partial':
      return zoneWords.partial(zone.name, recordsByHand(store))
    case 'secondary':
      return zoneWords.secondary(zone.name)
    case 'internal':
      return zoneWords.internal(zone.name)
  }
  switch (zone.status) {
    case 'active':
    case 'pending':
      return observed.dnssec === 'broken' ? zoneWords.dnssecBroken(zone.name) : undefined
    case 'initializing':
      return zoneWords.initializing(zone.name)
    case 'moved':
      return zoneWords.moved(zone.name, live)
    case 'deleted':
    case 'purged':
      return zoneWords.deleted(zone.name)
    default:
      return zoneWords.unknownStatus(zone.name, zone.status)
  }
}

/** What does not stop a change, but makes it show later or otherwise than one would think. */
export function zoneWarnings(zone: OnboardingZone, observed: Observed): Warning[] {
  const live = listed(observed.nameServers ?? [])
  const warnings: Warning[] = []
  if (zone.status === 'pending') {
    warnings.push({
      code: 'zone-pending',
      message: zoneWords.pending(zone.name, listed(zone.nameServers), live),
    })
  }
  if (zone.paused) warnings.push({ code: 'zone-paused', message: zoneWords.paused(zone.name) })
  if (observed.proxyIsOff) warnings.push({ code: 'proxy-off', message: zoneWords.proxyOff })
  if (observed.flattensCnames) warnings.push({ code: 'cnames-flattened', message: zoneWords.flattened })
  return warnings
}

function zoneNotFound(name: Name, { nameServers = [] }: Observed): Blocked {
  const isAtCloudflare = nameServers.some((server) => server.toLowerCase().endsWith('.ns.cloudflare.com'))
  const where = nameServers.length === 0 ? 'unknown' : isAtCloudflare ? 'cloudflare' : 'elsewhere'
  return zoneWords.notFound(name, listed(zoneNamesFor(name)), where, listed(nameServers))
}

/** For somebody who has to enter them at another provider. */
function recordsByHand({ name, ipv4, ipv6, host }: Shop): string {
  const records = [
    ...ipv4.map((address) => `${name} A ${address}`),
    ...ipv6.map((address) => `${name} AAAA ${address}`),
  ]
  return listed(records.length === 0 && host ? [`${name} CNAME ${host}`] : records)
}
