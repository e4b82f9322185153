import { expect, test } from 'vitest'
import { aName } from '#dns/testing.ts'
import { aStore, aZone, zoneRecords } from '#onboarding/testing.ts'
import { systemClock } from '#platform/system.ts'
import { createObserve } from './observe.ts'
import type { Delegation, Resolver, Seen } from './resolver.ts'

interface World {
  /** By zone; others are `unknown`. */
  readonly delegations?: Readonly<Record<string, Delegation>>
  /** What the servers of elsewhere hold. */
  readonly held?: Readonly<Record<string, readonly string[]>>
  readonly hosts?: Readonly<Record<string, readonly string[]>>
  readonly dnssec?: 'secure' | 'unsigned' | 'broken'
  /** What the servers of the zone, or of elsewhere, say. */
  readonly caa?: Readonly<Record<string, readonly string[]>>
}

/** Answers from a table, and writes down what it was asked. */
function resolverOf({ delegations = {}, held = {}, hosts = {}, dnssec, caa = {} }: World) {
  const asked: string[] = []
  const resolver: Resolver = {
    async delegation(zone, { isNew } = { isNew: false }) {
      asked.push(`delegation ${zone}${isNew ? ' of its parent alone' : ''}`)
      return delegations[zone] ?? { status: 'unknown' }
    },
    async addresses(host) {
      asked.push(`address ${host}`)
      return hosts[host] ?? []
    },
    servers: async (names) => names.map(() => ({ address: '192.0.2.53', port: 53 })),
    async held(servers, name) {
      if (servers.length > 0) asked.push(`held ${name}`)
      const addresses = servers.length > 0 ? held[name] : undefined
      return addresses === undefined ? [] : [{ aliases: [], addresses } satisfies Seen]
    },
    seen: async () => expect.unreachable('resolvers would remember'),
    dnssec: async () => dnssec,
    absence: async () => undefined,
    caa: async (servers, name) => (servers.length > 0 ? caa[name] : undefined),
  }
  return { asked, resolver, observe: createObserve(resolver, systemClock) }
}

const found = (...nameServers: string[]): Delegation => ({ status: 'found', nameServers })
const CLOUDFLARE = ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com']

test('of a domain that is in no zone of ours, whoever answers for it is named (Z1)', async () => {
  const { observe, asked } = resolverOf({
    delegations: { 'shop.example.com': { status: 'none' }, 'example.com': found('ns1.oldhost.example') },
  })
  const store = aStore({ name: aName('shop.example.com') })
  expect(await observe({ store, zone: null, records: [] })).toEqual({ nameServers: ['ns1.oldhost.example'] })
  // That the store's name is not there yet is for no resolver to remember.
  expect(asked).toEqual(['delegation shop.example.com of its parent alone', 'delegation example.com'])
})

test('of a name that cannot be told apart from its parents nothing is said', async () => {
  const { observe } = resolverOf({ delegations: { 'co.uk': found('dns1.nic.uk') } })
  const store = aStore({ name: aName('example.co.uk') })
  expect(await observe({ store, zone: null, records: [] })).toEqual({})
})

test('a domain at Cloudflare is not asked for by its names, but for hosts of others (W4, W5)', async () => {
  const { observe, asked } = resolverOf({
    delegations: { 'example.com': found(...CLOUDFLARE) },
    hosts: { 'old.example.net': ['198.51.100.1'] },
    dnssec: 'unsigned',
    caa: { 'example.com': ['0 issue "pki.goog"', '0 issue "\\300"'] },
  })
  const records = zoneRecords('@ A 198.51.100.1\nwww CNAME old.example.net.')
  expect(await observe({ store: aStore(), zone: aZone(), records })).toEqual({
    nameServers: CLOUDFLARE,
    dnssec: 'unsigned',
    answers: [{ name: 'www.example.com', addresses: ['198.51.100.1'] }],
    caa: [{ name: 'example.com', values: ['0 issue "pki.goog"'] }],
  })
  expect(asked).toEqual(['delegation example.com', 'address old.example.net'])
})

test('where others answer for it, it is what they say that the public sees (M9, Z4, Z7)', async () => {
  const { observe } = resolverOf({
    delegations: { 'example.com': found('ns1.oldhost.example') },
    held: { 'example.com': ['198.51.100.77'], 'www.example.com': [] },
  })
  const { answers, nameServers } = await observe({
    store: aStore(),
    zone: aZone(),
    records: zoneRecords('@ A 198.51.100.1'),
  })
  expect(nameServers).toEqual(['ns1.oldhost.example'])
  expect(answers).toEqual([
    { name: 'example.com', addresses: ['198.51.100.77'] },
    { name: 'www.example.com', addresses: [] },
  ])
})

test('name servers that are silent on CAA do not cost what else is known', async () => {
  const { resolver } = resolverOf({ delegations: { 'example.com': found(...CLOUDFLARE) }, dnssec: 'broken' })
  const silent = { ...resolver, caa: () => new Promise<never>(() => {}) }
  const clock = {
    now: () => 0,
    sleep: (ms: number) => (ms < 1_000 ? Promise.resolve() : new Promise<void>(() => {})),
  }
  const observed = await createObserve(silent, clock)({ store: aStore(), zone: aZone(), records: [] })
  expect(observed).toEqual({ nameServers: CLOUDFLARE, dnssec: 'broken', answers: [] })
})

test('silence is not waited for longer than two seconds, and nothing is concluded from it', async () => {
  const { observe } = resolverOf({})
  expect(await observe({ store: aStore(), zone: aZone(), records: [] })).toEqual({ answers: [] })
  const never = { ...resolverOf({}), delegation: () => new Promise<Delegation>(() => {}) }
  const mute = createObserve(never as unknown as Resolver, { now: () => 0, sleep: async () => {} })
  expect(await mute({ store: aStore(), zone: aZone(), records: [] })).toEqual({})
})
