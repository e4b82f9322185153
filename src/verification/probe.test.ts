import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { ServerAddress } from './address.ts'
import { bothOf, createProbe, failureOf, outcomeOf } from './probe.ts'
import { createReach } from './reach.ts'

const PATH = '/.well-known/zonewright/token'
const VISIT = { name: 'shop.example.com', path: PATH, answer: 'the answer' }
const SHOP = '203.0.113.7'

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      if ('closeAllConnections' in server) (server as ReturnType<typeof createServer>).closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    }),
  )
})

async function listening(server: Server): Promise<ServerAddress> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(server)
  return { address: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

const web = (listener: RequestListener) => listening(createServer(listener))
const answering =
  (body: string): RequestListener =>
  (_request, response) =>
    void response.end(body)

/** Nobody listens there. */
const NOWHERE: ServerAddress = { address: '127.0.0.1', port: 1 }

/** What comes of a visit to the shop's address, where these servers listen at its ports; a port left out is not asked. */
async function visit(ports: { 80?: ServerAddress; 443?: ServerAddress }, addresses = [SHOP]) {
  const allowed = Object.entries(ports).map(([port, server]) => [`${SHOP}:${port}`, server] as const)
  return createProbe(createReach(new Map(allowed)), 300)({ ...VISIT, addresses })
}

describe('a store is reached', () => {
  test('where the answer is that only we give', async () => {
    expect(await visit({ 80: await web(answering('the answer\n')) })).toEqual({ kind: 'reached-by-http' })
  })

  test('by its name, whatever that name means to this machine', async () => {
    const asked: IncomingMessage[] = []
    const shop = await web((request, response) => {
      asked.push(request)
      response.end('the answer')
    })
    const reach = createReach(new Map([[`${SHOP}:80`, shop]]))
    const probed = await createProbe(reach, 300)({ ...VISIT, name: 'localhost', addresses: [SHOP] })
    expect(probed).toEqual({ kind: 'reached-by-http' })
    expect(asked.map(({ method, url, headers }) => ({ method, url, headers }))).toEqual([
      {
        method: 'GET',
        url: PATH,
        // And nothing else: no cookie, no credential.
        headers: { host: 'localhost', accept: 'text/plain', 'user-agent': 'Zonewright', connection: 'close' },
      },
    ])
  })

  test('if one of its addresses answers', async () => {
    expect(await visit({ 80: await web(answering('the answer')) }, ['10.0.0.1', SHOP])).toEqual({
      kind: 'reached-by-http',
    })
  })

  test('by https where both are asked, though its host may hand the path on by http alone', () => {
    const reached = { kind: 'reached' } as const
    expect(bothOf(reached, reached)).toEqual(reached)
    expect(bothOf({ kind: 'answered', status: 404 }, reached)).toEqual(reached)
    expect(bothOf({ kind: 'refused' }, reached)).toEqual(reached)
    expect(bothOf(reached, { kind: 'answered', status: 404 })).toEqual(reached)
    expect(bothOf(reached, { kind: 'sent-elsewhere' })).toEqual(reached)
    // Without a way there ourselves nothing was asked.
    expect(bothOf(reached, { kind: 'no-way' })).toEqual({ kind: 'reached-by-http' })
  })
})

describe('a store is not reached', () => {
  const shop = () => web(answering('the answer'))
  const secureWith = (options: object) => listening(createTlsServer(options, answering('the answer')))
  const selfSigned = {
    key: readFileSync('tests/clients/stand-in-key.pem'),
    cert: readFileSync('tests/clients/stand-in-cert.pem'),
  }

  test('where the server has no certificate for its name (L1)', async () => {
    const none = await secureWith({})
    expect(await visit({ 80: await shop(), 443: none })).toEqual({ kind: 'certificate', fault: 'none' })
  })

  test('where browsers do not trust its certificate (L7)', async () => {
    const secure = await secureWith(selfSigned)
    expect(await visit({ 80: await shop(), 443: secure })).toEqual({
      kind: 'certificate',
      fault: 'untrusted',
    })
  })

  test('where nobody, or somebody else, answers at the port of https', async () => {
    const mute = await listening(createTcpServer((socket) => void socket.resume()))
    expect(await visit({ 80: await shop(), 443: NOWHERE })).toEqual({ kind: 'no-https' })
    expect(await visit({ 80: await shop(), 443: mute })).toEqual({ kind: 'no-https' })
    expect(await visit({ 80: await shop(), 443: await shop() })).toMatchObject({ kind: 'certificate' })
  })

  test('where https is dead, and http answers something else (L2)', async () => {
    const other = await web((_request, response) => void response.writeHead(404).end())
    expect(await visit({ 80: other, 443: NOWHERE })).toEqual({ kind: 'no-https' })
    expect(await visit({ 80: other, 443: await secureWith({}) })).toMatchObject({ kind: 'certificate' })
  })

  test('where the handshake fails at one of its addresses', async () => {
    const [first, second] = ['203.0.113.8', '203.0.113.9']
    const reach = createReach(
      new Map([
        [`${first}:80`, await shop()],
        [`${second}:80`, await shop()],
        [`${second}:443`, NOWHERE],
      ]),
    )
    const probed = await createProbe(reach, 300)({ ...VISIT, addresses: [first, second] })
    expect(probed).toEqual({ kind: 'no-https' })
  })

  test('where its proxy cannot reach it by https, or sends browsers round', () => {
    const unreachable = { kind: 'unreachable-behind-proxy', status: 526 } as const
    expect(bothOf({ kind: 'reached' }, unreachable)).toEqual(unreachable)
    expect(bothOf({ kind: 'reached' }, { kind: 'circle' })).toEqual({ kind: 'circle' })
  })
})

describe('nothing is connected to', () => {
  test.each([
    ['127.0.0.1', 'this machine'],
    ['::1', 'this machine'],
    ['::ffff:127.0.0.1', 'this machine, by another spelling'],
    ['0.0.0.0', 'this machine, unspecified'],
    ['10.0.0.5', 'the network behind'],
    ['192.168.1.1', 'the network behind'],
    ['169.254.169.254', "the cloud's metadata"],
    ['fd00:ec2::254', "the cloud's metadata"],
    ['localhost', 'a name'],
    ['internal.example.com', 'a name'],
  ])('at %s: %s', async (address) => {
    const connections: unknown[] = []
    const victim = await listening(createTcpServer((socket) => void connections.push(socket)))
    const probe = createProbe(createReach(new Map()), 300)
    expect(await probe({ ...VISIT, addresses: [address] })).toEqual({ kind: 'not-public' })
    expect(victim.port).toBeGreaterThan(0)
    expect(connections).toEqual([])
  })

  test('but ports 80 and 443: a redirect to another one is not followed', async () => {
    const victim: string[] = []
    const other = await web((request) => void victim.push(request.url ?? ''))
    const shop = await web((_request, response) =>
      response.writeHead(302, { location: `http://${VISIT.name}:${other.port}${PATH}` }).end(),
    )
    expect(await visit({ 80: shop })).toEqual({ kind: 'sent-elsewhere' })
    expect(victim).toEqual([])
  })
})

describe('a redirect', () => {
  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'https://www.shop.example.com/.well-known/zonewright/token',
    'https://shop.example.com/',
    'https://shop.example.com:8443/.well-known/zonewright/token',
    'https://user:password@shop.example.com/.well-known/zonewright/token',
    'file:///etc/passwd',
    'http://[',
    '//127.0.0.1/',
  ])('to %s is not followed', async (location) => {
    const secure: unknown[] = []
    const tls = await listening(createTcpServer((socket) => void secure.push(socket)))
    const shop = await web((_request, response) => response.writeHead(302, { location }).end())
    expect(await visit({ 80: shop, 443: tls })).toEqual({ kind: 'sent-elsewhere' })
    expect(secure).toEqual([])
  })

  test('to the secure address of the same is no trouble; its certificate has to be good', async () => {
    const key = readFileSync('tests/clients/stand-in-key.pem')
    const cert = readFileSync('tests/clients/stand-in-cert.pem')
    const secure = await listening(createTlsServer({ key, cert }, answering('the answer')))
    const shop = await web((_request, response) =>
      response.writeHead(301, { location: `https://${VISIT.name}${PATH}` }).end(),
    )
    expect(await visit({ 80: shop, 443: secure })).toEqual({ kind: 'certificate', fault: 'untrusted' })
  })

  test('from the secure address to itself is a circle', () => {
    const headers = { location: `https://${VISIT.name}${PATH}` }
    expect(outcomeOf({ scheme: 'https', status: 301, headers, body: '' }, VISIT)).toEqual({ kind: 'circle' })
    expect(outcomeOf({ scheme: 'http', status: 301, headers, body: '' }, VISIT)).toEqual({
      kind: 'to-secure',
    })
  })
})

