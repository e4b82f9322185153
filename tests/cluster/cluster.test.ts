import { expect, test } from 'vitest'
import { TransportError } from '#providers/cloudflare/transport.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'
import type { WorldOptions } from '../support/world.ts'
import type { RecordSpec } from './api-server.ts'
import type { Backend } from './client.ts'
import { type Cluster, createCluster, createClusterOfOurs } from './cluster.ts'

const MINUTE = 60_000

/** 297 that are fine, of every type, and three that never will be. */
function threeHundred(): Record<string, RecordSpec> {
  const of = (type: string, subdomain: string, ...values: string[]): RecordSpec => ({
    type,
    domain: 'example.com',
    subdomain,
    values,
  })
  const kinds: ((number: number) => RecordSpec)[] = [
    (n) => of('A', `a${n}`, '192.0.2.1', '192.0.2.2'),
    (n) => of('A', `b${n}`, `192.0.2.${n % 250}`),
    (n) => of('AAAA', `c${n}`, '2001:db8::1'),
    (n) => of('CNAME', `d${n}`, 'shops.example.net'),
    (n) => of('TXT', `e${n}`, 'hello <world> & "others"'),
    (n) => of('MX', `f${n}`, 'mail.example.com'),
    (n) => of('SRV', `_sip._tcp.g${n}`, '10 5 5060 sip.example.com'),
    (n) => of('NS', `h${n}`, 'ns1.example.net', 'ns2.example.net'),
    (n) => ({ ...of('A', `*.i${n}`, '192.0.2.3'), ttl: 30 }),
  ]
  const good = Array.from({ length: 297 }, (_, n) => [`record-${n}`, kinds[n % kinds.length]!(n)] as const)
  return {
    ...Object.fromEntries(good),
    'bad-value': of('A', 'bad', '192.0.2.256'),
    'bad-zone': { ...of('A', 'www', '192.0.2.1'), domain: 'example.org' },
    'bad-name': of('A', '-bad-', '192.0.2.1'),
  }
}

function states(cluster: Cluster): Record<string, number> {
  const counted: Record<string, number> = {}
  for (const { status } of cluster.api.records.values()) {
    const state = status.state === 'Error' ? `${status.reason} ${status.error?.code}` : String(status.state)
    counted[state] = (counted[state] ?? 0) + 1
  }
  return counted
}

test.each(['cloudflare', 'accepted'] as const)(
  'three hundred records come to Cloudflare once and go again, with ACK=%s',
  async (ack) => {
    const cluster = await createClusterOfOurs({ caller: { ack } })
    const { webhook, clock } = cluster
    const before = cluster.names().length
    cluster.apply(threeHundred())
    await cluster.until(() => (states(cluster).Updated ?? 0) === 297, 10 * MINUTE)
    // What was accepted only is carried out soon after.
    await clock.pass(10_000)
    expect(cluster.names()).toHaveLength(before + 297 + 33 + 33)

    // The operator repeats itself, as fast as it can, and for ever.
    cluster.writes()
    const sentBefore = cluster.sent.length
    await clock.pass(MINUTE)
    expect(cluster.writes()).toBe(0)
    expect(cluster.sent.length - sentBefore).toBeGreaterThan(60 * 40)
    expect(states(cluster)).toEqual({
      Updated: 297,
      'ValidationFailed INVALID_VALUE': 1,
      'ValidationFailed INVALID_DOMAIN': 2,
    })

    cluster.deleteAll()
    await cluster.until(() => cluster.api.records.size === 0, 5 * MINUTE)
    await clock.pass(10_000)
    expect(cluster.names()).toHaveLength(before)
    expect(cluster.sent.filter(({ status }) => status !== 200 && status !== 400)).toEqual([])
    expect(webhook.errors).toEqual([])
    await cluster.end()
  },
  120_000,
)

test('a record whose secret is gone is not deleted until the secret is back', async () => {
  const cluster = await createClusterOfOurs()
  const { api } = cluster
  const before = cluster.names().length
  cluster.apply({ www: { type: 'A', domain: 'example.com', subdomain: 'www', values: ['192.0.2.1'] } })
  await cluster.until(() => states(cluster).Updated === 1, MINUTE)
  cluster.writes()

  const secret = api.secret
  api.secret = undefined
  cluster.deleteAll()
  await cluster.clock.pass(MINUTE)
  const unsigned = cluster.sent.filter(({ method }) => method === 'DELETE')
  expect(unsigned.map(({ status }) => status)).toEqual(unsigned.map(() => 401))
  expect(unsigned.length).toBeGreaterThanOrEqual(11)
  expect([cluster.writes(), cluster.names().length, api.records.size]).toEqual([0, before + 1, 1])

  api.secret = secret
  await cluster.until(() => api.records.size === 0, 10_000)
  expect(cluster.names()).toHaveLength(before)
  await cluster.end()
})

