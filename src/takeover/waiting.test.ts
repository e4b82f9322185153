import { expect, test } from 'vitest'
import type { Change } from '#dns/plan.ts'
import { advised, chosen } from './chosen.ts'
import { planTakeover } from './plan.ts'
import { takeoverOf } from './testing.ts'
import { waitingSeconds } from './waiting.ts'
import { duration } from './words.ts'

function changesFor(zone: string): readonly Change[] {
  const plan = planTakeover(takeoverOf(zone))
  const choice = chosen(plan, advised(plan))
  return choice.ok ? choice.changes : []
}

test('the wait is the largest TTL that is replaced; automatic and proxied are 300 s', () => {
  const www = 'www 300 CNAME @'
  expect(waitingSeconds(changesFor(`@ 600 A 198.51.100.1\n@ 900 A 198.51.100.2\n${www}`), 1_800)).toBe(900)
  expect(waitingSeconds(changesFor(`@ A 198.51.100.1\n${www}`), 1_800)).toBe(300)
  expect(waitingSeconds(changesFor(`@ A 198.51.100.1 ; proxied\n${www}`), 1_800)).toBe(300)
})

test('the wait for a new name is the SOA minimum, for that long its absence may be remembered', () => {
  expect(waitingSeconds(changesFor('@ 300 A 198.51.100.1'), 1_800)).toBe(1_800)
  expect(waitingSeconds(changesFor('@ A 203.0.113.7\nwww CNAME @'), 1_800)).toBe(0)
})

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
