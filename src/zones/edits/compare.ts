import type { ZoneRecord } from '#dns/record.ts'
import { bySet } from '#dns/record-set.ts'
import type { EditedSet } from '#store/edits.ts'
import type { ForeignRecord } from '#store/store.ts'

export type AnyRecord = ZoneRecord | ForeignRecord

/** Whether two records say the same in every field that somebody can set. */
export function saysTheSame(one: AnyRecord | undefined, other: AnyRecord | undefined): boolean {
  return one !== undefined && other !== undefined && textOf(one) === textOf(other)
}

/** What a record says, its id included. */
export function textOf(record: AnyRecord): string {
  return JSON.stringify(
    'value' in record
      ? [record.id, record.name, record.type, record.value, record.ttl, record.proxied, record.comment]
      : [record.id, record.name, record.type, record.content],
  )
}

/** What it resolves to: its comment is not served. */
export function servedText(record: AnyRecord): string {
  return JSON.stringify(
    'value' in record
      ? [record.id, record.name, record.type, record.value, record.ttl, record.proxied]
      : [record.id, record.name, record.type, record.content],
  )
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
  const texts = (records: readonly AnyRecord[]) => records.map(textOf).sort().join('\n')
  return some.length === others.length && texts(some) === texts(others)
}
