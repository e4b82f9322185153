import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { nodeTransport, TransportError, type TransportLimits, type TransportRequest } from './transport.ts'

/** To connect over the loopback, also on a machine that is busy. */
const ENOUGH_MS = 400

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close()
})

describe('a request', () => {
  test('arrives as it was given, and its reply as it was sent', async () => {
    const port = await serving((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        response.writeHead(200, { 'X-Made-Of': ['one', 'two'], 'CF-Ray': 'ray' })
        const { method, url, headers } = request
        const { authorization, 'content-length': length } = headers
        response.end(
          JSON.stringify({ method, url, authorization, length, body: Buffer.concat(chunks).toString() }),
        )
      })
    })
    const reply = await carrying()({
      method: 'PATCH',
      url: `http://127.0.0.1:${port}/client/v4/zones?page=2`,
      headers: { Authorization: 'Bearer t' },
      body: '{"comment":"grüße"}',
    })
    expect(reply.status).toBe(200)
    expect(reply.headers).toMatchObject({ 'x-made-of': 'one, two', 'cf-ray': 'ray' })
    expect(JSON.parse(reply.body)).toEqual({
      method: 'PATCH',
      url: '/client/v4/zones?page=2',
      authorization: 'Bearer t',
      length: '21',
      body: '{"comment":"grüße"}',
    })
  })

  test('is not sent where a redirect points to', async () => {
    const asked: (string | undefined)[] = []
    const port = await serving((request, response) => {
      asked.push(request.url)
      response.writeHead(307, { Location: '/elsewhere' }).end('{}')
    })
    const reply = await carrying()(to(port, 'http:', '/here'))
    expect(reply).toMatchObject({ status: 307, headers: { location: '/elsewhere' } })
    expect(asked).toEqual(['/here'])
  })

  test('shares its connection with those before it', async () => {
    let connections = 0
    const port = await serving(
      (_, response) => response.end('{}'),
      (server) => server.on('connection', () => (connections += 1)),
    )
    const carry = carrying()
    for (let call = 0; call < 5; call += 1) await carry(to(port))
    expect(connections).toBe(1)
  })

  test('has a reply of several pieces put together, also where a character was cut', async () => {
    const body = Buffer.from('{"comment":"grüße"}')
    const cut = body.indexOf('ü') + 1
    const port = await serving((_, response) => {
      response.write(body.subarray(0, cut), () => setImmediate(() => response.end(body.subarray(cut))))
    })
    expect((await carrying()(to(port))).body).toBe('{"comment":"grüße"}')
  })
})

describe('of a request that failed, no byte was sent', () => {
  test('when the port is refused', async () => {
    const server = createSocketServer()
    const port = await listening(server)
    await new Promise((resolve) => server.close(resolve))
    expect(await faultOf(to(port))).toMatchObject({ reason: 'connect', sent: false })
  })

  test('when TLS meets a port that speaks none', async () => {
    const heard: string[] = []
    const port = await answering((socket) =>
      socket.on('data', (bytes) => {
        heard.push(bytes.toString('latin1'))
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
      }),
    )
    expect(await faultOf(to(port, 'https:'))).toMatchObject({ reason: 'connect', sent: false })
    expect(heard.join('')).not.toContain('Bearer')
  })

  test('when nobody vouches for the certificate', async () => {
    let requests = 0
    const pem = (name: string) => readFileSync(new URL(`../../../tests/support/${name}.pem`, import.meta.url))
    const server = createTlsServer(
      { key: pem('loopback-key'), cert: pem('loopback-cert') },
      (_, response) => {
        requests += 1
        response.end('{}')
      },
    )
    const port = await listening(server)
    expect(await faultOf(to(port, 'https:'))).toMatchObject({ reason: 'connect', sent: false })
    expect(requests).toBe(0)
  })

  test('when the time was over before the handshake was', async () => {
    const port = await answering(() => {})
    const fault = await faultOf(to(port, 'https:'), { timeoutMs: 60 })
    expect(fault).toMatchObject({ reason: 'timeout', sent: false })
  })

  test('when it waited for a free connection until its time was over', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    closing.push(() => vi.useRealTimers())
    let connections = 0
    const { promise: first, resolve: arrived } = Promise.withResolvers<void>()
    const port = await answering((socket) => {
      connections += 1
      socket.once('data', arrived)
    })
    const carry = carrying({ maxSockets: 1, timeoutMs: ENOUGH_MS })
    const both = Promise.all([to(port), to(port)].map((request) => carry(request).catch((error) => error)))
    await first
    vi.advanceTimersByTime(ENOUGH_MS)
    expect(await both).toMatchObject([
      { reason: 'timeout', sent: true },
      { reason: 'timeout', sent: false },
    ])
    expect(connections).toBe(1)
  })
})

