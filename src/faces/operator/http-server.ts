import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { lastWord } from '#faces/http/connections.ts'
import { invalidRequest, type OperatorRefusal } from './on-error.ts'
import { refusalReply } from './wire.ts'

export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

/** Octets of a request's body; more is 413. */
export const BODY_LIMIT = 64 * 1024

/**
 * A server whose every connection is bounded in size and time, before anything of ours runs. `onUnreadable` hears of
 * requests that never became one; they are answered in JSON like all others.
 */
export function createBoundedServer(
  listener: RequestListener,
  tls: TlsFiles | undefined,
  onUnreadable: (refusal: OperatorRefusal) => void,
): Server {
  const server =
    tls === undefined ? createServer(LIMITS, listener) : createTlsServer({ ...LIMITS, ...tls }, listener)
  // Left to Node, these would be answered `100 Continue` and an empty 417; our own checks refuse both in words.
  server.on('checkContinue', listener)
  server.on('checkExpectation', listener)
  // Left to Node, this connection would be cut without a word.
  server.on('connect', (_request: IncomingMessage, socket: Socket) => refuse(socket, NO_TUNNEL))
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
    if (error.code === 'ECONNRESET') return void socket.destroy()
    refuse(socket, UNREADABLE[error.code ?? ''] ?? invalidRequest('The request is not well-formed HTTP/1.1'))
  })

  function refuse(socket: Socket, refusal: OperatorRefusal): void {
    if (refused.has(socket)) return
    refused.add(socket)
    onUnreadable(refusal)
    lastWord(socket, () => {
      if (socket.writable) socket.write(asHttp(refusal))
      socket.destroySoon()
    })
  }
  return server
}

/** Nothing more is read on these, and whatever more there is to say about them was said. */
const refused = new WeakSet<Socket>()

const LIMITS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 5_000,
  // Go keeps idle connections for 90 s and does not repeat a POST on one that was closed under it; we close later.
  keepAliveTimeout: 95_000,
  // For TLS; a client that is there needs a few round trips.
  handshakeTimeout: 10_000,
  // Checked by us, because Node answers without a body.
  requireHostHeader: false,
} as const

const UNREADABLE: Readonly<Record<string, OperatorRefusal>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'INVALID_REQUEST',
    message: 'The header has more than 8 KiB',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'INVALID_REQUEST',
    message: 'The request took too long to arrive',
  },
}

const NO_TUNNEL: OperatorRefusal = {
  status: 405,
  code: 'METHOD_NOT_ALLOWED',
  message: 'CONNECT is not supported',
  allow: ['GET', 'POST', 'DELETE'],
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

function asHttp(refusal: OperatorRefusal): string {
  const body = refusalReply(refusal)
  return [
    `HTTP/1.1 ${refusal.status} ${REASONS[refusal.status] ?? 'Error'}`,
    'Content-Type: application/json',
    ...(refusal.allow === undefined ? [] : [`Allow: ${refusal.allow.join(', ')}`]),
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
