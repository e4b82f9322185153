import type { Name } from './name.ts'
import type { RecordType } from './record-type.ts'
import type { Ttl } from './ttl.ts'
import type { Value } from './value.ts'

/** Names one record of a zone for as long as it lives; opaque, and never used again. */
export type RecordId = string & { readonly [recordIdBrand]: true }

/** What one record says. */
export interface RecordFields {
  readonly name: Name
  readonly type: RecordType
  readonly value: Value
  /** `AUTOMATIC` where proxied. */
  readonly ttl: Ttl
  readonly proxied: boolean
}

/** A record to be created. */
export interface NewRecord extends RecordFields {
  readonly comment: string | null
}

/** A record as the zone holds it. */
export interface ZoneRecord extends NewRecord {
  readonly id: RecordId
  /** Belongs to another product, such as Email Routing, and refuses every change (Cloudflare `meta.read_only`). */
  readonly readOnly: boolean
}

/** A record of a type that cannot be declared, as Cloudflare shows it; it can only stay, or go. */
export interface ForeignRecord {
  readonly id: RecordId
  readonly name: Name
  readonly type: string
  readonly content: string
  /** Left out by what was written down before we kept it. */
  readonly ttl?: Ttl
}

declare const recordIdBrand: unique symbol
