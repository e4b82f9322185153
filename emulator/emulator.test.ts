import { describe, expect, test } from 'vitest'
import { createEmulator } from './emulator.ts'
import { api } from './testing.ts'

describe('the envelope', () => {
  test('a created record comes back with status 200, its keys in the order of the wire', async () => {
    const { call, zoneId } = api()
    const { status, text } = await call('POST', `/zones/${zoneId}/dns_records`, {
      type: 'A',
      name: 'WWW',
      content: '192.0.2.1',
    })
    expect(status).toBe(200)
    expect(text).toMatch(
      /^\{"result":\{"id":"[0-9a-f]{32}","name":"www\.example\.com","type":"A","content":"192\.0\.2\.1","proxiable":true,"proxied":false,"ttl":1,"settings":\{\},"meta":\{\},"comment":null,"tags":\[\],"created_on":"[^"]+Z","modified_on":"[^"]+Z"\},"success":true,"errors":\[\],"messages":\[\]\}$/,
    )
  })

  test('an empty list has one page, and result_info comes last', async () => {
    const { call, zoneId } = api()
    const { text } = await call('GET', `/zones/${zoneId}/dns_records`)
    expect(text).toBe(
      '{"result":[],"success":true,"errors":[],"messages":[],"result_info":{"page":1,"per_page":100,"count":0,"total_count":0,"total_pages":1}}',
    )
  })

  test('a list of zones has result_info second, in another order', async () => {
    const { text } = await api().call('GET', '/zones')
    expect(text).toMatch(/^\{"result":\[\{"id":/)
    expect(text).toContain(
      '"result_info":{"page":1,"per_page":20,"total_pages":1,"count":1,"total_count":1},"success":true',
    )
  })

  test('a refused record has a null result and one flat error', async () => {
    const { call, zoneId } = api()
    const { status, text } = await call('POST', `/zones/${zoneId}/dns_records`, {})
    expect(status).toBe(400)
    expect(text).toBe(
      '{"result":null,"success":false,"errors":[{"code":9000,"message":"DNS name is invalid."}],"messages":[]}',
    )
  })
})

describe('headers', () => {
  test('every answer has a ray, a version and rate headers that reveal nothing', async () => {
    const { call, zoneId } = api()
    const first = await call('GET', `/zones/${zoneId}/dns_records`)
    const second = await call('GET', `/zones/${zoneId}/dns_records`, undefined, undefined)
    for (const { headers } of [first, second]) {
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        server: 'cloudflare',
        'api-version': '2026-08-01',
        ratelimit: '"default";r=1199;t=1',
        'ratelimit-policy': '"default";q=1200;w=300',
      })
      expect(headers['cf-ray']).toMatch(/^[0-9a-f]{16}-[A-Z]{3}$/)
      expect(headers['cf-auditlog-id']).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      )
    }
    expect(first.headers['cf-ray']).not.toBe(second.headers['cf-ray'])
  })

  test('the list of zones names its own policy and forbids caching', async () => {
    const { headers } = await api().call('GET', '/zones')
    expect(headers['ratelimit-policy']).toContain('list_zones')
    expect(headers['cache-control']).toContain('no-store')
  })
})

describe('routes', () => {
  test('what the emulator has not got it refuses by name', async () => {
    const { call, zoneId } = api()
    for (const [method, path] of [
      ['GET', '/user'],
      ['POST', `/zones/${zoneId}/dns_records/scan`],
      ['GET', `/zones/${zoneId}/settings`],
    ] as const) {
      const { status, json } = await call(method, path)
      expect(status).toBe(501)
      expect(json.errors[0]?.message).toContain(`no route ${method} /client/v4${path}`)
    }
  })

  test('an id that cannot be one is 7003 with 7000', async () => {
    const { status, json } = await api().call('GET', '/zones/example.com/dns_records')
    expect(status).toBe(400)
    expect(json.errors.map(({ code }) => code)).toEqual([7003, 7000])
  })

  test('a body must be declared as JSON, be JSON, and hold the right JSON types', async () => {
    const { call, zoneId, emulator } = api()
    const path = `/zones/${zoneId}/dns_records`
    const sound = { type: 'A', name: 'www', content: '192.0.2.1' }
    const bodies: unknown[] = [
      '{"type":',
      '[]',
      'null',
      { ...sound, content: ['192.0.2.1'] },
      { ...sound, name: 5 },
      { ...sound, ttl: '300' },
      { ...sound, ttl: 60.5 },
      { ...sound, proxied: 'true' },
    ]
    for (const body of bodies) {
      const { status, json } = await call('POST', path, body)
      expect([status, json.errors[0]?.code], JSON.stringify(body)).toEqual([400, 9207])
    }
    const form = await emulator.handle({
      method: 'POST',
      target: `/client/v4${path}`,
      headers: { Authorization: `Bearer ${'token-of-the-tests-0123456789-0123456789'}` },
      body: JSON.stringify(sound),
    })
    expect(form).toMatchObject({ status: 400 })
  })

  test('a null field counts as absent, and unknown fields are ignored', async () => {
    const { call, zoneId } = api()
    const { status } = await call('POST', `/zones/${zoneId}/dns_records`, {
      type: 'A',
      name: 'www',
      content: '192.0.2.1',
      data: null,
      ttl: null,
      zone_id: zoneId,
      locked: false,
    })
    expect(status).toBe(200)
  })
})

