import { expect, test } from 'vitest'
import { toggled, withRange } from './selection.ts'

const order = ['a', 'b', 'c', 'd', 'e']
const ids = (...picked: string[]) => new Set(picked)

test('one is picked, and let go by the same', () => {
  expect(toggled(ids('a'), 'b')).toEqual(ids('a', 'b'))
  expect(toggled(ids('a', 'b'), 'b')).toEqual(ids('a'))
})

test('a range is picked in both directions, and what was picked stays', () => {
  expect(withRange(ids('a'), order, 'b', 'd')).toEqual(ids('a', 'b', 'c', 'd'))
  expect(withRange(ids('a'), order, 'd', 'b')).toEqual(ids('a', 'b', 'c', 'd'))
})

test('a range from what is not shown any more is the other end alone', () => {
  expect(withRange(ids(), order, 'z', 'c')).toEqual(ids('c'))
})
