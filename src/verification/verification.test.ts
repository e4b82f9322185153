import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { aName } from '#dns/testing.ts'
import { PROXY_ADDRESSES } from '#emulator/dns/answer.ts'
import { startDnsServer } from '#emulator/dns-server.ts'
import { createEmulator, type RecordSeed, type ZoneSeed } from '#emulator/emulator.ts'
import type { OnboardingZone, Shop } from '#onboarding/input.ts'
import { aStore, aZone, example, zoneRecords } from '#onboarding/testing.ts'
import { systemClock } from '#platform/system.ts'
import type { ServerAddress } from './address.ts'
import { createAsk } from './ask.ts'
import { createProbe } from './probe.ts'
import { createReach } from './reach.ts'
import { createReachTokens, REACH_PATH } from './reach-token.ts'
import { createResolver } from './resolver.ts'
import { type ScriptedReply, startScriptedServer } from './testing.ts'
import { createVerification, type Subject, type Verified } from './verification.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

const SAVED = '@ A 203.0.113.7\nwww CNAME @'
const SERVED: readonly RecordSeed[] = [
  { type: 'A', name: '@', content: '203.0.113.7' },
  { type: 'CNAME', name: 'www', content: 'example.com' },
]

interface Setting {
  /** What we know of the records at Cloudflare. */
  readonly saved?: string
  /** What the name servers hold. */
  readonly served?: readonly RecordSeed[]
  readonly zone?: Partial<ZoneSeed>
  readonly known?: Partial<OnboardingZone>
  readonly store?: Partial<Shop>
  readonly history?: Subject['history']
  /** In place of resolvers that know what the name servers hold; undefined: as those. */
  readonly resolver?: (question: string) => ScriptedReply | 'silent' | undefined
  /** In place of a host that hands the path on. */
  readonly host?: { readonly status: number; readonly body?: string }
  /** What is asked by https; left out: nobody can be. */
  readonly https?: ServerAddress
}

async function settingFor(setting: Setting = {}) {
  const { saved = SAVED, served = SERVED } = setting
  const emulator = createEmulator({ zones: [{ name: 'example.com', records: served, ...setting.zone }] })
  const dns = await startDnsServer(emulator, 0, '127.0.0.1')
  closing.push(() => dns.close())
  const tokens = createReachTokens(['the key'])
  const visits: string[] = []
  const host = createServer(({ url = '', headers }, response) => {
    visits.push(`${headers.host} ${url.slice(0, REACH_PATH.length)}`)
    const body = setting.host?.body ?? tokens.answerTo(url.slice(REACH_PATH.length))
    response.writeHead(setting.host?.status ?? 200).end(setting.host ? setting.host.body : body)
  }).listen(0, '127.0.0.1')
  await once(host, 'listening')
  closing.push(async () => host.close())

  const here = (port: number): ServerAddress => ({ address: '127.0.0.1', port })
  const hostAt = here((host.address() as AddressInfo).port)
  const reach = createReach(
    new Map([
      ['192.0.2.53:53', here(dns.port)],
      ...['203.0.113.7', ...PROXY_ADDRESSES.A].map((address) => [`${address}:80`, hostAt] as const),
      ...(setting.https ? [['203.0.113.7:443', setting.https] as const] : []),
    ]),
  )
  const ask = createAsk(100, systemClock)
  const resolver = await resolverFor(setting, here(dns.port))
  const verification = createVerification({
    resolver: createResolver({ ask, reach, resolvers: [resolver], now: Date.now }),
    probe: createProbe(reach, 500),
    tokens,
    clock: systemClock,
  })
  const subject: Subject = {
    store: aStore(setting.store),
    zone: aZone({ nameServers: ['ada.ns.example.org', 'bob.ns.example.org'], ...setting.known }),
    records: zoneRecords(saved),
    history: setting.history ?? [],
  }
  return { visits, check: (who = 'anna') => verification.check(who, async () => subject) }
}

/** Says what it is told to, and of everything else what the name server says. */
async function resolverFor({ resolver }: Setting, dns: ServerAddress): Promise<ServerAddress> {
  if (resolver === undefined) return dns
  const scripted = await startScriptedServer(({ text }) => {
    const reply = resolver(text)
    if (reply === 'silent') return undefined
    const [name, type] = text.split(' ')
    const isServer = name === 'ada.ns.example.org' && type === 'A'
    return reply ?? (isServer ? { answers: [`${name} A 192.0.2.53`] } : { rcode: 5 })
  })
  closing.push(() => scripted.close())
  return scripted
}

