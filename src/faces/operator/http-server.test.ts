import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { goTimestamp, operatorClient, sign } from '../../../tests/support/operator-client.ts'
import { SECRET, startOperator, type TestOperator } from './testing.ts'

let webhook: TestOperator

beforeAll(async () => {
  webhook = await startOperator()
})
afterAll(() => webhook.close())

/** Sends octets as they stand and reads until the server, or we after its last answer, end the connection. */
async function exchange(text: string, answers = 1, { port } = webhook): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(text, 'latin1')
  return received(socket, answers)
}

async function received(socket: Socket, answers: number): Promise<string> {
  let reply = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    reply += chunk
    if (reply.split('\r\n\r\n{').length > answers && reply.endsWith('}')) socket.end()
  })
  socket.on('error', () => {})
  await once(socket, 'close')
  return reply
}

function statuses(reply: string): number[] {
  return [...reply.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]))
}

/** Every answer has the protocol's shape. */
function expectJson(reply: string): void {
  const bodies = reply.split('\r\n\r\n').slice(1)
  for (const body of bodies) {
    const json = /^\{.*\}/.exec(body)?.[0] ?? body
    expect(Object.keys(JSON.parse(json))).toEqual(
      expect.arrayContaining([json.includes('"status"') ? 'status' : 'success']),
    )
  }
}

