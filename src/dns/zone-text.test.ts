import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aName, anyName, anyNameIn, anyRecordType, anyTtl, anyValue } from './testing.ts'
import { parseZoneText, printZoneText, type ZoneTextRecord } from './zone-text.ts'

const origin = aName('example.com')

describe('zone text', () => {
  test('is read with all that a master file may do', () => {
    expect(
      records(`
        ; a comment, and below it an owner that is left out
$TTL 1h
@       IN  MX    10 mail            ; relative
        IN  MX    ( 20
                    mail.example.net. ; whole
                  )
        TXT "v=spf1 include:example.net" " -all;"
WWW     300 IN A  192.0.2.1
        IN 60   AAAA 2001:DB8::0:1
*.dev   CNAME     @
$ORIGIN sub
host    a         192.0.2.2
_sip._tcp SRV     10 5 5060 host
$ORIGIN example.net.
example.com. 1 CAA 0 issue letsencrypt.org
x\tTXT bare\\;word "b\\"c" \\100`),
    ).toEqual([
      'example.com 3600 MX 10 mail.example.com',
      'example.com 3600 MX 20 mail.example.net',
      'example.com 3600 TXT "v=spf1 include:example.net -all;"',
      'www.example.com 300 A 192.0.2.1',
      'www.example.com 60 AAAA 2001:db8::1',
      '*.dev.example.com 3600 CNAME example.com',
      'host.sub.example.com 3600 A 192.0.2.2',
      '_sip._tcp.sub.example.com 3600 SRV 10 5 5060 host.sub.example.com',
      'example.com 1 CAA 0 issue "letsencrypt.org"',
      'x.example.net 3600 TXT "bare;wordb\\"cd"',
    ])
  })

  test('without a default TTL takes the TTL before, and is automatic before the first', () => {
    expect(records('a A 192.0.2.1\nb 60 A 192.0.2.1\nc A 192.0.2.1\nd 1h30m A 192.0.2.1')).toEqual([
      'a.example.com 1 A 192.0.2.1',
      'b.example.com 60 A 192.0.2.1',
      'c.example.com 60 A 192.0.2.1',
      'd.example.com 5400 A 192.0.2.1',
    ])
  })

  test('keeps the owner of an entry whose parentheses go on after a blank', () => {
    expect(records('a 60 A 192.0.2.1\nb MX ( 10\n  mail )\n  A 192.0.2.2')).toEqual([
      'a.example.com 60 A 192.0.2.1',
      'b.example.com 60 MX 10 mail.example.com',
      'b.example.com 60 A 192.0.2.2',
    ])
  })

  test('may end its lines as it likes', () => {
    expect(records('a 60 A 192.0.2.1\r\n\r\n  A 192.0.2.2')).toEqual([
      'a.example.com 60 A 192.0.2.1',
      'a.example.com 60 A 192.0.2.2',
    ])
  })

  test('of nothing holds no records', () => {
    expect(records('')).toEqual([])
    expect(records('\n ; nothing\n\n( )\n')).toEqual([])
  })

  test.each([
    ['  A 192.0.2.1', 'line 1 zone-text owner-missing'],
    ['a 60 IN', 'line 1 zone-text incomplete'],
    ['a A', 'line 1 zone-text incomplete'],
    ['a MX mail', 'line 1 zone-text incomplete'],
    ['a CH A 192.0.2.1', 'line 1 zone-text class'],
    ['a TXT "open\nb A 192.0.2.1', 'line 1 zone-text quote-open'],
    ['a TXT open\\\nb A 192.0.2.1', 'line 1 zone-text quote-open'],
    ['\na MX ( 10\nmail', 'line 2 zone-text parenthesis'],
    ['a A 192.0.2.1 )', 'line 1 zone-text parenthesis'],
    ['a A ) (\nb A 192.0.2.1', 'line 1 zone-text parenthesis', 'line 1 zone-text parenthesis'],
    ['$INCLUDE other.zone', 'line 1 zone-text include'],
    ['$GENERATE 1-9 a$ A 192.0.2.$', 'line 1 zone-text generate'],
    ['$TTL soon', 'line 1 zone-text directive'],
    ['$ORIGIN', 'line 1 zone-text directive'],
    ['$ORIGIN a..b', 'line 1 label-empty'],
    ['$TTL 0', 'line 1 ttl-out-of-range'],
    ['@ SOA ns1 host 1 2 3 4 5', 'line 1 type-unknown'],
    ['a 2w A 192.0.2.1', 'line 1 ttl-out-of-range'],
    ['a\u00a0b A 192.0.2.1', 'line 1 label-not-idna'],
    ['a A 192.0.2.1 192.0.2.2', 'line 1 address-malformed'],
  ])('%j is refused: %s', (text, ...expected) => {
    expect(problems(text)).toEqual(expected)
  })

  test('tells all its problems, in the order of the lines', () => {
    expect(problems('a 0 A x\nb..c A 192.0.2.1\nc TXT "\nd PTR e\n\n(\nf A 192.0.2.1')).toEqual([
      'line 1 ttl-out-of-range',
      'line 1 address-malformed',
      'line 2 label-empty',
      'line 3 zone-text quote-open',
      'line 4 type-unknown',
      'line 6 zone-text parenthesis',
    ])
  })

  test('is printed relative to the origin, with whole names where they are data', () => {
    const [first] = read('www 300 CNAME host.example.net.')
    expect(printZoneText([first!], origin)).toBe(
      '$ORIGIN example.com.\nwww\t300\tIN\tCNAME\thost.example.net.\n',
    )
  })

  test('that is printed is read as the same records', () => {
    const anyRecord = anyRecordType.chain((type) =>
      fc.record({
        name: fc.oneof(anyNameIn(origin), anyName),
        type: fc.constant(type),
        ttl: anyTtl,
        value: anyValue(type),
      }),
    )
    fc.assert(
      fc.property(fc.array(anyRecord), (zone) => {
        const text = printZoneText(zone, origin)
        expect(read(text)).toEqual(zone)
        expect(parseZoneText(text, aName('example.org'))).toEqual({ ok: true, value: zone })
      }),
      { numRuns: 500 },
    )
  })
})

function read(text: string): ZoneTextRecord[] {
  const zone = parseZoneText(text, origin)
  if (!zone.ok) throw new Error(JSON.stringify(zone.problems))
  return zone.value
}

function records(text: string): string[] {
  return read(text).map(({ name, ttl, type, value }) => `${name} ${ttl} ${type} ${value}`)
}

function problems(text: string): string[] {
  const zone = parseZoneText(text, origin)
  return zone.ok
    ? []
    : zone.problems.map((problem) =>
        [problem.path, problem.code, ...(problem.code === 'zone-text' ? [problem.fault] : [])].join(' '),
      )
}
