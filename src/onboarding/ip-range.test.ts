import { expect, test } from 'vitest'
import { isInRange } from './ip-range.ts'

test.each([
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.2', false],
  ['192.0.2.200', '192.0.2.128/25', true],
  ['192.0.2.100', '192.0.2.128/25', false],
  ['192.0.2.1', '0.0.0.0/0', true],
  ['192.0.2.1', '192.0.2.0/33', false],
  ['192.0.2.1', '192.0.2.0/x', false],
  ['192.0.2.1', 'somewhere', false],
  ['192.0.2.1', '2001:db8::/32', false],
  ['2001:db8::1', '2001:DB8:0::1', true],
  ['2001:db8:1::1', '2001:db8::/32', true],
  ['2001:db8:1::1', '2001:db8::/48', false],
  ['::ffff:192.0.2.1', '::ffff:0:0/96', true],
])('%s in %s: %s', (address, range, expected) => {
  expect(isInRange(address, range)).toBe(expected)
})
