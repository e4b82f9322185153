import { type Answer, decode, encode, type Packet, type RecordType } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import type { RecordSeed, ZoneSeed } from '../emulator.ts'
import { api } from '../testing.ts'

function ask(zones: readonly ZoneSeed[], name: string, type: RecordType) {
  const { emulator } = api({ zones })
  const query = encode({ type: 'query', id: 7, flags: 0x0100, questions: [{ name, type }] })
  const packet = decode(emulator.handleDns(query, 'tcp')!)
  const { rcode } = packet as unknown as { rcode: string }
  return { rcode, aa: packet.flag_aa, ...sections(packet) }
}

function sections(packet: Packet) {
  return {
    answers: (packet.answers ?? []).map(line),
    authorities: (packet.authorities ?? []).map(({ type, name }) => `${name} ${type}`),
    additionals: (packet.additionals ?? []).map(line),
  }
}

/** `www.example.com 300 A 192.0.2.1` */
function line(answer: Answer): string {
  if (answer.type === 'OPT') return 'OPT'
  const { name, type, data } = answer as { name: string; type: string; data: unknown }
  const ttl = 'ttl' in answer ? answer.ttl : undefined
  return `${name} ${ttl} ${type} ${print(data)}`
}

function print(data: unknown): string {
  if (typeof data === 'string') return data
  if (Array.isArray(data)) return data.map((octets) => `"${String(octets)}"`).join(' ')
  return JSON.stringify(data)
}

const zone = (...records: RecordSeed[]): ZoneSeed => ({ name: 'example.com', records })

describe('a name with records', () => {
  const www = zone(
    { type: 'A', name: 'www', content: '192.0.2.1' },
    { type: 'A', name: 'www', content: '192.0.2.2' },
    { type: 'AAAA', name: 'www', content: '2001:db8::1', ttl: 60 },
    { type: 'MX', name: '@', content: 'mail.example.com', priority: 10 },
    { type: 'TXT', name: '@', content: 'x'.repeat(256) },
    { type: 'TXT', name: 'q', content: '"a b" "c"' },
    { type: 'SRV', name: '_s._tcp', data: { priority: 1, weight: 2, port: 3, target: 'h.example.net' } },
    { type: 'CAA', name: '@', data: { flags: 128, tag: 'issue', value: 'letsencrypt.org' } },
  )

  test.each<[string, RecordType, string[]]>([
    ['www.example.com', 'A', ['www.example.com 300 A 192.0.2.1', 'www.example.com 300 A 192.0.2.2']],
    ['www.example.com', 'AAAA', ['www.example.com 60 AAAA 2001:db8::1']],
    ['WwW.eXample.com', 'AAAA', ['WwW.eXample.com 60 AAAA 2001:db8::1']],
    ['example.com', 'MX', ['example.com 300 MX {"preference":10,"exchange":"mail.example.com"}']],
    ['example.com', 'TXT', [`example.com 300 TXT "${'x'.repeat(255)}" "x"`]],
    ['q.example.com', 'TXT', ['q.example.com 300 TXT "a b" "c"']],
    [
      '_s._tcp.example.com',
      'SRV',
      ['_s._tcp.example.com 300 SRV {"priority":1,"weight":2,"port":3,"target":"h.example.net"}'],
    ],
    [
      'example.com',
      'CAA',
      ['example.com 300 CAA {"flags":128,"tag":"issue","value":"letsencrypt.org","issuerCritical":true}'],
    ],
    [
      'example.com',
      'NS',
      ['example.com 86400 NS ada.ns.example.org', 'example.com 86400 NS bob.ns.example.org'],
    ],
  ])('%s %s', (name, type, answers) => {
    expect(ask([www], name, type)).toMatchObject({ rcode: 'NOERROR', aa: true, answers })
  })

  test('answers NODATA with the SOA for a type it has not', () => {
    expect(ask([www], 'www.example.com', 'MX')).toMatchObject({
      rcode: 'NOERROR',
      aa: true,
      answers: [],
      authorities: ['example.com SOA'],
    })
  })
})

