import { describe, expect, test } from 'vitest'
import type { RecordSeed } from '../emulator.ts'
import { api } from '../testing.ts'

const A: RecordSeed = {
  type: 'A',
  name: 'www',
  content: '192.0.2.1',
  proxied: true,
  comment: 'front',
}

function one(record: RecordSeed = A, plan: 'free' | 'pro' = 'free') {
  const started = api({ zones: [{ name: 'example.com', plan, records: [record] }] })
  const before = started.emulator.state.records('example.com')[0]!
  const path = `/zones/${started.zoneId}/dns_records/${before.id}`
  started.clock.now += 1_000
  return { ...started, before, path }
}

describe('PUT', () => {
  test('keeps id and created_on, and sets what is left out to its default', async () => {
    const { call, path, before } = one()
    const { record } = await call('PUT', path, { type: 'A', name: 'shop', content: '192.0.2.9' })
    expect(record).toMatchObject({
      id: before.id,
      created_on: before.created_on,
      name: 'shop.example.com',
      proxied: false,
      comment: null,
    })
    expect(record.modified_on > before.modified_on).toBe(true)
    expect(record).not.toHaveProperty('comment_modified_on')
  })

  test('without a name is 9000', async () => {
    const { call, path } = one()
    expect((await call('PUT', path, { type: 'A', content: '192.0.2.9' })).json.errors[0]?.code).toBe(9000)
  })
})

describe('PATCH', () => {
  test('changes what is named and keeps the rest', async () => {
    const { call, path, before } = one()
    const { record } = await call('PATCH', path, { content: '192.0.2.9' })
    const { content: _content, modified_on: _modified, ...kept } = before
    expect(record).toMatchObject(kept)
    expect(record.content).toBe('192.0.2.9')
  })

  test('clears a comment with an empty one', async () => {
    const { call, path } = one()
    expect((await call('PATCH', path, { comment: '' })).record.comment).toBeNull()
  })

  test('leaves TTL at 1 when it turns the proxy off', async () => {
    const { call, path } = one()
    expect((await call('PATCH', path, { proxied: false })).record).toMatchObject({ proxied: false, ttl: 1 })
    expect((await call('PATCH', path, { ttl: 600 })).record.ttl).toBe(600)
    expect((await call('PATCH', path, { proxied: true })).record.ttl).toBe(1)
  })

  test('of the priority alone is enough for MX and SRV', async () => {
    for (const record of [
      { type: 'MX', name: '@', content: 'mail.example.net', priority: 10 },
      { type: 'SRV', name: '_s._tcp', data: { priority: 10, weight: 1, port: 2, target: 'h.example.net' } },
    ]) {
      const { call, path } = one(record)
      expect((await call('PATCH', path, { priority: 20 })).record.priority).toBe(20)
    }
  })

  test('stamps the comment only when it changes', async () => {
    const { call, path, before } = one()
    const same = await call('PATCH', path, { ttl: 1 })
    expect(same.record.comment_modified_on).toBe(before.comment_modified_on)
    const changed = await call('PATCH', path, { comment: 'other' })
    expect(changed.record.comment_modified_on).toBe(changed.record.modified_on)
  })

  test('takes tags on a paid plan', async () => {
    const { call, path } = one(A, 'pro')
    expect((await call('PATCH', path, { tags: ['owner:dns', 'prod'] })).record.tags).toHaveLength(2)
    expect((await call('PATCH', path, { tags: ['cf-x'] })).status).toBe(400)
    expect((await call('PATCH', path, { tags: [] })).record.tags).toEqual([])
  })
})

test('neither PUT nor PATCH changes the type', async () => {
  const { call, path } = one()
  const body = { type: 'TXT', name: 'www', content: 'x' }
  expect((await call('PUT', path, body)).status).toBe(400)
  expect((await call('PATCH', path, body)).status).toBe(400)
})

test('DELETE answers the id alone, and the record is gone', async () => {
  const { call, path, before } = one()
  const { text } = await call('DELETE', path)
  expect(text).toBe(`{"result":{"id":"${before.id}"},"success":true,"errors":[],"messages":[]}`)
  for (const method of ['GET', 'DELETE']) {
    const { status, json } = await call(method, path)
    expect([status, json.errors[0]?.code]).toEqual([404, 81044])
  }
})

test('a read-only record of Email Routing can be read, and neither changed nor deleted', async () => {
  const { call, path, before } = one({
    type: 'MX',
    name: '@',
    content: 'route1.example.net',
    priority: 5,
    meta: { read_only: true },
  })
  expect(before.meta).toEqual({ read_only: true })
  expect((await call('GET', path)).status).toBe(200)
  expect((await call('PATCH', path, { priority: 9 })).status).toBe(400)
  expect((await call('DELETE', path)).status).toBe(400)
})

test('what stands in the table of unknowns can be chosen otherwise', async () => {
  const { call, emulator, zoneId } = api({
    zones: [{ name: 'example.com', records: [A] }],
    unknowns: { typeChange: { code: 1234, message: 'No.' } },
  })
  const { id } = emulator.state.records('example.com')[0]!
  const { json } = await call('PATCH', `/zones/${zoneId}/dns_records/${id}`, { type: 'TXT' })
  expect(json.errors).toEqual([{ code: 1234, message: 'No.' }])
})