describe('a server', () => {
  test('that answers something else tells nothing', async () => {
    expect(await visit({ 80: await web(answering('a shop')) })).toEqual({ kind: 'answered', status: 200 })
    expect(await visit({ 80: await web(answering(VISIT.path)) })).toEqual({ kind: 'answered', status: 200 })
  })

  test('that is not there is refused, on both ports', async () => {
    expect(await visit({ 80: NOWHERE, 443: NOWHERE })).toEqual({ kind: 'refused' })
  })

  test('that says nothing is not waited for', async () => {
    const mute = await listening(createTcpServer((socket) => void socket.resume()))
    expect(await visit({ 80: mute, 443: mute })).toEqual({ kind: 'silent' })
  })

  test('that never stops talking is not listened to for long', async () => {
    let sent = 0
    const talking = await web((_request, response) => {
      const talk = () => {
        sent += 65_536
        if (!response.destroyed && response.write('x'.repeat(65_536))) setImmediate(talk)
        else response.once('drain', talk)
      }
      talk()
    })
    expect(await visit({ 80: talking })).toEqual({ kind: 'answered', status: 200 })
    expect(sent).toBeLessThan(20_000_000)
  })

  test('that talks drop by drop is not waited for', async () => {
    const dripping = await web((_request, response) => {
      const drip = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(drip))
    })
    expect((await visit({ 80: dripping, 443: dripping })).kind).toMatch(/silent|certificate/)
  })

  test('whose headers have no end is none', async () => {
    const endless = await web((_request, response) =>
      response.writeHead(200, { x: 'x'.repeat(20_000) }).end(),
    )
    expect((await visit({ 80: endless, 443: endless })).kind).toMatch(/silent|certificate/)
  })

  test('behind a proxy that cannot reach it is told by the proxy', () => {
    const of = (server: string) =>
      outcomeOf({ scheme: 'http', status: 522, headers: { server }, body: '' }, VISIT)
    expect(of('cloudflare')).toEqual({ kind: 'unreachable-behind-proxy', status: 522 })
    expect(of('nginx')).toEqual({ kind: 'answered', status: 522 })
  })
})

test.each([
  ['ECONNREFUSED', 'refused', 'refused'],
  ['ENETUNREACH', 'no-way', 'no-way'],
  ['EADDRNOTAVAIL', 'no-way', 'no-way'],
  ['ECONNRESET', 'silent', 'silent'],
  ['EHOSTUNREACH', 'silent', 'silent'],
  ['HPE_INVALID_CONSTANT', 'silent', 'silent'],
  ['CERT_HAS_EXPIRED', 'silent', 'certificate expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'silent', 'certificate other-name'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'silent', 'certificate untrusted'],
  ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', 'silent', 'certificate none'],
])('%s is %s, and by https %s', (code, plain, secure) => {
  const said = (scheme: 'http' | 'https') => Object.values(failureOf(code, scheme)).join(' ')
  expect([said('http'), said('https')]).toEqual([plain, secure])
})