describe('a name without records', () => {
  const deep = zone({ type: 'A', name: 'a.b', content: '192.0.2.1' })
  test('is NXDOMAIN with the SOA', () => {
    expect(ask([deep], 'nope.example.com', 'A')).toMatchObject({
      rcode: 'NXDOMAIN',
      aa: true,
      authorities: ['example.com SOA'],
    })
  })
  test('is NODATA when it lies between names that exist', () => {
    expect(ask([deep], 'b.example.com', 'A')).toMatchObject({ rcode: 'NOERROR', answers: [] })
  })
  test('is found, if it is one of the name servers that the zones name', () => {
    const found = { rcode: 'NOERROR', aa: true, answers: ['ada.ns.example.org 86400 A 192.0.2.53'] }
    expect(ask([deep], 'ada.ns.example.org', 'A')).toMatchObject(found)
    expect(ask([deep, { name: 'example.org' }], 'ada.ns.example.org', 'A')).toMatchObject(found)
    expect(ask([deep], 'ada.ns.example.org', 'AAAA')).toMatchObject({ rcode: 'NOERROR', answers: [] })
    const own: ZoneSeed = {
      name: 'example.org',
      records: [{ type: 'A', name: 'ada.ns', content: '192.0.2.7' }],
    }
    expect(ask([deep, own], 'ada.ns.example.org', 'A').answers).toEqual([
      'ada.ns.example.org 300 A 192.0.2.7',
    ])
  })

  test('is REFUSED outside the zones', () => {
    expect(ask([deep], 'example.org', 'A')).toMatchObject({ rcode: 'REFUSED', aa: false })
  })
  test('is REFUSED in a zone that has moved away', () => {
    expect(ask([{ ...deep, status: 'moved' }], 'a.b.example.com', 'A').rcode).toBe('REFUSED')
  })
})

describe('a wildcard', () => {
  const wild = zone(
    { type: 'TXT', name: '*', content: 'wild' },
    { type: 'A', name: 'host', content: '192.0.2.1' },
    { type: 'A', name: 'a.deep', content: '192.0.2.2' },
    { type: 'TXT', name: '*.deep', content: 'deeper' },
  )
  test.each([
    ['any.example.com', 'any.example.com 300 TXT "wild"'],
    ['several.labels.example.com', 'several.labels.example.com 300 TXT "wild"'],
    ['x.deep.example.com', 'x.deep.example.com 300 TXT "deeper"'],
    ['*.example.com', '*.example.com 300 TXT "wild"'],
  ])('answers for %s', (name, answer) => {
    expect(ask([wild], name, 'TXT').answers).toEqual([answer])
  })
  test.each([
    ['host.example.com', 'NOERROR'],
    ['below.host.example.com', 'NXDOMAIN'],
    ['deep.example.com', 'NOERROR'],
    ['a.deep.example.com', 'NOERROR'],
    ['x.a.deep.example.com', 'NXDOMAIN'],
  ])('does not answer for %s, which exists or lies below a closer encloser', (name, rcode) => {
    expect(ask([wild], name, 'TXT')).toMatchObject({ rcode, answers: [] })
  })
})

describe('a CNAME', () => {
  const chain = zone(
    { type: 'CNAME', name: 'one', content: 'two.example.com' },
    { type: 'TXT', name: 'one', content: 'beside' },
    { type: 'CNAME', name: 'two', content: 'host.example.net' },
    { type: 'CNAME', name: 'away', content: 'www.example.org' },
    { type: 'CNAME', name: 'dangling', content: 'nope.example.net' },
    { type: 'CNAME', name: 'loop', content: 'pool.example.com' },
    { type: 'CNAME', name: 'pool', content: 'loop.example.com' },
  )
  const net: ZoneSeed = {
    name: 'example.net',
    records: [{ type: 'A', name: 'host', content: '192.0.2.9' }],
  }

  test('is followed as far as the emulator holds the zones', () => {
    expect(ask([chain, net], 'one.example.com', 'A').answers).toEqual([
      'one.example.com 300 CNAME two.example.com',
      'two.example.com 300 CNAME host.example.net',
      'host.example.net 300 A 192.0.2.9',
    ])
    expect(ask([chain, net], 'away.example.com', 'A')).toMatchObject({
      rcode: 'NOERROR',
      answers: ['away.example.com 300 CNAME www.example.org'],
    })
  })
  test('to a name that does not exist is NXDOMAIN, with the CNAME', () => {
    expect(ask([chain, net], 'dangling.example.com', 'A')).toMatchObject({
      rcode: 'NXDOMAIN',
      answers: ['dangling.example.com 300 CNAME nope.example.net'],
    })
  })
  test('that loops ends', () => {
    expect(ask([chain], 'loop.example.com', 'A').rcode).toBe('NOERROR')
  })
  test('leaves the TXT beside it its own answer', () => {
    expect(ask([chain], 'one.example.com', 'TXT').answers).toEqual(['one.example.com 300 TXT "beside"'])
    expect(ask([chain], 'one.example.com', 'CNAME').answers).toEqual([
      'one.example.com 300 CNAME two.example.com',
    ])
  })
  test('at the apex is flattened, and never shown', () => {
    const apex = zone({ type: 'CNAME', name: '@', content: 'host.example.net' })
    expect(ask([apex, net], 'example.com', 'A').answers).toEqual(['example.com 300 A 192.0.2.9'])
    expect(ask([apex, net], 'example.com', 'CNAME').answers).toEqual([])
    expect(ask([apex, net], 'example.com', 'AAAA').authorities).toEqual(['example.com SOA'])
    expect(ask([apex], 'example.com', 'A').rcode).toBe('SERVFAIL')
  })
})

