import { expect, test } from 'vitest'
import { duration } from './words.ts'

test('durations are said in the unit that a person would use, rounded up', () => {
  expect([60, 61, 3_600, 7_200, 86_400, 172_800].map(duration)).toEqual([
    '1 minute',
    '2 minutes',
    '60 minutes',
    '2 hours',
    '24 hours',
    '2 days',
  ])
})
