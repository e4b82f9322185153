import { describe, expect, test } from 'vitest'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import { aName } from '#dns/testing.ts'
import type { Value } from '#dns/value.ts'
import type { AnyRecord } from '#onboarding/input.ts'
import { zoneRecords } from '#onboarding/testing.ts'
import type { WantedSet } from '#onboarding/wanted-set.ts'
import { findingsIn } from './diagnostics.ts'

const zone = aName('example.com')

/** `broken spf-twice example.com`, what a zone in zone text is told. */
function told(text: string, more: readonly AnyRecord[] = [], caaIssuers: readonly string[] = []): string[] {
  return look(text, more, caaIssuers).map(({ severity, code, name }) => `${severity} ${code} ${name}`)
}

function look(text: string, more: readonly AnyRecord[] = [], caaIssuers: readonly string[] = []) {
  return findingsIn({ name: zone, records: [...zoneRecords(text), ...more], caaIssuers })
}

/** What mends the first finding: the sets as they are to be. */
function fixed(text: string, more: readonly AnyRecord[] = []): string[] | undefined {
  return look(text, more)[0]?.fix?.().flatMap(linesOf)
}

function linesOf({ name, type, records }: WantedSet): string[] {
  return records.map(
    ({ value, ttl, proxied }) => `${name} ${ttl} ${type} ${value}${proxied ? ' ; proxied' : ''}`,
  )
}

const DMARC = '_dmarc 300 TXT "v=DMARC1; p=none"\n'

test('a zone in which all is well is told nothing', () => {
  expect(
    told(`
      @     1   A     192.0.2.1 ; proxied
      www   1   CNAME example.com. ; proxied
      @     300 MX    10 mail.example.net.
      @     300 TXT   "v=spf1 include:_spf.example.net -all"
      @     300 TXT   "v=spf10 is no SPF"
      @     300 CAA   0 issue "letsencrypt.org"
      ${DMARC}`),
  ).toEqual([])
})

describe('SPF', () => {
  test('of which there are two says nothing to anybody, and is joined in one', () => {
    const text = `
      @ 300 TXT "v=spf1 include:_spf.example.net -all"
      @ 300 TXT "hello"
      @ 300 TXT "v=spf1 ip4:192.0.2.1 include:_spf.example.net ~all"`
    expect(told(text)).toEqual(['broken spf-twice example.com'])
    expect(fixed(text)).toEqual([
      'example.com 300 TXT "v=spf1 include:_spf.example.net ip4:192.0.2.1 ~all"',
      'example.com 300 TXT "hello"',
    ])
  })

  test('that redirects, or would need too much when joined, is not joined', () => {
    expect(fixed('@ 300 TXT "v=spf1 redirect=_spf.example.net"\n@ 300 TXT "v=spf1 a -all"')).toBeUndefined()
    const six = (from: number) =>
      Array.from({ length: 6 }, (_, index) => `include:s${from + index}.example.net`).join(' ')
    expect(fixed(`@ 300 TXT "v=spf1 ${six(0)} -all"\n@ 300 TXT "v=spf1 ${six(6)} -all"`)).toBeUndefined()
  })

  test('that needs more than ten look-ups is told, with those of the zone followed', () => {
    const terms = (count: number) =>
      Array.from({ length: count }, (_, index) => `a:h${index}.example.net`).join(' ')
    expect(told(`@ 300 TXT "v=spf1 mx ptr ip4:192.0.2.1 ${terms(8)} -all"`)).toEqual([])
    expect(told(`@ 300 TXT "v=spf1 mx ptr exists:x.example.net ${terms(8)} -all"`)).toEqual([
      'broken spf-lookups example.com',
    ])
    const followed = `
      @    300 TXT "v=spf1 include:_spf.example.com include:_spf.example.net -all"
      _spf 300 TXT "v=spf1 ${terms(9)} include:_spf.example.com -all"`
    const [finding] = look(followed)
    expect(finding?.message).toBe(
      'The SPF record of example.com needs at least 12 look-ups. Ten are allowed.',
    )
  })
})

describe('DMARC', () => {
  test('that is missing where mail is taken is offered, asking only to be told', () => {
    expect(told('@ 300 MX 10 mail.example.net.')).toEqual(['advice dmarc-missing _dmarc.example.com'])
    expect(fixed('@ 300 MX 10 mail.example.net.')).toEqual(['_dmarc.example.com 1 TXT "v=DMARC1; p=none"'])
  })

  test('is not missing where no mail is taken, or where it is kept elsewhere', () => {
    expect(told('@ 300 MX 0 .')).toEqual([])
    expect(told('@ 300 A 192.0.2.1')).toEqual([])
    expect(told('@ 300 MX 10 mail.example.net.\n_dmarc 300 CNAME d.example.net.')).toEqual([])
  })
})

