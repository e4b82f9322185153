import { expect, test } from 'vitest'
import { aName } from '#dns/testing.ts'
import { zoneRecords } from '#onboarding/testing.ts'
import { findingsIn } from './diagnostics.ts'

/** What a zone is told, and whether mending it is offered: `mx-cname`, or `mx-cname mended`. */
function told(text: string): string[] {
  const findings = findingsIn({ name: aName('example.com'), records: zoneRecords(text) })
  return findings.map(({ code, fix }) => (fix === undefined ? code : `${code} mended`))
}

const DMARC = '_dmarc 300 TXT "v=DMARC1; p=none"\n'

/** The last record of each is read-only the second time. */
test.each([
  ['spf-twice', '@ 300 TXT "v=spf1 a -all"\n@ 300 TXT "v=spf1 mx -all"'],
  ['mx-cname', `${DMARC}mail 300 CNAME host.example.net.\n@ 300 MX 10 mail`],
  ['ttl-mixed', 'www 300 A 192.0.2.1\nwww 600 A 192.0.2.2'],
  ['origin-exposed', '@ 1 A 192.0.2.1 ; proxied\nwww 300 A 192.0.2.1'],
])('%s is not mended where another product holds a record of the set', (code, zone) => {
  expect(told(zone)).toEqual([`${code} mended`])
  expect(told(`${zone} ; read-only`)).toEqual([code])
})

test('mail is not led past the proxy, where its server would show', () => {
  const zone = `${DMARC}mail 300 CNAME box.example.com.\nbox 1 A 192.0.2.25 ; proxied\n@ 300 MX 10 mail`
  expect(told(zone)).toEqual(['mx-cname'])
})

test('a site that takes mail is not put behind the proxy, which lets no mail through', () => {
  expect(told(`${DMARC}@ 1 A 192.0.2.1 ; proxied\nwww 300 A 192.0.2.1\n@ 300 MX 10 www`)).toEqual([
    'origin-exposed',
  ])
})

test('DMARC that somebody else answers for is not missing', () => {
  expect(told('@ 300 MX 10 mail.example.net.\n_dmarc 300 NS ns1.example.net.')).toEqual([])
})
