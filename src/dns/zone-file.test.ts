import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ForeignRecord, ZoneRecord } from './record.ts'
import { canBeProxied } from './record-type.ts'
import { aName, anyRecordOf, expectParsed, standingIn } from './testing.ts'
import { parseZoneFile, type ZoneFile } from './zone-file.ts'
import { printZoneFile } from './zone-file-print.ts'

const zone = aName('example.com')
const cloudflare = { name: zone, nameServers: ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'] }
const NOON = Date.UTC(2026, 10, 22, 12)

describe('a zone file', () => {
  test('is read set by set, with what Cloudflare keeps beside a record', () => {
    const file = read(`
$ORIGIN example.com.
$TTL 1h
@  IN SOA ns1.example.net. host.example.net. (
         1 ; serial
         7200 3600 1209600 300 )
   NS  ns1.example.net.
@  MX  10 mail
www 1 A 192.0.2.1 ; the shop cf_tags=env:live,cf-proxied:true
www 600 A 192.0.2.2 ; cf_tags=cf-proxied:false
www 600 A 192.0.2.2
sub NS ns1.example.net.
text TXT "one " ; just a comment
`)
    expect(lines(file)).toEqual([
      'example.com MX 10 mail.example.com 3600',
      'www.example.com A 192.0.2.1 1 proxied "the shop"',
      'www.example.com A 192.0.2.2 600 not proxied',
      'sub.example.com NS ns1.example.net 3600',
      'text.example.com TXT "one " 3600 "just a comment"',
    ])
    expect(file.ownLines).toEqual([4, 7])
    expect(file.sets.map(({ records }) => records.length)).toEqual([1, 2, 1, 1])
  })

  test('says nothing of a TTL where it has none, and has that of its SOA where that is all', () => {
    expect(lines(read('www A 192.0.2.1'))).toEqual(['www.example.com A 192.0.2.1'])
    const soa = '@ SOA ns1.example.net. host.example.net. 1 7200 3600 1209600 15m\n'
    expect(lines(read(`${soa}www A 192.0.2.1`))).toEqual(['www.example.com A 192.0.2.1 900'])
  })

  test('has its TTLs brought to what Cloudflare keeps', () => {
    expect(lines(read('a 0 A 192.0.2.1\nb 1w A 192.0.2.1\nc 1 A 192.0.2.1'))).toEqual([
      'a.example.com A 192.0.2.1 60',
      'b.example.com A 192.0.2.1 86400',
      'c.example.com A 192.0.2.1 1',
    ])
  })

  test.for([
    ['words', 'x\n'],
    ['quotes that stay open', '"\n'],
    ['parentheses without a partner', ')'],
    ['directives', '$X\n'],
    ['names of empty labels', `${'.'.repeat(1_000)} A 192.0.2.1\n`],
    ['addresses that are none', ' A x\n'],
  ])('of nothing but %s is not read on behind a thousand problems', ([, line]) => {
    const file = parseZoneFile(`@ A 192.0.2.1\n${line!.repeat((256 * 1024) / line!.length)}`, zone)
    expect(file.ok).toBe(false)
    const count = file.ok ? 0 : file.problems.length
    expect(count).toBeGreaterThanOrEqual(1_000)
    expect(count).toBeLessThan(2_100)
  })

  test('in which each name has two CNAMEs is told of a thousand of them', () => {
    const text = Array.from({ length: 6_000 }, (_, at) => `n${at} CNAME a.\nn${at} CNAME b.\n`).join('')
    const file = parseZoneFile(text, zone)
    expect(file.ok || file.problems.length).toBe(1_000)
  })

  test('has records of other types listed, not read', () => {
    expect(read('www HTTPS 1 . alpn=h2\n_443._tcp TLSA 3 1 1 abcd\nx TYPE65534 \\# 0').others).toEqual([
      { line: 1, name: 'www.example.com', type: 'HTTPS' },
      { line: 2, name: '_443._tcp.example.com', type: 'TLSA' },
      { line: 3, name: 'x.example.com', type: 'TYPE65534' },
    ])
  })

  test.each([
    ['$INCLUDE other.zone', 'line 1 zone-text'],
    ['$GENERATE 1-9 a$ A 192.0.2.$', 'line 1 zone-text'],
    ['www 192.0.2.1', 'line 1 zone-text'],
    ['www.example.net. A 192.0.2.1', 'line 1 name-outside'],
    ['a A 192.0.2.1\nb A 300.0.2.1\n\nc MX mail', 'line 2 address-malformed', 'line 4 zone-text'],
    ['www CNAME a.example.net.\nwww CNAME b.example.net.', 'line 2 cname-not-single'],
    ['www A 192.0.2.1\nwww CNAME a.example.net.', 'line 2 set-in-the-way'],
    ['@ MX 0 .\n@ MX 10 mail', 'line 2 null-mx-not-alone'],
    ['www CNAME www', 'line 1 cname-to-itself'],
  ])('%j is refused by line: %s', (text, ...expected) => {
    const file = parseZoneFile(text, zone)
    expect(file.ok ? [] : file.problems.map(({ path, code }) => `${path} ${code}`)).toEqual(expected)
  })
})

describe('a zone that is printed', () => {
  test('has whole names, tags and comments, in an order of its own', () => {
    const records = [
      record('www A 192.0.2.1', { proxied: true, ttl: 1, comment: 'the shop' }),
      record('@ TXT "a\\"b\\255"'),
      record('@ MX 10 mail.example.net.'),
      { ...record('www A 192.0.2.1'), type: 'HTTPS', content: '1 . alpn="h2"', ttl: 300 } as ForeignRecord,
    ]
    const text = printZoneFile(cloudflare, records, NOON)
    expect(text).toBe(printZoneFile(cloudflare, [...records].reverse(), NOON))
    expect(
      text.replaceAll('\t', ' '),
    ).toBe(`;; example.com: 4 records, as Cloudflare held them on 2026-11-22T12:00:00.000Z
;; TTL 1 is automatic. cf-proxied says whether visitors come through Cloudflare.
;; SOA and NS of the domain itself are Cloudflare's own; an import leaves them out.
example.com. 3600 IN SOA ada.ns.cloudflare.com. dns.cloudflare.com. 1795348800 10000 2400 604800 1800
example.com. 86400 IN NS ada.ns.cloudflare.com.
example.com. 86400 IN NS bob.ns.cloudflare.com.
example.com. 300 IN MX 10 mail.example.net.
example.com. 300 IN TXT "a\\"b\\255"
www.example.com. 1 IN A 192.0.2.1 ; the shop cf_tags=cf-proxied:true
www.example.com. 300 IN HTTPS 1 . alpn="h2"
`)
  })

  test('keeps a comment on its line, whatever is in it', () => {
    const text = printZoneFile(
      cloudflare,
      [record('www A 192.0.2.1', { comment: 'a\nevil A 192.0.2.9\u0000; "(' })],
      NOON,
    )
    expect(lines(read(text))).toEqual([
      'www.example.com A 192.0.2.1 300 not proxied "a evil A 192.0.2.9 ; "("',
    ])
  })

  test('is read back as the same sets', () => {
    fc.assert(
      fc.property(fc.array(anyRecordOf(zone), { maxLength: 20 }), (some) => {
        const records = standingIn(zone, some)
        const file = read(printZoneFile(cloudflare, records, NOON))
        expect(lines(file).sort()).toEqual(records.map(lineOf).sort())
      }),
      { numRuns: 300 },
    )
  })
})

function read(text: string): ZoneFile {
  return expectParsed(parseZoneFile(text, zone))
}

function lines({ sets }: ZoneFile): string[] {
  return sets.flatMap(({ name, type, records }) =>
    records.map(({ value, ttl, proxied, comment }) =>
      [
        `${name} ${type} ${value}`,
        ttl,
        proxied === undefined ? undefined : proxied ? 'proxied' : 'not proxied',
        comment === undefined ? undefined : `"${comment}"`,
      ]
        .filter((part) => part !== undefined)
        .join(' '),
    ),
  )
}

function lineOf({ name, type, value, ttl, proxied, comment }: ZoneRecord): string {
  return lines({
    sets: [
      {
        name,
        type,
        records: [
          {
            line: 1,
            value,
            ttl,
            ...(canBeProxied(type) && { proxied }),
            ...(comment !== null && { comment }),
          },
        ],
      },
    ],
    ownLines: [],
    others: [],
  })[0]!
}

let lastId = 0

function record(text: string, more: Partial<ZoneRecord> = {}): ZoneRecord {
  const { name, type, records } = read(text).sets[0]!
  lastId += 1
  const id = `${lastId}`.padStart(32, '0') as ZoneRecord['id']
  return {
    id,
    name,
    type,
    value: records[0]!.value,
    ttl: 300,
    proxied: false,
    comment: null,
    readOnly: false,
    ...more,
  }
}
