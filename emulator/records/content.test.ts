import { describe, expect, test } from 'vitest'
import { api } from '../testing.ts'
import { ipv6, isPublicAddress } from './addresses.ts'
import { txtStrings } from './txt.ts'

type Body = Record<string, unknown>

async function created(body: Body) {
  const { call, zoneId } = api()
  return call('POST', `/zones/${zoneId}/dns_records`, { name: 'host', ...body })
}

describe('accepted, and the form in which it comes back', () => {
  const rows: [Body, Body][] = [
    [
      { type: 'A', content: '192.168.1.100' },
      { content: '192.168.1.100', proxiable: false },
    ],
    [
      { type: 'A', content: '192.0.2.1' },
      { content: '192.0.2.1', proxiable: true },
    ],
    [
      { type: 'AAAA', content: '2001:DB8:0:0:0::1' },
      { content: '2001:db8::1', proxiable: true },
    ],
    [
      { type: 'CNAME', content: 'Target.Example.NET.' },
      { content: 'target.example.net', proxiable: true, settings: { flatten_cname: false } },
    ],
    [
      { type: 'MX', content: 'mail.example.net.', priority: 10 },
      { content: 'mail.example.net', priority: 10, proxiable: false },
    ],
    [
      { type: 'MX', content: '.', priority: 0 },
      { content: '.', priority: 0 },
    ],
    [{ type: 'NS', content: 'ns1.example.net.' }, { content: 'ns1.example.net' }],
    [
      {
        type: 'SRV',
        data: {
          service: '_sip',
          proto: '_tcp',
          priority: 10,
          weight: 5,
          port: 443,
          target: 'h.example.net.',
        },
      },
      {
        content: '5 443 h.example.net',
        priority: 10,
        data: { port: 443, priority: 10, target: 'h.example.net', weight: 5 },
      },
    ],
    [
      { type: 'SRV', priority: 7, data: { weight: 0, port: 1, target: '.' } },
      { content: '0 1 .', priority: 7 },
    ],
    [
      { type: 'CAA', data: { flags: '0', tag: 'issue', value: 'letsencrypt.org' } },
      { content: '0 issue "letsencrypt.org"', data: { flags: 0, tag: 'issue', value: 'letsencrypt.org' } },
    ],
    [{ type: 'TXT', content: 'challenge token; as sent' }, { content: 'challenge token; as sent' }],
    [{ type: 'TXT', content: '"a" "b"' }, { content: '"a" "b"' }],
    [
      { type: 'A', content: '192.0.2.1', proxied: true, ttl: 600 },
      { proxied: true, ttl: 1 },
    ],
    [{ type: 'A', content: '192.0.2.1', ttl: 86_400 }, { ttl: 86_400 }],
    [{ type: 'A', content: '192.0.2.1', comment: 'x'.repeat(100) }, { comment: 'x'.repeat(100) }],
  ]
  test.each(rows)('%j is %j', async (body, expected) => {
    const { status, record } = await created(body)
    expect(status).toBe(200)
    expect(record).toMatchObject(expected)
  })
})