/** `example.com live: yes yes yes` — saved, served, reachable — and the code of the hint, a line a name. */
function lines({ names }: Verified): string[] {
  return names.map(({ name, state, saved, served, reachable, hint }) =>
    [`${name} ${state}: ${saved} ${served} ${reachable}`, ...(hint ? [hint.code] : [])].join(' '),
  )
}

test('a store that everybody leads to is live, by the token that only we could have answered', async () => {
  const { check, visits } = await settingFor()
  const verified = await check()
  expect(lines(verified)).toEqual([
    'example.com live: yes yes by_http',
    'www.example.com live: yes yes by_http',
  ])
  expect(verified.delegation).toEqual({
    status: 'yes',
    nameServers: ['ada.ns.example.org', 'bob.ns.example.org'],
  })
  expect(verified.names[0]).toMatchObject({
    wanted: ['203.0.113.7'],
    atCloudflare: ['203.0.113.7'],
    atNameServers: ['203.0.113.7'],
    readyAt: null,
  })
  expect(visits.sort()).toEqual([`example.com ${REACH_PATH}`, `www.example.com ${REACH_PATH}`])
})

test('a store that is reached by http and not by https is not live (L1, L2)', async () => {
  const https: ServerAddress = { address: '127.0.0.1', port: 1 }
  const dead = [
    'example.com attention: yes yes no no-https',
    'www.example.com attention: yes yes no no-https',
  ]
  expect(lines(await (await settingFor({ https })).check())).toEqual(dead)
  const host = { status: 404, body: 'not found' }
  expect(lines(await (await settingFor({ https, host })).check())).toEqual(dead)
})

test('addresses of a proxied name are never compared: it is the visit that tells', async () => {
  const proxied = SERVED.map((record) => ({ ...record, proxied: true }))
  const { check } = await settingFor({
    saved: '@ A 203.0.113.7 ; proxied\nwww CNAME @ ; proxied',
    served: proxied,
  })
  const verified = await check()
  expect(lines(verified)).toEqual([
    'example.com live: yes yes by_http',
    'www.example.com live: yes yes by_http',
  ])
  expect(verified.names[0]?.atNameServers).toContain('198.51.100.1')
})

test('a record that was saved and is not served yet is waited for, and nobody is asked who would remember', async () => {
  const asked: string[] = []
  const { check, visits } = await settingFor({
    served: [{ type: 'A', name: '@', content: '198.51.100.9' }],
    resolver: (question) => void asked.push(question),
  })
  const verified = await check()
  expect(lines(verified)).toEqual([
    'example.com waiting: yes no not_checked being-served',
    'www.example.com waiting: yes no not_checked being-served',
  ])
  expect(verified.names[1]?.atNameServers).toEqual([])
  expect(visits).toEqual([])
  expect(asked.filter((question) => /^(www\.)?example\.com AA?A?A?$/.test(question))).toEqual([])
})

test('what visitors’ resolvers remember is waited for until it runs out, and not visited', async () => {
  const at = Date.now() - 60_000
  const before = zoneRecords('@ 3600 A 198.51.100.9')
  const { check, visits } = await settingFor({
    history: [{ at, name: example, type: 'A', before }],
    resolver: (question) =>
      question.endsWith('example.com A')
        ? { answers: ['example.com A 198.51.100.9'] }
        : question.endsWith('AAAA')
          ? {}
          : undefined,
  })
  const [apex] = (await check()).names
  expect(apex).toMatchObject({ state: 'waiting', served: 'yes', reachable: 'no', readyAt: at + 3_600_000 })
  expect(apex?.hint?.code).toBe('remembered')
  expect(visits).toEqual([])
})

test('a host that does not hand the path on is not taken for the store, nor for its absence', async () => {
  const { check } = await settingFor({ host: { status: 404, body: 'not found' } })
  expect(lines(await check())).toEqual([
    'example.com live: yes yes not_checked not-passed-on',
    'www.example.com live: yes yes not_checked not-passed-on',
  ])
  const waiting = await settingFor({
    host: { status: 200, body: 'the old shop' },
    history: [{ at: Date.now(), name: example, type: 'A', before: zoneRecords('@ A 198.51.100.9') }],
  })
  expect(lines(await waiting.check())[0]).toBe('example.com waiting: yes yes not_checked remembered')
})

