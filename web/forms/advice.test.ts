import { expect, test } from 'vitest'
import type { ApiRecord } from '#faces/dashboard/api.ts'
import { adviceOn } from './advice.ts'

const spf = text('example.com', 'v=spf1 mx -all')
const dmarc = text('_dmarc.example.com', 'v=DMARC1; p=none')

test('a second SPF record of a name is advised against, and shows the first', () => {
  expect(adviceOn(text('example.com', 'v=spf1 include:example.net ~all'), [spf], 'example.com')).toEqual({
    text: expect.stringContaining('"v=spf1 mx -all"'),
    instead: { label: 'Put both into one', record: spf, content: 'v=spf1 mx include:example.net ~all' },
  })
  expect(adviceOn(text('shop.example.com', 'v=spf1 -all'), [spf], 'example.com')).toBeUndefined()
  expect(adviceOn(text('example.com', 'v=spf10'), [spf], 'example.com')).toBeUndefined()
  expect(
    adviceOn(text('example.com', 'v=spf1 -all'), [text('example.com', 'v=spf12')], 'example.com'),
  ).toBeUndefined()
})

test('so is a second DMARC record', () => {
  expect(adviceOn(text('_dmarc.example.com', 'v=DMARC1; p=reject'), [dmarc], 'example.com')).toEqual({
    text: expect.stringContaining('DMARC'),
    instead: { label: 'Edit that one', record: dmarc, content: dmarc.content },
  })
  expect(adviceOn(text('_dmarc.example.com', 'v=DMARC1; p=reject'), [spf], 'example.com')).toBeUndefined()
})

test('a target without a dot is asked about', () => {
  const alias = (content: string) =>
    adviceOn({ type: 'CNAME', name: 'a.example.com', content }, [], 'example.com')
  expect(alias('shop')?.text).toContain('shop.example.com')
  expect(alias('shop.example.net')).toBeUndefined()
  expect(
    adviceOn({ type: 'MX', name: 'example.com', content: '10 mail' }, [], 'example.com')?.text,
  ).toContain('mail.example.com')
})

test('a second SPF record of a name is to be looked at by hand where both cannot be one, or the first is locked', () => {
  const added = text('example.com', 'v=spf1 redirect=_spf.example.net')
  expect(adviceOn(added, [spf], 'example.com')?.instead).toMatchObject({
    label: 'Edit that one',
    content: spf.content,
  })
  expect(adviceOn(added, [{ ...spf, editable: false }], 'example.com')).toEqual({ text: expect.anything() })
})

test('a mail server of another provider is pointed out, and one of the same is not', () => {
  const first = { ...text('example.com', 'mx1.mail.example.net'), type: 'MX', priority: 10 }
  const advice = (content: string, name = 'example.com') =>
    adviceOn({ type: 'MX', name, content }, [first], 'example.com')
  expect(advice('10 mx.example.org')?.text).toContain('mx1.mail.example.net')
  expect(advice('20 mx2.mail.example.net.')).toBeUndefined()
  expect(advice('10 mx.example.org', 'shop.example.com')).toBeUndefined()
})

test('nothing is said of other texts and types', () => {
  expect(
    adviceOn(text('example.com', 'hello'), [spf, text('example.com', 'hello')], 'example.com'),
  ).toBeUndefined()
  expect(adviceOn({ ...spf, type: 'MX' }, [spf], 'example.com')).toBeUndefined()
})

function text(name: string, content: string): ApiRecord {
  const rest = { priority: null, proxied: false, proxiable: false, ttl: 1, comment: null, editable: true }
  return { id: `${name} ${content}`, type: 'TXT', name, content, ...rest }
}
