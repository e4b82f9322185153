import type { Name } from '#dns/name.ts'
import type { ForeignRecord, ZoneRecord } from '#dns/record.ts'
import type { Value } from '#dns/value.ts'

export type { ForeignRecord } from '#dns/record.ts'

/** Everything that a takeover is planned from. Pure data: nothing is looked up here. */
export interface OnboardingInput {
  readonly store: Shop
  /** The one that `zonesFor` found, or that was picked of several; null: we may see none that holds the store's name. */
  readonly zone: OnboardingZone | null
  /** More that `zonesFor` found, of which nobody has picked one yet. */
  readonly otherZones?: readonly OnboardingZone[]
  /** Every record of the zone, of every type. */
  readonly records: readonly AnyRecord[]
  readonly observed?: Observed
  /** Certificate authorities of the host, any of which will do: `letsencrypt.org`. Reported on, never acted on. */
  readonly caaIssuers?: readonly string[]
}

/** A store, and where visitors of its name are to arrive. */
export interface Shop {
  readonly name: Name
  readonly ipv4: readonly Value[]
  readonly ipv6: readonly Value[]
  /** A name to point to instead of addresses, or where a CNAME is there already. */
  readonly host?: Name | undefined
  /** Whether the host also serves, with a certificate, the twin of the name: www of the apex, or the apex of www. */
  readonly servesWww: boolean
}

/** A zone as Cloudflare lists it. */
export interface OnboardingZone {
  readonly id: string
  readonly name: Name
  /** initializing, pending, active, moved, deleted, purged (Cloudflare docs, "Domain status", 2026). */
  readonly status: string
  /** full, partial, secondary, internal. */
  readonly type: string
  readonly paused: boolean
  readonly plan: string
  /** Those that Cloudflare wants the registrar to name. */
  readonly nameServers: readonly string[]
  /** How many records it may hold, if known. */
  readonly recordQuota?: number | undefined
}

export type AnyRecord = ZoneRecord | ForeignRecord

/** What a zone's records cannot tell. Left out: not known, and nothing is concluded from it. */
export interface Observed {
  /** The name servers that the parent zone names today. */
  readonly nameServers?: readonly string[]
  /** `broken`: answers only where validation is switched off. */
  readonly dnssec?: 'secure' | 'unsigned' | 'broken'
  /** Addresses that the public gets today. */
  readonly answers?: readonly { readonly name: Name; readonly addresses: readonly string[] }[]
  /** The live answer for CAA at a name; Cloudflare serves some that its API does not list. */
  readonly caa?: readonly { readonly name: Name; readonly values: readonly Value[] }[]
  /** Names that a Cloudflare product serves without a record of its own, such as a load balancer. */
  readonly products?: readonly { readonly name: Name; readonly product: string }[]
  /** The account serves every record without the proxy (`enforce_dns_only`). */
  readonly proxyIsOff?: boolean
  /** Every CNAME of the zone is answered with addresses. */
  readonly flattensCnames?: boolean
  /** How many records the zone may hold. */
  readonly recordQuota?: number
}

export function isOther(record: AnyRecord): record is ForeignRecord {
  return 'content' in record
}
