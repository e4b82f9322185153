import { createServer, type RequestListener, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type DashboardRefusal, errorAnswer } from './on-error.ts'

export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

/** A server for browsers, bounded in size and time; what never became a request is answered in JSON like the rest. */
export function createPageServer(listener: RequestListener, tls: TlsFiles | undefined): Server {
  const server =
    tls === undefined ? createServer(LIMITS, listener) : createTlsServer({ ...LIMITS, ...tls }, listener)
  server.maxConnections = MAX_CONNECTIONS
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
    const status = STATUSES[error.code ?? ''] ?? 400
    const body = JSON.stringify(errorAnswer({ ...UNREADABLE, status }))
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n`
    socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`)
  })
  return server
}

/**
 * From now on: an answer of which nothing is read for so long, or that is read too slowly, ends with its connection.
 * Until then it is in our memory, and a list of thousands of records is a megabyte.
 */
export function mustBeRead(response: ServerResponse, unreadMs = UNREAD_MS, longestMs = LONGEST_MS): void {
  // Node's own: it knows progress from none, and forgets about it with the answer.
  response.setTimeout(unreadMs, () => response.destroy())
  const end = setTimeout(() => response.destroy(), longestMs)
  end.unref()
  response.once('close', () => clearTimeout(end))
}

const UNREAD_MS = 20_000
const LONGEST_MS = 120_000

const UNREADABLE: DashboardRefusal = {
  status: 400,
  code: 'INVALID_INPUT',
  message: 'The request could not be read.',
}

const LIMITS = {
  // A dashboard below somebody's site gets that site's cookies too.
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
} as const

const MAX_CONNECTIONS = 4_096

const STATUSES: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** The path of PUBLIC_URL without a slash at its end: `/dns`, or nothing. */
export function pathOf(publicUrl: string): string {
  return new URL(publicUrl).pathname.replace(/\/$/, '')
}

/** An address as the routes know it, whether or not the proxy in front has left the path in it. */
export function withoutPath(url: string, path: string): string {
  if (path === '' || !url.startsWith(path)) return url
  const rest = url.slice(path.length)
  if (rest.startsWith('/')) return rest
  return rest === '' || rest.startsWith('?') ? `/${rest}` : url
}

/** Sends browsers to addresses of ours with the path that they know us by. */
export function redirectBelow(app: FastifyInstance, path: string): void {
  if (path === '') return
  app.addHook('onSend', (_request, reply, payload, done) => {
    const location = reply.getHeader('location')
    if (typeof location === 'string' && location.startsWith('/')) reply.header('location', path + location)
    done(null, payload)
  })
}