test('a name that does not lead to the store says where it leads, and is not looked for', async () => {
  const { check } = await settingFor({ saved: '@ A 203.0.113.7\nwww CNAME old.example.net.' })
  const verified = await check()
  expect(lines(verified)).toEqual([
    'example.com live: yes yes by_http',
    'www.example.com attention: no not_checked not_checked not-pointed',
  ])
  expect(verified.names[1]?.hint?.message).toContain('old.example.net')
})

test('of a store on a subdomain, or without www, only its own name is looked at', async () => {
  const own = await settingFor({ store: { servesWww: false } })
  expect(lines(await own.check())).toEqual(['example.com live: yes yes by_http'])
})

test('a zone that waits for its registrar is never live', async () => {
  const { check } = await settingFor({ known: { status: 'pending' }, zone: { status: 'pending' } })
  expect(lines(await check())[0]).toBe('example.com waiting: yes yes by_http zone-pending')
})

describe('the registrar', () => {
  const naming =
    (...servers: string[]) =>
    (question: string): ScriptedReply | undefined =>
      question === 'example.com NS'
        ? { answers: servers.map((server) => `example.com NS ${server}`) }
        : undefined

  test('that still names others is told by their names, with what to set', async () => {
    const { check } = await settingFor({ resolver: naming('ns1.oldhost.example', 'ns2.oldhost.example') })
    const { names, delegation } = await check()
    expect(names[0]).toMatchObject({ state: 'attention', hint: { code: 'registrar' } })
    expect(names[0]?.hint?.message).toContain('ns1.oldhost.example and ns2.oldhost.example')
    expect(names[0]?.hint?.remedy).toContain('ada.ns.example.org and bob.ns.example.org')
    expect(delegation).toEqual({ status: 'no', nameServers: ['ns1.oldhost.example', 'ns2.oldhost.example'] })
  })

  test('that names others beside Cloudflare sends some visitors elsewhere', async () => {
    const { check } = await settingFor({ resolver: naming('ADA.ns.example.org', 'ns2.oldhost.example') })
    const { names, delegation } = await check()
    expect(delegation.status).toBe('partly')
    expect(names[0]?.hint).toMatchObject({ code: 'registrar-partly' })
  })

  test('that nobody has paid leaves a domain that nobody knows', async () => {
    const { check } = await settingFor({
      resolver: (question) => (question === 'example.com NS' ? { rcode: 3 } : undefined),
    })
    expect((await check()).names[0]?.hint?.code).toBe('domain-unknown')
  })

  test('is asked of the parent’s own servers, which know first', async () => {
    const parent = await startScriptedServer(({ text, isRecursive }) => {
      expect(isRecursive).toBe(false)
      return text === 'example.com NS'
        ? { isLame: true, authorities: ['example.com NS ns1.oldhost.example'] }
        : { rcode: 5 }
    })
    closing.push(() => parent.close())
    const resolver = createResolver({
      ask: createAsk(100, systemClock),
      reach: (address) => (address === '192.0.2.1' ? parent : undefined),
      resolvers: [
        await resolverFor(
          {
            resolver: (question) =>
              ({
                'com NS': { answers: ['com NS a.nic.example'] },
                'a.nic.example A': { answers: ['a.nic.example A 192.0.2.1'] },
              })[question] ?? { answers: ['example.com NS ada.ns.example.org'] },
          },
          { address: '127.0.0.1', port: 1 },
        ),
      ],
      now: Date.now,
    })
    expect(await resolver.delegation('example.com')).toEqual({
      status: 'found',
      nameServers: ['ns1.oldhost.example'],
    })
  })
})

test('a zone that validating resolvers refuse, and others do not, has a wrong entry at its registrar', async () => {
  const broken = await startScriptedServer(({ text, isUnchecked }) =>
    text === 'example.com NS'
      ? { answers: ['example.com NS ada.ns.example.org'] }
      : isUnchecked
        ? { answers: ['example.com SOA 1800'] }
        : { rcode: 2 },
  )
  closing.push(() => broken.close())
  const resolver = createResolver({
    ask: createAsk(100, systemClock),
    reach: () => undefined,
    resolvers: [broken],
    now: Date.now,
  })
  expect(await resolver.dnssec('example.com')).toBe('broken')
})

