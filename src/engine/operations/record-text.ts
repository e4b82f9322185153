import type { ForeignRecord, NewRecord, ZoneRecord } from '#dns/record.ts'

/** What a record says, in three lengths. Two records with one text are alike, as far as it goes. */

type AnyRecord = ZoneRecord | ForeignRecord

/** What it resolves to, and so what can contradict us: its id is Cloudflare's, and its comment its owner's. */
export function servedText(record: AnyRecord | NewRecord | undefined): string {
  if (record === undefined) return ''
  if (!('value' in record)) return `${record.name} ${record.type} ${record.content}`
  return `${record.name} ${record.type} ${record.value} ${record.ttl} ${record.proxied}`
}

/** All that somebody can set, and which record it is. */
export function saidText(record: AnyRecord): string {
  const comment = 'value' in record ? JSON.stringify(record.comment) : ''
  return `${record.id} ${servedText(record)} ${comment}`
}

/** All that is kept of it. */
export function rowText(record: AnyRecord): string {
  return `${saidText(record)} ${'value' in record ? record.readOnly : record.ttl}`
}

/** In whatever order they came. */
export function textOf(records: readonly AnyRecord[], of: (record: AnyRecord) => string): string {
  return records.map(of).sort().join('\n')
}
