import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseIpv4, parseIpv6 } from './ip.ts'

const anyIpv6Like = fc
  .array(fc.constantFrom(':', '::', '0', '1', 'ffff', 'AbC', '00001', 'g', '192.0.2.1', '1.2.3', '01'), {
    maxLength: 17,
  })
  .map((parts) => parts.join(''))
const anyRow = fc
  .array(fc.constantFrom('0', '0000', '1', 'ffff', 'dB8'), { minLength: 1, maxLength: 9 })
  .chain((groups) =>
    fc.nat(groups.length).map((at) => groups.map((group, i) => (i === at ? `:${group}` : group)).join(':')),
  )

test('accepts the IPv4 addresses that Node accepts', () => {
  const anyNumber = fc.oneof(
    fc.nat(300).map(String),
    fc.constantFrom('', '00', '01', '-1', '1e1', ' 1', '1\n'),
  )
  const anyIpv4Like = fc.array(anyNumber, { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.'))
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), anyIpv4Like), (text) => {
      expect(parseIpv4(text)).toBe(isIPv4(text) ? text : undefined)
    }),
    { numRuns: 2_000 },
  )
})

test('accepts the IPv6 addresses that Node accepts', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV6(), anyIpv6Like, anyRow), (text) => {
      expect(parseIpv6(text) !== undefined).toBe(isIPv6(text))
    }),
    { numRuns: 5_000 },
  )
})

test('writes IPv6 addresses as the URL standard does, which follows RFC 5952 except for mapped ones', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV6(), anyRow), (text) => {
      const canonical = parseIpv6(text)
      if (canonical === undefined || canonical.startsWith('::ffff:')) return
      expect(`[${canonical}]`).toBe(new URL(`http://[${text}]`).hostname)
    }),
    { numRuns: 5_000 },
  )
})

test('writes a mapped address with the IPv4 address in it', () => {
  fc.assert(
    fc.property(fc.ipV4(), (ipv4) => {
      const { hostname } = new URL(`http://[::ffff:${ipv4}]`)
      expect(parseIpv6(hostname.slice(1, -1))).toBe(`::ffff:${ipv4}`)
    }),
  )
})

test('a canonical address is read as itself', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const canonical = parseIpv6(text)!
      expect(parseIpv6(canonical)).toBe(canonical)
    }),
  )
})
