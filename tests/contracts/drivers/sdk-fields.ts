/**
 * Every field that the SDK documents of an answer, by its own types: a field that is new to them does not compile here,
 * and one that an answer lacks throws.
 */
import type {
  RecordBatchResponse,
  RecordImportResponse,
  RecordResponse,
} from 'cloudflare/resources/dns/records'
import type { ZoneGetResponse } from 'cloudflare/resources/dns/usage/zone'
import type { TokenVerifyResponse } from 'cloudflare/resources/user/tokens/tokens'
import type { Zone } from 'cloudflare/resources/zones/zones'

export function readZone(zone: Zone): Zone {
  read(zone, ZONE, 'a zone')
  read(zone.account, ACCOUNT, 'an account')
  read(zone.meta, ZONE_META, 'meta of a zone')
  read(zone.owner, OWNER, 'an owner')
  read(zone.plan, PLAN, 'a plan')
  if (zone.tenant) read(zone.tenant, TENANT, 'a tenant')
  if (zone.tenant_unit) read(zone.tenant_unit, TENANT_UNIT, 'a tenant unit')
  return zone
}

export function readRecord(record: RecordResponse): RecordResponse {
  const fields: Readonly<Record<string, Presence>> | undefined = RECORDS[record.type as keyof typeof RECORDS]
  if (fields === undefined) return record
  read(record, fields, `a record of type ${record.type}`)
  const parts: Readonly<Record<string, Presence>> | undefined = DATA[record.type as keyof typeof DATA]
  if (parts !== undefined && 'data' in record) read(record.data ?? {}, parts, `data of ${record.type}`)
  return record
}

/** Which of the four lists there are is not documented. */
export function readBatch(batch: RecordBatchResponse): RecordBatchResponse {
  for (const list of [batch.deletes, batch.patches, batch.puts, batch.posts]) list?.forEach(readRecord)
  return batch
}

export function readImport(done: RecordImportResponse): RecordImportResponse {
  return read(done, IMPORT, 'an import')
}

export function readUsage(usage: ZoneGetResponse): ZoneGetResponse {
  return read(usage, USAGE, 'usage')
}

export function readVerified(verified: TokenVerifyResponse): TokenVerifyResponse {
  return read(verified, VERIFIED, 'a verified token')
}

/** `sometimes` may be said only of what the types call optional. */
type Presence = 'always' | 'sometimes'
type Fields<T> = { readonly [K in keyof T]-?: undefined extends T[K] ? Presence : 'always' }

function read<T extends object>(answer: T, fields: Readonly<Record<string, Presence>>, what: string): T {
  for (const [field, presence] of Object.entries(fields)) {
    if (presence === 'always' && (answer as Readonly<Record<string, unknown>>)[field] === undefined)
      throw new Error(`${what} lacks ${field}`)
  }
  return answer
}

const ZONE = {
  id: 'always',
  account: 'always',
  activated_on: 'always',
  created_on: 'always',
  development_mode: 'always',
  meta: 'always',
  modified_on: 'always',
  name: 'always',
  name_servers: 'always',
  original_dnshost: 'always',
  original_name_servers: 'always',
  original_registrar: 'always',
  owner: 'always',
  plan: 'always',
  // Of partial zones.
  cname_suffix: 'sometimes',
  verification_key: 'sometimes',
  paused: 'always',
  permissions: 'always',
  status: 'always',
  tenant: 'always',
  tenant_unit: 'always',
  type: 'always',
  vanity_name_servers: 'always',
} as const satisfies Fields<Zone>

const ZONE_META = {
  // In some recordings, and not in others.
  cdn_only: 'sometimes',
  dns_only: 'sometimes',
  foundation_dns: 'sometimes',
  custom_certificate_quota: 'always',
  page_rule_quota: 'always',
  phishing_detected: 'always',
  step: 'always',
} as const satisfies Fields<Zone['meta']>

