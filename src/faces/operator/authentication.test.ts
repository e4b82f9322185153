import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  goJson,
  type OperatorClient,
  operatorClient,
  type Reply,
  sign,
} from '../../../tests/support/operator-client.ts'
import clientVectors from '../../../tests/vectors/operator-client.json' with { type: 'json' }
import { type Algorithm, signingKeys } from './signature.ts'
import { PREVIOUS, SECRET, startOperator, type TestOperator } from './testing.ts'

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

test.each(['X-DNS-Timestamp', 'X-DNS-Nonce', 'X-DNS-Signature'])(
  'without %s nothing passes, not even health',
  async (name) => {
    const without = (sent: { headers: Record<string, unknown> }) => {
      delete sent.headers[name]
    }
    for (const [method, path, body] of [
      ['GET', '/health'],
      ['POST', '/records', upsertBody({})],
      ['GET', '/records/A/example.com/www'],
      ['DELETE', '/records/A/example.com/www'],
    ] as const) {
      const reply = await client.send(method, path, body, without)
      expectRefused(reply, 401, 'AUTH_FAILED')
      expect(reply.json?.error?.message).toBe(`${name} is missing`)
    }
  },
)

test('unsigned requests are 401', async () => {
  const stranger = operatorClient({ server: webhook.url })
  expectRefused(await stranger.upsert(A), 401, 'AUTH_FAILED')
  expectRefused(await stranger.delete('A', 'example.com', 'www'), 401, 'AUTH_FAILED')
  expectRefused(await stranger.get('A', 'example.com', 'www'), 401, 'AUTH_FAILED')
  stranger.close()
})

test('another secret is 401, and the answer does not say why', async () => {
  const other = operatorClient({ server: webhook.url, secret: 'somebody-elses-secret-of-32-bytes' })
  const reply = await other.upsert(A)
  expectRefused(reply, 401, 'AUTH_FAILED')
  expect(reply.json?.error?.message).toBe('The signature does not match')
  other.close()
})

test('SHA512 with the secret of a SHA256 key is 401', async () => {
  const other = operatorClient({ server: webhook.url, secret: SECRET, algorithm: 'SHA512' })
  expectRefused(await other.health(), 401, 'AUTH_FAILED')
  other.close()
})

test('the previous secret is good while it is being rotated away', async () => {
  const late = operatorClient({ server: webhook.url, secret: PREVIOUS })
  expect((await late.upsert(A)).status).toBe(200)
  late.close()
})

test('a header sent twice is 401', async () => {
  for (const name of ['X-DNS-Timestamp', 'X-DNS-Nonce', 'X-DNS-Signature']) {
    const twice = await client.send('GET', '/health', undefined, (sent) => {
      const value = sent.headers[name] as string
      sent.headers[name] = [value, value]
    })
    expectRefused(twice, 401, 'AUTH_FAILED')
  }
})

test.each([
  [-301, 401],
  [-300, 200],
  [300, 200],
  [301, 401],
])('a stamp %d s from our time is %d', async (seconds, status) => {
  const now = Math.floor(Date.now() / 1000) * 1000
  webhook.now = () => now
  const other = operatorClient({ server: webhook.url, secret: SECRET, now: () => now + seconds * 1000 })
  const reply = await other.upsert(A)
  expect(reply.status).toBe(status)
  if (status === 401) expectRefused(reply, 401, 'TIMESTAMP_STALE')
  other.close()
})

test('a request passes once, also when forty copies arrive together', async () => {
  const nonce = crypto.randomUUID()
  const now = Date.now()
  const copies = Array.from({ length: 40 }, () =>
    operatorClient({ server: webhook.url, secret: SECRET, nonce: () => nonce, now: () => now }),
  )
  const replies = await Promise.all(copies.map((copy) => copy.upsert(A)))
  expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1)
  expect(replies.filter((reply) => reply.json?.error?.code === 'NONCE_REUSED')).toHaveLength(39)
  expect(webhook.asked).toHaveLength(1)
  for (const copy of copies) copy.close()
})

test('a forged request does not use up a nonce', async () => {
  const nonce = crypto.randomUUID()
  const real = operatorClient({ server: webhook.url, secret: SECRET, nonce: () => nonce })
  const forger = operatorClient({ server: webhook.url, secret: 'guessed', nonce: () => nonce })
  const before = webhook.nonces.size
  expectRefused(await forger.upsert(A), 401, 'AUTH_FAILED')
  expect(webhook.nonces.size).toBe(before)
  expect((await real.upsert(A)).status).toBe(200)
  real.close()
  forger.close()
})

