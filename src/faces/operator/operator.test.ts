import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type DeclaredErrorCode, DnsError } from '#engine/errors.ts'
import {
  goJson,
  type OperatorClient,
  operatorClient,
  type Reply,
} from '../../../tests/support/operator-client.ts'
import { SECRET, startOperator, type TestOperator } from './testing.ts'

let webhook: TestOperator
let client: OperatorClient

beforeAll(async () => {
  webhook = await startOperator()
  client = operatorClient({ server: webhook.url, secret: SECRET })
})
afterAll(async () => {
  client.close()
  await webhook.close()
})
afterEach(() => {
  webhook.instead = undefined
  webhook.health = { healthy: true }
  webhook.now = () => Date.now()
  webhook.asked.length = 0
  webhook.lines.length = 0
})

const A = { type: 'A', domain: 'example.com', subdomain: 'www', values: ['192.0.2.2', '192.0.2.1'], ttl: 600 }

function upsertBody(change: object): string {
  return goJson({ record: { ...A, ...change }, operation: 'upsert' })
}

/** A refusal of the protocol's shape, and nothing done. */
function expectRefused(reply: Reply, status: number, code: string): void {
  expect([reply.status, reply.json?.error?.code]).toEqual([status, code])
  expect(reply.json).toMatchObject({ success: false, error: { message: expect.any(String), details: {} } })
  expect(reply.headers['content-type']).toMatch(/^application\/json/)
  expect(webhook.asked).toEqual([])
}

test('a set is made, repeated, changed, read and deleted, in the words of the protocol', async () => {
  const record = { ...A, subdomain: 'life', values: ['192.0.2.1', '192.0.2.2'], fqdn: 'life.example.com' }
  const made = await client.upsert({ ...A, subdomain: 'life' })
  expect([made.status, made.json]).toEqual([
    200,
    { success: true, record, message: 'Record created successfully' },
  ])
  const repeated = await client.upsert({ ...A, subdomain: 'life', values: A.values.toReversed() })
  expect(repeated.json).toEqual({ success: true, record, message: 'Record is up to date' })
  const changed = await client.upsert({ ...A, subdomain: 'life', ttl: 120 })
  expect(changed.json).toMatchObject({ record: { ttl: 120 }, message: 'Record updated successfully' })

  const read = await client.get('A', 'example.com', 'life')
  expect([read.status, read.json]).toEqual([200, { success: true, record: { ...record, ttl: 120 } }])
  const deleted = await client.delete('A', 'example.com', 'life')
  expect([deleted.status, deleted.json]).toEqual([
    200,
    { success: true, message: 'Record deleted successfully' },
  ])
  const again = await client.delete('A', 'example.com', 'life')
  expect([again.status, again.json]).toEqual([
    200,
    { success: true, message: 'Record does not exist (already deleted)' },
  ])
})

test('an answer names domain and subdomain as they were sent, and the rest as it is', async () => {
  const reply = await client.upsert({
    type: 'TXT',
    domain: 'Example.COM.',
    subdomain: '',
    values: ['<b>&"q"'],
    ttl: 1,
  })
  expect(reply.json?.record).toEqual({
    type: 'TXT',
    domain: 'Example.COM.',
    subdomain: '',
    fqdn: 'example.com',
    values: ['<b>&"q"'],
    ttl: 300,
  })
})

test('a TTL that is left out is the default', async () => {
  const { ttl: _left, ...record } = A
  expect((await client.upsert(record)).json?.record).toMatchObject({ ttl: 300 })
})

test('a set that is known to be absent is 404', async () => {
  const reply = await client.get('A', 'example.com', 'nowhere')
  expect([reply.status, reply.json]).toEqual([
    404,
    { success: false, error: { code: 'RECORD_NOT_FOUND', message: 'Record does not exist', details: {} } },
  ])
})

test.each([
  ['left-in-place', 'Record is not managed by Zonewright; left in place'],
  ['accepted', 'Deletion accepted; the record will be gone shortly'],
])('a deletion that is %s says so', async (outcome, message) => {
  webhook.instead = () => ({ outcome })
  const reply = await client.delete('A', 'example.com', 'www')
  expect([reply.status, reply.json]).toEqual([200, { success: true, message }])
})

test('a set of somebody else that stays where it is is a warning in the log', async () => {
  webhook.instead = () => ({ outcome: 'left-in-place' })
  await client.delete('A', 'example.com', 'www')
  expect(webhook.lines).toContainEqual(expect.objectContaining({ level: 'warn' }))
})