const ACCOUNT = { id: 'always', name: 'always' } as const satisfies Fields<Zone['account']>
// Recordings have `email` in the place of `name`.
const OWNER = { id: 'always', type: 'always', name: 'sometimes' } as const satisfies Fields<Zone['owner']>
const TENANT = { id: 'always', name: 'always' } as const satisfies Fields<NonNullable<Zone['tenant']>>
const TENANT_UNIT = { id: 'always' } as const satisfies Fields<NonNullable<Zone['tenant_unit']>>
const IMPORT = {
  recs_added: 'always',
  total_records_parsed: 'always',
} as const satisfies Fields<RecordImportResponse>
const USAGE = { record_quota: 'always', record_usage: 'always' } as const satisfies Fields<ZoneGetResponse>
const VERIFIED = {
  id: 'always',
  status: 'always',
  // Of tokens that have them.
  expires_on: 'sometimes',
  not_before: 'sometimes',
} as const satisfies Fields<TokenVerifyResponse>

const PLAN = {
  id: 'always',
  can_subscribe: 'always',
  currency: 'always',
  externally_managed: 'always',
  frequency: 'always',
  is_subscribed: 'always',
  legacy_discount: 'always',
  legacy_id: 'always',
  name: 'always',
  price: 'always',
} as const satisfies Fields<Zone['plan']>

const COMMON = {
  id: 'always',
  name: 'always',
  type: 'always',
  content: 'always',
  proxiable: 'always',
  proxied: 'always',
  ttl: 'always',
  settings: 'always',
  meta: 'always',
  comment: 'always',
  tags: 'always',
  created_on: 'always',
  modified_on: 'always',
  // Of records that have a comment, or tags.
  comment_modified_on: 'sometimes',
  tags_modified_on: 'sometimes',
} as const

type TypesHere =
  | 'A'
  | 'AAAA'
  | 'CAA'
  | 'CNAME'
  | 'DS'
  | 'HTTPS'
  | 'MX'
  | 'NS'
  | 'PTR'
  | 'SRV'
  | 'SSHFP'
  | 'SVCB'
  | 'TLSA'
  | 'TXT'
  | 'URI'
type Of<Type> = Extract<RecordResponse, { type: Type }>

const RECORDS = {
  // private_routing is of 2026, and of networks that most zones are not.
  A: { ...COMMON, private_routing: 'sometimes' },
  AAAA: { ...COMMON, private_routing: 'sometimes' },
  CAA: { ...COMMON, data: 'always' },
  CNAME: COMMON,
  DS: { ...COMMON, data: 'always' },
  HTTPS: { ...COMMON, data: 'always' },
  MX: { ...COMMON, priority: 'always' },
  NS: COMMON,
  PTR: COMMON,
  SRV: { ...COMMON, data: 'always' },
  SSHFP: { ...COMMON, data: 'always' },
  SVCB: { ...COMMON, data: 'always' },
  TLSA: { ...COMMON, data: 'always' },
  TXT: COMMON,
  URI: { ...COMMON, data: 'always', priority: 'always' },
} as const satisfies { readonly [Type in TypesHere]: Fields<Of<Type>> }

type DataOf<Type> = Of<Type> extends { data?: infer Data } ? NonNullable<Data> : never

const DATA = {
  CAA: { flags: 'always', tag: 'always', value: 'always' },
  DS: { algorithm: 'always', digest: 'always', digest_type: 'always', key_tag: 'always' },
  HTTPS: { priority: 'always', target: 'always', value: 'always' },
  SRV: { port: 'always', priority: 'always', target: 'always', weight: 'always' },
  SSHFP: { algorithm: 'always', fingerprint: 'always', type: 'always' },
  SVCB: { priority: 'always', target: 'always', value: 'always' },
  TLSA: { certificate: 'always', matching_type: 'always', selector: 'always', usage: 'always' },
  URI: { target: 'always', weight: 'always' },
} as const satisfies {
  readonly [Type in 'CAA' | 'DS' | 'HTTPS' | 'SRV' | 'SSHFP' | 'SVCB' | 'TLSA' | 'URI']: Fields<DataOf<Type>>
}
