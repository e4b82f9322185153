import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { RECORD_TYPES } from '#dns/record-type.ts'
import { describedBy } from '../../../tests/support/openapi.ts'
import { goJson, operatorClient } from '../../../tests/support/operator-client.ts'
import { openApi } from './openapi.ts'
import { METHODS } from './target.ts'
import { PATHS, SECRET, startOperator } from './testing.ts'

const document = openApi()

test('every route and method of the server is described, and no other', () => {
  const described = Object.entries(document.paths).map(([path, item]) => [
    path,
    Object.keys(item)
      .filter((name) => name !== 'parameters')
      .map((name) => name.toUpperCase()),
  ])
  expect(Object.fromEntries(described)).toEqual(
    Object.fromEntries(Object.entries(METHODS).map(([route, methods]) => [PATHS[route as never], methods])),
  )
})

test('the description is served unsigned, as it is written, and below no caller', async () => {
  const webhook = await startOperator()
  const reply = await fetch(`${webhook.url}/openapi.json`)
  expect([reply.status, reply.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^application\/json/),
  ])
  expect(await reply.json()).toEqual(JSON.parse(JSON.stringify(document)))
  expect((await fetch(`${webhook.url}/c/default/openapi.json`)).status).toBe(404)
  expect(webhook.nonces.size).toBe(0)
  await webhook.close()
})

test('every reference in the description resolves, and no operation name is used twice', () => {
  const text = JSON.stringify(document)
  const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name)
  expect(new Set(references)).toEqual(new Set(Object.keys(document.components.schemas)))
  const ids = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

test('the description accepts exactly the upserts that the server accepts', async () => {
  const webhook = await startOperator()
  const client = operatorClient({ server: webhook.url, secret: SECRET })
  const { Upsert } = document.components.schemas
  const schema = z.fromJSONSchema(Upsert as unknown as Parameters<typeof z.fromJSONSchema>[0])
  const [example] = Upsert.examples
  const record = { ...example!.record }
  const VALUES: Readonly<Record<(typeof RECORD_TYPES)[number], string>> = {
    A: '192.0.2.1',
    AAAA: '2001:db8::1',
    CAA: '0 issue "example.net"',
    CNAME: 'example.net',
    MX: '10 mail.example.com',
    NS: 'ns.example.net',
    SRV: '1 2 443 host.example.com',
    TXT: 'text',
  }
  const { ttl: _ttl, ...withoutTtl } = record
  const good: object[] = [
    example!,
    { ...example, record: withoutTtl },
    { ...example, record: { ...record, ttl: 1, description: 'not described', metadata: {} } },
    ...RECORD_TYPES.map((type) => ({ ...example, record: { ...record, type, values: [VALUES[type]] } })),
  ]
  const bad = [
    [],
    null,
    { ...example, operation: 'delete' },
    { operation: 'upsert' },
    { ...example, record: { ...record, type: 'PTR' } },
    { ...example, record: { ...record, domain: undefined } },
    { ...example, record: { ...record, subdomain: 1 } },
    { ...example, record: { ...record, values: [] } },
    { ...example, record: { ...record, values: [1] } },
    { ...example, record: { ...record, ttl: 0 } },
    { ...example, record: { ...record, ttl: 86_401 } },
    { ...example, record: { ...record, ttl: 1.5 } },
  ]
  for (const [bodies, status] of [
    [good, 200],
    [bad, 400],
  ] as const) {
    for (const body of bodies) {
      const reply = await client.send('POST', '/records', goJson(body))
      expect([body, reply.status]).toEqual([body, status])
      expect([body, schema.safeParse(JSON.parse(goJson(body))).success]).toEqual([body, status === 200])
    }
  }
  client.close()
  await webhook.close()
})

test('a test fails on an answer that is not described', async () => {
  const faultOf = describedBy(document)
  const answer = {
    method: 'GET',
    path: '/health',
    status: 200,
    headers: { 'content-type': 'application/json', 'x-request-id': 'one' },
    body: '{"status":"healthy","message":"up","timestamp":"2026-08-01T10:00:00Z"}',
  }
  expect(faultOf(answer)).toBeUndefined()
  expect(faultOf({ ...answer, status: 201 })).toContain('not described')
  expect(faultOf({ ...answer, body: '{"status":"fine"}' })).toContain('GET /health 200 is')
  expect(faultOf({ ...answer, headers: { 'content-type': 'text/html' } })).toContain('no JSON')
  expect(faultOf({ ...answer, path: undefined })).toContain('not described')
})

test('every refusal of an unreadable request is described for the request that it may have been', async () => {
  const webhook = await startOperator()
  for (const [octets, status] of [
    [`GET /health HTTP/1.1\r\nX-Big: ${'a'.repeat(9_000)}\r\n\r\n`, 431],
    ['GET /health HTTP/1.1\r\nHost : x\r\n\r\n', 400],
  ] as const) {
    const socket = connect(webhook.port, '127.0.0.1').setEncoding('latin1')
    socket.write(octets)
    const [reply] = (await once(socket, 'data')) as [string]
    expect(reply).toContain(`HTTP/1.1 ${status} `)
    for (const [path, item] of Object.entries(document.paths)) {
      for (const method of Object.keys(item).filter((name) => name !== 'parameters')) {
        const headers = { 'content-type': 'application/json', 'x-request-id': 'none' }
        const body = reply.split('\r\n\r\n')[1]!
        expect(
          describedBy(document)({ method: method.toUpperCase(), path, status, headers, body }),
        ).toBeUndefined()
      }
    }
    socket.destroy()
  }
  await webhook.close()
})