test.each([
  ['a type that we do not write', 'PTR', 'example.com', 'www'],
  ['a name that cannot be', 'A', 'example.com', 'a..b'],
  ['a domain that cannot be', 'A', '-', 'www'],
  ['an escaped slash', 'A', 'example.com', 'a%2Fb'],
])('deleting %s succeeds as already deleted', async (_what, type, domain, subdomain) => {
  const reply = await client.delete(type, domain, subdomain)
  expect([reply.status, reply.json?.success]).toEqual([200, true])
  expect(webhook.asked).toEqual([])
})

test('deleting in a zone that was never visible succeeds as already deleted', async () => {
  webhook.instead = () => Promise.reject(new DnsError('zone-not-found', 'no such zone'))
  const reply = await client.delete('A', 'example.org', 'www')
  expect([reply.status, reply.json?.success]).toEqual([200, true])
})

test('an escape that was signed as it stands is not taken for the name it would be', async () => {
  const reply = await client.send('DELETE', '/records/A/example.com/%77ww')
  expectRefused(reply, 400, 'INVALID_DOMAIN')
})

test('names come through as the operator sends them', async () => {
  await client.get('A', 'example.com', '*.dev')
  await client.get('TXT', 'example.com', '_x._y')
  await client.get('A', 'bücher.example.com', '@')
  expect(webhook.asked).toEqual([
    'read *.dev.example.com A',
    'read _x._y.example.com TXT',
    'read xn--bcher-kva.example.com A',
  ])
})

test.each<[string, string, number, string]>([
  ['no JSON', '{', 400, 'INVALID_REQUEST'],
  ['a byte order mark', `\ufeff${upsertBody({})}`, 400, 'INVALID_REQUEST'],
  ['a list', '[]', 400, 'INVALID_REQUEST'],
  ['null', 'null', 400, 'INVALID_REQUEST'],
  ['a text', '"upsert"', 400, 'INVALID_REQUEST'],
  ['no operation', goJson({ record: A }), 400, 'INVALID_REQUEST'],
  ['another operation', goJson({ record: A, operation: 'frobnicate' }), 400, 'INVALID_REQUEST'],
  ['no record', goJson({ operation: 'upsert' }), 400, 'INVALID_REQUEST'],
  ['a record that is a list', goJson({ record: [A], operation: 'upsert' }), 400, 'INVALID_REQUEST'],
  ['no type', upsertBody({ type: undefined }), 400, 'INVALID_RECORD'],
  ['a type that is a number', upsertBody({ type: 1 }), 400, 'INVALID_RECORD'],
  ['an unknown type', upsertBody({ type: 'PTR' }), 400, 'INVALID_RECORD'],
  ['no domain', upsertBody({ domain: undefined }), 400, 'INVALID_RECORD'],
  ['no subdomain', upsertBody({ subdomain: undefined }), 400, 'INVALID_RECORD'],
  ['an empty domain', upsertBody({ domain: '' }), 400, 'INVALID_DOMAIN'],
  ['a domain with a blank', upsertBody({ domain: 'example .com' }), 400, 'INVALID_DOMAIN'],
  ['a subdomain with an empty label', upsertBody({ subdomain: 'a..b' }), 400, 'INVALID_DOMAIN'],
  ['a label of 64 octets', upsertBody({ subdomain: 'a'.repeat(64) }), 400, 'INVALID_DOMAIN'],
  ['no values', upsertBody({ values: undefined }), 400, 'INVALID_RECORD'],
  ['an empty list of values', upsertBody({ values: [] }), 400, 'INVALID_RECORD'],
  ['values that are a text', upsertBody({ values: '192.0.2.1' }), 400, 'INVALID_RECORD'],
  ['a value that is a number', upsertBody({ values: [1] }), 400, 'INVALID_VALUE'],
  ['an address that is none', upsertBody({ values: ['192.0.2.256'] }), 400, 'INVALID_VALUE'],
  ['an IPv4 address in disguise', upsertBody({ values: ['::ffff:192.0.2.1'] }), 400, 'INVALID_VALUE'],
  ['two addresses in one value', upsertBody({ values: ['192.0.2.1,192.0.2.2'] }), 400, 'INVALID_VALUE'],
  [
    'a CNAME with two values',
    upsertBody({ type: 'CNAME', values: ['a.example.com', 'b.example.com'] }),
    400,
    'INVALID_RECORD',
  ],
  ['a CNAME of dots', upsertBody({ type: 'CNAME', values: ['..'] }), 400, 'INVALID_VALUE'],
  [
    'an SRV without its numbers',
    upsertBody({ type: 'SRV', values: ['host.example.com'] }),
    400,
    'INVALID_VALUE',
  ],
  ['a TTL of zero', upsertBody({ ttl: 0 }), 400, 'INVALID_RECORD'],
  ['a TTL below zero', upsertBody({ ttl: -1 }), 400, 'INVALID_RECORD'],
  ['a TTL over a day', upsertBody({ ttl: 86_401 }), 400, 'INVALID_RECORD'],
  ['half a second of TTL', upsertBody({ ttl: 60.5 }), 400, 'INVALID_RECORD'],
  ['a TTL that is a text', upsertBody({ ttl: '600' }), 400, 'INVALID_RECORD'],
  ['a wrong name and a wrong value', upsertBody({ subdomain: '-', values: ['x'] }), 400, 'INVALID_RECORD'],
])('%s is refused before it reaches the zones', async (_what, body, status, code) => {
  expectRefused(await client.send('POST', '/records', body), status, code)
})

