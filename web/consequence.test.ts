import { expect, test } from 'vitest'
import type { ApiRecord } from '#faces/dashboard/api.ts'
import { consequenceOf, consequencesOf } from './consequence.ts'

test('the only address of a name takes its visitors with it', () => {
  const only = record('A', 'example.com', '192.0.2.1')
  expect(consequenceOf(only, [only])).toBe('Visitors may no longer find example.com.')
  expect(consequenceOf(only, [only, record('A', 'example.com', '192.0.2.2')])).toContain('still answer')
  expect(consequenceOf(only, [only, record('A', 'www.example.com', '192.0.2.1')])).toContain('no longer find')
})

test('an address of IPv6 alone answers few, unless Cloudflare stands before it', () => {
  const four = record('A', 'example.com', '192.0.2.1')
  const six = record('AAAA', 'example.com', '2001:db8::1')
  expect(consequenceOf(four, [four, six])).toBe('Only visitors with IPv6 still find example.com.')
  expect(consequenceOf(six, [four, six])).toContain('still answer')
  expect(consequenceOf(four, [four, { ...six, proxied: true }])).toContain('still answer')
})

test('the last mail server takes the mail with it', () => {
  const mx = record('MX', 'example.com', 'mail.example.net')
  expect(consequenceOf(mx, [mx])).toBe('Mail for example.com can no longer be delivered.')
  expect(consequenceOf(mx, [mx, record('MX', 'example.com', 'other.example.net')])).toContain(
    'other mail servers',
  )
})

test('an address that mail is sent to takes the mail with it', () => {
  const host = record('A', 'mail.example.com', '192.0.2.1')
  const mx = record('MX', 'example.com', 'mail.example.com')
  expect(consequenceOf(host, [host, mx])).toContain('Mail for example.com can no longer be delivered')
})

test('of several that go together each is told once, by what is left without them', () => {
  const [four, six] = [record('A', 'example.com', '192.0.2.1'), record('AAAA', 'example.com', '2001:db8::1')]
  expect(consequencesOf([four, six], [])).toEqual(['Visitors may no longer find example.com.'])
})

test('a text is told by what it is for', () => {
  const said = (name: string, content: string) => consequenceOf(record('TXT', name, content), [])
  expect(said('example.com', 'v=spf1 -all')).toContain('taken for spam')
  expect(said('_dmarc.example.com', 'v=DMARC1; p=none')).toContain('pretends')
  expect(said('s1._domainkey.example.com', 'v=DKIM1; p=abc')).toContain('signature')
  expect(said('example.com', 'google-site-verification=abc')).toContain('is yours')
  expect(said('example.com', 'hello')).toBe('What uses this record stops working.')
})

test('an alias and a wildcard stop answering', () => {
  expect(consequenceOf(record('CNAME', 'www.example.com', 'example.com'), [])).toContain('no longer leads')
  expect(consequenceOf(record('CNAME', '*.example.com', 'example.com'), [])).toContain(
    'Names without records',
  )
  expect(consequenceOf(record('A', '*.example.com', '192.0.2.1'), [])).toContain('Names without records')
})

function record(type: string, name: string, content: string): ApiRecord {
  const id = `${type} ${name} ${content}`
  const rest = { priority: null, proxied: false, proxiable: false, ttl: 1, comment: null, editable: true }
  return { id, type, name, content, ...rest }
}
