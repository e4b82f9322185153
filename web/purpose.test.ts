import { expect, test } from 'vitest'
import type { ApiRecord } from '#faces/dashboard/api.ts'
import { purposeOf } from './purpose.ts'

const store = {
  domain: 'example.com',
  targets: { ipv4: ['203.0.113.10'], ipv6: [], host: 'stores.example.net', servesWww: true },
}
const purpose = (line: string, ...others: readonly string[]) =>
  purposeOf(record(line), [line, ...others].map(record), store)

test('an address at the name of the store leads to it, and only the store’s own does', () => {
  expect(purpose('example.com A 203.0.113.10')).toBe('Leads visitors of example.com to your store.')
  expect(purpose('www.example.com CNAME example.com')).toBe(
    'Leads visitors of www.example.com to your store.',
  )
  expect(purpose('example.com A 198.51.100.1')).toBe('Leads visitors of example.com to this server.')
  expect(purpose('blog.example.com A 203.0.113.10')).toBe(
    'Leads visitors of blog.example.com to this server.',
  )
})

test('an address that mail is sent to is the mail server’s', () => {
  expect(purpose('mail.example.com A 192.0.2.1', 'example.com MX 10 mail.example.com')).toBe(
    'The address of your mail server.',
  )
})

test('mail servers are told in the order in which they are tried', () => {
  const [ten, twenty] = ['example.com MX 10 a.example.net', 'example.com MX 20 b.example.net']
  expect(purpose(ten)).toBe('Mail for example.com goes to this server.')
  expect(purpose(ten, twenty)).toBe('Mail for example.com goes to this server first.')
  expect(purpose(twenty, ten)).toBe('Takes mail for example.com while the servers before it do not answer.')
})

test.each([
  ['example.com TXT v=spf1 -all', /SPF/],
  ['_dmarc.example.com TXT v=DMARC1; p=none', /DMARC/],
  ['s1._domainkey.example.com TXT v=DKIM1; p=abc', /DKIM/],
  ['s1._domainkey.example.com CNAME dkim.example.net', /DKIM/],
  ['example.com TXT google-site-verification=abc', /Proves to Google/],
  ['example.com TXT some-service=abc', /Proves to a service/],
  ['example.com TXT hello there', /^A text/],
  ['_abc.example.com CNAME proof.example.net', /Proves to a service/],
  ['*.example.com A 192.0.2.1', /every name below example\.com/],
  ['example.com CAA 0 issue "ca.example.net"', /certificates/],
  ['example.com LOC 1 2 3', /not by visitors/],
])('%s', (line, told) => {
  expect(purpose(line)).toMatch(told)
})

function record(line: string): ApiRecord {
  const [, name = '', type = '', rest = ''] = /^(\S+) (\S+) (.*)$/.exec(line) ?? []
  const [, priority, host] = /^(\d+) (\S+)$/.exec(rest) ?? []
  const isMail = type === 'MX' && host !== undefined
  const more = { proxied: false, proxiable: false, ttl: 1, comment: null, editable: true }
  return {
    id: line,
    type,
    name,
    content: isMail ? host : rest,
    priority: isMail ? Number(priority) : null,
    ...more,
  }
}
