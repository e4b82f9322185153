import { expect, test } from 'vitest'
import type { ApiRecord } from '#dashboard/api.ts'
import { adviceOn } from './advice.ts'

const spf = text('example.com', 'v=spf1 mx -all')
const dmarc = text('_dmarc.example.com', 'v=DMARC1; p=none')

test('a second SPF record of a name is advised against, and shows the first', () => {
  expect(adviceOn(text('example.com', 'v=spf1 include:example.net -all'), [spf])).toContain(
    '"v=spf1 mx -all"',
  )
  expect(adviceOn(text('shop.example.com', 'v=spf1 -all'), [spf])).toBeUndefined()
  expect(adviceOn(text('example.com', 'v=spf10'), [spf])).toBeUndefined()
  expect(adviceOn(text('example.com', 'v=spf1 -all'), [text('example.com', 'v=spf12')])).toBeUndefined()
})

test('so is a second DMARC record', () => {
  expect(adviceOn(text('_dmarc.example.com', 'v=DMARC1; p=reject'), [dmarc])).toContain('DMARC')
  expect(adviceOn(text('_dmarc.example.com', 'v=DMARC1; p=reject'), [spf])).toBeUndefined()
})

test('nothing is said of other texts and types', () => {
  expect(adviceOn(text('example.com', 'hello'), [spf, text('example.com', 'hello')])).toBeUndefined()
  expect(adviceOn({ ...spf, type: 'MX' }, [spf])).toBeUndefined()
})

function text(name: string, content: string): ApiRecord {
  const rest = { priority: null, proxied: false, proxiable: false, ttl: 1, comment: null, editable: true }
  return { id: `${name} ${content}`, type: 'TXT', name, content, ...rest }
}
