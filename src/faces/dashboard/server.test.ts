import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { createPageServer, mustBeRead } from './server.ts'
import { startDashboard, type TestDashboard } from './testing.ts'

let dashboard: TestDashboard | undefined

afterEach(() => dashboard?.close())

function pem(name: 'cert' | 'key'): string {
  return readFileSync(new URL(`../../../tests/support/loopback-${name}.pem`, import.meta.url), 'utf8')
}

/** The whole of what comes back for these octets. */
async function answerTo(octets: string): Promise<string> {
  const socket = connect(dashboard!.port, '127.0.0.1')
  socket.write(octets)
  return text(socket)
}

test('the dashboard answers by https too', async () => {
  dashboard = await startDashboard({ tls: { cert: pem('cert'), key: pem('key') } })
  const server = { host: '127.0.0.1', servername: 'localhost', port: dashboard.port, ca: pem('cert') }
  const asking = get({ ...server, path: '/dashboard/api/session', agent: false })
  const [reply] = (await once(asking, 'response')) as [IncomingMessage]
  expect([reply.statusCode, JSON.parse(await text(reply)).customer]).toEqual([200, null])
})

test('an unreadable request is answered in JSON', async () => {
  dashboard = await startDashboard()
  const malformed = await answerTo('NONSENSE\r\n\r\n')
  expect(malformed).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/json\r\n/)
  expect(malformed).toContain('{"error":{"code":"INVALID_INPUT","message":"The request could not be read."}}')
  const large = await answerTo(
    `GET /dashboard/login HTTP/1.1\r\nHost: x\r\nX-Big: ${'a'.repeat(20_000)}\r\n\r\n`,
  )
  expect(large).toMatch(/^HTTP\/1\.1 431 /)
})

describe('an answer', () => {
  const MUCH = Buffer.alloc(32 * 1024 * 1024)

  /** Asks for much, reads as `reading` says, and resolves to how many octets were sent when the server let go of it. */
  async function sentWhen(
    unreadMs: number,
    longestMs: number,
    reading: (socket: Socket) => void,
  ): Promise<number> {
    const server = createPageServer((_request, response) => {
      mustBeRead(response, unreadMs, longestMs)
      response.end(MUCH)
    }, undefined).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => {})
    reading(socket)
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    const [ours] = (await once(server, 'connection')) as [Socket]
    await once(ours, 'close')
    socket.destroy()
    server.close()
    return ours.bytesWritten
  }

  test('a connection that reads nothing of its answer is closed', async () => {
    await sentWhen(100, 60_000, (socket) => socket.pause())
  })

  test('a connection that reads its answer too slowly is closed', async () => {
    await sentWhen(60_000, 200, (socket) => socket.pause())
  })

  test('an answer that is read slowly but steadily is sent whole', async () => {
    expect(await sentWhen(60_000, 60_000, (socket) => socket.resume())).toBeGreaterThan(MUCH.length)
  })
})
