import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPublicAddress, parseServer, printServer } from './address.ts'

describe('an address that somebody else chose', () => {
  test.each([
    ['0.0.0.0', 'this host'],
    ['10.1.2.3', 'a private network'],
    ['100.64.0.1', "a provider's network"],
    ['100.100.100.200', "Alibaba's metadata"],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['168.63.129.16', "Azure's WireServer"],
    ['169.254.169.254', "a cloud's metadata"],
    ['172.16.0.1', 'a private network'],
    ['172.31.255.255', 'a private network'],
    ['192.0.0.192', "Oracle's metadata"],
    ['192.168.1.1', 'a private network'],
    ['198.18.0.1', 'a benchmark'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'IPv4-mapped'],
    ['::ffff:a00:1', 'IPv4-mapped'],
    ['::7f00:1', 'IPv4-compatible'],
    ['64:ff9b::7f00:1', 'NAT64'],
    ['2001::1', 'Teredo'],
    ['2002:7f00:1::', '6to4'],
    ['fd00:ec2::254', "a cloud's metadata"],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['ff02::1', 'multicast'],
    ['localhost', 'no address'],
    ['0x7f000001', 'no address'],
    ['2130706433', 'no address'],
    ['0177.0.0.1', 'no address'],
    ['', 'no address'],
  ])('%s is not connected to: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  test.each([
    '192.0.2.1',
    '198.51.100.7',
    '203.0.113.10',
    '1.1.1.1',
    '172.32.0.1',
    '2001:db8::1',
    '2606:4700::1',
  ])('%s may be', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  test('that maps an IPv4 address into IPv6 is never public, however it is written', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const groups = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'))
        const hex = `${groups.slice(0, 2).join('')}:${groups.slice(2).join('')}`
        for (const text of [`::ffff:${address}`, `::ffff:${hex}`, `::${hex}`, `64:ff9b::${hex}`]) {
          expect(isPublicAddress(text)).toBe(false)
        }
      }),
    )
  })
})

test.each([
  ['192.0.2.1', '192.0.2.1:53'],
  ['192.0.2.1:5353', '192.0.2.1:5353'],
  ['2001:db8::1', '[2001:db8::1]:53'],
  ['[2001:db8::1]', '[2001:db8::1]:53'],
  ['[2001:db8::1]:5353', '[2001:db8::1]:5353'],
])('%s is the server %s', (text, printed) => {
  expect(printServer(parseServer(text, 53)!)).toBe(printed)
})

test.each([
  '',
  'dns.example.com',
  '192.0.2.1:',
  '192.0.2.1:0',
  '192.0.2.1:65536',
  '[192.0.2.1]:53',
  '192.0.2',
])('%j is no server', (text) => {
  expect(parseServer(text, 53)).toBeUndefined()
})
