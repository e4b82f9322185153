import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClientRecord } from '../support/operator-client.ts'
import { createSetting, type Setting, secretOf, tokenOf } from './setting.ts'

const SHOP = { id: 'shop', secret: secretOf('shop'), credential: { token: tokenOf('shop') } }
const BLOG = { id: 'blog', secret: secretOf('blog'), credential: { token: tokenOf('blog') } }

let setting: Setting

beforeAll(async () => {
  setting = await createSetting({
    callers: [
      SHOP,
      BLOG,
      {
        id: 'narrow',
        secret: secretOf('narrow'),
        allow: {
          zones: ['example.net'],
          names: ['**.apps.example.net', '_dmarc.example.net'],
          types: ['A', 'TXT'],
        },
        rules: [
          { name: 'static.apps.example.net', ttl: 3600 },
          { name: '*.apps.example.net', proxied: true },
        ],
      },
      { id: 'slow', secret: secretOf('slow'), rateLimit: { perMinute: 1 } },
    ],
    zones: ['example.com', 'example.net'],
    credentials: [
      { kind: 'token', token: tokenOf('shop') },
      { kind: 'token', token: tokenOf('blog') },
      { kind: 'token', token: tokenOf('default') },
    ],
    env: { HMAC_SECRET: secretOf('default'), CLOUDFLARE_API_TOKEN: tokenOf('default') },
  })
}, 60_000)
afterAll(() => setting.end())

const a = (subdomain: string, value: string, domain = 'example.com'): ClientRecord => ({
  type: 'A',
  domain,
  subdomain,
  values: [value],
})
const recordsOf = (zone: string) => setting.emulator.emulator.state.records(zone)
const batches = (word: string) => setting.routesOf(tokenOf(word)).filter((route) => route === 'batch').length

