import { expect, test } from 'vitest'
import { recordFromWire } from './wire.ts'

const body = { id: '1'.repeat(32), name: 'www.example.com', type: 'A', content: '192.0.2.1', ttl: 1 }

test.each([
  ['a comment', { comment: 'a\0b\ud800' }, { comment: 'a\ufffdb\ufffd' }],
  ['a type that we do not know', { type: 'X', content: 'a\0b\udfff' }, { content: 'a\ufffdb\ufffd' }],
  ['a value that cannot be read', { type: 'CAA', content: '\0' }, { value: '\ufffd' }],
  ['a name that cannot be read', { name: 'W\0..example.com' }, { name: 'w\ufffd..example.com' }],
  ['half a pair in a text', { type: 'TXT', content: 'v \ud800' }, { value: 'v \ufffd' }],
])('%s is read as what every database keeps', (_, facts, expected) => {
  expect(recordFromWire({ ...body, ...facts })).toMatchObject(expected)
})

test('a text keeps its octets, whatever they are', () => {
  expect(recordFromWire({ ...body, type: 'TXT', content: 'a\0b' })).toMatchObject({ value: '"a\\000b"' })
})
