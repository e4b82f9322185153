import { z } from 'zod'
import { type Name, parseName } from '#dns/name.ts'
import type { Change, PatchFields } from '#dns/plan.ts'
import type { ForeignRecord, NewRecord, RecordFields, RecordId, ZoneRecord } from '#dns/record.ts'
import { canBeProxied, isRecordType, type RecordType } from '#dns/record-type.ts'
import { parseValue, type Value } from '#dns/value.ts'
import type { ListedZone } from '#dns/zone.ts'
import { DATA_SHAPES } from './types/all.ts'

/**
 * Every JSON answer of the v4 API. Source: cloudflare/api-schemas, common.yaml. A failure has been seen without
 * `result` and `messages`; what says no in so many words is a no.
 */
export const envelope = z.object({
  success: z.boolean(),
  errors: z
    .array(
      z.object({ code: z.number(), message: z.string().default(''), error_chain: z.unknown().optional() }),
    )
    .nullish(),
  result: z.unknown().optional(),
  result_info: z
    .object({ page: z.number(), per_page: z.number(), count: z.number(), total_count: z.number() })
    .nullish(),
})
export type Envelope = z.infer<typeof envelope>

/** 32 lower-case hexadecimal digits; checked before it becomes part of a URL. */
export const CLOUDFLARE_ID = /^[0-9a-f]{32}$/
const id = z.string().regex(CLOUDFLARE_ID)

const zoneBody = z.object({
  id,
  name: z.string(),
  status: z.string(),
  type: z.string().default('full'),
  paused: z.boolean().default(false),
  account: z.object({ id: z.string() }).optional(),
  plan: z.object({ legacy_id: z.string().nullish() }).nullish(),
  name_servers: z.array(z.string()).nullish(),
  permissions: z.array(z.string()).nullish(),
})

export function zoneFromWire(body: unknown): ListedZone {
  const zone = zoneBody.parse(body)
  return {
    id: zone.id,
    name: nameFromWire(zone.name),
    status: zone.status,
    type: zone.type,
    paused: zone.paused,
    accountId: zone.account?.id ?? '',
    plan: zone.plan?.legacy_id ?? '',
    nameServers: zone.name_servers ?? [],
    permissions: zone.permissions ?? [],
  }
}

/** What we read of a record. `zone_id`, `zone_name` and `locked` left the API in 2024 and 2025; we never ask for them. */
const recordBody = z.object({
  id,
  name: z.string(),
  type: z.string(),
  content: z.string().default(''),
  priority: z.number().nullish(),
  ttl: z.number(),
  proxied: z.boolean().nullish(),
  comment: z.string().nullish(),
  data: z.record(z.string(), z.unknown()).nullish(),
  meta: z.object({ read_only: z.boolean().optional() }).nullish(),
})
type RecordBody = z.infer<typeof recordBody>

export function recordFromWire(body: unknown): ZoneRecord | ForeignRecord {
  const record = recordBody.parse(body)
  const shared = { id: record.id as RecordId, name: nameFromWire(record.name) }
  if (!isRecordType(record.type)) {
    const content = textFromWire(record.content)
    // The priority of a URI record stands beside its content, as that of MX does.
    const whole = record.type === 'URI' ? `${record.priority ?? 0} ${content}` : content
    return { ...shared, type: record.type, content: whole, ttl: record.ttl }
  }
  return {
    ...shared,
    type: record.type,
    value: valueFromWire(record.type, record),
    ttl: record.ttl,
    proxied: record.proxied ?? false,
    comment: record.comment == null ? null : textFromWire(record.comment),
    readOnly: record.meta?.read_only ?? false,
  }
}

export function isManageable(record: ZoneRecord | ForeignRecord): record is ZoneRecord {
  return 'value' in record
}

/** The four lists of a batch, in the order in which Cloudflare carries them out. */
export interface BatchBody {
  readonly deletes: readonly { readonly id: string }[]
  readonly patches: readonly Readonly<Record<string, unknown>>[]
  readonly posts: readonly Readonly<Record<string, unknown>>[]
}

/** PATCH and never PUT: a PUT resets what it does not name, comments and proxying included. */
export function batchToWire(changes: readonly Change[]): BatchBody {
  return {
    deletes: changes.flatMap((change) =>
      change.kind === 'delete' || change.kind === 'replace' ? [{ id: change.record.id }] : [],
    ),
    patches: changes.flatMap((change) =>
      change.kind === 'patch' ? [{ id: change.record.id, ...patchToWire(change.record, change.to) }] : [],
    ),
    posts: changes.flatMap((change) =>
      change.kind === 'post' || change.kind === 'replace' ? [newRecordToWire(change.to)] : [],
    ),
  }
}

export const batchAnswer = z.object({
  deletes: z.array(z.object({ id })).nullish(),
  patches: z.array(z.unknown()).nullish(),
  posts: z.array(z.unknown()).nullish(),
})

export const usageAnswer = z.object({ record_quota: z.int().nonnegative().nullish() })

/** A name that stays is not named; an empty comment takes away what is there. */
function patchToWire(record: ZoneRecord, to: PatchFields): Record<string, unknown> {
  return {
    ...(to.name === record.name ? {} : { name: to.name }),
    ...fieldsToWire(record.type, to),
    ...(to.comment === undefined ? {} : { comment: to.comment ?? '' }),
  }
}

function newRecordToWire(record: NewRecord): Record<string, unknown> {
  return {
    name: record.name,
    type: record.type,
    ...fieldsToWire(record.type, record),
    ...(record.comment ? { comment: record.comment } : {}),
  }
}

function fieldsToWire(type: RecordType, { value, ttl, proxied }: RecordFields): Record<string, unknown> {
  const proxy = canBeProxied(type) ? { proxied } : {}
  const data = DATA_SHAPES[type]?.toWire(value) ?? { content: value }
  return { ...data, ttl, ...proxy }
}

/**
 * The canonical value of what Cloudflare holds. What we cannot read is kept as it stands: it then equals no value that
 * anybody asked for, so a plan replaces it like any other left-over, and no state of a zone is an error by itself.
 */
function valueFromWire(type: RecordType, record: RecordBody): Value {
  const text = DATA_SHAPES[type]?.fromWire(record) ?? record.content
  const parsed = parseValue(type, text, { mxPriority: 0 })
  return parsed.ok ? inOnePiece(parsed.value, text) : (textFromWire(text) as Value)
}

/**
 * A text put together letter by letter is a chain of pieces in V8, of thirty times its length, for as long as nobody
 * reads it. Mostly it says what the answer says, which is in one piece.
 */
function inOnePiece<Text extends string>(canonical: Text, asAnswered: string): Text {
  return canonical === asAnswered ? (asAnswered as Text) : canonical
}

/**
 * A text as every database keeps it: PostgreSQL takes no NUL, and UTF-8 no half of a surrogate pair. JSON can say both,
 * and one comment with either would keep us from a whole zone.
 */
function textFromWire(text: string): string {
  return text.replaceAll('\0', '\ufffd').replace(/\p{Cs}/gu, '\ufffd')
}

function nameFromWire(text: string): Name {
  const parsed = parseName(text)
  return parsed.ok ? inOnePiece(parsed.value, text) : (textFromWire(text).toLowerCase() as Name)
}
