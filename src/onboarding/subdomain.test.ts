import { describe, expect, test } from 'vitest'
import { aName } from '#dns/testing.ts'
import { aStore, expectBlocked, expectOnboarding, reasonFor } from './testing.ts'

const store = aStore({ name: aName('shop.example.com') })
const byName = { ...store, host: aName('shops.example.net') }
const onlyByName = { ...byName, ipv4: [] }

/** The numbers count the states that a subdomain can be in; one test each at least. */
describe('a store at a subdomain', () => {
  test('S1 gets exactly its name; apex and www stay', () => {
    const plan = expectOnboarding({
      store,
      before: `
        @ 300 A 198.51.100.1
        www 300 CNAME example.com.`,
      review: ['☑ + shop A 203.0.113.7'],
      after: `
        @ 300 A 198.51.100.1
        shop A 203.0.113.7
        www 300 CNAME example.com.`,
    })
    expect(reasonFor(plan, '@ A 198.51.100.1')).toBe('It is not part of this change.')
  })

  test('S1 gets a record of its own where a wildcard answered', () => {
    expectOnboarding({
      store,
      before: '* 300 CNAME old.example.net.',
      review: ['☑ + shop A 203.0.113.7'],
      warnings: ['wildcard'],
      after: `
        * 300 CNAME old.example.net.
        shop A 203.0.113.7`,
    })
  })

  test('S1 keeps the mail that a wildcard took for it', () => {
    const plan = expectOnboarding({
      store,
      before: `
        * 300 MX 10 mx.example.net.
        * 300 MX 20 shop`,
      review: ['☑ + shop A 203.0.113.7', '☑ + shop MX 10 mx.example.net'],
      warnings: ['wildcard'],
      after: `
        * 300 MX 10 mx.example.net.
        * 300 MX 20 shop
        shop A 203.0.113.7
        shop 300 MX 10 mx.example.net.`,
    })
    expect(new Set(plan.changes.map(({ group }) => group))).toEqual(new Set(['shop.example.com', undefined]))
  })

  test('S1 as an alias has no mail of its own to keep: the wildcard is told of', () => {
    expectOnboarding({
      store: onlyByName,
      before: '* 300 MX 10 mx.example.net.',
      review: ['☑ + shop CNAME shops.example.net'],
      warnings: ['wildcard'],
      after: `
        * 300 MX 10 mx.example.net.
        shop CNAME shops.example.net.`,
    })
  })

  test('S3 with records that only tell browsers the way gets the CNAME that the host would like', () => {
    expectOnboarding({
      store: onlyByName,
      before: 'shop HTTPS 0 old.example.net.',
      review: ['☑ + shop CNAME shops.example.net', '☑ - shop HTTPS 0 old.example.net.'],
      after: 'shop CNAME shops.example.net.',
    })
  })

  test('S1 follows the name of the host, if it has one', () => {
    expectOnboarding({
      store: byName,
      before: '',
      review: ['☑ + shop CNAME shops.example.net'],
      after: 'shop CNAME shops.example.net.',
    })
  })

  test('S2 with addresses has them changed as at the apex', () => {
    expectOnboarding({
      store: byName,
      before: `
        shop 300 A 198.51.100.1
        shop 300 A 198.51.100.2
        shop 300 AAAA 2001:db8::1`,
      review: [
        '☑ ~ shop A 198.51.100.1 → 203.0.113.7',
        '☑ - shop A 198.51.100.2',
        '☑ - shop AAAA 2001:db8::1',
      ],
      after: 'shop 300 A 203.0.113.7',
    })
  })

  test('S2 with a CNAME has it changed in place, or replaced by an address', () => {
    const before = 'shop CNAME old.example.net. ; proxied'
    expectOnboarding({
      store: byName,
      before,
      review: ['☑ ~ shop CNAME old.example.net → shops.example.net'],
      after: 'shop CNAME shops.example.net. ; proxied',
    })
    const plan = expectOnboarding({
      store,
      before,
      review: ['☑ + shop A 203.0.113.7', '☑ - shop CNAME old.example.net'],
      after: 'shop A 203.0.113.7 ; proxied',
    })
    expect(plan.changes.map(({ group }) => group)).toEqual(['shop.example.com', 'shop.example.com'])
  })

  test('S3 with mail gets an address instead of the CNAME that the host would like', () => {
    expectOnboarding({
      store: byName,
      before: 'shop 300 MX 10 mail.example.net.',
      review: ['☑ + shop A 203.0.113.7'],
      after: `
        shop 300 MX 10 mail.example.net.
        shop A 203.0.113.7`,
    })
  })

  test('S3 with mail and text waits for an address if the host has only a name', () => {
    const plan = expectBlocked('cname-would-hide', 'shop 300 MX 10 mail.example.net.\nshop 300 TXT "proof"', {
      store: onlyByName,
    })
    expect(plan.blocked?.message).toBe(
      'shop.example.com has MX and TXT records, which would no longer be seen beside the CNAME that your host needs.',
    )
  })

  test('S3 with a CNAME beside them already has that changed in place', () => {
    expectOnboarding({
      store: onlyByName,
      before: `
        shop 300 CNAME old.example.net.
        shop 300 TXT "proof"`,
      review: ['☑ ~ shop CNAME old.example.net → shops.example.net'],
      after: `
        shop 300 CNAME shops.example.net.
        shop 300 TXT "proof"`,
    })
  })

  test('S4 with only a name below it is dark today, whatever the wildcard says, and gets its record', () => {
    expectOnboarding({
      store,
      before: `
        * 300 A 198.51.100.1
        _acme-challenge.shop 300 TXT "proof"`,
      review: ['☑ + shop A 203.0.113.7'],
      after: `
        * 300 A 198.51.100.1
        _acme-challenge.shop 300 TXT "proof"
        shop A 203.0.113.7`,
    })
  })

  test('S5 at or below a delegation is blocked, and names the servers', () => {
    const plan = expectBlocked('delegated', 'shop 300 NS ns1.example.net.\nshop 300 NS ns2.example.net.', {
      store,
    })
    expect(plan.blocked?.message).toBe(
      'shop.example.com is handed over to ns1.example.net and ns2.example.net, so a change of shop.example.com here would not show.',
    )
    expectBlocked('delegated', 'example 300 NS ns1.example.net.', {
      store: { ...store, name: aName('shop.example.example.com') },
    })
  })
})
