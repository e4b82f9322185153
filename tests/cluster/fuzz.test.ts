import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SECRET, startOperator, type TestOperator } from '../../src/faces/operator/testing.ts'
import { goTimestamp } from '../support/operator-client.ts'
import { SEED } from '../support/seed.ts'
import { seededRandom } from '../support/world.ts'
import { hostileRequest, type RawRequest } from './raw-requests.ts'

const REQUESTS = 50_000
const LANES = 4
const AT_ONCE = 100
/** A connection on which nothing comes for so long hangs. */
const SILENCE_MS = 20_000

let webhook: TestOperator

beforeAll(async () => {
  webhook = await startOperator()
})
afterAll(() => webhook.close())

test.concurrent('no signature, timestamp or header is a mistake of ours', async () => {
  const counted = new Map<number, number>()
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const random = seededRandom(SEED * LANES + lane)
    for (let left = REQUESTS / LANES; left > 0; left -= AT_ONCE) {
      const requests = Array.from({ length: AT_ONCE }, () => hostileRequest(random, SECRET, Date.now()))
      for (const { request, status } of await answered(requests)) {
        counted.set(status, (counted.get(status) ?? 0) + 1)
        if (status === 500) throw new Error(`500 for ${JSON.stringify(request.text)}`)
      }
    }
  })
  await Promise.all(lanes)

  const all = counted.values().reduce((sum, count) => sum + count, 0)
  expect(all).toBe(REQUESTS)
  // Every way that a request can end was seen, the good one as well.
  expect([...counted.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 404, 405, 415, 417]))
  expect(counted.get(200)).toBeGreaterThan(REQUESTS / 200)
  expect(webhook.lines.filter(({ level }) => level === 'error')).toEqual([])
  expect(new Set(webhook.counted.signatureFailures)).toEqual(
    new Set(['AUTH_FAILED', 'TIMESTAMP_STALE', 'NONCE_REUSED']),
  )
}, 300_000)

test.concurrent('a header that comes drop by drop is 408 after ten seconds', async () => {
  const reply = await spoken('GET /health HTTP/1.1\r\nHost: x\r\nX-DNS-Nonce: ')
  expect(reply).toMatch(/^HTTP\/1\.1 408 .*\r\n\r\n\{"success":false/s)
}, 60_000)

test.concurrent('a body that comes drop by drop is 408 after twenty seconds', async () => {
  const stamp = [
    `X-DNS-Timestamp: ${goTimestamp(Date.now())}`,
    `X-DNS-Nonce: ${'n'.repeat(36)}`,
    `X-DNS-Signature: ${'0'.repeat(64)}`,
  ].join('\r\n')
  const about = 'Content-Type: application/json\r\nContent-Length: 100'
  const reply = await spoken(`POST /records HTTP/1.1\r\nHost: x\r\n${stamp}\r\n${about}\r\n\r\n{"record"`)
  expect(reply).toMatch(/^HTTP\/1\.1 408 .*\r\n\r\n\{"success":false/s)
}, 60_000)

test.concurrent('a connection that asked for an upgrade ends with the answer, and leaves nobody waiting', async () => {
  const upgrade = 'GET /health HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n'
  const reply = await spoken(`${upgrade}GET /health HTTP/1.1\r\nHost: x\r\n\r\n`)
  expect(reply.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200'])
})

/** Says this much and no more, and hears until the other side ends the connection. */
async function spoken(text: string): Promise<string> {
  const socket = connect(webhook.port, '127.0.0.1')
  let reply = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    reply += chunk
  })
  socket.write(text)
  await once(socket, 'end')
  return reply
}

interface Answered {
  readonly request: RawRequest
  readonly status: number
}

/** Sends them all on one connection, and what was not answered when it ended, on another. */
async function answered(requests: readonly RawRequest[]): Promise<Answered[]> {
  const all: Answered[] = []
  while (all.length < requests.length) {
    const rest = requests.slice(all.length)
    const statuses = await exchange(rest)
    if (statuses.length === 0) throw new Error(`no answer at all to ${JSON.stringify(rest[0]!.text)}`)
    all.push(...statuses.map((status, index) => ({ request: rest[index]!, status })))
  }
  return all
}

/** The statuses of the answers, in the order of the requests, until there is one for each or the connection ends. */
async function exchange(requests: readonly RawRequest[]): Promise<number[]> {
  const socket = connect(webhook.port, '127.0.0.1')
  const statuses: number[] = []
  let text = ''
  socket.setEncoding('latin1')
  socket.on('error', () => {})
  let hangs = false
  socket.setTimeout(SILENCE_MS, () => {
    hangs = true
    socket.destroy()
  })
  socket.on('data', (chunk: string) => {
    text += chunk
    for (;;) {
      const length = answerLength(text, requests[statuses.length]?.method)
      if (length === undefined) break
      statuses.push(Number(text.slice(9, 12)))
      text = text.slice(length)
    }
    if (statuses.length >= requests.length) socket.end()
  })
  socket.write(requests.map((request) => request.text).join(''), 'latin1')
  await once(socket, 'close')
  if (hangs) throw new Error(`no answer after ${JSON.stringify(requests[statuses.length - 1]?.text)}`)
  return statuses.slice(0, requests.length)
}

/** Octets of the first answer in `text`; undefined if it is not there as a whole. */
function answerLength(text: string, method: string | undefined): number | undefined {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const [, length = '0'] = /^content-length: (\d+)/im.exec(text.slice(0, head)) ?? []
  const all = head + 4 + (method === 'HEAD' ? 0 : Number(length))
  return text.length >= all ? all : undefined
}
