import { expect, test } from 'vitest'
import type { ApiRecord } from '#dashboard/api.ts'
import { adviceOn } from './advice.ts'

const spf = text('example.com', 'v=spf1 mx -all')
const dmarc = text('_dmarc.example.com', 'v=DMARC1; p=none')

test('a second SPF record of a name is advised against, and shows the first', () => {
  expect(adviceOn(text('example.com', 'v=spf1 include:example.net -all'), [spf], 'example.com')).toContain(
    '"v=spf1 mx -all"',
  )
  expect(adviceOn(text('shop.example.com', 'v=spf1 -all'), [spf], 'example.com')).toBeUndefined()
  expect(adviceOn(text('example.com', 'v=spf10'), [spf], 'example.com')).toBeUndefined()
  expect(
    adviceOn(text('example.com', 'v=spf1 -all'), [text('example.com', 'v=spf12')], 'example.com'),
  ).toBeUndefined()
})

test('so is a second DMARC record', () => {
  expect(adviceOn(text('_dmarc.example.com', 'v=DMARC1; p=reject'), [dmarc], 'example.com')).toContain(
    'DMARC',
  )
  expect(adviceOn(text('_dmarc.example.com', 'v=DMARC1; p=reject'), [spf], 'example.com')).toBeUndefined()
})

test('a target without a dot is asked about', () => {
  const alias = (content: string) =>
    adviceOn({ type: 'CNAME', name: 'a.example.com', content }, [], 'example.com')
  expect(alias('shop')).toContain('shop.example.com')
  expect(alias('shop.example.net')).toBeUndefined()
  expect(adviceOn({ type: 'MX', name: 'example.com', content: '10 mail' }, [], 'example.com')).toContain(
    'mail.example.com',
  )
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
