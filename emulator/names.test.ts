import { describe, expect, test } from 'vitest'
import { hostName, isWithin, ownerName } from './names.ts'

describe("a record's name", () => {
  test.each([
    ['@', 'example.com'],
    ['example.com', 'example.com'],
    ['www', 'www.example.com'],
    ['WWW.Example.COM.', 'www.example.com'],
    ['mail.other.test', 'mail.other.test.example.com'],
    ['notexample.com', 'notexample.com.example.com'],
    ['*', '*.example.com'],
    ['*.apps', '*.apps.example.com'],
    ['_sip._tcp', '_sip._tcp.example.com'],
    ['bücher', 'xn--bcher-kva.example.com'],
  ])('%s in example.com is %s', (text, name) => {
    expect(ownerName(text, 'example.com')).toBe(name)
  })

  test.each(['', '.', 'a..b', 'a b', 'x'.repeat(64), 'a.*', 'a*', `${'x.'.repeat(125)}x`, 'a\tb'])(
    '%j is none',
    (text) => {
      expect(ownerName(text, 'example.com')).toBeUndefined()
    },
  )

  test('belongs to a zone by labels, not by suffix', () => {
    expect(isWithin('a.example.com', 'example.com')).toBe(true)
    expect(isWithin('notexample.com', 'example.com')).toBe(false)
  })
})

test.each([
  ['Mail.Example.COM.', 'mail.example.com'],
  ['host', 'host'],
  ['_dmarc.example.com', '_dmarc.example.com'],
  ['192.0.2.1', undefined],
  ['2001:db8::1', undefined],
  ['a b', undefined],
  ['', undefined],
])('the host in content %j is %s', (text, name) => {
  expect(hostName(text)).toBe(name)
})
