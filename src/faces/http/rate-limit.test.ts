import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRequestLimiter } from './rate-limit.ts'

test('a burst passes at once, and the next request is told how long to wait', () => {
  const limiter = createRequestLimiter({ perSecond: 2, burst: 3 })
  expect([1, 2, 3].map(() => limiter.take(1000))).toEqual([0, 0, 0])
  expect(limiter.take(1000)).toBe(0.5)
  expect(limiter.take(1400)).toBeCloseTo(0.1)
  expect(limiter.take(1500)).toBe(0)
})

test('a clock that is set back neither gives nor takes requests', () => {
  const limiter = createRequestLimiter({ perSecond: 1, burst: 1 })
  limiter.take(10_000)
  expect(limiter.take(5_000)).toBe(1)
  expect(limiter.take(6_000)).toBe(0)
})

test('asking how long to wait costs nothing', () => {
  const limiter = createRequestLimiter({ perSecond: 1, burst: 1 })
  expect([1, 2, 3].map(() => limiter.secondsToWait(1000))).toEqual([0, 0, 0])
  limiter.take(1000)
  expect(limiter.secondsToWait(1250)).toBe(0.75)
  expect(limiter.take(2000)).toBe(0)
})

test('in any span no more requests pass than burst and rate allow', () => {
  const times = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 })
  fc.assert(
    fc.property(
      times,
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 20 }),
      (gaps, perSecond, burst) => {
        const limiter = createRequestLimiter({ perSecond, burst })
        const passed: number[] = []
        let now = 0
        for (const gap of gaps) {
          now += gap
          if (limiter.take(now) > 0) continue
          passed.push(now)
        }
        for (const [first, from] of passed.entries()) {
          for (const [last, to] of passed.entries()) {
            if (last < first) continue
            const most = burst + ((to - from) / 1000) * perSecond
            expect(last - first + 1).toBeLessThanOrEqual(most + 1e-6)
          }
        }
      },
    ),
  )
})
