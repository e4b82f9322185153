/** A DNS record as Cloudflare stores it, and as it writes it. */
import { type Microseconds, printTime } from '../time.ts'
import { isPublicAddress } from './addresses.ts'

export const RECORD_TYPES = [
  'A',
  'AAAA',
  'CAA',
  'CNAME',
  'DS',
  'HTTPS',
  'MX',
  'NS',
  'PTR',
  'SRV',
  'SSHFP',
  'SVCB',
  'TLSA',
  'TXT',
  'URI',
] as const
export type RecordType = (typeof RECORD_TYPES)[number]

export interface SrvData {
  readonly port: number
  readonly priority: number
  readonly target: string
  readonly weight: number
}

export interface CaaData {
  readonly flags: number
  readonly tag: string
  readonly value: string
}

export interface DsData {
  readonly algorithm: number
  /** Hexadecimal. */
  readonly digest: string
  readonly digest_type: number
  readonly key_tag: number
}

/** Of HTTPS and SVCB. */
export interface SvcbData {
  readonly priority: number
  /** With its trailing dot, as it was sent. */
  readonly target: string
  /** `alpn="h2,h3" port=8443` (RFC 9460 section 2.1). */
  readonly value: string
}

export interface SshfpData {
  readonly algorithm: number
  /** Hexadecimal. */
  readonly fingerprint: string
  readonly type: number
}

export interface TlsaData {
  /** Hexadecimal. */
  readonly certificate: string
  readonly matching_type: number
  readonly selector: number
  readonly usage: number
}

export interface UriData {
  readonly target: string
  readonly weight: number
}

export type RecordData = SrvData | CaaData | DsData | SvcbData | SshfpData | TlsaData | UriData

/** What the value of a record consists of; `priority` for MX, SRV and URI. */
export interface Rdata {
  readonly content: string
  readonly priority?: number
  readonly data?: RecordData
}

export interface RecordSettings {
  readonly flatten_cname?: boolean
  readonly ipv4_only?: boolean
  readonly ipv6_only?: boolean
}

export interface StoredRecord extends Rdata {
  readonly id: string
  /** Counts up with every record of the emulator: breaks ties where times are equal. */
  readonly sequence: number
  readonly name: string
  readonly type: RecordType
  readonly ttl: number
  readonly proxied: boolean
  readonly settings: RecordSettings
  readonly meta: Readonly<Record<string, unknown>>
  readonly comment: string | null
  readonly commentModifiedOn?: Microseconds
  readonly tags: readonly string[]
  readonly tagsModifiedOn?: Microseconds
  readonly createdOn: Microseconds
  readonly modifiedOn: Microseconds
}

/** The object on the wire, keys in the order seen there (recordings of August 2025). */
export interface RecordBody {
  readonly id: string
  readonly name: string
  readonly type: RecordType
  readonly content: string
  readonly priority?: number
  readonly proxiable: boolean
  readonly proxied: boolean
  readonly ttl: number
  readonly data?: RecordData
  readonly settings: RecordSettings
  readonly meta: Readonly<Record<string, unknown>>
  readonly comment: string | null
  readonly tags: readonly string[]
  readonly created_on: string
  readonly modified_on: string
  readonly comment_modified_on?: string
  readonly tags_modified_on?: string
}

/** A record never changes, so its body is made once: lists are most of the emulator's work. */
export function recordBody(record: StoredRecord): RecordBody {
  const body = bodies.get(record) ?? newBody(record)
  bodies.set(record, body)
  return body
}

const bodies = new WeakMap<StoredRecord, RecordBody>()

function newBody(record: StoredRecord): RecordBody {
  const { id, name, type, content, priority, proxied, ttl, data, meta, comment, tags } = record
  return {
    id,
    name,
    type,
    content,
    ...(priority !== undefined && { priority }),
    proxiable: isProxiable(type, content),
    proxied,
    ttl,
    ...(data !== undefined && { data }),
    settings: settingsShown(record),
    meta,
    comment,
    tags,
    created_on: printTime(record.createdOn),
    modified_on: printTime(record.modifiedOn),
    ...(record.commentModifiedOn !== undefined && {
      comment_modified_on: printTime(record.commentModifiedOn),
    }),
    ...(record.tagsModifiedOn !== undefined && { tags_modified_on: printTime(record.tagsModifiedOn) }),
  }
}

/** Depends on the content, not only on the type: an A with 127.0.0.1 came back `proxiable: false`. */
export function isProxiable(type: RecordType, content: string): boolean {
  return type === 'CNAME' || ((type === 'A' || type === 'AAAA') && isPublicAddress(content))
}

/** `{"flatten_cname":false}` for a CNAME that is not proxied, `{}` for most others. */
function settingsShown(record: StoredRecord): RecordSettings {
  return record.type === 'CNAME' && !record.proxied
    ? { flatten_cname: false, ...record.settings }
    : record.settings
}
