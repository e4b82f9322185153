import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WORK_KINDS, type WorkKind } from '#providers/provider.ts'
import { type Budget, blockUntil, callsLeft, freshBudget, takeCall } from './budget.ts'

const NOON = Date.parse('2026-08-01T12:00:00Z')
const WINDOW_MS = 300_000

describe('a budget', () => {
  test('never allows more than 960 calls in any 300 seconds, whoever asks and whenever', () => {
    const anyStep = fc.record({
      // Mostly impatient; now and then a pause, or a clock that is set back a little.
      waitMs: fc.oneof(
        { weight: 20, arbitrary: fc.integer({ min: 0, max: 400 }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 120_000 }) },
        { weight: 1, arbitrary: fc.integer({ min: -5_000, max: 0 }) },
      ),
      work: fc.constantFrom(...WORK_KINDS),
      calls: fc.integer({ min: 1, max: 40 }),
    })
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 200, maxLength: 1_500, size: 'max' }), (steps) => {
        let budget = freshBudget(NOON)
        let now = NOON
        const taken: number[] = []
        for (const { waitMs, work, calls } of steps) {
          now += waitMs
          for (let call = 0; call < calls; call += 1) {
            const { budget: next, waitMs } = takeCall(budget, work, now)
            budget = next
            if (waitMs === 0) taken.push(now)
          }
        }
        expect(mostInAWindow(taken)).toBeLessThanOrEqual(960)
      }),
      { numRuns: 60 },
    )
  })

  test('allows nearly all of them to those who ask without end', () => {
    for (const work of WORK_KINDS) {
      const taken = greedy(freshBudget(NOON), [work], WINDOW_MS)
      expect(taken[work].length).toBeLessThanOrEqual(960)
      // A borrower leaves a part of each other share alone: it can be had only by its owner.
      expect(taken[work].length).toBeGreaterThanOrEqual(900)
    }
    const together = greedy(freshBudget(NOON), WORK_KINDS, WINDOW_MS)
    const count = WORK_KINDS.reduce((sum, work) => sum + together[work].length, 0)
    expect(count).toBeGreaterThanOrEqual(955)
    expect(count).toBeLessThanOrEqual(960)
  })

  test('has calls at once for who has not asked for a while, however much the others have taken', () => {
    const kinds = [...WORK_KINDS]
    for (const quiet of kinds) {
      const others = kinds.filter((kind) => kind !== quiet)
      let budget = freshBudget(NOON)
      for (let now = NOON; now < NOON + 60_000; now += 50) {
        for (const work of others) budget = takeCall(budget, work, now).budget
      }
      const now = NOON + 60_000
      let taken = 0
      for (
        let next = takeCall(budget, quiet, now);
        next.waitMs === 0;
        next = takeCall(next.budget, quiet, now)
      )
        taken += 1
      expect(taken).toBeGreaterThanOrEqual(3)
    }
  })

  test('gives each kind of work its share, however greedy the others are', () => {
    const share = { people: 0.5, machines: 0.3, background: 0.2 }
    const taken = greedy(freshBudget(NOON), WORK_KINDS, WINDOW_MS)
    for (const work of WORK_KINDS) {
      expect(taken[work].length).toBeGreaterThanOrEqual(Math.floor(share[work] * 900) - 1)
    }
    // The same for any order in which they come, and any one of them that asks once a second alone.
    fc.assert(
      fc.property(fc.shuffledSubarray([...WORK_KINDS], { minLength: 3, maxLength: 3 }), (order) => {
        const modest = order[0]!
        const perSecond = 3 * share[modest]
        const asked = greedy(
          freshBudget(NOON),
          order,
          60_000,
          (work, ms) => work !== modest || ms % 500 === 0,
        )
        expect(asked[modest].length).toBeGreaterThanOrEqual(Math.floor(Math.min(2, perSecond) * 60) - 1)
      }),
    )
  })

  test('leaves more to people than to machines, and more to machines than to background', () => {
    const borrowedBy = (work: WorkKind) => greedy(freshBudget(NOON), [work], 1)[work].length
    expect(borrowedBy('people')).toBeGreaterThan(borrowedBy('machines'))
    expect(borrowedBy('machines')).toBeGreaterThan(borrowedBy('background'))
  })

  test('says how long to wait, and keeps its word', () => {
    fc.assert(
      fc.property(anyHistory, fc.constantFrom(...WORK_KINDS), (history, work) => {
        const { budget, now } = after(history)
        const { waitMs } = takeCall(budget, work, now)
        const later = takeCall(budget, work, now + waitMs)
        // A fraction of a millisecond may be missing.
        expect(later.waitMs).toBeLessThanOrEqual(1)
        expect(takeCall(budget, work, now + waitMs + 1).waitMs).toBe(0)
      }),
    )
  })

  test('counts the calls that are left, for all together', () => {
    const fresh = freshBudget(NOON)
    expect(callsLeft(fresh, NOON)).toBe(60)
    const { budget } = takeCall(takeCall(fresh, 'people', NOON).budget, 'background', NOON)
    expect(callsLeft(budget, NOON)).toBe(58)
    expect(callsLeft(budget, NOON + 2_000)).toBe(60)
    expect(callsLeft(blockUntil(fresh, NOON + 1), NOON)).toBe(0)
  })

  test('never holds more than its burst', () => {
    expect(callsLeft(freshBudget(NOON), NOON + 86_400_000)).toBe(60)
  })
})

