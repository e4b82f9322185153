import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RefusedRequest } from './on-error.ts'
import { createPace } from './pace.ts'
import { type Browser, startDashboard, type TestDashboard } from './testing.ts'

const PLAN = '/dashboard/api/cloudflare/plan'
const RECORDS = '/dashboard/api/dns/records'

describe('a pace', () => {
  const waitOf = (step: () => void) => {
    try {
      step()
    } catch (error) {
      if (error instanceof RefusedRequest) return error.refusal.retryAfterSeconds
      throw error
    }
    return 0
  }

  test('a rate limit says how long to wait until the oldest request is a minute old, and ignores refused ones', () => {
    const pace = createPace(2, 'Twice a minute.')
    pace.step('ann', 0)
    pace.step('ann', 30_000)
    expect([40_000, 40_000, 59_001].map((now) => waitOf(() => pace.step('ann', now)))).toEqual([20, 20, 1])
    expect([60_000, 60_000].map((now) => waitOf(() => pace.step('ann', now)))).toEqual([0, 30])
  })

  test('a rate limit counts each customer alone', () => {
    const pace = createPace(1, 'Once a minute.')
    expect(['ann', 'bea', 'ann', 'bea'].map((who) => waitOf(() => pace.step(who, 0)))).toEqual([0, 0, 60, 60])
  })
})

describe('the dashboard', () => {
  let dashboard: TestDashboard
  let alice: Browser

  beforeEach(async () => {
    dashboard = await startDashboard()
    dashboard.connect('alice')
    dashboard.connect('bob')
    alice = await dashboard.signedIn('alice')
  })

  afterEach(() => dashboard.close())

  test.each([
    [PLAN, 30, 'a review'],
    [RECORDS, 60, 'lists'],
  ])(
    'the dashboard answers %s to one customer %i times a minute, and still to others',
    async (path, most, named) => {
      for (let time = 1; time <= most; time += 1) expect((await alice.get(path)).status).toBe(200)
      const asked = dashboard.asked.length
      const { status, error, headers } = await alice.get(path)
      expect([status, error?.code, headers['retry-after']]).toEqual([429, 'RATE_LIMITED', '60'])
      expect(error?.message).toContain(named)
      expect(dashboard.asked).toHaveLength(asked)
      expect((await (await dashboard.signedIn('bob')).get(path)).status).toBe(200)
      dashboard.now += 60_000
      expect((await alice.get(path)).status).toBe(200)
    },
  )
})
