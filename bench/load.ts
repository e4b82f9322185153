import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type ClientRecord, goJson, goTimestamp, sign } from '../tests/support/operator-client.ts'

export interface Load {
  readonly requests: number
  readonly seconds: number
  /** How many answers there were of each status. */
  readonly statuses: Readonly<Record<number, number>>
  /** Milliseconds until each answer, ascending. */
  readonly waits: readonly number[]
}

export const SECRET = 'a-secret-for-measurements-of-32-octets'

/** An upsert as octets, signed now, so that whoever sends it has nothing left to compute. */
export function signedUpsert(record: ClientRecord): Buffer {
  return signed('POST', '/records', Buffer.from(goJson({ record, operation: 'upsert' })))
}

export function signedDelete({ type, domain, subdomain }: ClientRecord): Buffer {
  return signed('DELETE', `/records/${type}/${domain}/${subdomain}`)
}

export function signedHealth(): Buffer {
  return signed('GET', '/health')
}

function signed(method: string, path: string, body?: Buffer): Buffer {
  const timestamp = goTimestamp(Date.now())
  const nonce = randomUUID()
  const head = [
    `${method} ${path} HTTP/1.1`,
    'Host: webhook',
    'User-Agent: Go-http-client/1.1',
    ...(body ? [`Content-Length: ${body.length}`, 'Content-Type: application/json'] : []),
    `X-Dns-Nonce: ${nonce}`,
    `X-Dns-Signature: ${sign(SECRET, 'SHA256', method, path, timestamp, nonce, body)}`,
    `X-Dns-Timestamp: ${timestamp}`,
    'Accept-Encoding: gzip',
  ].join('\r\n')
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body ?? Buffer.alloc(0)])
}

/**
 * Sends every request over so many connections, each as soon as its connection is free. With `perSecond`, each at its
 * own time instead, whether or not the server has kept up; its wait then counts from the time at which it was due.
 */
export async function sendAll(
  port: number,
  requests: readonly Buffer[],
  { connections = 32, perSecond }: { connections?: number; perSecond?: number } = {},
): Promise<Load> {
  const sockets = await Promise.all(
    Array.from({ length: Math.min(connections, requests.length) }, () => opened(port)),
  )
  const statuses: Record<number, number> = {}
  const waits: number[] = []
  const startedAt = performance.now()
  const dueAt = (index: number) => (perSecond === undefined ? 0 : startedAt + (index * 1000) / perSecond)
  let next = 0

  await Promise.all(
    sockets.map(async (socket) => {
      while (next < requests.length) {
        const index = next
        next += 1
        const early = dueAt(index) - performance.now()
        if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
        const since = Math.max(dueAt(index), 0) || performance.now()
        const status = await answered(socket, requests[index]!)
        waits.push(performance.now() - since)
        statuses[status] = (statuses[status] ?? 0) + 1
      }
    }),
  )
  const seconds = (performance.now() - startedAt) / 1000
  for (const socket of sockets) socket.destroy()
  return { requests: requests.length, seconds, statuses, waits: waits.sort((a, b) => a - b) }
}

/** The wait that `share` of the requests did not exceed, in milliseconds. */
export function percentile({ waits }: Pick<Load, 'waits'>, share: number): number {
  return waits[Math.min(waits.length - 1, Math.ceil(waits.length * share) - 1)] ?? Number.NaN
}

/** One connection, for one request at a time: the status of its answer. */
export async function openConnection(
  port: number,
): Promise<{ send(request: Buffer): Promise<number>; close(): void }> {
  const socket = await opened(port)
  return { send: (request) => answered(socket, request), close: () => void socket.destroy() }
}

async function opened(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return socket
}

/** The status of the one answer to the one request that is under way on a connection. */
function answered(socket: Socket, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let reply = ''
    const end = (finish: () => void) => {
      socket.off('data', read)
      socket.off('close', cut)
      finish()
    }
    const cut = () => end(() => reject(new Error('the connection was cut')))
    const read = (chunk: Buffer) => {
      reply += chunk.toString('latin1')
      const head = reply.indexOf('\r\n\r\n')
      if (head === -1) return
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(reply)?.[1])
      if (reply.length >= head + 4 + length) end(() => resolve(Number(reply.slice(9, 12))))
    }
    socket.on('data', read)
    socket.on('close', cut)
    socket.write(request)
  })
}