test('a secret that differs stops the operator, and reaches nobody behind the webhook', async () => {
  const cluster = await createClusterOfOurs()
  const { api, clock, webhook } = cluster
  const { secret } = api
  webhook.calls()
  api.secret = 'another-secret-of-32-octets-here'
  cluster.apply({ www: { type: 'A', domain: 'example.com', subdomain: 'www', values: ['192.0.2.1'] } })
  await clock.pass(80_000)
  expect(states(cluster)).toEqual({ 'AuthenticationFailed AUTH_FAILED': 1 })
  expect(cluster.sent.filter(({ method }) => method === 'POST').length).toBeLessThan(12)
  expect(webhook.calls()).toBe(0)

  api.secret = secret
  await cluster.until(() => states(cluster).Updated === 1, 2 * MINUTE)
  expect(cluster.names()).toContain('www.example.com')
  await cluster.end()
})

test('an outage of Cloudflare costs the operator its patience, and no record', async () => {
  let isOut = false
  const between: WorldOptions['between'] = (way) => (request) =>
    isOut ? Promise.reject(new TransportError('connection-lost', false)) : way(request)
  const cluster = await createClusterOfOurs({ between })
  const { webhook, clock } = cluster
  cluster.apply({ a: { type: 'A', domain: 'example.com', subdomain: 'a', values: ['192.0.2.1'] } })
  await cluster.until(() => states(cluster).Updated === 1, MINUTE)

  isOut = true
  cluster.apply({ b: { type: 'A', domain: 'example.com', subdomain: 'b', values: ['192.0.2.2'] } })
  await clock.pass(2 * MINUTE)
  const failed = cluster.sent.filter(({ status }) => status === 503)
  expect(failed.length).toBeGreaterThanOrEqual(3)
  expect(cluster.sent.filter(({ status }) => status === 0)).toEqual([])

  isOut = false
  await cluster.until(() => states(cluster).Updated === 2, 3 * MINUTE)
  expect(webhook.errors).toEqual([])
  await cluster.end()
})

test('a DNSClass that goes before its records leaves them at Cloudflare', async () => {
  const cluster = await createClusterOfOurs()
  const { api } = cluster
  cluster.apply({ www: { type: 'A', domain: 'example.com', subdomain: 'www', values: ['192.0.2.1'] } })
  await cluster.until(() => states(cluster).Updated === 1, MINUTE)
  const held = cluster.names().length
  api.hasClass = false
  cluster.deleteAll()
  await cluster.until(() => api.records.size === 0, MINUTE)
  expect(cluster.names()).toHaveLength(held)
  await cluster.end()
})

test('the emulated operator comes to rest with a hundred records, and never with two hundred', async () => {
  const restful = await upsertsIn(30_000, { records: 100, latencyMs: 3 })
  expect(restful.inTheLastTenSeconds).toBe(0)
  expect(restful.inAll / 100).toBeGreaterThan(2.5)
  expect(restful.inAll / 100).toBeLessThan(8)
  const restless = await upsertsIn(30_000, { records: 200, latencyMs: 3 })
  expect(restless.inTheLastTenSeconds / 10).toBeGreaterThan(90)
  expect(restless.inTheLastTenSeconds / 10).toBeLessThan(120)
  const slow = await upsertsIn(30_000, { records: 1, latencyMs: 1_200 })
  expect(slow.inTheLastTenSeconds).toBeGreaterThan(5)
})

test('it sleeps 5, 10, 20 and 40 seconds between attempts, and not at all after a 400', async () => {
  const answers = async (status: number) => {
    const clock = createVirtualClock()
    const cluster = createCluster(async () => ({ status, text: '{"success":false,"error":{}}' }), clock)
    cluster.apply({ www: { type: 'A', domain: 'example.com', subdomain: 'www', values: ['192.0.2.1'] } })
    await clock.pass(90_000)
    const times = cluster.sent.filter(({ method }) => method === 'POST').map(({ at }) => at)
    return times.slice(1).map((at, index) => Math.round((at - times[index]!) / 1000))
  }
  expect((await answers(503)).slice(0, 4)).toEqual([5, 10, 20, 40])
  expect((await answers(400)).slice(0, 1)).toEqual([0])
})

/** Upserts that so many records cause at a backend that takes so long. */
async function upsertsIn(ms: number, { records, latencyMs }: { records: number; latencyMs: number }) {
  const clock = createVirtualClock({ turns: 1 })
  const backend: Backend = async ({ path }) => ({
    status: 200,
    text: path === '/health' ? '{"status":"healthy"}' : '{"success":true}',
  })
  const cluster = createCluster(backend, clock, latencyMs)
  const spec = { type: 'A', domain: 'example.com', subdomain: 'www', values: ['192.0.2.1'] }
  cluster.apply(Object.fromEntries(Array.from({ length: records }, (_, n) => [`record-${n}`, spec])))
  await clock.pass(ms)
  const posts = cluster.sent.filter(({ method }) => method === 'POST')
  const late = posts.filter(({ at }) => at > clock.now() - 10_000)
  return { inAll: posts.length, inTheLastTenSeconds: late.length }
}