function signed(method: string, path: string, body = '', more = ''): string {
  const timestamp = goTimestamp(Date.now())
  const nonce = crypto.randomUUID()
  const signature = sign(
    SECRET,
    'SHA256',
    method,
    path,
    timestamp,
    nonce,
    body === '' ? undefined : Buffer.from(body),
  )
  const about =
    body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\nX-DNS-Timestamp: ${timestamp}\r\nX-DNS-Nonce: ${nonce}\r\nX-DNS-Signature: ${signature}\r\n${about}${more}\r\n${body}`
}

/** Headers of the right form and time; whose they are only the body would tell. */
const STAMP = `X-DNS-Timestamp: ${goTimestamp(Date.now())}\r\nX-DNS-Nonce: not-taken-yet\r\nX-DNS-Signature: ${'0'.repeat(64)}\r\n`

const BODY =
  '{"record":{"type":"A","domain":"example.com","subdomain":"raw","values":["192.0.2.1"]},"operation":"upsert"}'

test.each<[string, string, number]>([
  ['an absolute target', 'GET http://x/health HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['a query', 'GET /health?verbose HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['a fragment', 'GET /health#top HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['a backslash', 'GET /records\\A HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['octets above ASCII', 'GET /records/A/example.com/\xc3\xbc HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['no host', 'GET /health HTTP/1.1\r\n\r\n', 400],
  ['a blank in the target', 'GET /records/A/example.com/a b HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['a bare line feed in a header', 'GET /health HTTP/1.1\r\nHost: x\nX-DNS-Nonce: y\r\n\r\n', 400],
  ['a NUL in a header', 'GET /health HTTP/1.1\r\nHost: x\0\r\n\r\n', 400],
  ['a folded header', 'GET /health HTTP/1.1\r\nHost: x\r\nX-DNS-Nonce: a\r\n b\r\n\r\n', 400],
  [
    'two lengths',
    'POST /records HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
    400,
  ],
  [
    'a length and chunks',
    'POST /records HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['a length that is none', 'POST /records HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', 400],
  [
    'chunks that are none',
    `POST /records HTTP/1.1\r\nHost: x\r\n${STAMP}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
    400,
  ],
  [
    'one length, twice',
    'POST /records HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx',
    400,
  ],
  ['a list of lengths', 'POST /records HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\nx', 400],
  ['a length in other digits', 'POST /records HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\nx', 400],
  [
    'another encoding of the transfer',
    'POST /records HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nx',
    400,
  ],
  [
    'chunks within chunks',
    'POST /records HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['two hosts', 'GET /health HTTP/1.1\r\nHost: x\r\nHOST: y\r\n\r\n', 400],
  ['a blank before a colon', 'GET /health HTTP/1.1\r\nHost : x\r\n\r\n', 400],
  ['a header without a name', 'GET /health HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n', 400],
  ['a version there is not', 'GET /health HTTP/1.2\r\nHost: x\r\n\r\n', 400],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['no version', 'GET /health\r\n\r\n', 400],
  ['a method that nobody knows', 'FROBNICATE /records HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['a method in small letters', 'get /health HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n', 405],
  ['no HTTP at all', 'hello\r\n\r\n', 400],
  ['TLS on a plain port', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['a header over 8 KiB', `GET /health HTTP/1.1\r\nHost: x\r\nX-Big: ${'a'.repeat(9_000)}\r\n\r\n`, 431],
  ['a target over 8 KiB', `GET /records/A/example.com/${'a'.repeat(9_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  [
    'an expectation',
    'POST /records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
    417,
  ],
  ['another expectation', 'GET /health HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n', 417],
  [
    'an encoding',
    'POST /records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}',
    415,
  ],
  [
    'a form',
    'POST /records HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 2\r\n\r\n{}',
    415,
  ],
  [
    'a type that only begins like JSON',
    'POST /records HTTP/1.1\r\nHost: x\r\nContent-Type: application/jsonp\r\nContent-Length: 2\r\n\r\n{}',
    415,
  ],
  ['no type', 'POST /records HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}', 415],
  [
    'a body over 64 KiB',
    `POST /records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 65537\r\n\r\n`,
    413,
  ],
  [
    'a body over 64 KiB in chunks',
    `POST /records HTTP/1.1\r\nHost: x\r\n${STAMP}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n${'a'.repeat(0x10001)}\r\n0\r\n\r\n`,
    413,
  ],
  ['a GET with a body', 'GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}', 400],
  [
    'a DELETE with a body',
    'DELETE /records/A/example.com/www HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['a path there is not', 'GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n', 404],
  ['two segments', 'GET /records/A/example.com HTTP/1.1\r\nHost: x\r\n\r\n', 404],
  ['a method there is not', 'PUT /records HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}', 405],
  ['a method of another protocol', 'PROPFIND /health HTTP/1.1\r\nHost: x\r\n\r\n', 405],
  [
    'an upgrade',
    'GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    404,
  ],
])('%s is refused in JSON', async (_what, text, status) => {
  const reply = await exchange(text)
  expect(statuses(reply)).toEqual([status])
  expectJson(reply)
  expect(webhook.asked).toEqual([])
})

test('a DELETE to a path there is not is no 404, which the operator would take for success', async () => {
  expect(
    statuses(await exchange('DELETE /api/records/A/example.com/www HTTP/1.1\r\nHost: x\r\n\r\n')),
  ).toEqual([400])
})

test('405 names the methods there are', async () => {
  expect(await exchange('PATCH /records/A/example.com/www HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(
    /^allow: GET, DELETE\r$/m,
  )
})

test('nothing is ever redirected', async () => {
  for (const path of ['//records', '/records/', '/./health', '/records/../health', '/HEALTH']) {
    const [status = 0] = statuses(await exchange(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`))
    expect(status).toBeGreaterThanOrEqual(400)
  }
})

test('pipelined requests are answered in order, each once', async () => {
  const reply = await exchange(
    [
      signed('GET', '/records/A/example.com/nowhere'),
      signed('POST', '/records', BODY),
      'PUT /records HTTP/1.1\r\nHost: x\r\n\r\n',
      signed('GET', '/health'),
    ].join(''),
    4,
  )
  expect(statuses(reply)).toEqual([404, 200, 405, 200])
  expect(webhook.asked).toEqual(['read nowhere.example.com A', 'upsert raw.example.com A'])
  webhook.asked.length = 0
})