describe('a request may have been carried out', () => {
  const lost = { reason: 'connection-lost', sent: true }
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'

  const endings: [title: string, onRequest: (socket: Socket) => void][] = [
    ['the connection is reset before a byte of the reply', (socket) => socket.resetAndDestroy()],
    ['the connection ends before a byte of the reply', (socket) => socket.end()],
    [
      'the connection is reset after the headers',
      (socket) => socket.write(`${HEAD}Content-Length: 100\r\n\r\n`, () => socket.resetAndDestroy()),
    ],
    ['the body is cut', (socket) => socket.end(`${HEAD}Content-Length: 100\r\n\r\n{"success":true`)],
    [
      'the body is cut between two chunks',
      (socket) => socket.end(`${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`),
    ],
    ['what comes back is not HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
  ]
  for (const [title, onRequest] of endings) {
    test(`when ${title}`, async () => {
      const port = await answering((socket) => socket.once('data', () => onRequest(socket)))
      expect(await faultOf(to(port))).toMatchObject(lost)
    })
  }

  test('when a kept connection turns out dead', async () => {
    const port = await answering((socket) => {
      socket.once('data', () => {
        socket.write(`${HEAD}Content-Length: 2\r\n\r\n{}`)
        socket.once('data', () => socket.resetAndDestroy())
      })
    })
    const carry = carrying()
    expect((await carry(to(port))).body).toBe('{}')
    await expect(carry(to(port))).rejects.toMatchObject(lost)
    expect((await carry(to(port))).body).toBe('{}')
  })

  test('when there is never an answer', async () => {
    const port = await answering(() => {})
    expect(await faultOf(to(port), { timeoutMs: ENOUGH_MS })).toMatchObject({ reason: 'timeout', sent: true })
  })

  test('when the server wants to speak something else, and then says no more', async () => {
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'
    const port = await answering((socket) => socket.once('data', () => socket.write(upgrade)))
    expect(await faultOf(to(port), { timeoutMs: ENOUGH_MS })).toMatchObject({ reason: 'timeout', sent: true })
  })

  test('when the body drips: the time is for the whole of it', async () => {
    const port = await serving((_, response) => {
      response.writeHead(200, { 'Content-Length': '10000' })
      const dripping = setInterval(() => response.write(' '), 5)
      response.on('close', () => clearInterval(dripping))
    })
    expect(await faultOf(to(port), { timeoutMs: ENOUGH_MS })).toMatchObject({ reason: 'timeout', sent: true })
  })

  test('when the reply is larger than we accept, by one byte', async () => {
    const port = await serving((request, response) => response.end(' '.repeat(Number(request.url?.slice(1)))))
    const limits = { maxReplyBytes: 100_000 }
    expect((await carrying(limits)(to(port, 'http:', '/100000'))).body).toHaveLength(100_000)
    expect(await faultOf(to(port, 'http:', '/100001'), limits)).toMatchObject({
      reason: 'too-large',
      sent: true,
    })
  })
})

test('no failure shows what was sent', async () => {
  const port = await answering((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n')))
  const fault = await faultOf(to(port))
  const shown = inspect(fault, { depth: Number.POSITIVE_INFINITY, showHidden: true }) + JSON.stringify(fault)
  expect(shown).toContain('connection-lost')
  expect(shown).not.toContain(SECRET)
})

const SECRET = 'secret-0123456789-0123456789-0123456789-0123'

function to(port: number, protocol = 'http:', path = '/client/v4/zones'): TransportRequest {
  const url = `${protocol}//127.0.0.1:${port}${path}`
  return { method: 'POST', url, headers: { Authorization: `Bearer ${SECRET}` }, body: `{"data":"${SECRET}"}` }
}

function carrying(limits: Partial<TransportLimits> = {}) {
  const carry = nodeTransport(limits)
  closing.push(() => carry.close())
  return carry
}

async function faultOf(
  request: TransportRequest,
  limits?: Partial<TransportLimits>,
): Promise<TransportError> {
  const outcome = await carrying(limits)(request).catch((error: unknown) => error)
  expect(outcome).toBeInstanceOf(TransportError)
  return outcome as TransportError
}

/** A server on the loopback that speaks HTTP. */
async function serving(
  listener: RequestListener,
  prepare: (server: Server) => void = () => {},
): Promise<number> {
  const server = createServer(listener)
  prepare(server)
  closing.push(() => server.closeAllConnections())
  return listening(server)
}

/** A server on the loopback that only has connections. */
function answering(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createSocketServer((socket) => {
    closing.push(() => socket.destroy())
    socket.on('error', () => {})
    onConnection(socket)
  })
  return listening(server)
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  return (server.address() as AddressInfo).port
}