test('an empty body is signed without a line of its own, and is no JSON', async () => {
  const reply = await client.send('POST', '/records', undefined, (sent) => {
    sent.headers['Content-Type'] = 'application/json'
  })
  expectRefused(reply, 400, 'INVALID_REQUEST')
})

test('octets that are not UTF-8 are no JSON', async () => {
  const body = Buffer.from(upsertBody({ type: 'TXT', values: ['\u00ff'] }), 'latin1')
  expectRefused(await client.send('POST', '/records', body), 400, 'INVALID_REQUEST')
})

test('all problems of a body are reported at once', async () => {
  const reply = await client.send(
    'POST',
    '/records',
    upsertBody({ subdomain: 'a b', ttl: 0, values: ['x', '192.0.2.1', 'y'] }),
  )
  const problems = ['subdomain', 'ttl', 'values[0]', 'values[2]'].map((path) =>
    expect.objectContaining({ path }),
  )
  expect(reply.json?.error?.details.problems).toEqual(expect.arrayContaining(problems))
})

test('a GET that cannot be understood is refused with the reason', async () => {
  expectRefused(await client.get('PTR', 'example.com', 'www'), 400, 'INVALID_RECORD')
  expectRefused(await client.get('A', 'example.com', 'a..b'), 400, 'INVALID_DOMAIN')
})

test('health is answered from memory, signed or not', async () => {
  const stranger = operatorClient({ server: webhook.url })
  for (const who of [client, stranger]) {
    const reply = await who.health()
    expect([reply.status, reply.json]).toEqual([
      200,
      {
        status: 'healthy',
        message: 'DNS server is operational',
        timestamp: expect.stringMatching(/^[\d-]{10}T[\d:]{8}Z$/),
      },
    ])
  }
  webhook.health = { healthy: false, reason: 'Cloudflare refuses the token' }
  const unsigned = await stranger.health()
  expect([unsigned.status, unsigned.json]).toMatchObject([
    503,
    { status: 'unhealthy', message: 'DNS provider API is unavailable' },
  ])
  expect((await client.health()).json?.message).toBe(
    'DNS provider API is unavailable: Cloudflare refuses the token',
  )
  stranger.close()
})

test('below the address of a caller, the prefix is not part of what is signed', async () => {
  const shop = await startOperator({ id: 'shop' })
  const prefixed = operatorClient({ server: `${shop.url}/c/shop/`, secret: SECRET })
  expect((await prefixed.upsert(A)).status).toBe(200)
  expect((await prefixed.delete('A', 'example.com', 'www')).json?.message).toBe('Record deleted successfully')
  const bare = operatorClient({ server: shop.url, secret: SECRET })
  expect((await bare.health()).status).toBe(401)
  for (const one of [prefixed, bare]) one.close()
  await shop.close()
})

test('a server address with a slash at its end is served, never redirected', async () => {
  const doubled = operatorClient({ server: `${webhook.url}/`, secret: SECRET })
  await doubled.upsert(A)
  expect((await doubled.delete('A', 'example.com', 'www')).json?.message).toBe('Record deleted successfully')
  expect((await doubled.health()).status).toBe(200)
  doubled.close()
})

test('a path that was signed with its escapes is neither there nor absent', async () => {
  for (const method of ['GET', 'DELETE'] as const) {
    const reply = await client.send(method, '/records/A/example.com/%2A')
    expect([reply.status, reply.json?.error?.message]).toEqual([
      400,
      'The path was signed with its percent escapes; sign it as it reads without them',
    ])
  }
  expect(webhook.asked).toEqual([])
})

test('the line of a request names its set, however it was sent', async () => {
  await client.upsert({ ...A, domain: 'EXAMPLE.com.', subdomain: 'Named' })
  await client.delete('A', 'named.example.com', '@')
  await client.health()
  const named = webhook.lines
    .filter(({ words }) => words === 'request')
    .map(({ facts }) => [facts.name, facts.type])
  expect(named).toEqual([
    ['named.example.com', 'A'],
    ['named.example.com', 'A'],
    [undefined, undefined],
  ])
})

