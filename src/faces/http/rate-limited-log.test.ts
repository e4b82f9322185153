import { expect, test } from 'vitest'
import type { Log } from '#platform/ports.ts'
import { rateLimitedLog } from './rate-limited-log.ts'

test('of repeated log lines a few are written each second, with the number of the suppressed', () => {
  const said: object[] = []
  const info: Log['info'] = (facts) => void said.push(facts)
  let now = 5_000
  const say = rateLimitedLog(
    { debug: info, info, warn: info, error: info },
    { now: () => now, sleep: async () => {} },
    2,
  )
  for (let number = 1; number <= 5; number += 1) say({ number }, 'request')
  expect(said).toEqual([{ number: 1 }, { number: 2 }])
  now += 1_000
  say({ number: 6 }, 'request')
  expect(said.slice(2)).toEqual([{ unsaid: 3 }, { number: 6 }])
  // A clock that is put back begins a second of its own.
  now -= 60_000
  for (let number = 7; number <= 9; number += 1) say({ number }, 'request')
  expect(said.slice(4)).toEqual([{ number: 7 }, { number: 8 }])
})
