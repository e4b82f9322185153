import { expect, test } from 'vitest'
import { AUTOMATIC, effectiveTtl, parseTtl } from './ttl.ts'

test.each([
  [1, 1],
  [2, 60],
  [59, 60],
  [60, 60],
  [300, 300],
  [86_400, 86_400],
])('a TTL of %d is %d', (given, ttl) => {
  expect(parseTtl(given)).toEqual({ ok: true, value: ttl })
})

test.each([
  [0, 'ttl-out-of-range'],
  [-0, 'ttl-out-of-range'],
  [-1, 'ttl-out-of-range'],
  [86_401, 'ttl-out-of-range'],
  [2 ** 53, 'ttl-out-of-range'],
  [1.5, 'ttl-not-whole'],
  [Number.NaN, 'ttl-not-whole'],
  [Number.POSITIVE_INFINITY, 'ttl-not-whole'],
  ['300', 'ttl-not-whole'],
  [true, 'ttl-not-whole'],
  [[300], 'ttl-not-whole'],
  [{}, 'ttl-not-whole'],
  [null, 'ttl-not-whole'],
  [undefined, 'ttl-not-whole'],
])('a TTL of %j is refused: %s', (given, code) => {
  expect(parseTtl(given, 'here')).toMatchObject({ ok: false, problems: [{ code, path: 'here' }] })
})

test('resolvers see 300 s for automatic and for proxied', () => {
  expect(effectiveTtl(AUTOMATIC, false)).toBe(300)
  expect(effectiveTtl(60, true)).toBe(300)
  expect(effectiveTtl(60, false)).toBe(60)
})
