import type { ForeignRecord, ZoneRecord } from '#dns/record.ts'
import { bySet } from '#dns/record-set.ts'
import type { EditedSet } from '#store/edits.ts'
import { saidText, textOf } from '../operations/record-text.ts'

export type AnyRecord = ZoneRecord | ForeignRecord

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
