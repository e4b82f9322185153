import { EventEmitter, once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRequestLimiter } from '#faces/http/rate-limit.ts'
import { operatorClient, type Reply } from '../../../tests/support/operator-client.ts'
import { addressIn, type OperatorCaller } from './callers.ts'
import { signingKeys } from './signature.ts'
import { SECRET, startOperator, type TestOperator } from './testing.ts'

const A = { type: 'A', domain: 'example.com', subdomain: 'www', values: ['192.0.2.1'] }
const BLOGS = 'the-secret-of-the-blog-32-octets'

let webhook: TestOperator
let callers: Map<string, OperatorCaller>

beforeEach(async () => {
  callers = new Map()
  webhook = await startOperator({ callers })
  callers.set('shop', callerWith('shop', SECRET))
  callers.set('blog', { ...callerWith('blog', BLOGS), keys: signingKeys('SHA512', Buffer.from(BLOGS)) })
})
afterEach(() => webhook.close())

test('an address tells whose it is, and the path below it is what is signed', () => {
  expect(addressIn('/records')).toEqual({ id: 'default', mount: '' })
  expect(addressIn('/c/shop/records')).toEqual({ id: 'shop', mount: '/c/shop' })
  expect(addressIn('//c/shop//health')).toEqual({ id: 'shop', mount: '/c/shop' })
  expect(addressIn('/c/default/records')).toEqual({ id: '', mount: '/c/default' })
  expect(addressIn('/c/records')).toEqual({ id: 'default', mount: '' })
  expect(addressIn('/records/A/c/x/y')).toEqual({ id: 'default', mount: '' })
})

test('each caller signs with its own secret and algorithm, at its own address', async () => {
  expect((await sent('shop', SECRET)).status).toBe(200)
  expect((await sent('blog', BLOGS, 'SHA512')).status).toBe(200)
  expect((await sent('blog', SECRET)).status).toBe(401)
  expect((await sent('shop', BLOGS, 'SHA512')).status).toBe(401)
  expect(webhook.counted.callers).toEqual(['shop 200', 'blog 200'])
})

test('nonces are each caller’s own', async () => {
  const claimed: string[] = []
  const nonces = {
    claimNonce: async (caller: string, nonce: string) => claimed.push(`${caller} ${nonce}`) > 0,
    replaysPossibleUntil: 0,
  }
  const own = await startOperator({ callers, nonces })
  const client = operatorClient({ server: `${own.url}/c/shop`, secret: SECRET, nonce: () => 'nonce-nonce' })
  await client.upsert(A)
  expect(claimed).toEqual(['shop nonce-nonce'])
  client.close()
  await own.close()
})

test.each([
  ['with a wrong secret', 'a-wrong-secret-of-thirty-two-oct', 'SHA256'],
  ['with a wrong algorithm', SECRET, 'SHA512'],
  ['with another wrong algorithm', BLOGS, 'SHA256'],
  ['without a signature', '', 'SHA256'],
] as const)(
  'a caller that is not there is answered like one that is, %s',
  async (_how, secret, algorithm) => {
    const answers = []
    for (const id of secret === BLOGS
      ? ['blog', 'nobody']
      : ['shop', 'nobody', 'default', 'Sh%20op', '%00']) {
      for (const ask of ['upsert', 'health', 'get', 'delete'] as const) {
        const reply = await asked(ask, id, secret, algorithm)
        expect(reply.status).toBe(401)
        answers.push(JSON.stringify([ask, reply.text]))
      }
    }
    expect(new Set(answers).size).toBe(4)
    expect(webhook.asked).toEqual([])
  },
)

test('health at the address of a caller is signed, and at the root only where there is a caller', async () => {
  expect((await asked('health', 'shop', SECRET)).json).toMatchObject({ status: 'healthy' })
  expect((await fetch(`${webhook.url}/c/shop/health`)).status).toBe(401)
  expect((await fetch(`${webhook.url}/health`)).status).toBe(401)
  callers.set('default', callerWith('default', SECRET))
  expect((await fetch(`${webhook.url}/health`)).status).toBe(200)
})

test('a caller over its rate limit is refused with Retry-After, and nothing is done', async () => {
  callers.set('shop', {
    ...callerWith('shop', SECRET),
    limiter: createRequestLimiter({ perSecond: 0.1, burst: 2 }),
  })
  const statuses = []
  for (let index = 0; index < 4; index += 1) statuses.push((await sent('shop', SECRET)).status)
  expect(statuses).toEqual([200, 200, 429, 429])
  const reply = await sent('shop', SECRET)
  expect(reply.json?.error?.code).toBe('RATE_LIMITED')
  expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
  expect(webhook.asked).toHaveLength(2)
  expect(webhook.nonces.size).toBe(2)
  expect((await asked('health', 'shop', SECRET)).status).toBe(200)
})