test.each([
  ['spoilt', 'spoilt\r\n\r\n', 400],
  ['for a tunnel', 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n', 405],
])(
  'what is said of a request that is %s waits for the answer to the one before',
  async (_what, text, status) => {
    const slow = await startOperator()
    const { promise: gate, resolve: release } = Promise.withResolvers<void>()
    slow.instead = () => gate.then(() => ({ outcome: 'absent' }))
    const reply = exchange(signed('DELETE', '/records/A/example.com/www') + text, 2, slow)
    await expect.poll(() => [slow.asked.length, slow.counted.requests]).toEqual([1, [`none ${status}`]])
    release()
    expect(statuses(await reply)).toEqual([200, status])
    await slow.close()
  },
)

test('HTTP/1.0 is answered, without a host as well, and then the connection ends', async () => {
  const socket = connect(webhook.port, '127.0.0.1')
  socket.write('GET /health HTTP/1.0\r\n\r\n')
  let reply = ''
  for await (const chunk of socket) reply += chunk
  expect(reply).toMatch(/^HTTP\/1\.1 200 .*^connection: close\r$/ims)
})

test('a connection whose chunks were refused unread ends with the answer', async () => {
  const head = 'POST /records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
  const socket = connect(webhook.port, '127.0.0.1')
  socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`)
  let reply = ''
  for await (const chunk of socket) reply += chunk
  expect(reply).toMatch(/^HTTP\/1\.1 401 .*^connection: close\r$/ims)
})

test('a body in chunks is signed as the octets it holds', async () => {
  const [head = '', body = ''] = signed('POST', '/records', BODY).split('\r\n\r\n')
  const half = body.length >> 1
  const chunk = (part: string) => `${part.length.toString(16)}\r\n${part}\r\n`
  const chunked = `${head.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked')}\r\n\r\n${chunk(body.slice(0, half))}${chunk(body.slice(half))}0\r\n\r\n`
  expect(statuses(await exchange(chunked))).toEqual([200])
  webhook.asked.length = 0
})

test('forty copies whose bodies are held back pass once', async () => {
  const [head = '', body = ''] = signed('POST', '/records', BODY).split('\r\n\r\n')
  const sockets = Array.from({ length: 40 }, () => connect(webhook.port, '127.0.0.1'))
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  for (const socket of sockets) socket.write(`${head}\r\n\r\n${body.slice(0, 10)}`)
  const replies = sockets.map((socket) => received(socket, 1))
  for (const socket of sockets) socket.write(body.slice(10))
  const all = (await Promise.all(replies)).flatMap(statuses)
  expect([
    all.filter((status) => status === 200).length,
    all.filter((status) => status === 401).length,
  ]).toEqual([1, 39])
  webhook.asked.length = 0
})

test.each([
  ['is not signed', /X-DNS-\w+: [^\r]*\r\n/g, '', 'AUTH_FAILED'],
  ['has a nonce that is none', /(X-DNS-Nonce: )[^\r]*/, '$1short', 'AUTH_FAILED'],
  ['is stamped too long ago', /(X-DNS-Timestamp: )\d{4}/, '$12001', 'TIMESTAMP_STALE'],
])('a body is not waited for where the request %s', async (_what, part, instead, code) => {
  const [head = ''] = signed('POST', '/records', BODY).split('\r\n\r\n')
  const counted = webhook.counted.signatureFailures.length
  const reply = await exchange(`${head.replace(part, instead)}\r\n\r\n{"record"`)
  expect(statuses(reply)).toEqual([401])
  expect(reply).toContain(`"code":"${code}"`)
  expect(webhook.counted.signatureFailures.slice(counted)).toEqual([code])
})

test('a caller who hangs up in the middle of a body is no unexpected error', async () => {
  const socket = connect(webhook.port, '127.0.0.1')
  webhook.lines.length = 0
  webhook.counted.requests.length = 0
  socket.write(signed('POST', '/records', BODY).slice(0, -10))
  await once(socket, 'connect')
  socket.end()
  await expect.poll(() => webhook.counted.requests.length).toBeGreaterThan(0)
  expect(webhook.lines.filter((line) => line.level === 'error')).toEqual([])
  expect(webhook.asked).toEqual([])
})

test('what waited behind others on a cut connection is no longer under way', async () => {
  const small = await startOperator({ mostInFlight: 20 })
  const socket = connect(small.port, '127.0.0.1')
  await once(socket, 'connect')
  // The first is held up, so that those behind it wait for their turn to answer when the connection goes.
  const { promise: gate, resolve: release } = Promise.withResolvers<void>()
  small.instead = () => gate.then(() => ({ outcome: 'absent' }))
  socket.write(signed('DELETE', '/records/A/example.com/www'))
  await expect.poll(() => small.asked).toHaveLength(1)
  socket.write('GET /health HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(100))
  const status = async () => (await fetch(`${small.url}/health`)).status
  await expect.poll(status).toBe(503)
  socket.resetAndDestroy()
  release()
  await expect.poll(status).toBe(200)
  await small.close()
})

test('more requests at once than can be held are 503 with Retry-After', async () => {
  const small = await startOperator({ mostInFlight: 2 })
  const { promise: gate, resolve: release } = Promise.withResolvers<void>()
  small.instead = () => gate.then(() => ({ outcome: 'absent' }))
  const client = operatorClient({ server: small.url, secret: SECRET })
  const waiting = [1, 2].map(() => client.delete('A', 'example.com', 'www'))
  await expect.poll(() => small.asked).toHaveLength(2)
  const third = await client.health()
  expect([third.status, third.json?.error?.code, third.headers['retry-after']]).toEqual([
    503,
    'SERVER_ERROR',
    '1',
  ])
  release()
  await Promise.all(waiting)
  expect((await client.health()).status).toBe(200)
  client.close()
  await small.close()
})

test('whoever opens every connection there is does not lock out a caller, nor cut one off', async () => {
  const small = await startOperator({ mostConnections: 20 })
  const early = connect(small.port, '127.0.0.1')
  early.write(signed('GET', '/health'))
  await once(early, 'data')

  const idle = Array.from({ length: 60 }, () => connect(small.port, '127.0.0.1').resume())
  await expect.poll(() => idle.filter((socket) => socket.closed).length).toBe(41)
  // The oldest of them.
  expect(idle.slice(0, 41).every((socket) => socket.closed)).toBe(true)

  const late = operatorClient({ server: small.url, secret: SECRET })
  expect((await late.health()).status).toBe(200)
  early.write(signed('GET', '/health'))
  expect(String(await once(early, 'data'))).toMatch(/^HTTP\/1\.1 200 /)
  for (const socket of [early, ...idle]) socket.destroy()
  late.close()
  await small.close()
})

test('closing answers what is under way, accepts nothing new, and does not wait for idle connections', async () => {
  const closing = await startOperator()
  const { promise: gate, resolve: release } = Promise.withResolvers<void>()
  closing.instead = () => gate.then(() => ({ outcome: 'deleted' }))
  const client = operatorClient({ server: closing.url, secret: SECRET })
  await client.health()
  const busy = client.delete('A', 'example.com', 'www')
  await expect.poll(() => closing.asked).toHaveLength(1)
  const closed = closing.close()
  const late = operatorClient({ server: closing.url })
  await expect
    .poll(() =>
      late.health().then(
        () => 'answered',
        () => 'refused',
      ),
    )
    .toBe('refused')
  release()
  expect((await busy).status).toBe(200)
  await closed
  client.close()
  late.close()
})

test('with a certificate it speaks HTTPS, within the same limits', async () => {
  // Made for these tests, for loopback only.
  const pem = (name: string) =>
    readFileSync(new URL(`../../../tests/support/loopback-${name}.pem`, import.meta.url), 'utf8')
  const secure = await startOperator({ tls: { cert: pem('cert'), key: pem('key') } })
  const server = {
    host: '127.0.0.1',
    servername: 'localhost',
    port: secure.port,
    path: '/health',
    ca: pem('cert'),
    agent: false,
  }
  const statusOf = async (headers: Record<string, string>) => {
    const [reply] = (await once(get({ ...server, headers }), 'response')) as [IncomingMessage]
    reply.resume()
    return reply.statusCode
  }
  expect(await statusOf({})).toBe(200)
  expect(await statusOf({ 'X-Big': 'a'.repeat(9_000) })).toBe(431)
  await secure.close()
})
