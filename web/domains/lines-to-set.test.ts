import { expect, test } from 'vitest'
import { linesToSet } from './lines-to-set.ts'

const lines = (targets: Partial<Parameters<typeof linesToSet>[0]['targets']>, domain = 'example.com') =>
  linesToSet({ domain, targets: { ipv4: [], ipv6: [], servesWww: false, ...targets } })

test('every address of the store is a line, and www follows where it is served', () => {
  expect(lines({ ipv4: ['203.0.113.10'], ipv6: ['2001:db8::10'], servesWww: true })).toEqual([
    'example.com  A  203.0.113.10',
    'example.com  AAAA  2001:db8::10',
    'www.example.com  CNAME  example.com',
  ])
})

test('a store that is reached by a name alone is an alias', () => {
  expect(lines({ host: 'stores.example.net' }, 'shop.example.com')).toEqual([
    'shop.example.com  CNAME  stores.example.net',
  ])
})

test('nothing is asked of anybody where it is not known where stores are', () => {
  expect(lines({ servesWww: true })).toEqual([])
})
