import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCloudflare, type RecordSeed } from '../cloudflare.ts'
import { txtStrings } from '../records/txt.ts'
import { readZoneFile } from './read.ts'
import { writeZoneFile } from './write.ts'

/** `www.example.com 300 A {"content":"192.0.2.1"}` */
function linesOf(text: string, origin?: string): string[] {
  return readZoneFile(text, origin).records.map(
    ({ name, type, ttl, ...rest }) => `${name} ${ttl} ${type} ${JSON.stringify(rest)}`,
  )
}

describe('a zone file is read', () => {
  test('with $ORIGIN, $TTL, parentheses, owners left out and comments', () => {
    const text = `$ORIGIN example.com.
$TTL 1h
@       IN SOA ada.ns.example.org. dns.example.org. (
          1 ; serial
          7200 3600 1209600 300 )
        IN NS  ada.ns.example.org.
@       MX 10 mail
mail 600 IN A 192.0.2.1
        IN 300 A 192.0.2.2 ; the second
txt     TXT "one; two" "three \\" four"
`
    expect(readZoneFile(text)).toMatchObject({ zone: 'example.com', skipped: 2 })
    expect(linesOf(text)).toEqual([
      'example.com 3600 MX {"priority":10,"content":"mail.example.com"}',
      'mail.example.com 600 A {"content":"192.0.2.1"}',
      'mail.example.com 300 A {"content":"192.0.2.2","comment":"the second"}',
      'txt.example.com 3600 TXT {"content":"\\"one; two\\" \\"three \\\\\\" four\\""}',
    ])
  })

  test('with the tags that Cloudflare exports', () => {
    const line =
      'www 1 IN CNAME host.example.net. ; edge of the shop cf_tags=env:live,cf-proxied:true,cf-flatten-cname'
    expect(readZoneFile(line, 'example.com').records).toEqual([
      {
        name: 'www.example.com',
        type: 'CNAME',
        ttl: 1,
        content: 'host.example.net',
        comment: 'edge of the shop',
        tags: ['env:live'],
        proxied: true,
        settings: { flatten_cname: true },
      },
    ])
  })

  test('with $GENERATE', () => {
    expect(linesOf(`$GENERATE 9-11 host-$\{0,3} 60 A 192.0.2.$`, 'example.com')).toEqual([
      'host-009.example.com 60 A {"content":"192.0.2.9"}',
      'host-010.example.com 60 A {"content":"192.0.2.10"}',
      'host-011.example.com 60 A {"content":"192.0.2.11"}',
    ])
  })

  test.each([
    ['$INCLUDE other.zone', 'line 1: $INCLUDE directive not allowed'],
    ['\n\nwww A (192.0.2.1', 'a parenthesis does not close'],
    ['www TXT "open', 'line 1: a quote does not close'],
    ['www LOC 1 2 3', 'line 1: the emulator has no LOC records'],
    ['www MX mail', 'line 1: a MX has not 1 fields'],
    ['www 300 IN', 'line 1: there is no record type'],
    ['www.example.net. A 192.0.2.1', 'www.example.net is not within example.com'],
    ['$GENERATE 5-1 a A 192.0.2.$', '"5-1" is empty'],
  ])('and what cannot be read is named: %j', (text, words) => {
    expect(() => readZoneFile(text, 'example.com')).toThrow(words)
  })
})

test('what is exported reads back as it was, of every type', () => {
  const records: RecordSeed[] = [
    {
      type: 'A',
      name: 'www',
      content: '192.0.2.1',
      proxied: true,
      comment: 'shop; edge',
      tags: ['env:live'],
    },
    { type: 'A', name: '*', content: '192.0.2.2', ttl: 120 },
    { type: 'AAAA', name: 'www', content: '2001:db8::1' },
    { type: 'CAA', name: '@', data: { flags: 0, tag: 'issue', value: 'ca.example.net; a="b"' } },
    { type: 'CNAME', name: 'alias', content: 'host.example.net', settings: { flatten_cname: true } },
    { type: 'NS', name: 'sub', content: 'ns1.example.net' },
    {
      type: 'DS',
      name: 'sub',
      data: { key_tag: 4711, algorithm: 13, digest_type: 2, digest: 'ab'.repeat(32) },
    },
    {
      type: 'HTTPS',
      name: 'www',
      data: { priority: 1, target: '.', value: 'alpn="h2,h3" ipv6hint="2001:db8::1"' },
    },
    { type: 'MX', name: '@', content: 'mail.example.net', priority: 0 },
    { type: 'PTR', name: '1', content: 'host.example.net' },
    {
      type: 'SRV',
      name: '_sip._tcp',
      data: { priority: 1, weight: 2, port: 443, target: 'host.example.net' },
    },
    { type: 'SSHFP', name: 'www', data: { algorithm: 4, type: 2, fingerprint: 'cd'.repeat(32) } },
    { type: 'SVCB', name: '_dns', data: { priority: 0, target: 'dns.example.net.', value: '' } },
    {
      type: 'TLSA',
      name: '_443._tcp',
      data: { usage: 3, selector: 1, matching_type: 1, certificate: 'ef'.repeat(32) },
    },
    { type: 'TXT', name: '@', content: '"v=spf1 -all" "\\"quoted\\" \\200"' },
    { type: 'URI', name: '_ftp._tcp', priority: 5, data: { weight: 1, target: 'ftp://ftp.example.net/pub' } },
  ]
  const cloudflare = createCloudflare({ zones: [{ name: 'example.com', plan: 'pro', records }] })
  const written = writeZoneFile(cloudflare.zoneNamed('example.com')!, 0)
  const read = readZoneFile(written)
  const again = createCloudflare({ zones: [{ name: 'example.com', plan: 'pro', records: read.records }] })
  expect(writeZoneFile(again.zoneNamed('example.com')!, 0)).toBe(written)
  const values = (from: typeof cloudflare) =>
    from
      .zoneNamed('example.com')!
      .records.all()
      .map(({ name, type, ttl, content, data, priority, proxied, comment, tags, settings }) =>
        JSON.stringify({ name, type, ttl, content, data, priority, proxied, comment, tags, settings }),
      )
      .sort()
  expect(values(again)).toEqual(values(cloudflare))
})

test('any text keeps its octets on the way through a file, and any comment its words', () => {
  const text = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 400 })
    .filter((value) => !value.startsWith('"'))
  const comment = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 40 })
    .filter((value) => value === value.trim() && !/[\r\n]|cf_tags=/.test(value))
  fc.assert(
    fc.property(text, comment, (content, words) => {
      const zone = (records: readonly RecordSeed[]) =>
        createCloudflare({ zones: [{ name: 'example.com', records }] }).zoneNamed('example.com')!
      const before = zone([{ type: 'TXT', name: '@', content, comment: words }])
      const [after] = zone(readZoneFile(writeZoneFile(before, 0)).records).records.all()
      expect(Buffer.concat(txtStrings(after!.content)!)).toEqual(Buffer.from(content))
      expect(after!.comment).toBe(words)
    }),
  )
})

test('no text makes the reader do anything but read or say which line', () => {
  const pieces = fc.constantFrom(
    'www',
    ' ',
    '\n',
    '(',
    ')',
    '"',
    ';',
    '\\',
    '$ORIGIN',
    '$TTL',
    'A',
    'TXT',
    '1h',
    '192.0.2.1',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      try {
        readZoneFile(parts.join(''), 'example.com')
      } catch (problem) {
        expect((problem as Error).message).toMatch(/^line \d+: |is not within/)
      }
    }),
  )
})