test('a body changed on the way is 401', async () => {
  const reply = await client.send('POST', '/records', upsertBody({}), (sent) => {
    sent.body = Buffer.from(String(sent.body).replace('192.0.2.1', '192.0.2.3'))
  })
  expectRefused(reply, 401, 'AUTH_FAILED')
})

test.each(clientVectors.vectors.map((vector) => [vector.method, vector.requestTarget, vector] as const))(
  "the operator's own %s %s of another day passes at its time",
  async (method, target, vector) => {
    const keys = signingKeys(vector.algorithm as Algorithm, Buffer.from(vector.secret))
    const isPrefixed = target.startsWith('/api/')
    const then = await startOperator({ keys, ...(isPrefixed && { id: 'api' }) })
    then.now = () => Date.parse(vector.timestamp)
    const sender = operatorClient({ server: then.url })
    const reply = await sender.send(method, '/', vector.body === '' ? undefined : vector.body, (sent) => {
      sent.target = isPrefixed ? `/c${target}` : target
      sent.headers['X-DNS-Timestamp'] = vector.timestamp
      sent.headers['X-DNS-Nonce'] = vector.nonce
      sent.headers['X-DNS-Signature'] = vector.signature
    })
    const absent = reply.json?.error?.code === 'RECORD_NOT_FOUND'
    expect(reply.status).toBe(absent ? 404 : 200)
    sender.close()
    await then.close()
  },
)

test('nonces that cannot be kept are 503, and nothing is done', async () => {
  const broken = await startOperator({
    nonces: { claimNonce: () => Promise.reject(new Error('disk full')), replaysPossibleUntil: 0 },
  })
  const sender = operatorClient({ server: broken.url, secret: SECRET })
  const reply = await sender.upsert(A)
  expect([reply.status, reply.json?.error?.code, reply.headers['retry-after']]).toEqual([
    503,
    'SERVER_ERROR',
    '5',
  ])
  expect(reply.text).not.toContain('disk')
  expect(broken.asked).toEqual([])
  sender.close()
  await broken.close()
})

test('after the nonces were lost, older stamps are stale', async () => {
  const now = Date.now()
  const restarted = await startOperator({
    nonces: { claimNonce: async () => true, replaysPossibleUntil: now + 300_000 },
  })
  const sender = operatorClient({ server: restarted.url, secret: SECRET })
  expect((await sender.upsert(A)).json?.error?.code).toBe('TIMESTAMP_STALE')
  sender.close()
  await restarted.close()
})

test('signature failures are counted by code', async () => {
  webhook.counted.signatureFailures.length = 0
  await client.send('GET', '/health', undefined, (sent) => {
    sent.headers['X-DNS-Nonce'] = 'another-nonce'
  })
  expect(webhook.counted.signatureFailures).toEqual(['AUTH_FAILED'])
})

test('no combination of signature headers is an unexpected error', async () => {
  const anonymous = operatorClient({ server: webhook.url })
  const visible = fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,140}$/)
  const stamp = fc.oneof(visible, fc.constant(new Date().toISOString()), fc.date().map(String))
  const nonce = fc.oneof(visible, fc.uuid())
  const signature = fc.oneof(
    visible,
    fc.stringMatching(/^[0-9a-f]{64}$/),
    fc.constant(sign(SECRET, 'SHA256', 'GET', '/health', '', '', undefined)),
  )
  const target = fc.oneof(
    fc.constantFrom(
      '/health',
      '/records',
      '/records/A/example.com/www',
      '/records/A/example.com/%zz',
      '/records/%00/a/b',
    ),
    fc.stringMatching(/^\/records\/[A-Za-z%0-9@*./_-]{0,60}$/),
  )
  const method = fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'PROPFIND')
  const absent = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
  await fc.assert(
    fc.asyncProperty(
      method,
      target,
      absent(stamp),
      absent(nonce),
      absent(signature),
      absent(fc.string()),
      async (...input) => {
        const [verb, path, timestamp, once, mac, body] = input
        const reply = await anonymous.send(verb, '/', body, (sent) => {
          sent.target = path
          if (timestamp !== undefined) sent.headers['X-DNS-Timestamp'] = timestamp
          if (once !== undefined) sent.headers['X-DNS-Nonce'] = once
          if (mac !== undefined) sent.headers['X-DNS-Signature'] = mac
        })
        expect(reply.status).not.toBe(500)
        expect(reply.status === 200 ? path : '/health').toBe('/health')
        expect(reply.json).toBeDefined()
      },
    ),
    { numRuns: 3000 },
  )
  expect(webhook.asked).toEqual([])
  anonymous.close()
}, 120_000)