describe('a proxied name', () => {
  const proxied = zone(
    { type: 'A', name: 'www', content: '192.0.2.1', proxied: true },
    { type: 'CNAME', name: 'shop', content: 'shops.example.net', proxied: true },
  )
  test.each(['www', 'shop'])('%s is answered with proxy addresses, and hides its own', (host) => {
    const name = `${host}.example.com`
    expect(ask([proxied], name, 'A').answers).toEqual([
      `${name} 300 A 198.51.100.1`,
      `${name} 300 A 198.51.100.2`,
    ])
    expect(ask([proxied], name, 'AAAA').answers).toEqual([`${name} 300 AAAA 2001:db8:cf::1`])
    expect(ask([proxied], name, 'CNAME').answers).toEqual([])
  })
  test('is answered with its own address while the zone is paused', () => {
    expect(ask([{ ...proxied, paused: true }], 'www.example.com', 'A').answers).toEqual([
      'www.example.com 300 A 192.0.2.1',
    ])
  })
})

test('names at and below a delegation get a referral with glue', () => {
  const parent = zone(
    { type: 'NS', name: 'sub', content: 'ns1.sub.example.com' },
    { type: 'A', name: 'ns1.sub', content: '192.0.2.53' },
  )
  for (const name of ['sub.example.com', 'www.sub.example.com']) {
    expect(ask([parent], name, 'A')).toMatchObject({
      rcode: 'NOERROR',
      aa: false,
      answers: [],
      authorities: ['sub.example.com NS'],
      additionals: ['ns1.sub.example.com 300 A 192.0.2.53'],
    })
  }
})

test('the serial grows with every change', () => {
  const { emulator } = api()
  const serial = () => {
    const query = encode({ type: 'query', id: 1, questions: [{ name: 'example.com', type: 'SOA' }] })
    const [soa] = decode(emulator.handleDns(query, 'udp')!).answers ?? []
    return soa?.type === 'SOA' ? soa.data.serial! : 0
  }
  const before = serial()
  emulator.state.addRecord('example.com', { type: 'A', name: 'www', content: '192.0.2.1' })
  expect(serial()).toBe(before + 1)
})

test('messages that are no sound question are refused, or dropped', () => {
  const { emulator } = api()
  const query = encode({ type: 'query', id: 9, questions: [{ name: 'example.com', type: 'A' }] })
  const rcode = (change: (message: Buffer) => void) => {
    const message = Buffer.from(query)
    change(message)
    return emulator.handleDns(message, 'udp')?.[3]
  }
  expect(rcode((message) => message.writeUInt16BE(0x2800, 2))).toBe(4)
  expect(rcode((message) => message.writeUInt16BE(2, 4))).toBe(1)
  expect(rcode((message) => message.writeUInt16BE(3, message.length - 2))).toBe(5)
  expect(rcode((message) => message.writeUInt16BE(0x8000, 2))).toBeUndefined()
  expect(emulator.handleDns(Buffer.from('short'), 'udp')).toBeUndefined()
})