test('without a secret everybody is the caller, and escapes are read as they are meant', async () => {
  const open = await startOperator({ keys: undefined })
  const anybody = operatorClient({ server: open.url })
  expect((await anybody.upsert(A)).status).toBe(200)
  expect((await anybody.get('A', 'example.com', '%77ww')).status).toBe(200)
  expect((await client.health()).status).toBe(200)
  anybody.close()
  await open.close()
})

const WORDS: Record<DeclaredErrorCode, [number, string]> = {
  'zone-not-found': [400, 'INVALID_DOMAIN'],
  'zone-unavailable': [503, 'SERVER_ERROR'],
  'zone-read-only': [400, 'INVALID_DOMAIN'],
  conflict: [400, 'INVALID_RECORD'],
  'not-ours': [400, 'INVALID_RECORD'],
  'name-taken': [400, 'INVALID_RECORD'],
  'name-not-allowed': [400, 'INVALID_DOMAIN'],
  'type-not-allowed': [400, 'INVALID_RECORD'],
  refused: [400, 'INVALID_RECORD'],
  'quota-exceeded': [400, 'QUOTA_EXCEEDED'],
  'rate-limited': [429, 'RATE_LIMITED'],
  'cloudflare-unavailable': [503, 'SERVER_ERROR'],
  'stale-view': [503, 'SERVER_ERROR'],
  'credential-refused': [503, 'SERVER_ERROR'],
  deadline: [503, 'SERVER_ERROR'],
  'outcome-unknown': [503, 'SERVER_ERROR'],
  'store-unavailable': [503, 'SERVER_ERROR'],
  'shutting-down': [503, 'SERVER_ERROR'],
}

test.each(Object.entries(WORDS))('%s is answered %j, and later means when', async (code, [status, word]) => {
  webhook.instead = () =>
    Promise.reject(new DnsError(code as DeclaredErrorCode, 'in words', { details: { with: 'A' } }))
  const reply = await client.upsert(A)
  expect([reply.status, reply.json?.error]).toEqual([
    status,
    { code: word, message: 'in words', details: { with: 'A' } },
  ])
  expect(Number(reply.headers['retry-after']) > 0).toBe(status === 429 || status === 503)
})

test('what only people can ask for is our own mistake here, and nothing of it is told', async () => {
  webhook.instead = () => Promise.reject(new DnsError('plan-out-of-date', 'the plan of a person'))
  const reply = await client.upsert(A)
  expect([reply.status, reply.json?.error?.message]).toEqual([500, 'Internal error'])
})

test('Retry-After is what the engine knows, in whole seconds', async () => {
  webhook.instead = () => Promise.reject(new DnsError('rate-limited', 'wait', { retryAfterSeconds: 12.3 }))
  expect((await client.upsert(A)).headers['retry-after']).toBe('13')
})

test('an unexpected error tells the caller nothing and the log everything, once', async () => {
  webhook.instead = () => Promise.reject(new TypeError('secret-detail is not a function'))
  const reply = await client.upsert(A)
  expect([reply.status, reply.json]).toEqual([
    500,
    { success: false, error: { code: 'SERVER_ERROR', message: 'Internal error', details: {} } },
  ])
  const errors = webhook.lines.filter((line) => line.level === 'error')
  expect(errors).toHaveLength(1)
  expect(errors[0]?.facts).toMatchObject({
    requestId: reply.headers['x-request-id'],
    err: expect.any(TypeError),
  })
})

test.each([
  ['a name of its own', 'req-1._~Z', 'req-1._~Z'],
  ['one that could break a line', 'a b', '0'.repeat(32)],
  ['one that is too long', 'a'.repeat(129), '0'.repeat(32)],
  ['none', undefined, '0'.repeat(32)],
])('a request with %s is known by %s… in answer and log', async (_what, given, id) => {
  const reply = await client.send('GET', '/records/A/example.com/nowhere', undefined, (sent) => {
    if (given !== undefined) sent.headers['X-Request-Id'] = given
  })
  expect(reply.headers['x-request-id']).toBe(id)
  await expect
    .poll(() => webhook.lines)
    .toContainEqual(expect.objectContaining({ facts: expect.objectContaining({ requestId: id }) }))
})

test('every request is one line; unchanged upserts only when asked for', async () => {
  const record = { ...A, subdomain: 'line' }
  await client.upsert(record)
  await client.upsert(record)
  await expect.poll(() => webhook.lines).toHaveLength(2)
  expect(webhook.lines).toEqual([
    {
      level: 'info',
      words: 'request',
      facts: {
        method: 'POST',
        route: 'records',
        path: '/records',
        status: 200,
        ms: expect.any(Number),
        caller: 'default',
        requestId: '0'.repeat(32),
        outcome: 'created',
        name: 'line.example.com',
        type: 'A',
      },
    },
    { level: 'debug', words: 'request', facts: expect.objectContaining({ outcome: 'unchanged' }) },
  ])
})
