import { describe, expect, test } from 'vitest'
import { aName, aValue } from '#dns/testing.ts'
import type { OnboardingInput } from './input.ts'
import { planOnboarding } from './plan.ts'
import {
  applied,
  aStore,
  aZone,
  expectOnboarding,
  onboardingOf,
  reasonFor,
  reviewLines,
  warningFor,
  zoneLines,
  zoneRecords,
} from './testing.ts'

const alone = { store: aStore({ servesWww: false }) }
const moving = '@ 300 A 198.51.100.1'
const moved = '@ 300 A 203.0.113.7'
const move = '☑ ~ @ A 198.51.100.1 → 203.0.113.7'

/** The numbers count what else there can be around a move; one test each at least. Mail has its own. */
describe('around a move', () => {
  test('M3 what follows the apex moves with it, and may be left on the old server', () => {
    const before = `
      ${moving}
      ftp CNAME @ ; proxied
      blog 300 CNAME ftp`
    const plan = expectOnboarding({
      ...alone,
      before,
      review: [
        move,
        '☐ - ftp CNAME example.com [pin ftp.example.com]',
        '☐ + ftp A 198.51.100.1 [pin ftp.example.com]',
        '☐ - blog CNAME ftp.example.com [pin blog.example.com]',
        '☐ + blog A 198.51.100.1 [pin blog.example.com]',
      ],
      warnings: ['follows'],
      after: `
        ${moved}
        ftp CNAME @ ; proxied
        blog 300 CNAME ftp`,
    })
    expect(warningFor(plan, 'follows')).toBe(
      'What follows example.com will lead to your server too: ftp.example.com and blog.example.com.',
    )
    const pinned = plan.changes.filter(({ name }) => name === 'ftp.example.com').map(({ id }) => id)
    expect(zoneLines(applied(zoneRecords(before), plan, pinned))).toEqual(
      zoneLines(
        zoneRecords(`
          ${moving}
          ftp A 198.51.100.1 ; proxied
          blog 300 CNAME ftp`),
      ),
    )
  })

  test('M3 names at most ten of what follows', () => {
    const lines = Array.from({ length: 12 }, (_, index) => `n${index} 300 CNAME @`)
    const plan = planOnboarding(onboardingOf([moving, ...lines].join('\n'), alone))
    expect(warningFor(plan, 'follows')).toMatch(/: n0\.example\.com, .*n9\.example\.com and 2 more\.$/)
  })

  test('M3 what follows an apex that was a CNAME may follow the old host', () => {
    expectOnboarding({
      ...alone,
      before: `
        @ 300 CNAME box.example.net.
        ftp 300 CNAME @`,
      review: [
        '☑ + @ A 203.0.113.7',
        '☑ - @ CNAME box.example.net',
        '☐ ~ ftp CNAME example.com → box.example.net [pin ftp.example.com]',
      ],
      warnings: ['follows'],
      after: `
        ${moved}
        ftp 300 CNAME @`,
    })
  })

  test('M3 what leads through a mail server that stays, stays with it', () => {
    const zone = `
      @ 300 MX 10 mail
      webmail 300 CNAME mail`
    expectOnboarding({
      ...alone,
      before: `
        ${moving}
        mail 300 CNAME @
        ${zone}`,
      review: [move, '☑ - mail CNAME example.com [mail]', '☑ + mail A 198.51.100.1 [mail]'],
      warnings: ['mail-protected'],
      after: `
        ${moved}
        mail A 198.51.100.1
        ${zone}`,
    })
  })

  test('M3 what follows where nothing answered, or cannot be changed, is told and kept', () => {
    const zone = `
      _sip._tcp 300 SRV 10 5 5060 @
      ftp 300 CNAME @ ; read-only`
    const plan = expectOnboarding({
      ...alone,
      before: zone,
      review: ['☑ + @ A 203.0.113.7'],
      warnings: ['follows'],
      after: `
        @ A 203.0.113.7
        ${zone}`,
    })
    expect(reasonFor(plan, '_sip._tcp SRV 10 5 5060 example.com')).toBe(
      'It follows example.com and will lead to your server too.',
    )
  })

  test('M3 what another product holds is told, and has nowhere else to go', () => {
    const plan = planOnboarding(onboardingOf(`${moving}\nftp 300 CNAME @ ; read-only`, alone))
    expect(reviewLines(plan)).toEqual([move])
    expect(plan.warnings.map(({ code }) => code)).toEqual(['follows'])
  })

  test('M3 other names, even at the old address, are not touched', () => {
    const zone = `
      ftp 300 A 198.51.100.1
      blog 300 CNAME blogs.example.net.
      loop 300 CNAME pool
      pool 300 CNAME loop`
    const plan = expectOnboarding({
      ...alone,
      before: `${moving} ${zone}`,
      review: [move],
      after: `${moved} ${zone}`,
    })
    expect(reasonFor(plan, 'ftp A 198.51.100.1')).toBe('It is another name, and stays as it is.')
  })

  test.each([
    ['at the apex', '@ 300 CAA 0 issue "ca.example.net"', 'caa-forbids'],
    ['for nobody', '@ 300 CAA 0 issue ";"', 'caa-forbids'],
    [
      'nearer to the name',
      '@ 300 CAA 0 issue "letsencrypt.org"\nshop 300 CAA 0 issue "ca.example.net"',
      'caa-forbids',
    ],
    [
      'with conditions',
      '@ 300 CAA 0 issue "letsencrypt.org; accounturi=https://ca.example.net/1"',
      'caa-restricts',
    ],
  ])('M6 CAA records %s that keep the host from a certificate are reported, not changed', (_, caa, code) => {
    const store = aStore({ name: aName('shop.example.com') })
    const plan = expectOnboarding({
      store,
      caaIssuers: ['letsencrypt.org', 'pki.example.org'],
      before: `shop 300 A 203.0.113.7\n${caa}`,
      review: [],
      warnings: [code],
      after: `shop 300 A 203.0.113.7\n${caa}`,
    })
    expect(plan.warnings[0]?.message).toContain('shop.example.com')
  })

  test.each([
    '@ 300 CAA 0 issue "ca.example.net"\n@ 300 CAA 0 issue "LetsEncrypt.org"',
    '@ 300 CAA 0 issuewild ";"',
    '@ 300 CAA 0 iodef "mailto:security@example.com"',
    'other 300 CAA 0 issue ";"',
    '',
  ])('M6 CAA records that let the host have its certificate are not: %s', (caa) => {
    const zone = `${moved}\n${caa}`
    expectOnboarding({ ...alone, caaIssuers: ['letsencrypt.org'], before: zone, review: [], after: zone })
  })

  test('M6 CAA records that no usual authority gets past are reported of a host that has not said where it goes', () => {
    const told = (caa: string) =>
      planOnboarding(onboardingOf(`${moved}\n${caa}`, alone)).warnings.map(({ code }) => code)
    expect(told('@ 300 CAA 0 issue ";"')).toEqual(['caa-forbids'])
    expect(told('@ 300 CAA 0 issue "ca.example.net"')).toEqual(['caa-forbids'])
    expect(told('@ 300 CAA 0 issue "pki.goog; validationmethods=dns-01"')).toEqual([])
  })

  test('M6 the live answer for CAA counts more than the records', () => {
    const caa = [{ name: aName('example.com'), values: [aValue('CAA', '0 issue "pki.example.org"')] }]
    const plan = expectOnboarding({
      ...alone,
      caaIssuers: ['letsencrypt.org'],
      observed: { caa },
      before: moved,
      review: [],
      warnings: ['caa-forbids'],
      after: moved,
    })
    expect(warningFor(plan, 'caa-forbids')).toBe(
      'The CAA records for example.com do not let your host get a certificate from letsencrypt.org; add a CAA record: 0 issue "letsencrypt.org".',
    )
  })

  test('M7 what proves the domain to a certificate authority is kept', () => {
    const zone = `
      _acme-challenge 300 TXT "proof"
      _acme-challenge.www 300 CNAME proofs.example.net.`
    const plan = expectOnboarding({ ...alone, before: moved + zone, review: [], after: moved + zone })
    expect(reasonFor(plan, '_acme-challenge TXT "proof"')).toBe(
      'It proves your domain to a certificate authority, and stays as it is.',
    )
  })

  test('M8 a wildcard to the old host is kept', () => {
    const plan = expectOnboarding({
      ...alone,
      before: `
        ${moving}
        * 300 A 198.51.100.1`,
      review: [move],
      warnings: ['www-not-served'],
      after: `
        ${moved}
        * 300 A 198.51.100.1`,
    })
    expect(reasonFor(plan, '* A 198.51.100.1')).toBe(
      'It answers for names without records of their own, and stays as it is.',
    )
  })

  test('M9 what the public sees instead of the records is told, but not of proxied names', () => {
    const answers = [{ name: aName('example.com'), addresses: ['198.51.100.9'] }]
    const facts = { ...alone, observed: { answers } }
    const plan = planOnboarding(onboardingOf(moving, facts))
    expect(warningFor(plan, 'live-differs')).toBe(
      'The public sees 198.51.100.9 for example.com, but Cloudflare holds 198.51.100.1; a change here may not show.',
    )
    expect(planOnboarding(onboardingOf('@ A 198.51.100.1 ; proxied', facts)).warnings).toEqual([])
    expect(planOnboarding(onboardingOf('@ A 198.51.100.9', facts)).warnings).toEqual([])
    const more = [{ name: aName('example.com'), addresses: ['198.51.100.1', '198.51.100.9'] }]
    const codes = (given: Partial<OnboardingInput>) =>
      planOnboarding(onboardingOf(moving, { ...alone, ...given })).warnings.map(({ code }) => code)
    expect(codes({ observed: { answers: more } })).toEqual(['live-differs'])
    // Of a zone that waits for its registrar nothing else is to be expected.
    expect(codes({ observed: { answers }, zone: aZone({ status: 'pending' }) })).toEqual(['zone-pending'])
  })

  test.each([
    ['Terraform', '@ 300 A 203.0.113.7 ; managed by Terraform'],
    ['A DNS operator', '@ 300 A 203.0.113.7 ; zonewright:default'],
    ['external-dns', '@ 300 A 203.0.113.7\n@ 300 TXT "heritage=external-dns,external-dns/owner=k8s"'],
  ])('M10 a record that is ours already keeps its other owner: %s', (owner, zone) => {
    const plan = expectOnboarding({
      ...alone,
      before: zone,
      review: [],
      warnings: ['other-owner'],
      after: zone,
    })
    expect(warningFor(plan, 'other-owner')).toBe(
      `${owner} seems to manage example.com, and may change it back.`,
    )
  })

  test('M10 a record that changes keeps its comment, and its owner is named', () => {
    const store = aStore({ name: aName('shop.example.com') })
    expectOnboarding({
      store,
      before: `
        shop 300 A 198.51.100.1 ; Terraform
        a-shop 300 TXT "heritage=external-dns,external-dns/owner=k8s"`,
      review: ['☑ ~ shop A 198.51.100.1 → 203.0.113.7'],
      warnings: ['other-owner'],
      after: `
        shop 300 A 203.0.113.7 ; Terraform
        a-shop 300 TXT "heritage=external-dns,external-dns/owner=k8s"`,
    })
  })
})