describe('every type is answered as the wire has it', () => {
  const hex = 'ab'.repeat(32)
  const records: RecordSeed[] = [
    { type: 'PTR', name: '1', content: 'host.example.net' },
    { type: 'SSHFP', name: 'ssh', data: { algorithm: 4, type: 2, fingerprint: hex } },
    { type: 'TLSA', name: '_443._tcp', data: { usage: 3, selector: 1, matching_type: 1, certificate: hex } },
    { type: 'URI', name: '_ftp._tcp', priority: 5, data: { weight: 1, target: 'ftp://ftp.example.net/' } },
    {
      type: 'HTTPS',
      name: 'www',
      data: {
        priority: 1,
        target: '.',
        value: 'port=8443 alpn="h2,h3" ipv4hint=192.0.2.1 ipv6hint="2001:db8::1"',
      },
    },
    { type: 'SVCB', name: '_dns', data: { priority: 0, target: 'DNS.example.net.', value: '' } },
  ]
  // RFC 9460 section 2.2: keys in ascending order; names are never compressed.
  const cases: readonly (readonly [name: string, type: number, octets: string])[] = [
    ['1', 12, `04686f7374076578616d706c65036e657400`],
    ['ssh', 44, `0402${hex}`],
    ['_443._tcp', 52, `030101${hex}`],
    ['_ftp._tcp', 256, `00050001${Buffer.from('ftp://ftp.example.net/').toString('hex')}`],
    [
      'www',
      65,
      '000100' +
        '00010006026832026833' +
        '0003000220fb' +
        '00040004c0000201' +
        '0006001020010db8000000000000000000000001',
    ],
    ['_dns', 64, '000003646e73076578616d706c65036e657400'],
  ]

  test.each(cases)('%s, type %i', (name, type, octets) => {
    const { emulator } = api({ zones: [zone(...records)] })
    expect(rdataOf(emulator.handleDns(query(`${name}.example.com`, type), 'tcp')!)).toBe(octets)
  })

  test('of a delegation the DS are the answer, and anything else a referral', () => {
    const data = { key_tag: 4_711, algorithm: 13, digest_type: 2, digest: hex }
    const delegated = zone(
      { type: 'NS', name: 'sub', content: 'ns1.example.net' },
      { type: 'DS', name: 'sub', data },
    )
    const { emulator } = api({ zones: [delegated] })
    expect(rdataOf(emulator.handleDns(query('sub.example.com', 43), 'tcp')!)).toBe(`12670d02${hex}`)
    expect(ask([delegated], 'sub.example.com', 'A')).toMatchObject({ aa: false, answers: [] })
    expect(ask([delegated], 'x.sub.example.com', 'DS')).toMatchObject({ aa: false, answers: [] })
  })

  function query(name: string, type: number): Buffer {
    return encode({ type: 'query', id: 7, questions: [{ name, type: `UNKNOWN_${type}` as RecordType }] })
  }

  /** Of the one answer: behind the header, the question and the owner, neither of them compressed, and ten octets more. */
  function rdataOf(message: Buffer): string {
    expect(message.readUInt16BE(6)).toBe(1)
    const nameLength = message.indexOf(0, 12) + 1 - 12
    return message.subarray(12 + nameLength + 4 + nameLength + 10).toString('hex')
  }
})

test('with a delay of propagation DNS shows what was, and the API what is', async () => {
  const { emulator, clock, call, zoneId } = api({
    propagationMs: 5_000,
    zones: [zone({ type: 'A', name: 'old', content: '192.0.2.1' })],
  })
  const path = `/zones/${zoneId}/dns_records`
  const answer = (name: string) => {
    const asked = encode({ type: 'query', id: 7, questions: [{ name: `${name}.example.com`, type: 'A' }] })
    return sections(decode(emulator.handleDns(asked, 'udp')!)).answers.length
  }
  expect([answer('old'), answer('new')]).toEqual([1, 0])
  clock.now += 1_000
  await call('POST', path, { type: 'A', name: 'new', content: '192.0.2.2' })
  const [, old] = (await call('GET', path)).records
  await call('DELETE', `${path}/${old?.id}`)
  clock.now += 4_999
  expect([answer('old'), answer('new')]).toEqual([1, 0])
  clock.now += 1
  expect([answer('old'), answer('new')]).toEqual([0, 1])
})