test('CAA is the set of the name or the nearest above, as the name servers say it and up to the zone', async () => {
  const issuer = (name: string, value: string): RecordSeed => ({
    type: 'CAA',
    name,
    data: { flags: 128, tag: 'issue', value },
  })
  const records = [
    issuer('shop', 'pki.goog; x="y"'),
    { type: 'A', name: '@', content: '203.0.113.7' },
  ] as const
  const emulator = createEmulator({ zones: [{ name: 'example.com', records }] })
  const dns = await startDnsServer(emulator, 0, '127.0.0.1')
  closing.push(() => dns.close())
  const server = { address: '127.0.0.1', port: dns.port }
  const lame = await startScriptedServer(() => ({ isLame: true }))
  closing.push(() => lame.close())
  const options = { ask: createAsk(100, systemClock), reach: () => undefined, resolvers: [], now: Date.now }
  const resolver = createResolver(options)
  const caa = (name: string) => resolver.caa([lame, server], name, 'example.com')
  expect(await caa('www.shop.example.com')).toEqual(['128 issue "pki.goog; x=\\"y\\""'])
  expect(await caa('www.example.com')).toEqual([])
  expect(await resolver.caa([lame], 'www.example.com', 'example.com')).toBeUndefined()
})

describe('nothing is concluded', () => {
  test.each<[string, (question: string) => ScriptedReply | 'silent' | undefined]>([
    ['from resolvers that say nothing', () => 'silent'],
    ['from SERVFAIL', () => ({ rcode: 2 })],
    ['from REFUSED', () => ({ rcode: 5 })],
    ['from noise', () => ({ octets: Buffer.alloc(60, 7) })],
  ])('%s', async (_title, resolver) => {
    const { check } = await settingFor({ resolver })
    const verified = await check()
    expect(lines(verified)).toEqual([
      'example.com waiting: yes not_checked not_checked no-answer',
      'www.example.com waiting: yes not_checked not_checked no-answer',
    ])
    expect(verified.delegation).toEqual({ status: 'not_checked', nameServers: [] })
    expect(verified.names[0]?.atNameServers).toBeNull()
  })

  test('from name servers that do not answer for the zone (lame)', async () => {
    const { check } = await settingFor({ zone: { status: 'moved' } })
    expect(lines(await check())[0]).toBe('example.com waiting: yes not_checked not_checked no-answer')
  })
})

test('a server that repeats what others have told it is no name server of the zone', async () => {
  const repeating = await startScriptedServer(({ text }) =>
    text.endsWith(' A') ? { isLame: true, answers: ['example.com A 203.0.113.7'] } : { isLame: true },
  )
  closing.push(() => repeating.close())
  const options = {
    ask: createAsk(100, systemClock),
    reach: () => undefined,
    resolvers: [repeating],
    now: Date.now,
  }
  const resolver = createResolver(options)
  expect(await resolver.held([repeating], 'example.com')).toEqual([])
  expect(await resolver.seen('example.com')).toEqual([{ aliases: [], addresses: ['203.0.113.7'] }])
})

test('the apex beside a store at www is looked at only where it leads to the store', async () => {
  const store = { name: aName('www.example.com') }
  const names = async (apex: string) => {
    const saved = `@ A ${apex}\nwww A 203.0.113.7`
    const served: readonly RecordSeed[] = [
      { type: 'A', name: '@', content: apex },
      { type: 'A', name: 'www', content: '203.0.113.7' },
    ]
    const { check } = await settingFor({ store, saved, served })
    return (await check()).names.map(({ name }) => name)
  }
  expect(await names('203.0.113.7')).toEqual(['www.example.com', 'example.com'])
  expect(await names('198.51.100.9')).toEqual(['www.example.com'])
})

test('a customer who asks again and again is answered from before, others are not', async () => {
  const { check, visits } = await settingFor({ store: { servesWww: false } })
  const [first, second] = await Promise.all([check(), check()])
  expect(second).toBe(first)
  expect(await check()).toBe(first)
  expect(visits).toHaveLength(1)
  await check('bert')
  expect(visits).toHaveLength(2)
})
