import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeProblem } from '#dns/problems.ts'
import { aName } from '#dns/testing.ts'
import { presentValue } from '#dns/value.ts'
import { parseDraft, parseEdit, type RecordDraft } from './draft.ts'
import { isProxiable, whyLocked } from './editing.ts'

const zone = aName('example.com')
const draft = (facts: Partial<RecordDraft> = {}): RecordDraft => ({
  type: 'A',
  name: 'www',
  content: '192.0.2.1',
  ...facts,
})

/** The record as a line, or `code path` of each problem. */
function outcome(facts: Partial<RecordDraft>): string {
  const result = parseDraft(draft(facts), zone)
  if (!result.ok) {
    for (const problem of result.problems) expect(describeProblem(problem)).toMatch(/^["A-Z].*\.$/)
    return result.problems.map(({ code, path }) => `${code} ${path}`).join(', ')
  }
  const { name, ttl, proxied, type, value } = result.value
  return `${name} ${ttl} ${type} ${presentValue(type, value)}${proxied ? ' proxied' : ''}`
}

describe('the name', () => {
  test.each([
    ['www', 'www.example.com 1 A 192.0.2.1'],
    ['', 'example.com 1 A 192.0.2.1'],
    ['@', 'example.com 1 A 192.0.2.1'],
    [' WWW ', 'www.example.com 1 A 192.0.2.1'],
    ['*', '*.example.com 1 A 192.0.2.1'],
    ['a.b', 'a.b.example.com 1 A 192.0.2.1'],
    ['www.example.com', 'www.example.com 1 A 192.0.2.1'],
    ['www.example.com.', 'www.example.com 1 A 192.0.2.1'],
    ['example.com', 'example.com 1 A 192.0.2.1'],
    ['mail.shop', 'mail.shop.example.com 1 A 192.0.2.1'],
    ['bücher', 'xn--bcher-kva.example.com 1 A 192.0.2.1'],
    ['www.example.com.example.com', 'name-doubled name'],
    ['example.com.example.com', 'name-doubled name'],
    ['www.example.net', 'name-outside name'],
    ['notexample.com', 'name-outside name'],
    ['www.de.', 'name-outside name'],
    ['a..b', 'label-empty name'],
    ['a b', 'label-character name'],
  ])('%s in example.com', (name, expected) => expect(outcome({ name })).toBe(expected))

  test('a name that was shown is read as the same name', () => {
    const label = fc.stringMatching(/^[a-z0-9]{1,8}$/)
    fc.assert(
      fc.property(fc.array(label, { maxLength: 3 }), (labels) => {
        const shown = [...labels, 'example.com'].join('.')
        fc.pre(!`${labels.join('.')}.`.includes('example.com.'))
        expect(outcome({ name: shown })).toBe(`${shown} 1 A 192.0.2.1`)
      }),
    )
  })
})

describe('the content', () => {
  test.each<[Partial<RecordDraft>, string]>([
    [{ type: 'AAAA', content: '2001:DB8::1' }, 'www.example.com 1 AAAA 2001:db8::1'],
    [{ type: 'A', content: '2001:db8::1' }, 'address-of-other-family content'],
    [{ type: 'CNAME', content: '@' }, 'www.example.com 1 CNAME example.com'],
    [{ type: 'CNAME', content: 'host.example.net.' }, 'www.example.com 1 CNAME host.example.net'],
    [{ type: 'CNAME', content: 'www.example.com' }, 'cname-to-itself content'],
    [{ type: 'MX', content: 'mail.example.com' }, 'www.example.com 1 MX 10 mail.example.com'],
    [{ type: 'MX', content: 'mail.example.com', priority: 5 }, 'www.example.com 1 MX 5 mail.example.com'],
    [{ type: 'MX', content: 'mail.example.com', priority: 70_000 }, 'number-out-of-range priority'],
    [{ type: 'MX', content: 'mail.example.com', priority: 1.5 }, 'number-out-of-range priority'],
    [{ type: 'MX', content: '5 mail.example.com' }, 'www.example.com 1 MX 5 mail.example.com'],
    [{ type: 'MX', content: '192.0.2.1' }, 'host-is-address content'],
    [{ type: 'TXT', content: ' v=spf1 -all' }, 'www.example.com 1 TXT  v=spf1 -all'],
    [{ type: 'TXT', content: '' }, 'content-missing content'],
    [{ content: ' ' }, 'content-missing content'],
    [{ type: 'SRV', content: '1 2 3 host.example.net' }, 'type-unknown type'],
    [{ type: 'cname', content: 'host.example.net' }, 'www.example.com 1 CNAME host.example.net'],
  ])('%j', (facts, expected) => expect(outcome(facts)).toBe(expected))

  test.each([
    ['127.0.0.1', 'address-local content', 'address-local content'],
    ['169.254.1.1', 'address-local content', 'address-local content'],
    ['0.0.0.0', 'address-local content', 'address-local content'],
    ['10.0.0.1', 'www.example.com 1 A 10.0.0.1', 'address-private proxied'],
    ['172.31.0.1', 'www.example.com 1 A 172.31.0.1', 'address-private proxied'],
    ['172.32.0.1', 'www.example.com 1 A 172.32.0.1', 'www.example.com 1 A 172.32.0.1 proxied'],
    ['192.168.1.1', 'www.example.com 1 A 192.168.1.1', 'address-private proxied'],
    ['100.64.0.1', 'www.example.com 1 A 100.64.0.1', 'address-private proxied'],
    ['203.0.113.7', 'www.example.com 1 A 203.0.113.7', 'www.example.com 1 A 203.0.113.7 proxied'],
    ['::1', 'address-local content', 'address-local content'],
    ['::', 'address-local content', 'address-local content'],
    ['febf::1', 'address-local content', 'address-local content'],
    ['::ffff:127.0.0.1', 'address-local content', 'address-local content'],
    ['fd00::1', 'www.example.com 1 AAAA fd00::1', 'address-private proxied'],
    ['2001:db8::1', 'www.example.com 1 AAAA 2001:db8::1', 'www.example.com 1 AAAA 2001:db8::1 proxied'],
  ])('%s, and the same proxied', (content, plain, proxied) => {
    const type = content.includes(':') ? 'AAAA' : 'A'
    expect(outcome({ type, content })).toBe(plain)
    expect(outcome({ type, content, proxied: true })).toBe(proxied)
    expect(isProxiable(type, content)).toBe(proxied.endsWith(' proxied') && !proxied.startsWith('address'))
  })
})

test('everything that is wrong is told at once', () => {
  const facts = { type: 'TXT', name: 'a..b', content: '', ttl: 0, comment: 'x'.repeat(501), proxied: true }
  expect(outcome(facts).split(', ')).toEqual([
    'label-empty name',
    'content-missing content',
    'ttl-out-of-range ttl',
    'comment-too-long comment',
    'type-not-proxied proxied',
  ])
})

test('a comment is one line, in any writing', () => {
  const comment = (text: string) => outcome({ comment: text })
  for (const text of ['a\0b', 'a\nb', 'a\tb', 'half a pair \ud83d']) {
    expect(comment(text)).toBe('comment-not-plain comment')
  }
  expect(comment('für Söhne & Töchter 👩‍👧')).toBe('www.example.com 1 A 192.0.2.1')
})

test('the TTL of a proxied record is Cloudflare’s', () => {
  expect(outcome({ ttl: 3_600 })).toBe('www.example.com 3600 A 192.0.2.1')
  expect(outcome({ ttl: 3_600, proxied: true })).toBe('www.example.com 1 A 192.0.2.1 proxied')
})

test('of a record that exists nothing is set that the draft leaves out', () => {
  const named = { name: 'www.example.com', type: 'A', value: '192.0.2.1' }
  expect(parseEdit(draft(), zone)).toEqual({ ok: true, value: named })
  expect(parseEdit(draft({ comment: '', ttl: 60 }), zone)).toEqual({
    ok: true,
    value: { ...named, ttl: 60, comment: null },
  })
})

test('only what people can change and nobody keeps is unlocked', () => {
  expect(whyLocked({ type: 'TXT' })).toBeUndefined()
  expect(whyLocked({ type: 'TXT', readOnly: true })).toMatch(/another Cloudflare product/)
  expect(whyLocked({ type: 'A' }, 'shop')).toMatch(/kept by shop/)
  expect(whyLocked({ type: 'SRV' })).toMatch(/^SRV records/)
  expect(isProxiable('CNAME', 'host.example.net')).toBe(true)
  expect(isProxiable('MX', '10 mail.example.com')).toBe(false)
  expect(isProxiable('LOC', '51 30')).toBe(false)
})
