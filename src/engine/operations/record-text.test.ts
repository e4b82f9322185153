import { expect, test } from 'vitest'
import { foreign, record } from '../../../tests/support/samples.ts'
import { rowText, saidText, servedText, textOf } from './record-text.ts'

const www = record('r1 www A 192.0.2.1', { comment: 'by hand' })
const loc = foreign('r2 www LOC 51 30 12.748 N')

test('the answer text of a record ignores id and comment', () => {
  expect(servedText({ ...www, id: record('r9 www A 192.0.2.1').id, comment: null })).toBe(servedText(www))
  for (const more of [{ ttl: 60 }, { proxied: true }, record('r1 ftp A 192.0.2.1')]) {
    expect(servedText({ ...www, ...more })).not.toBe(servedText(www))
  }
})

test('the settable text of a record includes its comment, and tells no comment from the word for none', () => {
  expect(saidText({ ...www, comment: null })).not.toBe(saidText(www))
  expect(saidText({ ...www, comment: null })).not.toBe(saidText({ ...www, comment: 'null' }))
  expect(saidText({ ...www, readOnly: true })).toBe(saidText(www))
})

test('the full text of a record includes what cannot be set here', () => {
  expect(rowText({ ...www, readOnly: true })).not.toBe(rowText(www))
  expect(rowText({ ...loc, ttl: 60 })).not.toBe(rowText(loc))
})

test('records compare equal in any order', () => {
  expect(textOf([loc, www], saidText)).toBe(textOf([www, loc], saidText))
})
