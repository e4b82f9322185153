import { expect, test } from 'vitest'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import type { Value } from '#dns/value.ts'
import { example, zoneRecords } from './testing.ts'
import { inverseOf } from './undo.ts'

/** Texts of the apex; a record goes by its text. */
function texts(...all: readonly string[]): ZoneRecord[] {
  const records = zoneRecords(all.map((text) => `@ 300 TXT "${text}"`).join('\n')) as ZoneRecord[]
  return records.map((record) => ({ ...record, id: `id-of-${record.value}` as RecordId }))
}

/** `a, b`, and whether nobody is advised to. */
function backFrom(was: readonly string[], left: readonly string[], held: readonly string[]) {
  const changed = [{ type: 'TXT', name: example, before: texts(...was), after: texts(...left) }]
  const { wanted, changedSince } = inverseOf(changed, texts(...held))
  return [wanted[0]?.records.map(({ value }) => value.replaceAll('"', '')).join(', '), changedSince.size > 0]
}

test('an undo restores TXT records as they were', () => {
  expect(backFrom(['a', 'b'], ['c'], ['c'])).toEqual(['a, b', false])
  expect(backFrom(['a', 'b'], ['c'], ['a', 'b'])).toEqual([undefined, false])
})

test('TXT records that changed again since make an undo ask first', () => {
  expect(backFrom(['a', 'b'], ['c'], ['c', 'a'])).toEqual(['a, b', true])
  expect(backFrom(['a'], ['b', 'c'], ['c', 'd'])).toEqual(['d, a', true])
})

test('TXT records added since stay, without asking', () => {
  expect(backFrom(['a', 'b'], ['c'], ['c', 'd'])).toEqual(['d, a, b', false])
})

test('undoing a change in a set of a thousand TXT records reads each a few times', () => {
  let read = 0
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_, at): ZoneRecord => {
      const value = `"${from + at}"` as Value
      return {
        id: `${from + at}` as RecordId,
        name: example,
        type: 'TXT',
        get value() {
          read += 1
          return value
        },
        ttl: 300,
        proxied: false,
        comment: null,
        readOnly: false,
      }
    })
  const [before, after, held] = [many(0, 1_000), many(500, 1_000), many(700, 1_000)]
  const { wanted, changedSince } = inverseOf([{ name: example, type: 'TXT', before, after }], held)
  expect([wanted[0]!.records.length, changedSince.size]).toEqual([1_000, 0])
  expect(read).toBeLessThan(30_000)
})
