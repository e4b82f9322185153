import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aName, aValue } from '#dns/testing.ts'
import { aStore, aZone, example, zoneRecords } from '#onboarding/testing.ts'
import { viewZone } from '#onboarding/zone-view.ts'
import { readReply } from './message.ts'
import type { Probed } from './probe.ts'
import type { Seen } from './resolver.ts'
import { pointingOf, type StateInput, seenVerdict, stateOf } from './state.ts'

const OURS: Seen = { aliases: [], addresses: ['203.0.113.7'] }
const OLD: Seen = { aliases: [], addresses: ['198.51.100.1'] }
const store = aStore()

const pointing = (zone: string, name = example, facts: Parameters<typeof aStore>[0] = {}) =>
  pointingOf(viewZone(example, zoneRecords(zone)), aStore(facts), name)

function state(facts: Partial<StateInput['findings']> = {}, more: Partial<StateInput> = {}): string {
  const zone = aZone()
  const { state, hint, reachable } = stateOf({
    name: store.name,
    zone,
    pointing: pointing('@ A 203.0.113.7'),
    zoneFindings: { delegation: { status: 'found', nameServers: zone.nameServers }, dnssec: undefined },
    findings: { held: [OURS], seen: [OURS], probed: { kind: 'reached' }, ...facts },
    readyAt: null,
    now: 0,
    ...more,
  })
  return [state, reachable, hint?.code].filter((one) => one !== undefined).join(' ')
}

describe('where records lead', () => {
  test.each<[string, string, object]>([
    ['@ A 203.0.113.7', 'yes', {}],
    ['@ A 203.0.113.7\n@ A 198.51.100.1', 'partly', {}],
    ['@ A 198.51.100.1', 'no', {}],
    ['', 'no', {}],
    ['@ CNAME host.example.net.', 'yes', { ipv4: [], host: aName('host.example.net') }],
    ['@ CNAME other.example.net.', 'no', { ipv4: [], host: aName('host.example.net') }],
    ['* A 203.0.113.7', 'no', {}],
    ['@ A 203.0.113.7', 'yes', { ipv6: [aValue('AAAA', '2001:db8::7')] }],
    ['@ A 203.0.113.7', 'not_checked', { ipv4: [] }],
  ])('%j is the store: %s', (zone, expected, facts) => {
    expect(pointing(zone, example, facts).saved).toBe(expected)
  })

  test('is followed along aliases and wildcards', () => {
    const www = aName('www.example.com')
    expect(pointing('@ A 203.0.113.7\nwww CNAME @', www)).toMatchObject({
      saved: 'yes',
      ends: ['203.0.113.7'],
    })
    expect(pointing('* A 203.0.113.7', www).saved).toBe('yes')
  })
})

describe('what DNS answers', () => {
  test('is compared with the records, where it can be', () => {
    const plain = pointing('@ A 203.0.113.7')
    expect(seenVerdict([OURS, OURS], plain)).toBe('yes')
    expect(seenVerdict([OURS, OLD], plain)).toBe('partly')
    expect(seenVerdict([OLD], plain)).toBe('no')
    expect(seenVerdict([{ aliases: [], addresses: ['203.0.113.7', '198.51.100.1'] }], plain)).toBe('partly')
    expect(seenVerdict([], plain)).toBe('not_checked')
  })

  test('is not compared behind the proxy, nor where a CNAME is flattened', () => {
    const cloudflare: Seen = { aliases: [], addresses: ['104.16.0.1'] }
    const none: Seen = { aliases: [], addresses: [] }
    const host = { ipv4: [], host: aName('host.example.net') }
    const hidden = [
      pointing('@ A 203.0.113.7 ; proxied'),
      pointing('@ CNAME host.example.net.', example, host),
      pointing('www CNAME host.example.net.', aName('www.example.com'), host),
    ]
    for (const each of hidden) {
      expect(seenVerdict([cloudflare], each)).toBe('yes')
      expect(seenVerdict([none], each)).toBe('no')
    }
  })

  test('may end in the host’s own name', () => {
    const www = pointing('www CNAME host.example.net.', aName('www.example.com'), {
      ipv4: [],
      host: aName('host.example.net'),
    })
    expect(seenVerdict([{ aliases: ['host.example.net'], addresses: ['192.0.2.7'] }], www)).toBe('yes')
    expect(seenVerdict([{ aliases: ['old.example.net'], addresses: ['192.0.2.7'] }], www)).toBe('no')
  })
})

