import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createConcurrencyLimit } from './concurrency-limit.ts'
import { RefusedRequest } from './on-error.ts'
import { startDashboard, type TestDashboard } from './testing.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Work that goes on until it is let go, and tells who is at it. */
function workplace() {
  const atWork: string[] = []
  const ends: (() => void)[] = []
  return {
    atWork,
    work: (who: string) => async () => {
      atWork.push(who)
      await new Promise<void>((resolve) => ends.push(resolve))
      atWork.splice(atWork.indexOf(who), 1)
      return who
    },
    async finishOne() {
      ends.shift()?.()
      await settled()
    },
  }
}

describe('a crowd', () => {
  test('a concurrency limit admits so many of one customer and so many of all, the rest in order', async () => {
    const { atWork, work, finishOne } = workplace()
    const concurrency = createConcurrencyLimit({ all: 3, ofOne: 2, waitingOfOne: 9 })
    const all = ['ann', 'ann', 'ann', 'bea', 'cyd'].map((who) => concurrency.take(who, work(who)))
    await settled()
    expect(atWork).toEqual(['ann', 'ann', 'bea'])
    await finishOne()
    expect(atWork).toEqual(['ann', 'bea', 'ann'])
    await finishOne()
    expect(atWork).toEqual(['bea', 'ann', 'cyd'])
    for (let end = 0; end < 3; end += 1) await finishOne()
    expect(await Promise.all(all)).toEqual(['ann', 'ann', 'ann', 'bea', 'cyd'])
  })

  test('a customer with too many waiting requests is refused, and nobody else', async () => {
    const { atWork, work, finishOne } = workplace()
    const concurrency = createConcurrencyLimit({ all: 3, ofOne: 1, waitingOfOne: 1 })
    const [first, second] = [concurrency.take('ann', work('ann')), concurrency.take('ann', work('ann'))]
    await expect(concurrency.take('ann', work('ann'))).rejects.toBeInstanceOf(RefusedRequest)
    const other = concurrency.take('bea', work('bea'))
    await settled()
    expect(atWork).toEqual(['ann', 'bea'])
    for (let end = 0; end < 3; end += 1) await finishOne()
    expect(await Promise.all([first, second, other])).toEqual(['ann', 'ann', 'bea'])
  })

  test('a request that fails frees its place', async () => {
    const concurrency = createConcurrencyLimit({ all: 1, ofOne: 1, waitingOfOne: 1 })
    const fails = () => Promise.reject(new Error('no'))
    await expect(concurrency.take('ann', fails)).rejects.toThrow('no')
    expect(await concurrency.take('ann', async () => 'yes')).toBe('yes')
  })
})

describe('the dashboard', () => {
  let dashboard: TestDashboard

  beforeEach(async () => {
    dashboard = await startDashboard()
  })

  afterEach(() => dashboard.close())

  test('two reviews of one customer are planned at a time, while other customers are answered', async () => {
    dashboard.connect('alice')
    dashboard.connect('bob')
    const [alice, bob] = [await dashboard.signedIn('alice'), await dashboard.signedIn('bob')]
    const { work, atWork, finishOne } = workplace()
    const plans = []
    for (const who of ['first', 'second']) {
      dashboard.instead = work(who)
      plans.push(alice.get('/dashboard/api/cloudflare/plan'))
      await expect.poll(() => atWork).toContain(who)
    }
    const statuses: number[] = []
    for (let more = 0; more < 25; more += 1) {
      const asked = alice.get('/dashboard/api/cloudflare/plan')
      plans.push(asked)
      void asked.then(({ status }) => void statuses.push(status))
    }
    await expect.poll(() => statuses).toEqual([429, 429, 429, 429, 429])
    expect((await alice.get('/dashboard/api/dns/records')).status).toBe(200)
    expect((await bob.get('/dashboard/api/cloudflare/plan')).status).toBe(200)
    expect(dashboard.asked.filter((line) => line === `${dashboard.people.alice.id} plans`)).toHaveLength(2)
    await finishOne()
    await finishOne()
    await Promise.allSettled(plans)
  })

  test('a request whose client left while waiting is not processed', async () => {
    dashboard.connect('alice')
    const alice = await dashboard.signedIn('alice')
    const { work, atWork, finishOne } = workplace()
    const plans = []
    for (const who of ['first', 'second']) {
      dashboard.instead = work(who)
      plans.push(alice.get('/dashboard/api/cloudflare/plan'))
      await expect.poll(() => atWork).toContain(who)
    }
    dashboard.now += 1
    const leaving = new AbortController()
    const cookie = [...alice.cookies].map((pair) => pair.join('=')).join('; ')
    const url = `http://127.0.0.1:${dashboard.port}/dashboard/api/cloudflare/plan`
    const left = fetch(url, { headers: { cookie }, signal: leaving.signal }).catch(() => 'left')
    const seen = () => [...dashboard.sessions.values()].map(({ seenAt }) => seenAt)
    await expect.poll(seen).toEqual([dashboard.now])
    leaving.abort()
    expect(await left).toBe('left')
    await expect.poll(() => dashboard.counted).toContain('/dashboard/api/cloudflare/plan 499')
    await finishOne()
    await finishOne()
    await Promise.allSettled(plans)
    await alice.get('/dashboard/api/cloudflare/plan')
    expect(dashboard.asked.filter((line) => line === `${dashboard.people.alice.id} plans`)).toHaveLength(3)
  })
})
