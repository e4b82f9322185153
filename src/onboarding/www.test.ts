import { describe, expect, test } from 'vitest'
import { aName } from '#dns/testing.ts'
import { planOnboarding } from './plan.ts'
import { aStore, expectOnboarding, onboardingOf, reasonFor, reviewLines, warningFor } from './testing.ts'

const apex = '@ 300 A 203.0.113.7'

/** The numbers count the states that www can be in; one test each at least. */
describe('www of a store at the apex', () => {
  test('W1 follows the apex from now on where nothing was', () => {
    expectOnboarding({
      before: apex,
      review: ['☑ + www CNAME example.com'],
      after: `
        ${apex}
        www CNAME example.com.`,
    })
  })

  test('W1 stands behind the proxy if the apex does', () => {
    expectOnboarding({
      before: '@ A 198.51.100.1 ; proxied',
      review: ['☑ ~ @ A 198.51.100.1 → 203.0.113.7', '☑ + www CNAME example.com'],
      after: `
        @ A 203.0.113.7 ; proxied
        www CNAME example.com. ; proxied`,
    })
  })

  test('W2 gets a record of its own where a wildcard answered, and says what changes', () => {
    const plan = expectOnboarding({
      before: `
        ${apex}
        * 300 A 198.51.100.1`,
      review: ['☑ + www CNAME example.com'],
      warnings: ['wildcard'],
      after: `
        ${apex}
        * 300 A 198.51.100.1
        www CNAME example.com.`,
    })
    expect(warningFor(plan, 'wildcard')).toBe(
      'Until now *.example.com answered for www.example.com; if you delete the new record later, it will again.',
    )
  })

  test('W3 that follows the apex goes on doing so', () => {
    const plan = expectOnboarding({
      before: `
        @ A 198.51.100.1 ; proxied
        www CNAME example.com. ; proxied`,
      review: ['☑ ~ @ A 198.51.100.1 → 203.0.113.7'],
      after: `
        @ A 203.0.113.7 ; proxied
        www CNAME example.com. ; proxied`,
    })
    expect(reasonFor(plan, 'www CNAME example.com')).toBe('It already follows example.com.')
  })

  test('W3 that leads to the host by its name is right too', () => {
    expectOnboarding({
      store: aStore({ host: aName('shops.example.net') }),
      before: `
        ${apex}
        www 300 CNAME shops.example.net.`,
      review: [],
      after: `
        ${apex}
        www 300 CNAME shops.example.net.`,
    })
  })

  test.each([
    ['the same host', '@ 300 CNAME eu.example.net.', 'www 300 CNAME us.example.net.', '', 1],
    [
      'the same address',
      '@ 300 A 198.51.100.1',
      'www 300 CNAME box.example.com.',
      'box 300 A 198.51.100.1',
      0,
    ],
  ])('W4 with %s as the old apex is changed in place without another word', (_, old, www, box, removed) => {
    const plan = planOnboarding(onboardingOf([old, www, box].join('\n')))
    expect(reviewLines(plan).at(-1)).toMatch(/^☑ ~ www CNAME \S+ → example\.com$/)
    expect(reviewLines(plan).filter((line) => line.includes(' - ')).length).toBe(removed)
    expect(plan.warnings).toEqual([])
  })

  test('W5 with another provider than the apex is changed too, but says which site goes', () => {
    const plan = expectOnboarding({
      before: `
        @ 300 A 198.51.100.1
        www 300 CNAME oldhost.example.net.`,
      review: ['☑ ~ @ A 198.51.100.1 → 203.0.113.7', '☑ ~ www CNAME oldhost.example.net → example.com'],
      warnings: ['www-in-use'],
      after: `
        @ 300 A 203.0.113.7
        www 300 CNAME example.com.`,
    })
    expect(warningFor(plan, 'www-in-use')).toBe(
      'www.example.com shows a site at oldhost.example.net today; after this change it shows your store.',
    )
  })

  test('W5 does not warn if the public sees both names at one address', () => {
    const addresses = ['198.51.100.1']
    const answers = ['example.com', 'www.example.com'].map((name) => ({ name: aName(name), addresses }))
    const plan = planOnboarding(
      onboardingOf('@ 300 A 198.51.100.1\nwww 300 CNAME oldhost.example.net.', { observed: { answers } }),
    )
    expect(plan.warnings).toEqual([])
  })

  test('W6 with addresses has one of them changed in place and loses the others', () => {
    expectOnboarding({
      before: `
        @ 300 A 198.51.100.1
        www 300 A 198.51.100.1 ; by hand
        www 300 A 198.51.100.2
        www 300 AAAA 2001:db8::1`,
      review: [
        '☑ ~ @ A 198.51.100.1 → 203.0.113.7',
        '☑ ~ www A 198.51.100.1 → 203.0.113.7',
        '☑ - www A 198.51.100.2',
        '☑ - www AAAA 2001:db8::1',
      ],
      after: `
        @ 300 A 203.0.113.7
        www 300 A 203.0.113.7 ; by hand`,
    })
  })

  test('W6 with addresses gives way to a CNAME if the host has only a name', () => {
    expectOnboarding({
      store: aStore({ ipv4: [], host: aName('shops.example.net') }),
      before: `
        @ 300 CNAME shops.example.net.
        www A 198.51.100.1 ; proxied
        www AAAA 2001:db8::1 ; proxied`,
      review: ['☑ - www A 198.51.100.1', '☑ - www AAAA 2001:db8::1', '☑ + www CNAME example.com'],
      warnings: ['www-in-use'],
      after: `
        @ 300 CNAME shops.example.net.
        www CNAME example.com. ; proxied`,
    })
  })

  test('W7 with mail or text gets addresses, because a CNAME would hide them', () => {
    expectOnboarding({
      before: `
        ${apex}
        www 300 TXT "proof"`,
      review: ['☑ + www A 203.0.113.7'],
      after: `
        ${apex}
        www A 203.0.113.7
        www 300 TXT "proof"`,
    })
  })

  test('W7 with mail or text is left alone if the host has no address', () => {
    const plan = expectOnboarding({
      store: aStore({ ipv4: [], host: aName('shops.example.net') }),
      before: `
        @ 300 CNAME shops.example.net.
        www 300 MX 10 mail.example.net.`,
      review: [],
      warnings: ['twin-left-alone'],
      after: `
        @ 300 CNAME shops.example.net.
        www 300 MX 10 mail.example.net.`,
    })
    expect(warningFor(plan, 'twin-left-alone')).toBe(
      'We leave www.example.com alone: www.example.com has MX records, which would no longer be seen beside the CNAME that your host needs.',
    )
  })

  test('W8 behind the proxy stays there', () => {
    expectOnboarding({
      before: `
        ${apex}
        www CNAME oldhost.example.net. ; proxied`,
      review: ['☑ ~ www CNAME oldhost.example.net → example.com'],
      warnings: ['www-in-use'],
      after: `
        ${apex}
        www CNAME example.com. ; proxied`,
    })
  })

  test('W9 that is delegated is left alone', () => {
    const plan = expectOnboarding({
      before: `
        @ 300 A 198.51.100.1
        www 300 NS ns1.example.net.`,
      review: ['☑ ~ @ A 198.51.100.1 → 203.0.113.7'],
      warnings: ['twin-left-alone'],
      after: `
        @ 300 A 203.0.113.7
        www 300 NS ns1.example.net.`,
    })
    expect(warningFor(plan, 'twin-left-alone')).toBe(
      'We leave www.example.com alone: www.example.com is handed over to ns1.example.net, so a change of www.example.com here would not show.',
    )
  })

  test('W9 that belongs to a Cloudflare product is left alone', () => {
    expectOnboarding({
      before: `
        ${apex}
        www CNAME blog.pages.dev. ; proxied`,
      review: [],
      warnings: ['twin-left-alone'],
      after: `
        ${apex}
        www CNAME blog.pages.dev. ; proxied`,
    })
  })

  test('W10 that the host does not serve is left alone, and the operator is told', () => {
    const plan = expectOnboarding({
      store: aStore({ servesWww: false }),
      before: `
        @ 300 A 198.51.100.1
        www 300 CNAME oldhost.example.net.`,
      review: ['☑ ~ @ A 198.51.100.1 → 203.0.113.7'],
      warnings: ['www-not-served'],
      after: `
        @ 300 A 203.0.113.7
        www 300 CNAME oldhost.example.net.`,
    })
    expect(warningFor(plan, 'www-not-served')).toBe(
      'Your server does not answer for www.example.com, so we leave that name alone.',
    )
  })

  test('W10 that the host does not serve, but that follows the apex, may stay on the old server', () => {
    expectOnboarding({
      store: aStore({ servesWww: false }),
      before: `
        @ 300 A 198.51.100.1
        www 300 CNAME example.com.`,
      review: [
        '☑ ~ @ A 198.51.100.1 → 203.0.113.7',
        '☐ - www CNAME example.com [pin www.example.com]',
        '☐ + www A 198.51.100.1 [pin www.example.com]',
      ],
      warnings: ['www-not-served', 'follows'],
      after: `
        @ 300 A 203.0.113.7
        www 300 CNAME example.com.`,
    })
  })
})

describe('a store at www', () => {
  const store = aStore({ name: aName('www.example.com') })

  test('W11 moves www; the apex is offered', () => {
    const plan = expectOnboarding({
      store,
      before: `
        @ 300 A 198.51.100.1
        www 300 CNAME example.com.`,
      review: ['☑ + www A 203.0.113.7', '☑ - www CNAME example.com', '☐ ~ @ A 198.51.100.1 → 203.0.113.7'],
      warnings: ['apex-optional'],
      after: `
        @ 300 A 198.51.100.1
        www 300 A 203.0.113.7`,
    })
    expect(warningFor(plan, 'apex-optional')).toBe(
      'example.com stays as it is; select it if it should lead to www.example.com too.',
    )
  })

  test('W11 says nothing of an apex that the host does not serve', () => {
    expectOnboarding({
      store: { ...store, servesWww: false },
      before: `
        @ 300 A 198.51.100.1
        www 300 A 198.51.100.1`,
      review: ['☑ ~ www A 198.51.100.1 → 203.0.113.7'],
      after: `
        @ 300 A 198.51.100.1
        www 300 A 203.0.113.7`,
    })
  })
})