describe('a store is', () => {
  test('live where all agree', () => {
    expect(state()).toBe('live yes')
  })

  test.each<[Probed, string]>([
    [{ kind: 'answered', status: 404 }, 'live not_checked not-passed-on'],
    [{ kind: 'sent-elsewhere' }, 'live not_checked not-passed-on'],
    [{ kind: 'no-way' }, 'live not_checked not-passed-on'],
    [{ kind: 'refused' }, 'attention no no-server'],
    [{ kind: 'silent' }, 'attention no no-server'],
    [{ kind: 'reached-by-http' }, 'live by_http'],
    [{ kind: 'certificate', fault: 'none' }, 'attention no certificate'],
    [{ kind: 'no-https' }, 'attention no no-https'],
    [{ kind: 'circle' }, 'attention no redirect-circle'],
    [{ kind: 'unreachable-behind-proxy', status: 522 }, 'attention no server-unreachable'],
    [{ kind: 'not-public' }, 'attention no not-public'],
  ])('after a visit that came to %j: %s', (probed, expected) => {
    expect(state({ probed })).toBe(expected)
  })

  test.each<[string, string, string, RegExp]>([
    [
      'the server, before the host has made it',
      'example.com',
      '',
      /^Your host .* an hour, tell your host\.$/,
    ],
    ['Cloudflare, behind its proxy', 'example.com', ' ; proxied', /^Cloudflare .* within 24 hours /],
    ['Cloudflare, one label below', 'shop.example.com', ' ; proxied', /^Cloudflare .* within 24 hours /],
    [
      'nobody, for a name that is deeper behind the proxy (L6)',
      'shop.eu.example.com',
      ' ; proxied',
      /^Cloudflare's free certificate covers example\.com and one label below it/,
    ],
  ])('not live without a certificate, which comes from %s', (_title, name, tags, remedy) => {
    const { hint, state } = stateOf({
      name: aName(name),
      zone: aZone(),
      pointing: pointing(`${name}. A 203.0.113.7${tags}`, aName(name)),
      zoneFindings: { delegation: { status: 'unknown' }, dnssec: undefined },
      findings: { held: [], seen: [OURS], probed: { kind: 'certificate', fault: 'none' } },
      readyAt: null,
      now: 0,
    })
    expect(state).toBe('attention')
    expect(hint?.message).toBe(
      `${name} is not ready for https, which browsers open: there is no certificate for this name.`,
    )
    expect(hint?.remedy).toMatch(remedy)
  })

  test('live and in the open where its proxy is switched off (Z6, Z17), which is told', () => {
    const proxied = { pointing: pointing('@ A 203.0.113.7 ; proxied') }
    expect(state({}, proxied)).toBe('live yes proxy-off')
    const behind: Seen = { aliases: [], addresses: ['192.0.2.200'] }
    expect(state({ held: [behind], seen: [behind] }, proxied)).toBe('live yes')
    expect(state({ held: [], seen: [OURS] }, proxied)).toBe('live yes')
  })

  test('waited for while somebody may remember, and for the slow after that', () => {
    const probed = { kind: 'answered', status: 200 } as const
    expect(state({ probed }, { readyAt: 1_000 })).toBe('waiting not_checked remembered')
    expect(state({}, { readyAt: 1_000 })).toBe('live yes remembered')
    expect(state({ seen: [OLD], probed: undefined }, { readyAt: -1 })).toBe('waiting no slow-resolvers')
    expect(state({ held: [], seen: [], probed: undefined })).toBe('waiting not_checked no-answer')
  })

  test('nobody’s while its domain is, whatever else is right', () => {
    const found = (delegation: StateInput['zoneFindings']['delegation'], dnssec?: 'secure' | 'broken') =>
      state({}, { zoneFindings: { delegation, dnssec } })
    expect(found({ status: 'none' })).toBe('attention yes domain-unknown')
    expect(found({ status: 'found', nameServers: ['ns1.oldhost.example'] })).toBe('attention yes registrar')
    expect(found({ status: 'unknown' }, 'broken')).toBe('attention yes dnssec-broken')
    expect(found({ status: 'unknown' })).toBe('live yes')
  })

  test('not told of other name servers where Cloudflare names none itself', () => {
    const zone = aZone({ type: 'partial', nameServers: [] })
    expect(state({}, { zone })).toBe('live yes')
  })
})

test('whoever has signed the domain is told to switch that off before the name servers change', () => {
  const { hint } = stateOf({
    name: example,
    zone: aZone(),
    pointing: pointing('@ A 203.0.113.7'),
    zoneFindings: { delegation: { status: 'found', nameServers: ['ns1.oldhost.example'] }, dnssec: 'secure' },
    findings: { held: [OURS], seen: [], probed: undefined },
    readyAt: null,
    now: 0,
  })
  expect(hint?.remedy).toMatch(/^Switch DNSSEC off/)
})

test('no message, however it is made, is more than no answer', () => {
  const query = {
    id: 7,
    question: { name: 'example.com', type: 'A' },
    isRecursive: false,
    isUnchecked: false,
  } as const
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (octets) => {
      const message = Buffer.from(octets)
      if (message.length > 2) message.writeUInt16BE(7, 0)
      expect(readReply(message, query)).toBeUndefined()
    }),
  )
})
