import type { Name } from '#dns/name.ts'
import type { NewRecord, ZoneRecord } from '#dns/record.ts'
import type { RecordType } from '#dns/record-type.ts'
import { AUTOMATIC, type Ttl } from '#dns/ttl.ts'
import type { Value } from '#dns/value.ts'
import type { AnyRecord, ForeignRecord } from './input.ts'
import type { ReviewedChange } from './review.ts'

/** What a row says besides its records. */
export interface RowWords {
  readonly selected: boolean
  readonly group: string
  readonly reason: string
}

export function added(proposed: NewRecord, words: RowWords): ReviewedChange {
  const { name, type, value } = proposed
  return { action: 'add', id: `add ${name} ${type} ${value}`, name, type, proposed, locked: false, ...words }
}

/** The same record with another value. */
export function replaced(current: ZoneRecord, value: Value, words: RowWords): ReviewedChange {
  const { id, name, type, ttl, proxied } = current
  return {
    action: 'replace',
    id,
    name,
    type,
    current,
    proposed: { name, type, value, ttl, proxied },
    locked: false,
    ...words,
  }
}

export function deleted(current: ZoneRecord, words: RowWords): ReviewedChange {
  return { action: 'delete', ...keyFields(current), current, locked: false, ...words }
}

export function deletedOther(current: ForeignRecord, words: RowWords): ReviewedChange {
  return { action: 'delete', ...keyFields(current), current, locked: false, ...words }
}

export function kept(current: AnyRecord, reason: string): ReviewedChange {
  return { action: 'keep', ...keyFields(current), current, selected: true, locked: true, reason }
}

/** A record to be added, as its neighbour is served; without one DNS-only and automatic. */
export function newRecord(name: Name, type: RecordType, value: Value, like?: ServedAs): NewRecord {
  return {
    name,
    type,
    value,
    ttl: like?.ttl ?? AUTOMATIC,
    proxied: like?.proxied ?? false,
    comment: null,
  }
}

interface ServedAs {
  readonly proxied: boolean
  readonly ttl: Ttl
}

function keyFields({ id, name, type }: AnyRecord): Pick<ReviewedChange, 'id' | 'name' | 'type'> {
  return { id, name, type }
}
