import { describe, expect, test } from 'vitest'
import type { RecordSeed } from '../emulator.ts'
import { api } from '../testing.ts'

const A: RecordSeed = { type: 'A', name: 'www', content: '192.0.2.1' }
const A2: RecordSeed = { type: 'A', name: 'www', content: '192.0.2.2' }
const AAAA: RecordSeed = { type: 'AAAA', name: 'www', content: '2001:db8::1' }
const CNAME: RecordSeed = { type: 'CNAME', name: 'www', content: 'a.example.net' }
const CNAME2: RecordSeed = { type: 'CNAME', name: 'www', content: 'b.example.net' }
const TXT: RecordSeed = { type: 'TXT', name: 'www', content: 'hello' }
const MX: RecordSeed = { type: 'MX', name: 'www', content: 'mail.example.net', priority: 10 }
const NS: RecordSeed = { type: 'NS', name: 'www', content: 'ns1.example.net' }
const apex = (record: RecordSeed): RecordSeed => ({ ...record, name: '@' })

async function codeOf(present: readonly RecordSeed[], record: RecordSeed, recordQuota = 200) {
  const { call, zoneId } = api({ zones: [{ name: 'example.com', records: present, recordQuota }] })
  const { json } = await call('POST', `/zones/${zoneId}/dns_records`, record)
  return json.errors[0]?.code ?? 200
}

describe('at one name', () => {
  const rows: [words: string, present: RecordSeed[], record: RecordSeed, code: number][] = [
    ['many A and AAAA', [A, A2], AAAA, 200],
    ['a CNAME onto an A', [A], CNAME, 81053],
    ['a CNAME onto an AAAA', [AAAA], CNAME, 81053],
    ['a second CNAME', [CNAME], CNAME2, 81053],
    ['an A onto a CNAME', [CNAME], A, 81054],
    ['an A onto NS', [NS], A, 81056],
    ['a CNAME onto NS', [NS], CNAME, 81056],
    ['a CNAME beside TXT and MX', [TXT, MX], CNAME, 200],
    ['a TXT beside a CNAME', [CNAME], TXT, 200],
    ['an A at the apex beside extra NS', [apex(NS)], apex(A), 200],
    ['an identical A', [A], { ...A, ttl: 600, comment: 'mine' }, 81058],
    ['an identical A under another case', [A], { ...A, name: 'WWW.example.com.' }, 81058],
    ['an identical TXT in quotes', [TXT], { ...TXT, content: '"hel" "lo"' }, 81058],
    ['an MX of another priority', [MX], { ...MX, priority: 20 }, 200],
    ['an identical MX', [MX], MX, 81058],
  ]
  test.each(rows)('%s', async (_words, present, record, code) => {
    expect(await codeOf(present, record)).toBe(code)
  })

  test('an NS onto an A is refused', async () => {
    expect(await codeOf([A], NS)).not.toBe(200)
  })

  test('TXT of more than 8,192 characters together are refused', async () => {
    const long = (letter: string) => ({ ...TXT, content: letter.repeat(4_000) })
    expect(await codeOf([long('a'), long('b')], { ...TXT, content: 'c'.repeat(192) })).toBe(200)
    expect(await codeOf([long('a'), long('b')], { ...TXT, content: 'c'.repeat(193) })).not.toBe(200)
  })
})

test('a full zone takes no new record, but still lets its records be changed', async () => {
  expect(await codeOf([A], A2, 1)).toBe(81045)
  const { call, zoneId, emulator } = api({ zones: [{ name: 'example.com', records: [A], recordQuota: 1 }] })
  const { id } = emulator.state.records('example.com')[0]!
  const { status } = await call('PATCH', `/zones/${zoneId}/dns_records/${id}`, { content: '192.0.2.9' })
  expect(status).toBe(200)
})

test('a free zone holds 200 records, a pro zone 3,500', () => {
  const quota = (plan: 'free' | 'pro') =>
    api({ zones: [{ name: 'example.com', plan }] }).emulator.state.zones()[0]?.recordQuota
  expect([quota('free'), quota('pro')]).toEqual([200, 3_500])
})

test('a seed that Cloudflare would refuse is refused, by name', () => {
  expect(() => api({ zones: [{ name: 'example.com', records: [A, CNAME] }] })).toThrow(/CNAME.*81053/)
})
