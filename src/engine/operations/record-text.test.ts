import { expect, test } from 'vitest'
import { foreign, record } from '../../../tests/support/samples.ts'
import { rowText, saidText, servedText, textOf } from './record-text.ts'

const www = record('r1 www A 192.0.2.1', { comment: 'by hand' })
const loc = foreign('r2 www LOC 51 30 12.748 N')

test('what a record resolves to is the same under another id and with another comment', () => {
  expect(servedText({ ...www, id: record('r9 www A 192.0.2.1').id, comment: null })).toBe(servedText(www))
  for (const more of [{ ttl: 60 }, { proxied: true }, record('r1 ftp A 192.0.2.1')]) {
    expect(servedText({ ...www, ...more })).not.toBe(servedText(www))
  }
})

test('what can be set of a record includes its comment, and none is not the word for none', () => {
  expect(saidText({ ...www, comment: null })).not.toBe(saidText(www))
  expect(saidText({ ...www, comment: null })).not.toBe(saidText({ ...www, comment: 'null' }))
  expect(saidText({ ...www, readOnly: true })).toBe(saidText(www))
})

test('what is kept of a record includes what nobody can set here', () => {
  expect(rowText({ ...www, readOnly: true })).not.toBe(rowText(www))
  expect(rowText({ ...loc, ttl: 60 })).not.toBe(rowText(loc))
})

test('records are alike in whatever order they come', () => {
  expect(textOf([loc, www], saidText)).toBe(textOf([www, loc], saidText))
})
