import { expect, test } from 'vitest'
import type { RecordFields } from '#faces/dashboard/api.ts'
import { daysOf } from './days.ts'
import { linesOf } from './lines.ts'

function record(content: string, more: Partial<RecordFields> = {}): RecordFields {
  const rest = { priority: null, proxied: false, ttl: 300, comment: null }
  return { type: 'A', name: 'www.example.com', content, ...rest, ...more }
}

const lines = (before: readonly RecordFields[], after: readonly RecordFields[]) =>
  linesOf({ type: 'A', name: 'www.example.com', before, after })

test('what stayed is left out, what changed is a pair, and what is left came or went', () => {
  expect(lines([record('1'), record('2')], [record('2'), record('3'), record('4')])).toEqual([
    { before: '1', after: '3', note: '' },
    { before: undefined, after: '4', note: 'added' },
  ])
  expect(lines([record('1')], [])).toEqual([{ before: '1', after: undefined, note: 'deleted' }])
})

test('a record that says the same otherwise tells what is otherwise', () => {
  const now = record('1', { proxied: true, ttl: 1, comment: 'mine' })
  expect(lines([record('1')], [now])).toEqual([
    { before: '1', after: '1', note: 'now proxied, TTL now Automatic, comment changed' },
  ])
  expect(lines([record('1')], [record('1', { ttl: 61 })])).toMatchObject([{ note: 'TTL now 61 seconds' }])
})

test('entries stand by their days, today and yesterday by those names', () => {
  const now = new Date(2026, 10, 22, 0, 30).getTime()
  const at = (ms: number) => ({ at: new Date(now - ms).toISOString() })
  const days = daysOf([at(60_000), at(3_600_000), at(7_200_000), at(48 * 3_600_000)], now)
  expect(days.map(({ entries }) => entries.length)).toEqual([1, 2, 1])
  expect(days.slice(0, 2).map(({ day }) => day)).toEqual(['Today', 'Yesterday'])
})
