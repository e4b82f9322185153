import { expect, test } from 'vitest'
import type { ApiRecord } from '#faces/dashboard/api.ts'
import { leadingOf } from './leading.ts'

const targets = { ipv4: ['203.0.113.10'], ipv6: [], host: 'stores.example.net', servesWww: true }
const leading = (name: string, ...lines: readonly string[]) => leadingOf(name, targets, lines.map(record))

test('a name leads to the store where all of its addresses are the store’s', () => {
  expect(leading('example.com', 'example.com A 203.0.113.10', 'example.com MX mail.example.org')).toBe(
    'store',
  )
  expect(leading('example.com', 'example.com A 198.51.100.20')).toBe('elsewhere')
  expect(leading('example.com', 'www.example.com A 203.0.113.10')).toBe('elsewhere')
})

test('a second address sends some visitors elsewhere, and so does an old one of IPv6', () => {
  const ours = 'example.com A 203.0.113.10'
  expect(leading('example.com', ours, 'example.com A 198.51.100.20')).toBe('partly')
  expect(leading('example.com', ours, 'example.com AAAA 2001:db8::20')).toBe('partly')
})

test('an alias is followed inside the zone, and ends at the store or at another host', () => {
  const www = 'www.example.com CNAME example.com'
  expect(leading('www.example.com', www, 'example.com A 203.0.113.10')).toBe('store')
  expect(leading('www.example.com', www, 'example.com A 198.51.100.20')).toBe('elsewhere')
  expect(leading('shop.example.com', 'shop.example.com CNAME stores.example.net')).toBe('store')
  expect(leading('shop.example.com', 'shop.example.com CNAME old.example.org')).toBe('elsewhere')
  expect(
    leading('a.example.com', 'a.example.com CNAME b.example.com', 'b.example.com CNAME a.example.com'),
  ).toBe('elsewhere')
})

test('nothing is said where nothing can be known', () => {
  expect(leading('shop.example.com', '*.example.com A 198.51.100.20')).toBe('store')
  expect(leadingOf('example.com', { ipv4: [], ipv6: [], servesWww: true }, [])).toBe('store')
})

function record(line: string): ApiRecord {
  const [name = '', type = '', content = ''] = line.split(' ')
  const rest = { priority: null, proxied: false, proxiable: false, ttl: 1, comment: null, editable: true }
  return { id: line, type, name, content, ...rest }
}
