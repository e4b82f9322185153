import { expect, test } from 'vitest'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import { aName } from '#dns/testing.ts'
import type { Value } from '#dns/value.ts'
import { wayBack } from './undo.ts'

test('the way back of a change in a set of a thousand texts reads each of them a few times', () => {
  let read = 0
  const texts = (from: number, count: number) =>
    Array.from({ length: count }, (_, at): ZoneRecord => {
      const value = `"${from + at}"` as Value
      return {
        id: `${from + at}` as RecordId,
        name: aName('example.com'),
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
  const [before, after, held] = [texts(0, 1_000), texts(500, 1_000), texts(700, 1_000)]
  const { wanted, changedSince } = wayBack([{ name: aName('example.com'), type: 'TXT', before, after }], held)
  expect([wanted[0]!.records.length, changedSince.size]).toEqual([1_000, 0])
  expect(read).toBeLessThan(30_000)
})

test('the way back of a change in a set of a thousand texts reads each of them a few times', () => {
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
  const { wanted, changedSince } = wayBack([{ name: example, type: 'TXT', before, after }], held)
  expect([wanted[0]!.records.length, changedSince.size]).toEqual([1_000, 0])
  expect(read).toBeLessThan(30_000)
})
