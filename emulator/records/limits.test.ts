import { expect, test } from 'vitest'
import type { Plan } from '../state.ts'
import { api } from '../testing.ts'

const PLANS: readonly (readonly [plan: Plan, records: number, minimumTtl: number, tags: boolean])[] = [
  ['free', 200, 60, false],
  ['pro', 3_500, 60, true],
  ['business', 3_500, 60, true],
  ['enterprise', 1_000_000, 30, true],
]

test.each(PLANS)(
  'the plan %s: %i records, TTL from %i s, tags: %s',
  async (plan, quota, minimumTtl, tags) => {
    const { call, zoneId } = api({ plan })
    const path = `/zones/${zoneId}/dns_records`
    const usage = await call('GET', `${path}/usage`)
    expect(usage.json.result).toEqual({ record_quota: quota, record_usage: 0 })
    const record = { type: 'A', name: 'www', content: '192.0.2.1' }
    const short = await call('POST', path, { ...record, ttl: minimumTtl - 1 })
    expect(short.json.errors).toMatchObject([
      {
        code: 9021,
        message: `Invalid TTL. Must be between ${minimumTtl} and 86,400 seconds, or 1 for Automatic`,
      },
    ])
    const made = await call('POST', path, { ...record, ttl: minimumTtl, tags: ['env:live'] })
    expect(made.json.errors.map(({ code }) => code)).toEqual(tags ? [] : [9300])
  },
)