describe('memory', () => {
  test('the same seed gives the same ids', () => {
    const ids = (seed: number) => {
      const { state } = createEmulator({ seed, zones: [{ name: 'example.com' }] })
      const record = state.addRecord('example.com', { type: 'A', name: '@', content: '192.0.2.1' })
      return [state.zones()[0]?.id, record.id]
    }
    expect(ids(7)).toEqual(ids(7))
    expect(ids(7)).not.toEqual(ids(8))
  })

  test('times have microseconds with trailing zeros trimmed, and increase while the clock stands still', async () => {
    const { call, zoneId } = api()
    const times: string[] = []
    for (let index = 1; index <= 40; index += 1) {
      const body = { type: 'A', name: 'www', content: `192.0.2.${index}` }
      const { record } = await call('POST', `/zones/${zoneId}/dns_records`, body)
      expect(record.created_on).toBe(record.modified_on)
      expect(record.created_on).toMatch(/^2026-08-01T10:00:00(\.\d{0,5}[1-9])?Z$/)
      times.push(record.created_on)
    }
    const instants = times.map((time) => Number((/\.(\d+)Z/.exec(time)?.[1] ?? '0').padEnd(6, '0')))
    expect(instants).toEqual(instants.toSorted((left, right) => left - right))
    expect(new Set(instants).size).toBe(40)
  })

  test('history tells who changed what, and a human edits with the same checks as the API', async () => {
    const { call, zoneId, emulator } = api()
    const { record } = await call('POST', `/zones/${zoneId}/dns_records`, {
      type: 'A',
      name: 'www',
      content: '192.0.2.1',
    })
    emulator.state.editRecord('example.com', record.id, { content: '192.0.2.2' })
    expect(() => emulator.state.editRecord('example.com', record.id, { content: 'x' })).toThrow('9005')
    emulator.state.removeRecord('example.com', record.id)
    const told = emulator.state
      .history('example.com')
      .map(({ by, changes }) => [by, changes[0]?.before?.content, changes[0]?.after?.content])
    expect(told).toEqual([
      ['api', undefined, '192.0.2.1'],
      ['human', '192.0.2.1', '192.0.2.2'],
      ['human', '192.0.2.2', undefined],
    ])
  })

  test('calls are logged with route, status and operations, per credential', async () => {
    const token = 'another-token-0123456789-0123456789-0123'
    const { call, zoneId, emulator } = api({
      credentials: [
        { kind: 'token', token },
        { kind: 'token', token: 'token-of-the-tests-0123456789-0123456789' },
      ],
    })
    const posts = [1, 2].map((host) => ({ type: 'A', name: 'www', content: `192.0.2.${host}` }))
    await call('POST', `/zones/${zoneId}/dns_records/batch`, { posts })
    await call('GET', '/zones', undefined, { authorization: `Bearer ${token}` })
    await call('GET', '/zones', undefined, {})
    const routes = (credential?: string) =>
      emulator.state.calls(credential).map(({ route, status, operations }) => [route, status, operations])
    expect(routes()).toEqual([
      ['batch', 200, 2],
      ['zones', 200, undefined],
      ['zones', 400, undefined],
    ])
    expect(routes(token)).toEqual([['zones', 200, undefined]])
  })
})
