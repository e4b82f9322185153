import { describe, expect, test } from 'vitest'
import { aName, aValue } from '#dns/testing.ts'
import { planOnboarding } from './plan.ts'
import { aStore, expectBlocked, expectOnboarding, onboardingOf, reasonFor, warningFor } from './testing.ts'

const alone = { store: aStore({ servesWww: false }) }
const withIpv6 = { store: aStore({ servesWww: false, ipv6: [aValue('AAAA', '2001:db8:7::7')] }) }
const byName = { store: aStore({ servesWww: false, ipv4: [], host: aName('shops.example.net') }) }

/** The numbers count the states that an apex can be in; one test each at least. */
describe('the apex of a store', () => {
  test('A1 gets an address where nothing was', () => {
    expectOnboarding({
      ...alone,
      before: '',
      review: ['☑ + @ A 203.0.113.7'],
      after: '@ A 203.0.113.7',
    })
  })

  test('A1 gets addresses of both families if the host has both', () => {
    expectOnboarding({
      ...withIpv6,
      before: '@ TXT "v=spf1 -all"',
      review: ['☑ + @ A 203.0.113.7', '☑ + @ AAAA 2001:db8:7::7'],
      after: `
        @ A 203.0.113.7
        @ AAAA 2001:db8:7::7
        @ TXT "v=spf1 -all"`,
    })
  })

  test('A2 that is ours already is left alone, TTL, proxy and all', () => {
    const plan = expectOnboarding({
      ...alone,
      before: '@ 7200 A 203.0.113.7 ; by hand',
      review: [],
      after: '@ 7200 A 203.0.113.7 ; by hand',
    })
    expect(reasonFor(plan, '@ A 203.0.113.7')).toBe('It already points at your server.')
  })

  test('A3 at another address is changed in place, with TTL, proxy status and comment as they were', () => {
    const plan = expectOnboarding({
      ...alone,
      before: '@ A 198.51.100.1 ; proxied old shop',
      review: ['☑ ~ @ A 198.51.100.1 → 203.0.113.7'],
      after: '@ A 203.0.113.7 ; proxied old shop',
    })
    expect(reasonFor(plan, '@ A 198.51.100.1')).toBe('Points example.com at your server.')
  })

  test('A4 of several addresses keeps one record and loses the others, as one group', () => {
    const plan = expectOnboarding({
      ...alone,
      before: `
        @ 300 A 198.51.100.2
        @ 300 A 198.51.100.1
        @ 300 A 198.51.100.3`,
      review: ['☑ ~ @ A 198.51.100.1 → 203.0.113.7', '☑ - @ A 198.51.100.2', '☑ - @ A 198.51.100.3'],
      after: '@ 300 A 203.0.113.7',
    })
    expect(new Set(plan.changes.map(({ group }) => group)).size).toBe(1)
    expect(reasonFor(plan, '@ A 198.51.100.2')).toBe('It would still send some visitors to the old server.')
  })

  test('A4 goes to several servers by as few changes as there are records', () => {
    expectOnboarding({
      store: aStore({ servesWww: false, ipv4: [aValue('A', '203.0.113.7'), aValue('A', '203.0.113.8')] }),
      before: `
        @ 300 A 198.51.100.1
        @ 300 A 203.0.113.8`,
      review: ['☑ ~ @ A 198.51.100.1 → 203.0.113.7'],
      after: `
        @ 300 A 203.0.113.7
        @ 300 A 203.0.113.8`,
    })
  })

  test('A5 that is ours in part says how few visitors arrive today', () => {
    const plan = expectOnboarding({
      ...alone,
      before: `
        @ 300 A 198.51.100.1
        @ 300 A 203.0.113.7
        @ 300 A 198.51.100.2`,
      review: ['☑ - @ A 198.51.100.1', '☑ - @ A 198.51.100.2'],
      after: '@ 300 A 203.0.113.7',
    })
    expect(reasonFor(plan, '@ A 198.51.100.1')).toBe(
      'Today only 1 in 3 visitors reaches your store; this sends the others elsewhere.',
    )
  })

  test('A6 loses every IPv6 address if the host has none', () => {
    const plan = expectOnboarding({
      ...alone,
      before: `
        @ 300 A 203.0.113.7
        @ 300 AAAA 2001:db8::1
        @ 300 AAAA 2001:db8::2`,
      review: ['☑ - @ AAAA 2001:db8::1', '☑ - @ AAAA 2001:db8::2'],
      after: '@ 300 A 203.0.113.7',
    })
    expect(reasonFor(plan, '@ AAAA 2001:db8::1')).toBe(
      'It would still send visitors with IPv6 to the old server.',
    )
  })

  test('A7 has its IPv6 addresses changed as the others if the host has IPv6', () => {
    expectOnboarding({
      ...withIpv6,
      before: `
        @ 300 A 198.51.100.1
        @ 300 AAAA 2001:db8::1
        @ 300 AAAA 2001:db8::2`,
      review: [
        '☑ ~ @ A 198.51.100.1 → 203.0.113.7',
        '☑ ~ @ AAAA 2001:db8::1 → 2001:db8:7::7',
        '☑ - @ AAAA 2001:db8::2',
      ],
      after: `
        @ 300 A 203.0.113.7
        @ 300 AAAA 2001:db8:7::7`,
    })
  })

  test('A8 as a CNAME makes room for an address, and mail and text beside it stay', () => {
    const plan = expectOnboarding({
      ...alone,
      before: `
        @ CNAME shop.example.net. ; proxied
        @ 300 MX 10 mail.example.net.
        @ 300 TXT "v=spf1 -all"
        @ 300 CAA 0 issue "letsencrypt.org"`,
      review: ['☑ + @ A 203.0.113.7', '☑ - @ CNAME shop.example.net'],
      after: `
        @ A 203.0.113.7 ; proxied
        @ 300 MX 10 mail.example.net.
        @ 300 TXT "v=spf1 -all"
        @ 300 CAA 0 issue "letsencrypt.org"`,
    })
    expect(reasonFor(plan, '@ CNAME shop.example.net')).toBe('It makes room for the new record at this name.')
    expect(reasonFor(plan, '@ MX 10 mail.example.net')).toBe('Your mail is not touched.')
  })

  test('A8 as a CNAME is changed in place if the host has a name', () => {
    expectOnboarding({
      ...byName,
      before: `
        @ 300 CNAME old.example.net.
        @ 300 MX 10 mail.example.net.`,
      review: ['☑ ~ @ CNAME old.example.net → shops.example.net'],
      after: `
        @ 300 CNAME shops.example.net.
        @ 300 MX 10 mail.example.net.`,
    })
  })

  test('A8 with addresses gives way to the CNAME of a host that has only a name', () => {
    expectOnboarding({
      ...byName,
      before: `
        @ 300 A 198.51.100.1
        @ 300 TXT "v=spf1 -all"`,
      review: ['☑ - @ A 198.51.100.1', '☑ + @ CNAME shops.example.net'],
      after: `
        @ 300 CNAME shops.example.net.
        @ 300 TXT "v=spf1 -all"`,
    })
  })

  test('A8 with NS records of its own cannot become a CNAME, and waits for an address', () => {
    expectBlocked('cname-would-hide', '@ 300 NS ns1.example.net.\n@ 300 A 198.51.100.1', byName)
  })

  test.each([
    ['Cloudflare Tunnel', '@ CNAME 3f2a.cfargotunnel.com. ; proxied'],
    ['Cloudflare R2', '@ CNAME public.r2.dev. ; proxied'],
    ['Cloudflare Pages', '@ CNAME shop.pages.dev. ; proxied'],
    ['a Cloudflare Worker', '@ AAAA 100:: ; proxied read-only'],
    ['another Cloudflare product', '@ A 198.51.100.1 ; read-only'],
    ['another Cloudflare product', '@ A hidden ; unreadable'],
  ])('A9 that belongs to %s is given up there: %s', (product, before) => {
    const plan = expectBlocked('managed-by-product', before, alone)
    expect(plan.blocked?.message).toBe(
      `example.com belongs to ${product}, which decides where its visitors go.`,
    )
  })

  test('A9 that a product serves without a record is known by what was observed', () => {
    const products = [{ name: aName('example.com'), product: 'Cloudflare Load Balancing' }]
    const plan = expectBlocked('managed-by-product', '', { ...alone, observed: { products } })
    expect(plan.blocked?.remedy).toBe(
      'Remove example.com from Cloudflare Load Balancing in the Cloudflare dashboard, then come back.',
    )
  })

  test.each(['@ A 192.0.2.1 ; proxied', '@ AAAA 100:: ; proxied'])(
    'A10 with a placeholder behind the proxy is asked about, because a rule serves it: %s',
    (before) => {
      const plan = planOnboarding(onboardingOf(before, alone))
      expect(plan.changes.map(({ selected }) => selected)).not.toContain(true)
      expect(plan.warnings.map(({ code }) => code)).toEqual(['placeholder'])
      expect(plan.warnings[0]?.changes).toEqual(plan.changes.map(({ id }) => id))
    },
  )

  test('A10 takes www along only if it is itself selected', () => {
    const plan = planOnboarding(
      onboardingOf(`
        @ A 192.0.2.1 ; proxied
        www 300 CNAME old.example.net.`),
    )
    expect(plan.changes.map(({ selected }) => selected)).toEqual([false, false])
  })

  test('A10 does not take an address for a placeholder that is served without the proxy', () => {
    expectOnboarding({
      ...alone,
      before: '@ 300 A 192.0.2.1',
      review: ['☑ ~ @ A 192.0.2.1 → 203.0.113.7'],
      after: '@ 300 A 203.0.113.7',
    })
  })

  test('A11 loses HTTPS and SVCB records that tell browsers another way', () => {
    const plan = expectOnboarding({
      ...alone,
      before: `
        @ 300 A 198.51.100.1
        @ HTTPS 1 . alpn="h2" ipv4hint="198.51.100.1"
        @ SVCB 0 shop.example.net.`,
      review: [
        '☑ ~ @ A 198.51.100.1 → 203.0.113.7',
        '☑ - @ HTTPS 1 . alpn="h2" ipv4hint="198.51.100.1"',
        '☑ - @ SVCB 0 shop.example.net.',
      ],
      after: '@ 300 A 203.0.113.7',
    })
    expect(reasonFor(plan, '@ SVCB 0 shop.example.net.')).toBe('It tells browsers to go to the old server.')
  })

  test('A11 keeps HTTPS records without hints, or with ours', () => {
    expectOnboarding({
      ...alone,
      before: `
        @ 300 A 203.0.113.7
        @ HTTPS 1 . alpn="h3,h2"
        @ HTTPS 2 example.com. ipv4hint=203.0.113.7`,
      review: [],
      after: `
        @ 300 A 203.0.113.7
        @ HTTPS 1 . alpn="h3,h2"
        @ HTTPS 2 example.com. ipv4hint=203.0.113.7`,
    })
  })

  test('A12 stays behind the proxy; of mixed records the proxied one stays in place', () => {
    expectOnboarding({
      ...alone,
      before: `
        @ 300 A 198.51.100.1
        @ A 198.51.100.2 ; proxied`,
      review: ['☑ ~ @ A 198.51.100.2 → 203.0.113.7', '☑ - @ A 198.51.100.1'],
      after: '@ A 203.0.113.7 ; proxied',
    })
  })

  test('A13 with a long TTL says how long some visitors may go to the old server', () => {
    const plan = expectOnboarding({
      ...alone,
      before: '@ 86400 A 198.51.100.1',
      review: ['☑ ~ @ A 198.51.100.1 → 203.0.113.7'],
      warnings: ['long-ttl'],
      after: '@ 86400 A 203.0.113.7',
    })
    expect(warningFor(plan, 'long-ttl')).toBe(
      'Some visitors may reach the old server of example.com for up to 24 hours; to shorten that, lower the TTL first and switch later.',
    )
  })

  test('A13 counts the TTL of what goes, too', () => {
    const plan = planOnboarding(onboardingOf('@ 300 A 198.51.100.1\n@ 86400 AAAA 2001:db8::1', alone))
    expect(plan.warnings).toMatchObject([{ code: 'long-ttl', changes: ['2'] }])
  })

  test('A9 does not take a host for a product that only sounds like one', () => {
    expectOnboarding({
      ...alone,
      before: '@ 300 CNAME shop.notpages.dev.',
      review: ['☑ + @ A 203.0.113.7', '☑ - @ CNAME shop.notpages.dev'],
      after: '@ 300 A 203.0.113.7',
    })
  })

  test('A14 keeps its NS records, locked', () => {
    const plan = expectOnboarding({
      ...alone,
      before: `
        @ 300 NS ns1.example.net.
        @ 300 A 203.0.113.7`,
      review: [],
      after: `
        @ 300 NS ns1.example.net.
        @ 300 A 203.0.113.7`,
    })
    expect(plan.changes.map(({ locked, selected }) => locked && selected)).toEqual([true, true])
    expect(reasonFor(plan, '@ NS ns1.example.net')).toBe(
      'It says who answers for this name, and stays as it is.',
    )
  })

  test('goes nowhere while the store has no address', () => {
    expectBlocked('no-target', '@ 300 A 198.51.100.1', { store: aStore({ ipv4: [] }) })
  })
})