test('health has a rate limit of its own', async () => {
  const one = () => createRequestLimiter({ perSecond: 0.1, burst: 1 })
  callers.set('shop', { ...callerWith('shop', SECRET), limiter: one(), healthLimiter: one() })
  expect((await asked('health', 'shop', SECRET)).status).toBe(200)
  expect((await asked('health', 'shop', SECRET)).json?.error?.code).toBe('RATE_LIMITED')
  expect(webhook.nonces.size).toBe(1)
  expect((await sent('shop', SECRET)).status).toBe(200)
})

test('no more requests at once pass than the limit allows, though nonces take their time', async () => {
  callers.set('shop', {
    ...callerWith('shop', SECRET),
    limiter: createRequestLimiter({ perSecond: 0.1, burst: 3 }),
  })
  const replies = await Promise.all(Array.from({ length: 12 }, () => sent('shop', SECRET)))
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(3)
})

test('a replay never counts against the rate limit', async () => {
  const limiter = createRequestLimiter({ perSecond: 0.1, burst: 1 })
  callers.set('shop', { ...callerWith('shop', SECRET), limiter })
  const database = new EventEmitter()
  const nonces = {
    async claimNonce(_caller: string, nonce: string) {
      if (nonce !== 'recorded') return true
      database.emit('asked')
      await once(database, 'answers')
      return false
    },
    replaysPossibleUntil: 0,
  }
  const own = await startOperator({ callers, nonces })
  const server = `${own.url}/c/shop`
  const recorder = operatorClient({ server, secret: SECRET, nonce: () => 'recorded' })
  const client = operatorClient({ server, secret: SECRET })
  const asked = once(database, 'asked')
  const replay = recorder.upsert(A)
  await asked
  expect((await client.upsert(A)).status).toBe(200)
  database.emit('answers')
  expect((await replay).json?.error?.code).toBe('NONCE_REUSED')
  recorder.close()
  client.close()
  await own.close()
})

test('an unsigned request does not count against the rate limit of a caller', async () => {
  callers.set('shop', {
    ...callerWith('shop', SECRET),
    limiter: createRequestLimiter({ perSecond: 0.1, burst: 1 }),
  })
  for (let index = 0; index < 20; index += 1) await sent('shop', 'a-wrong-secret-of-thirty-two-oct')
  expect((await sent('shop', SECRET)).status).toBe(200)
})

test('the use of a previous secret is measured by caller', async () => {
  const keys = signingKeys('SHA256', Buffer.from(SECRET), Buffer.from(BLOGS))
  callers.set('shop', { ...callerWith('shop', SECRET), keys })
  await sent('shop', SECRET)
  expect(webhook.counted.previousSecrets).toEqual([])
  await sent('shop', BLOGS)
  expect(webhook.counted.previousSecrets).toEqual(['shop'])
})

test('a removed caller is refused at once', async () => {
  expect((await sent('shop', SECRET)).status).toBe(200)
  callers.delete('shop')
  expect((await sent('shop', SECRET)).json?.error).toMatchObject({ code: 'AUTH_FAILED' })
})

test('the log names the caller of a request, and never an invented id', async () => {
  await sent('shop', SECRET)
  await sent('made-up', SECRET)
  expect(webhook.lines.filter(({ words }) => words === 'request').map(({ facts }) => facts.caller)).toEqual([
    'shop',
    'nobody',
  ])
})

function callerWith(id: string, secret: string): OperatorCaller {
  const caller = { id, cloudflare: {} as never, ownership: 'adopt', ack: 'cloudflare' } as const
  return { caller, keys: signingKeys('SHA256', Buffer.from(secret)), defaults: { ttl: 300, mxPriority: 10 } }
}

function sent(id: string, secret: string, algorithm: 'SHA256' | 'SHA512' = 'SHA256'): Promise<Reply> {
  return asked('upsert', id, secret, algorithm)
}

async function asked(
  what: 'upsert' | 'health' | 'get' | 'delete',
  id: string,
  secret: string,
  algorithm: 'SHA256' | 'SHA512' = 'SHA256',
): Promise<Reply> {
  const client = operatorClient({ server: `${webhook.url}/c/${id}`, secret, algorithm })
  try {
    if (what === 'upsert') return await client.upsert(A)
    if (what === 'health') return await client.health()
    return await client[what]('A', 'example.com', 'www')
  } finally {
    client.close()
  }
}