describe('refused, with the code', () => {
  const rows: [Body, number][] = [
    [{ name: undefined }, 9000],
    [{ type: 'A', content: '300.0.2.1' }, 9005],
    [{ type: 'A', content: '192.0.2.1,192.0.2.2' }, 9005],
    [{ type: 'A', content: '192.0.2' }, 9005],
    [{ type: 'A', content: '192.0.02.1' }, 9005],
    [{ type: 'AAAA', content: '192.0.2.1' }, 9006],
    [{ type: 'AAAA', content: 'fe80::1%eth0' }, 9006],
    [{ type: 'CNAME', content: 'a b' }, 9007],
    [{ type: 'CNAME', content: '192.0.2.1' }, 9007],
    [{ type: 'MX', content: '192.0.2.1', priority: 10 }, 9009],
    [{ type: 'SRV', data: { priority: 1, port: 1, target: 'h.example.net' } }, 9101],
    [{ type: 'SRV', content: '5 443 h.example.net' }, 9101],
    [{ type: 'CAA', data: { flags: 0, value: 'letsencrypt.org' } }, 9101],
    [{ type: 'A', content: '192.0.2.1', ttl: 59 }, 9021],
    [{ type: 'A', content: '192.0.2.1', ttl: 0 }, 9021],
    [{ type: 'A', content: '192.0.2.1', ttl: 86_401 }, 9021],
    [{ type: 'A', content: '10.0.0.1', proxied: true }, 9003],
    [{ type: 'TXT', content: 'x', proxied: true }, 9004],
    [{ type: 'A', content: '192.0.2.1', comment: 'x'.repeat(101) }, 9313],
    [{ type: 'A', content: '192.0.2.1', tags: ['owner:dns'] }, 9300],
  ]
  test.each(rows)('%j is %i', async (body, code) => {
    const { status, json } = await created(body)
    expect([status, json.errors[0]?.code]).toEqual([400, code])
  })

  test.each([
    { type: 'a', content: '192.0.2.1' },
    { content: '192.0.2.1' },
    { type: 'A' },
    { type: 'MX', content: 'mail.example.net' },
    { type: 'MX', content: 'mail.example.net', priority: 65_536 },
    { type: 'SRV', data: { priority: 1, weight: -1, port: 1, target: 'h.example.net' } },
    { type: 'CAA', data: { flags: 256, tag: 'issue', value: 'x' } },
    { type: 'CNAME', content: 'host.example.com' },
    { type: 'TXT', content: '' },
    { type: 'TXT', content: '"a' },
    { type: 'TXT', content: '"a" b' },
    { type: 'TXT', content: 'x'.repeat(4_097) },
    { type: 'A', content: '192.0.2.1', comment: 'two\nlines' },
    { type: 'CNAME', content: 'a.example.net', settings: { flatten_cname: true } },
  ])('%j is a 400 whose code nobody has recorded', async (body) => {
    expect((await created(body)).status).toBe(400)
  })

  test('faults are reported one at a time, the first in the order name, type, content, TTL, proxying, comment', async () => {
    const faults: [Body, number][] = [
      [{ comment: 'x'.repeat(101) }, 9313],
      [{ proxied: true, content: '10.0.0.1' }, 9003],
      [{ ttl: 2 }, 9021],
      [{ content: 'x' }, 9005],
      [{ name: '' }, 9000],
    ]
    let body: Body = { type: 'A', content: '192.0.2.1' }
    for (const [fault, code] of faults) {
      body = { ...body, ...fault }
      const { json } = await created(body)
      expect(json.errors.map((error) => error.code)).toEqual([code])
    }
  })

  test('a type that Cloudflare has and the emulator has not is refused by name', async () => {
    const { status, json } = await created({ type: 'LOC', data: {} })
    expect(status).toBe(501)
    expect(json.errors[0]?.message).toContain('no LOC records')
  })
})

test.each([
  ['2001:0db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['::FFFF:192.0.2.1', '::ffff:192.0.2.1'],
  ['::', '::'],
])('RFC 5952 writes %s as %s', (text, canonical) => {
  expect(ipv6(text)).toBe(canonical)
})

test('documentation ranges count as public, private and reserved ones do not', () => {
  for (const address of ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '100.128.0.1']) {
    expect(isPublicAddress(address), address).toBe(true)
  }
  const others = [
    '10.1.1.1',
    '127.0.0.1',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.1.1',
    '100.64.0.1',
    '0.0.0.0',
  ]
  for (const address of [...others, '240.0.0.1', '198.18.0.1', '::1', 'fc00::1', 'fe80::1', 'ff02::1']) {
    expect(isPublicAddress(address), address).toBe(false)
  }
})

describe('the strings of a TXT', () => {
  const strings = (content: string) => txtStrings(content)?.map((octets) => octets.toString('latin1'))
  test('unquoted text is served split every 255 octets', () => {
    expect(strings('x'.repeat(300))).toEqual(['x'.repeat(255), 'x'.repeat(45)])
  })
  test('quoted strings keep their borders and lose their escapes', () => {
    expect(strings('"a b" "c\\"d\\\\e\\010"')).toEqual(['a b', 'c"d\\e\n'])
  })
  test.each(['"', '"a', 'a'.repeat(0), '"a"b', '"a" b', '"\\256"', `"${'x'.repeat(256)}"`])(
    '%j has none',
    (content) => {
      expect(strings(content)).toBeUndefined()
    },
  )
})