describe('a block', () => {
  test('stops every kind of work until it is over', () => {
    const blocked = blockUntil(freshBudget(NOON), NOON + 30_000)
    for (const work of WORK_KINDS) {
      expect(takeCall(blocked, work, NOON).waitMs).toBe(30_000)
      expect(takeCall(blocked, work, NOON + 29_999).waitMs).toBe(1)
      expect(takeCall(blocked, work, NOON + 30_000).waitMs).toBe(0)
    }
  })

  test('is not shortened by a later word', () => {
    const blocked = blockUntil(blockUntil(freshBudget(NOON), NOON + 60_000), NOON + 10_000)
    expect(takeCall(blocked, 'people', NOON).waitMs).toBe(60_000)
  })
})

describe('a clock that was set back', () => {
  test('refills nothing and takes nothing away', () => {
    const { budget } = takeCall(freshBudget(NOON), 'people', NOON)
    const earlier = takeCall(budget, 'people', NOON - 1_000).budget
    expect(callsLeft(earlier, NOON)).toBe(58)
  })

  test('by more than a window does not stop us until it has caught up', () => {
    const dayAhead = NOON + 86_400_000
    let budget = freshBudget(dayAhead)
    for (let call = 0; call < 60; call += 1) budget = takeCall(budget, 'machines', dayAhead).budget
    const empty = takeCall(budget, 'machines', NOON)
    expect(empty.waitMs).toBeGreaterThan(0)
    expect(takeCall(empty.budget, 'machines', NOON + empty.waitMs + 1).waitMs).toBe(0)

    const blocked = takeCall(blockUntil(budget, dayAhead + 300_000), 'machines', NOON)
    expect(blocked.waitMs).toBe(300_000)
    expect(takeCall(blocked.budget, 'machines', NOON + 300_000).waitMs).toBe(0)
  })
})

const anyHistory = fc.array(
  fc.record({ waitMs: fc.integer({ min: 0, max: 3_000 }), work: fc.constantFrom(...WORK_KINDS) }),
  { maxLength: 200 },
)

function after(history: readonly { waitMs: number; work: WorkKind }[]): { budget: Budget; now: number } {
  let budget = freshBudget(NOON)
  let now = NOON
  for (const { waitMs, work } of history) {
    now += waitMs
    // Ten at once, so that it runs dry.
    for (let call = 0; call < 10; call += 1) budget = takeCall(budget, work, now).budget
  }
  return { budget, now }
}

/** When each of these got a call, all of them asking again and again. */
function greedy(
  budget: Budget,
  kinds: readonly WorkKind[],
  forMs: number,
  asks: (work: WorkKind, ms: number) => boolean = () => true,
): Record<WorkKind, number[]> {
  const taken: Record<WorkKind, number[]> = { people: [], machines: [], background: [] }
  let current = budget
  for (let ms = 0; ms <= forMs; ms += 20) {
    for (const work of kinds) {
      if (!asks(work, ms)) continue
      for (;;) {
        const { budget: next, waitMs } = takeCall(current, work, NOON + ms)
        current = next
        if (waitMs > 0) break
        taken[work].push(NOON + ms)
        if (kinds.length > 1) break
      }
    }
  }
  return taken
}

function mostInAWindow(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b)
  let most = 0
  let first = 0
  for (const [index, at] of sorted.entries()) {
    while (at - sorted[first]! > WINDOW_MS) first += 1
    most = Math.max(most, index - first + 1)
  }
  return most
}
