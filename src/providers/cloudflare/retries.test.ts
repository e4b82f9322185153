import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRetries } from './rate-limiter.ts'

const NOON = Date.parse('2026-08-01T12:00:00Z')

test('a quiet system may try again ten times at once, and then once in ten seconds', () => {
  const retries = createRetries()
  for (let retry = 0; retry < 10; retry += 1) expect(retries.take(NOON)).toBe(0)
  expect(retries.take(NOON)).toBe(10_000)
  expect(retries.take(NOON + 9_000)).toBe(1_000)
  expect(retries.take(NOON + 10_000)).toBe(0)
})

test('of many calls at most one in ten is a repetition, beyond the ten that were saved and one in ten seconds', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 50, maxLength: 500 }), (pauses) => {
      const retries = createRetries()
      let now = NOON
      let calls = 0
      let repeated = 0
      for (const pause of pauses) {
        now += pause
        if (retries.take(now) === 0) repeated += 1
        retries.called(now)
        calls += 1
      }
      expect(repeated).toBeLessThanOrEqual(10 + calls / 10 + (now - NOON) / 10_000 + 1)
    }),
  )
})

test('a clock that was set back gives nothing and takes nothing', () => {
  const retries = createRetries()
  for (let retry = 0; retry < 10; retry += 1) retries.take(NOON)
  expect(retries.take(NOON - 60_000)).toBe(10_000)
  expect(retries.take(NOON - 50_000)).toBe(0)
})