describe('several callers of one server', () => {
  test('several callers write at their own addresses, with their own credentials and comments', async () => {
    expect((await setting.client('shop').upsert(a('shop', '192.0.2.1'))).status).toBe(200)
    expect((await setting.client('blog').upsert(a('blog', '192.0.2.2'))).status).toBe(200)
    expect((await setting.client('default').upsert(a('www', '192.0.2.3'))).status).toBe(200)
    expect(['shop', 'blog', 'default'].map(batches)).toEqual([1, 1, 1])
    const comments = recordsOf('example.com').map(({ name, comment }) => `${name} ${comment}`)
    expect(comments.sort()).toEqual([
      'blog.example.com zonewright:blog',
      'shop.example.com zonewright:shop',
      'www.example.com zonewright:default',
    ])
  })

  test('two callers never share a name, and the second is refused with the owner', async () => {
    const refused = await setting.client('blog').upsert(a('shop', '192.0.2.9'))
    expect([refused.status, refused.json?.error?.code]).toEqual([400, 'INVALID_RECORD'])
    expect(refused.json?.error?.message).toContain('shop.example.com belongs to the caller "shop"')
    const other = { ...a('shop', ''), type: 'TXT', values: ['hello'] }
    expect((await setting.client('default').upsert(other)).status).toBe(400)
    expect((await setting.client('shop').upsert(other)).status).toBe(200)
  })

  test('a delete of another caller’s set succeeds and deletes nothing', async () => {
    const reply = await setting.client('blog').delete('A', 'example.com', 'shop')
    expect([reply.status, reply.json?.success]).toEqual([200, true])
    expect(reply.json?.message).toBe('Record is not managed for this caller; nothing was deleted')
    expect(recordsOf('example.com').filter(({ name }) => name === 'shop.example.com')).toHaveLength(2)
  })

  test('a name is free for another caller when its last set is deleted', async () => {
    const [shop, blog] = [setting.client('shop'), setting.client('blog')]
    await shop.delete('A', 'example.com', 'shop')
    expect((await blog.upsert(a('shop', '192.0.2.9'))).status).toBe(400)
    await shop.delete('TXT', 'example.com', 'shop')
    expect((await blog.upsert(a('shop', '192.0.2.9'))).status).toBe(200)
    expect((await shop.upsert(a('shop', '192.0.2.1'))).status).toBe(400)
  })

  test('of two callers that ask for one name at once one gets it', async () => {
    const clients = ['shop', 'blog', 'default'].map((id) => setting.client(id))
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, name) =>
        Promise.all(clients.map((client, index) => client.upsert(a(`race-${name}`, `192.0.2.${index + 1}`)))),
      ),
    )
    const statuses = replies.map((of) => of.map(({ status }) => status).sort())
    expect(statuses).toEqual(Array.from({ length: 20 }, () => [200, 400, 400]))
  })

  test('a caller outside its zones, names or types is refused, naming the member of allow', async () => {
    const narrow = setting.client('narrow')
    const said = async (record: ClientRecord) => {
      const { status, json } = await narrow.upsert(record)
      return `${status} ${json?.error?.code ?? ''} ${/allow\.\w+/.exec(json?.error?.message ?? '')?.[0] ?? ''}`.trim()
    }
    expect(await said(a('www', '192.0.2.1'))).toBe('400 INVALID_DOMAIN allow.zones')
    expect(await said(a('www', '192.0.2.1', 'example.net'))).toBe('400 INVALID_DOMAIN allow.names')
    expect(await said({ ...a('x.apps', '', 'example.net'), type: 'AAAA', values: ['2001:db8::1'] })).toBe(
      '400 INVALID_RECORD allow.types',
    )
    const text = (subdomain: string) => ({ type: 'TXT', domain: 'example.net', subdomain, values: ['x'] })
    expect(await said(text('_acme-challenge.apps'))).toBe('400 INVALID_DOMAIN allow.names')
    expect(await said(text('_acme-challenge.x.apps'))).toBe('400 INVALID_DOMAIN allow.names')
    expect(await said(text('_dmarc'))).toBe('200')
    expect((await narrow.get('A', 'example.com', 'www')).status).toBe(400)
    const left = await narrow.delete('A', 'example.com', 'www')
    expect(left.json?.message).toBe('Record is not managed for this caller; nothing was deleted')
  })

  test('each caller has its own rules for TTL and proxy status', async () => {
    const narrow = setting.client('narrow')
    const declared = await narrow.upsert({ ...a('static.apps', '192.0.2.1', 'example.net'), ttl: 60 })
    expect([declared.status, declared.json?.record?.ttl]).toEqual([200, 300])
    await narrow.upsert(a('a.b.apps', '192.0.2.1', 'example.net'))
    const kept = recordsOf('example.net').filter(({ type }) => type === 'A')
    expect(kept.map(({ name, proxied, ttl }) => `${name} ${proxied} ${ttl}`).sort()).toEqual([
      'a.b.apps.example.net false 300',
      'static.apps.example.net true 1',
    ])
    const again = await narrow.upsert({ ...a('static.apps', '192.0.2.1', 'example.net'), ttl: 60 })
    expect(again.json?.message).toBe('Record is up to date')
  })

  test('each caller has signed health at its own address', async () => {
    expect((await setting.client('shop').health()).json).toMatchObject({ status: 'healthy' })
    expect((await setting.client('shop', secretOf('blog')).health()).status).toBe(401)
    expect((await fetch(`http://127.0.0.1:${setting.webhook.port}/health`)).status).toBe(200)
  })

  test('each caller has its own rate limits, one for health', async () => {
    const slow = setting.client('slow')
    const replies = [await slow.health(), await slow.health(), await slow.upsert(a('slow', '192.0.2.7'))]
    expect(replies.map(({ status }) => status)).toEqual([200, 429, 200])
    expect((await slow.delete('A', 'example.com', 'slow')).status).toBe(429)
  })

  test('the commands tell callers apart', async () => {
    const zones = (await setting.command('zone', 'list')).trim().split('\n')
    expect(zones).toEqual([
      expect.stringMatching(/^example\.com {2}\d+ sets \(/),
      expect.stringMatching(/^example\.net {2}\d+ sets \(narrow \d+\), /),
    ])
    expect(await setting.command('zone', 'show', 'example.net')).toMatch(/\(narrow, as declared\)$/m)
    expect(await setting.command('zone', 'history', 'example.net')).toMatch(/ caller narrow /)
  })

  test('log and metrics tell callers apart', async () => {
    const callers = setting.log().filter(({ msg }) => msg === 'request')
    expect(new Set(callers.map(({ caller }) => caller))).toEqual(
      new Set(['shop', 'blog', 'default', 'narrow', 'slow']),
    )
    expect(await setting.metric('caller_requests_total{caller="shop",status="200"}')).toBeGreaterThan(0)
    expect(await setting.metric('previous_secret_last_used_timestamp_seconds{caller="shop"}')).toBe(0)
  })
})
