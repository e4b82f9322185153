import { type Change, touchedKeys } from '#dns/plan.ts'
import type { NewRecord, ZoneRecord } from '#dns/record.ts'
import { keyOf } from '#dns/record-set.ts'
import type { BatchDone } from '#providers/provider.ts'
import type { Edit, EditSettlement, SentEdit } from '#store/edits.ts'
import type { Settlement } from '#store/operations.ts'
import { type AnyRecord, differingSets } from '../operations/record-text.ts'
import { recordsAfter } from '../operations/settlement.ts'
import type { ZoneList } from './reading.ts'

/** The records of every set that changes touch. */
export function touched(changes: readonly Change[], records: readonly AnyRecord[]): readonly AnyRecord[] {
  const keys = touchedKeys(changes)
  return records.filter((record) => keys.has(keyOf(record)))
}

/** What a definite success means to a customer. */
export function settlementOf({ before }: Edit, done: BatchDone, at: number): Settlement {
  return { at, ...done, sets: [], edited: differingSets(before, recordsAfter(done, before)) }
}

/**
 * What a list says became of an edit. A batch is one transaction: if only a part is there, or nothing of it and the sets
 * are not as they were either, others were at work too.
 */
export function verdictOf(
  { changes, edit }: SentEdit,
  records: readonly AnyRecord[],
): 'done' | 'not-done' | 'mixed' {
  const held = changes.map((change) => isThere(change, edit, records))
  if (held.every(Boolean)) return 'done'
  const isAsBefore = differingSets(edit.before, touched(changes, records)).length === 0
  return isAsBefore && !held.some(Boolean) ? 'not-done' : 'mixed'
}

/** What two lists have shown to be done. */
export function settlementBy(list: ZoneList, { changes, edit }: SentEdit): EditSettlement {
  const after = touched(changes, list.records)
  const present = new Set(after.map(({ id }) => id))
  const records = changes.flatMap((change) => shownBy(change, edit, after) ?? [])
  return {
    at: list.at,
    deleted: edit.before.filter(({ id }) => !present.has(id)),
    held: after,
    records,
    sets: differingSets(edit.before, after),
  }
}

function isThere(change: Change, edit: Edit, records: readonly AnyRecord[]): boolean {
  const isGone = (id: string) => records.every((record) => record.id !== id)
  if (change.kind === 'delete') return isGone(change.record.id)
  if (change.kind === 'replace' && !isGone(change.record.id)) return false
  return shownBy(change, edit, records) !== undefined
}

/** The record that a change has made, or changed. */
function shownBy(change: Change, { before }: Edit, records: readonly AnyRecord[]): ZoneRecord | undefined {
  if (change.kind === 'delete') return undefined
  const known = new Set(before.map(({ id }) => id))
  return records.find((record): record is ZoneRecord => {
    const isOne = change.kind === 'patch' ? record.id === change.record.id : !known.has(record.id)
    return isOne && 'value' in record && says(record, change.to)
  })
}

function says(record: ZoneRecord, to: Omit<NewRecord, 'comment'> & { comment?: string | null }): boolean {
  return (
    record.name === to.name &&
    record.type === to.type &&
    record.value === to.value &&
    record.proxied === to.proxied &&
    (to.proxied || record.ttl === to.ttl) &&
    (to.comment === undefined || (record.comment ?? '') === (to.comment ?? ''))
  )
}
