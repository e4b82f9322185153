import { describe, expect, test, vi } from 'vitest'
import { planOnboarding } from './plan.ts'
import { type Expected, onboardingOf } from './testing.ts'

/** Half a zone of each. */
const HALF = 1_000

const lines = (line: (at: number) => string) => Array.from({ length: HALF }, (_, at) => line(at)).join('\n')
const address = (at: number) => `198.51.${at >> 8}.${at % 256}`
const crowded = lines((at) => `@ 300 A ${address(at)}`)

const worst: Readonly<Record<string, Expected['before']>> = {
  'aliases of a crowded name': `${crowded}\n${lines((at) => `h${at} 300 CNAME example.com.`)}`,
  'mail of a thousand names to a crowded one': `${crowded}\n${lines((at) => `h${at} 300 MX 10 example.com.`)}`,
  'mail servers that all follow a crowded name': `${crowded}\n${lines((at) =>
    at % 2 === 0 ? `m${at} 300 CNAME example.com.` : `h${at} 300 MX 10 m${at - 1}.example.com.`,
  )}`,
  'names of mail programs without end': `${crowded}\n@ 300 MX 10 example.com.\n${lines(
    (at) => `imap.h${at} 300 CNAME example.com.`,
  )}`,
  'senders that are all to be allowed': `${crowded}\n${lines((at) => `h${at} 300 TXT "v=spf1 a:example.com -all"`)}`,
}

describe('the review of a zone of 2,000 records has its rows, and not many more', () => {
  test.for(Object.entries(worst))('with %s', ([, before]) => {
    const input = onboardingOf(before)
    const plan = planOnboarding(input)
    expect(plan.blocked).toBeUndefined()
    expect(plan.changes.length).toBeLessThan(input.records.length + 3_200)
    expect(JSON.stringify(plan).length).toBeLessThan(4_000_000)
    const added = plan.changes.filter(({ action, name }) => action === 'add' && name === 'h0.example.com')
    expect(added.length).toBeLessThanOrEqual(20)
  })
})

test('the names above a name that hold nothing are not remembered one by one', () => {
  const depth = 'a.'.repeat(100)
  const input = onboardingOf(
    Array.from({ length: 200 }, (_, at) => `${depth}h${at} 300 CNAME ${depth}h${at + 1}.example.com.`).join(
      '\n',
    ),
  )
  const entries = vi.spyOn(Map.prototype, 'set')
  try {
    planOnboarding(input)
    expect(entries.mock.calls.length).toBeLessThan(200 * 20)
  } finally {
    entries.mockRestore()
  }
})
