import { describe, expect, test } from 'vitest'
import { aName, aValue } from '#dns/testing.ts'
import type { OnboardingInput } from './input.ts'
import { planOnboarding } from './plan.ts'
import { planText } from './plan-text.ts'
import {
  aStore,
  aZone,
  example,
  expectBlocked,
  expectOnboarding,
  onboardingOf,
  reviewLines,
  warningFor,
  zoneRecords,
} from './testing.ts'
import { zoneNamesFor, zonesFor } from './zone-choice.ts'

const before = '@ 300 A 198.51.100.1\nwww 300 CNAME @'
const move = '☑ ~ @ A 198.51.100.1 → 203.0.113.7'

/** A plan that goes on in spite of the state of its zone, and warns of it. */
function expectWarned(code: string, facts: Partial<OnboardingInput>): string | undefined {
  const plan = expectOnboarding({
    ...facts,
    before,
    review: [move],
    warnings: [code],
    after: '@ 300 A 203.0.113.7\nwww 300 CNAME @',
  })
  return warningFor(plan, code)
}

/** The numbers count the states that a zone can be in; one test each at least. */
describe('a zone', () => {
  test('Z1 that we cannot see is asked for in the words of the design, with the names we looked for', () => {
    const plan = planOnboarding({
      store: aStore({ name: aName('shop.example.com') }),
      zone: null,
      records: [],
    })
    expect(plan).toMatchObject({ domain: 'shop.example.com', zone: null, changes: [], warnings: [] })
    expect(planOnboarding({ store: aStore(), zone: null, records: [] }).blocked?.message).toBe(
      'Domain not found. Make sure example.com is added to your Cloudflare account.',
    )
    expect(plan.blocked).toMatchObject({
      code: 'zone-not-found',
      remedy: 'We looked for shop.example.com and example.com.',
    })
  })

  test.each([
    ['in another account, or outside the token', ['ada.ns.cloudflare.com'], 'in another account'],
    ['at another provider', ['ns1.example.net', 'ns2.example.net'], 'at ns1.example.net and ns2.example.net'],
  ])('Z1 that is %s is told by its live name servers', (_, nameServers, words) => {
    const plan = planOnboarding({ store: aStore(), zone: null, records: [], observed: { nameServers } })
    expect(plan.blocked?.remedy).toContain(words)
  })

  test('Z1 that does not hold the name is as good as none', () => {
    const plan = planOnboarding(
      onboardingOf(before, { store: aStore({ name: aName('shop.notexample.com') }) }),
    )
    expect(plan).toMatchObject({ zone: null, changes: [], blocked: { code: 'zone-not-found' } })
  })

  test('Z2 in two accounts is the active one, or a question', () => {
    const [moved, active, other] = [aZone({ status: 'moved' }), aZone(), aZone({ id: 'f'.repeat(32) })]
    expect(zonesFor(example, [moved, active])).toEqual([active])
    expect(zonesFor(example, [active, moved, other])).toEqual([active, other])
    const plan = expectBlocked('zone-ambiguous', before, { otherZones: [other] })
    expect(plan.blocked?.message).toBe('example.com is in 2 of the Cloudflare accounts that you connected.')
  })

  test.each([
    ['Z3', 'initializing', 'zone-initializing'],
    ['Z7', 'moved', 'zone-moved'],
    ['Z8', 'deleted', 'zone-deleted'],
    ['Z8', 'purged', 'zone-deleted'],
    ['Z8', 'something new', 'zone-status-unknown'],
  ])('%s that is %s is blocked', (_, status, code) => {
    expectBlocked(code, before, { zone: aZone({ status }) })
  })

  test('Z4 that is pending may be prepared, and says when it takes effect', () => {
    const facts = { zone: aZone({ status: 'pending' }), observed: { nameServers: ['ns1.example.net'] } }
    expect(expectWarned('zone-pending', facts)).toBe(
      'This takes effect when your registrar names ada.ns.cloudflare.com and bob.ns.cloudflare.com as the name servers of example.com instead of ns1.example.net; Cloudflare may drop the domain after 28 days without.',
    )
  })

  test('Z5 that is active and full is changed without another word', () => {
    expectOnboarding({
      before,
      review: [move],
      after: '@ 300 A 203.0.113.7\nwww 300 CNAME @',
    })
  })

  test('Z6 that is paused is changed, and says that the proxy is off', () => {
    expectWarned('zone-paused', { zone: aZone({ paused: true }) })
  })

  test('Z7 that is moved names the servers that answer instead', () => {
    const observed = { nameServers: ['ns1.example.net', 'ns2.example.net'] }
    const plan = expectBlocked('zone-moved', before, { zone: aZone({ status: 'moved' }), observed })
    expect(plan.blocked?.remedy).toBe(
      "It uses ns1.example.net and ns2.example.net today. Set Cloudflare's name servers at your registrar again, or change the records where they are served.",
    )
  })

  test('Z9 that is partial gets records to enter by hand', () => {
    const plan = expectBlocked('zone-partial', before, { zone: aZone({ type: 'partial' }) })
    expect(plan.blocked?.remedy).toBe('Set this at your DNS provider: example.com A 203.0.113.7.')
    const store = aStore({ ipv4: [], host: aName('shops.example.net') })
    const byName = expectBlocked('zone-partial', before, { store, zone: aZone({ type: 'partial' }) })
    expect(byName.blocked?.remedy).toContain('example.com CNAME shops.example.net')
  })

  test('Z10 that is secondary is read only', () => {
    expectBlocked('zone-secondary', before, { zone: aZone({ type: 'secondary' }) })
  })

  test('Z11 that is internal is not found, and not changed if it is', () => {
    expect(zonesFor(example, [aZone({ type: 'internal' })])).toEqual([])
    expectBlocked('zone-internal', before, { zone: aZone({ type: 'internal' }) })
  })

  test('Z12 that is a child beats its parent, label by label', () => {
    const parent = aZone()
    const child = aZone({ name: aName('shop.example.com'), status: 'pending' })
    const lookalike = aZone({ name: aName('op.example.com') })
    expect(zonesFor(aName('www.shop.example.com'), [parent, lookalike, child])).toEqual([child])
    expect(zonesFor(aName('shop.example.com'), [parent, { ...child, status: 'deleted' }])).toEqual([parent])
    expect(zonesFor(aName('example.net'), [parent])).toEqual([])
    expect(zoneNamesFor(aName('www.shop.example.com'))).toEqual([
      'www.shop.example.com',
      'shop.example.com',
      'example.com',
    ])
  })

  test('Z13 that has given the name away is blocked, and names the servers', () => {
    const store = aStore({ name: aName('a.shop.example.com') })
    const plan = expectBlocked('delegated', 'shop 300 NS ns1.example.net.\na.shop 300 A 198.51.100.1', {
      store,
    })
    expect(plan.blocked?.message).toBe(
      'shop.example.com is handed over to ns1.example.net, so a change of a.shop.example.com here would not show.',
    )
  })

  test('Z14 that is signed needs nothing from us', () => {
    const plan = planOnboarding(onboardingOf(before, { observed: { dnssec: 'secure' } }))
    expect(plan).toMatchObject({ warnings: [] })
    expect(plan.blocked).toBeUndefined()
  })

  test('Z15 whose DS does not match is blocked until the registrar is told', () => {
    const plan = expectBlocked('dnssec-broken', before, { observed: { dnssec: 'broken' } })
    expect(plan.blocked?.remedy).toBe(
      'Remove the DS record at your registrar, or replace it by the one that Cloudflare shows.',
    )
  })

  test('Z15 blocks a zone that waits for its registrar, too', () => {
    expectBlocked('dnssec-broken', before, {
      zone: aZone({ status: 'pending' }),
      observed: { dnssec: 'broken' },
    })
  })

  test('Z16 counts what is advised, and not what is only offered', () => {
    const store = aStore({ servesWww: false, ipv6: [aValue('AAAA', '2001:db8:7::7')] })
    const plan = planOnboarding(
      onboardingOf('@ 300 A 198.51.100.1\n@ 300 AAAA 2001:db8::1\nftp 300 CNAME @', {
        store,
        zone: aZone({ recordQuota: 3 }),
      }),
    )
    expect(plan.blocked).toBeUndefined()
    expect(plan.warnings.map(({ code }) => code)).toEqual(['follows', 'quota-near'])
  })

  test('Z16 that is nearly full is changed in place, warned about, and blocked where more is needed', () => {
    expectWarned('quota-near', { zone: aZone({ recordQuota: 2 }) })
    expectWarned('quota-near', { zone: aZone({ recordQuota: 1 }) })
    const facts = { zone: aZone({ recordQuota: 1 }) }
    const plan = expectBlocked('quota-exceeded', '@ 300 A 198.51.100.1', facts)
    expect(plan.blocked?.message).toBe('example.com may hold 1 records, and this change would need more.')
    expect(planOnboarding(onboardingOf(before, { zone: aZone({ recordQuota: 7 }) })).warnings).toEqual([])
  })

  test('Z17 whose account switches the proxy off says so', () => {
    expectWarned('proxy-off', { observed: { proxyIsOff: true } })
  })

  test('Z18 that flattens every CNAME says what a look-up shows', () => {
    expectWarned('cnames-flattened', { observed: { flattensCnames: true } })
  })

  test('Z19 that has changed since has another plan text, but not for a bystander', () => {
    const input = onboardingOf(before)
    const text = (more: string, facts: Partial<OnboardingInput> = {}) =>
      planText(planOnboarding({ ...input, records: [...input.records, ...later(more)], ...facts }))
    expect(text('')).toBe(text(''))
    expect(text('ftp 300 A 198.51.100.1\n_acme-challenge 300 TXT "new"')).toBe(text(''))
    const others = [
      text('@ 300 A 198.51.100.2'),
      text('@ 300 TXT "at a name that changes"'),
      text('ftp 300 CNAME @'),
      text('@ 300 MX 10 @'),
      text('', { zone: aZone({ paused: true }) }),
      text('', { records: zoneRecords(before.replace('300', '600')) }),
      text('', { records: zoneRecords(before.replace('100.1', '100.1 ; other comment')) }),
    ]
    expect(new Set([text(''), ...others]).size).toBe(others.length + 1)
  })

  test('Z19 has another plan text when something came to the name of the store, though that needs no change', () => {
    const text = (zone: string) => planText(planOnboarding(onboardingOf(zone)))
    const ours = '@ 300 A 203.0.113.7'
    expect(text(`${ours}\n@ 300 TXT "new"`)).not.toBe(text(ours))
  })

  test('Z19 whose records come in another order has the same plan and the same text', () => {
    const input = onboardingOf(`${before}\n@ 300 A 198.51.100.2\n@ 300 MX 10 @\nftp 300 CNAME @`)
    const turned = planOnboarding({ ...input, records: [...input.records].reverse() })
    const plan = planOnboarding(input)
    expect(reviewLines(turned).sort()).toEqual(reviewLines(plan).sort())
    expect(planText(turned)).toBe(planText(plan))
  })
})

function later(text: string) {
  return zoneRecords(text).map((record) => ({ ...record, id: `later-${record.id}` as typeof record.id }))
}
