import { describe, expect, test } from 'vitest'
import { findingsIn } from '#diagnostics/diagnostics.ts'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import type { RecordType } from '#dns/record-type.ts'
import { aName } from '#dns/testing.ts'
import type { Value } from '#dns/value.ts'
import { reportOf } from './health-report.ts'

const zone = aName('example.com')
/** As many as a zone of a paid plan holds. */
const RECORDS = 3_500
/** Names of 253 octets, texts of 4,000 that take four characters for each, comments of 500. */
const LONG_NAME = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}`
const LONG_TEXT = `"v=spf1 ${'\\195\\169'.repeat(2_000)}"`
const LONG_COMMENT = '\u{1f4a7}'.repeat(500)

function zoneOf(
  recordAt: (at: number) => { label: string; type: RecordType; value: string; proxied?: boolean },
) {
  return Array.from({ length: RECORDS }, (_, at): ZoneRecord => {
    const { label, type, value, proxied = false } = recordAt(at)
    const name = aName(label === '@' ? zone : `${label}.${zone}`)
    const ttl = at % 2 === 0 ? 300 : 600
    const id = `${at}` as RecordId
    return { id, name, type, value: value as Value, ttl, proxied, comment: LONG_COMMENT, readOnly: false }
  })
}

const host = (at: number) => `${LONG_NAME}.h${at}`
const address = (at: number) => `192.0.${at >> 8}.${at % 256}`

const worst = {
  'two long SPF records at each name': zoneOf((at) => ({
    label: host(at >> 1),
    type: 'TXT',
    value: LONG_TEXT.replace('v=spf1 ', `v=spf1 a:${at} `),
  })),
  'all long SPF records at one name': zoneOf((at) => ({
    label: '@',
    type: 'TXT',
    value: LONG_TEXT.replace('v=spf1 ', `v=spf1 a:${at} `),
  })),
  'CAA for authorities that nobody knows': zoneOf((at) => ({
    label: '@',
    type: 'CAA',
    value: `0 issue "ca${at}.${'x'.repeat(1_000)}.example.net"`,
  })),
  'mail that goes to one crowded name behind the proxy': zoneOf((at) =>
    at % 2 === 0
      ? { label: host(at), type: 'MX', value: `10 mail.${zone}` }
      : { label: 'mail', type: 'A', value: address(at), proxied: true },
  ),
  'addresses behind the proxy that another name shows': zoneOf((at) => ({
    label: host(at),
    type: 'A',
    value: '192.0.2.1',
    proxied: at === 0,
  })),
  'sets of two TTLs': zoneOf((at) => ({ label: host(at >> 1), type: 'A', value: address(at) })),
}

describe('the report of a zone of 3,500 records is bounded', () => {
  test.for(Object.entries(worst))('%s', ([, records]) => {
    const found = findingsIn({ name: zone, records })
    const report = reportOf(found)
    expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThan(256 * 1024)
    expect(report.findings.length).toBeGreaterThan(0)
    expect(report.findings.length + report.more).toBe(found.length)
    expect(report.findings[0]!.records.length).toBeGreaterThan(0)
  })
})
