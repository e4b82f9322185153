import type { ForeignRecord, NewRecord, ZoneRecord } from '#dns/record.ts'
import { bySet } from '#dns/record-set.ts'
import type { EditedSet } from '#store/edits.ts'

export type AnyRecord = ZoneRecord | ForeignRecord

// What a record says, in three lengths. Two records with one text are alike, as far as it goes.

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

/** Whether two records say the same in every field that somebody can set. */
export function saysTheSame(one: AnyRecord | undefined, other: AnyRecord | undefined): boolean {
  return one !== undefined && other !== undefined && saidText(one) === saidText(other)
}

/** The sets that differ, as they were and as they are. */
export function differingSets(before: readonly AnyRecord[], after: readonly AnyRecord[]): EditedSet[] {
  const [was, is] = [bySet(before), bySet(after)]
  const keys = [...new Set(was.keys()).union(is)].sort()
  return keys.flatMap((key): EditedSet[] => {
    const [old = [], now = []] = [was.get(key), is.get(key)]
    const { name, type } = (now[0] ?? old[0])!
    return sayTheSame(old, now) ? [] : [{ name, type, before: old, after: now }]
  })
}

export function sayTheSame(some: readonly AnyRecord[], others: readonly AnyRecord[]): boolean {
  return some.length === others.length && textOf(some, saidText) === textOf(others, saidText)
}
