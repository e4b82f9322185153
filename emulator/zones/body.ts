/** The zone object on the wire, keys in the order seen there (recordings of August 2025). */
import { type Credential, permissionsIn } from '../auth/credentials.ts'
import type { Plan, Zone } from '../state.ts'
import { printTime } from '../time.ts'

/** `permissions` is what this credential may do, not what the zone allows. */
export function zoneBody(zone: Zone, credential: Credential): object {
  const created = printTime(zone.createdOn)
  return {
    id: zone.id,
    name: zone.name,
    status: zone.status,
    paused: zone.paused,
    type: zone.type,
    development_mode: 0,
    name_servers: zone.nameServers,
    original_name_servers: null,
    original_registrar: null,
    original_dnshost: null,
    modified_on: created,
    created_on: created,
    activated_on: zone.status === 'active' ? created : null,
    vanity_name_servers: [],
    vanity_name_servers_ips: null,
    meta: { step: 4, custom_certificate_quota: 0, page_rule_quota: 3, phishing_detected: false },
    owner: { id: null, type: 'user', email: null },
    account: zone.account,
    tenant: { id: null, name: null },
    tenant_unit: { id: null },
    permissions: permissionsIn(credential),
    plan: PLANS[zone.plan],
  }
}

const PLANS: Readonly<Record<Plan, object>> = {
  free: planBody('0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 'Free Website', 0, 'free'),
  pro: planBody('1acf3092fdd9f3a8d35b2d1b7a6b4a5e', 'Pro Website', 20, 'pro'),
  business: planBody('b2d1b7a6b4a5e1acf3092fdd9f3a8d35', 'Business Website', 200, 'business'),
  enterprise: planBody('94f3b7b768b0458b56d2cac4fe5ec0f9', 'Enterprise Website', 0, 'enterprise'),
}

function planBody(id: string, name: string, price: number, legacy_id: string): object {
  return {
    id,
    name,
    price,
    currency: 'USD',
    frequency: price === 0 ? '' : 'monthly',
    is_subscribed: price > 0,
    can_subscribe: false,
    legacy_id,
    legacy_discount: false,
    externally_managed: false,
  }
}
