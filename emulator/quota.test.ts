import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createQuota } from './quota.ts'
import { api, TOKEN } from './testing.ts'

describe('the call budget', () => {
  test('the call past it is 429, and so is every call of the next five minutes', async () => {
    const { call, clock } = api({ quota: 3 })
    const status = async () => (await call('GET', '/zones')).status
    expect([await status(), await status(), await status()]).toEqual([200, 200, 200])
    const refused = await call('GET', '/zones')
    expect(refused.status).toBe(429)
    expect(refused.json.errors[0]?.code).toBe(971)
    expect(refused.headers['retry-after']).toBe('300')
    clock.now += 299_999
    expect(await status()).toBe(429)
    clock.now += 1
    expect(await status()).toBe(200)
  })

  test("a user's tokens share one budget, an account's token has its own", async () => {
    const second = 'second-token-0123456789-0123456789-01234'
    const account = 'account-token-0123456789-0123456789-0123'
    const { call } = api({
      quota: 2,
      credentials: [
        { kind: 'token', token: TOKEN },
        { kind: 'token', token: second },
        { kind: 'token', token: account, accountOwned: true },
      ],
    })
    const status = async (token: string) =>
      (await call('GET', '/zones', undefined, { authorization: `Bearer ${token}` })).status
    expect([await status(TOKEN), await status(second), await status(TOKEN)]).toEqual([200, 200, 429])
    expect(await status(second)).toBe(429)
    expect(await status(account)).toBe(200)
  })

  test('a request counts once, whatever a fault makes of it, and not at all when it never arrived', async () => {
    const { raw, call, emulator, zoneId } = api({ quota: 2 })
    emulator.faults.script([{ fault: 'F36' }, { fault: 'F3', phase: 'before-auth' }])
    await raw('POST', `/zones/${zoneId}/dns_records`, { type: 'A', name: 'www', content: '192.0.2.1' })
    expect((await call('GET', '/zones')).status).toBe(500)
    expect((await call('GET', '/zones')).status).toBe(200)
    expect((await call('GET', '/zones')).status).toBe(429)
  })

  test('no window of 300 s ever lets more calls pass than the budget', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 9 }),
        (gaps, budget) => {
          const quota = createQuota(budget)
          let now = 0
          const passed: number[] = []
          for (const gap of gaps) {
            now += gap
            if (quota.spend('user', now) === 0) passed.push(now)
          }
          for (const start of passed) {
            const within = passed.filter((at) => at >= start && at < start + 300_000)
            expect(within.length).toBeLessThanOrEqual(budget)
          }
        },
      ),
    )
  })
})