describe('an MX record', () => {
  test('to a CNAME is led to where that leads', () => {
    const text = `${DMARC}
      @    300 MX    10 mail.example.com.
      @    300 MX    20 mx.example.net.
      mail 300 CNAME host.example.net.`
    expect(told(text)).toEqual(['risky mx-cname example.com'])
    expect(fixed(text)).toEqual([
      'example.com 300 MX 10 host.example.net',
      'example.com 300 MX 20 mx.example.net',
    ])
  })

  test('to an address is led to a name that has it', () => {
    const record: ZoneRecord = {
      id: '99' as RecordId,
      name: zone,
      type: 'MX',
      value: '10 192.0.2.25' as Value,
      ttl: 300,
      proxied: false,
      comment: null,
      readOnly: false,
    }
    expect(told(DMARC, [record])).toEqual(['broken mx-address example.com'])
    expect(fixed(DMARC, [record])).toBeUndefined()
    expect(fixed(`${DMARC} mail 300 A 192.0.2.25`, [record])).toEqual([
      'example.com 300 MX 10 mail.example.com',
    ])
  })

  test('to a proxied name has that name shown, if it is there for mail', () => {
    const text = `${DMARC}
      @    300 MX 10 mail.example.com.
      mail 1   A  192.0.2.25 ; proxied`
    expect(told(text)).toEqual(['risky mx-proxied example.com'])
    expect(fixed(text)).toEqual(['mail.example.com 1 A 192.0.2.25'])
    expect(fixed(`${DMARC} @ 300 MX 10 example.com.\n @ 1 A 192.0.2.25 ; proxied`)).toBeUndefined()
  })
})

describe('CAA', () => {
  test('that lets nobody issue, or only somebody uncommon, is told', () => {
    expect(told('@ 300 CAA 0 issue ";"')).toEqual(['broken caa-forbids example.com'])
    expect(told('@ 300 CAA 0 issue "ca.example.net"')).toEqual(['risky caa-forbids example.com'])
    expect(told('@ 300 CAA 0 issue "ca.example.net"\n@ 300 CAA 0 issue "letsencrypt.org; x=y"')).toEqual([])
    expect(told('@ 300 CAA 0 iodef "mailto:a@example.com"')).toEqual([])
  })

  test('is held against the authorities of the host where they are known', () => {
    expect(told('@ 300 CAA 0 issue "letsencrypt.org"', [], ['pki.goog'])).toEqual([
      'risky caa-forbids example.com',
    ])
  })
})

test('a set of mixed TTLs gets the shortest of them', () => {
  const text = 'www 600 A 192.0.2.1\nwww 300 A 192.0.2.2\nwww 1 A 192.0.2.3'
  expect(told(text)).toEqual(['advice ttl-mixed www.example.com'])
  expect(fixed(text)).toEqual([
    'www.example.com 300 A 192.0.2.1',
    'www.example.com 300 A 192.0.2.2',
    'www.example.com 300 A 192.0.2.3',
  ])
  expect(told('www 300 A 192.0.2.1\nwww 1 A 192.0.2.2')).toEqual([])
})

describe('an address that the proxy hides', () => {
  test('and another name shows is told, and the proxy offered for a site', () => {
    const text = 'www 300 A 192.0.2.1\n@ 1 A 192.0.2.1 ; proxied'
    expect(told(text)).toEqual(['risky origin-exposed www.example.com'])
    expect(fixed(text)).toEqual(['www.example.com 300 A 192.0.2.1 ; proxied'])
    expect(fixed('ftp 300 A 192.0.2.1\n@ 1 A 192.0.2.1 ; proxied')).toBeUndefined()
  })

  test('and the mail server shows is advice alone', () => {
    expect(
      told(`${DMARC}@ 1 A 192.0.2.1 ; proxied\nmail 300 A 192.0.2.1\n@ 300 MX 10 mail.example.com.`),
    ).toEqual(['advice origin-exposed mail.example.com'])
  })
})

test('what does not work comes first, and nothing is told twice', () => {
  const findings = look(`
    www 600 A 192.0.2.1
    www 300 A 192.0.2.2
    www 600 TXT "a"
    www 300 TXT "b"
    @   300 CAA 0 issue ";"
    @   1   A 192.0.2.1 ; proxied`)
  expect(findings.map(({ severity }) => severity)).toEqual(['broken', 'risky', 'advice', 'advice'])
  expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length)
})
