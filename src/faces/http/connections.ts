import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export interface Connections {
  /** A caller has spoken on this connection: it does not make way for others. */
  keep(socket: Socket): void
  /** No caller has spoken on this connection. */
  isStrange(socket: Socket): boolean
}

/**
 * Holds the connections of `server` to `most`. Where there is one too many, the oldest on which no caller has spoken is
 * closed, so that whoever opens all there are cannot lock out a caller who comes later.
 */
export function boundConnections(server: Server, most: number): Connections {
  const strangers = new Map<string, Socket>()
  let open = 0

  server.on('connection', (socket: Socket) => {
    const end = farEndOf(socket)
    open += 1
    strangers.set(end, socket)
    socket.once('close', () => {
      open -= 1
      if (strangers.get(end) === socket) strangers.delete(end)
    })
    const [oldest] = strangers
    if (open > most && oldest !== undefined) {
      strangers.delete(oldest[0])
      oldest[1].destroy()
    }
  })
  return {
    keep: (socket) => void strangers.delete(farEndOf(socket)),
    isStrange: (socket) => strangers.has(farEndOf(socket)),
  }
}

/** Under TLS a request has another object for its socket than the server was connected by, and the same far end. */
function farEndOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

/**
 * `done`, once: when the answer is over, or the connection is; an answer that waits behind others has no socket to close
 * with.
 */
export function whenOver(raw: IncomingMessage, response: ServerResponse, done: () => void): void {
  const { socket } = raw
  const exchanges = exchangesOn(socket)
  exchanges.latest = { raw, response }
  exchanges.pending.set(raw, [done])
  response.once('close', () => end(exchanges, raw))
}

/**
 * Says the last thing there is to say on a connection whose octets cannot be read any further: `speak`, when whatever came
 * whole is answered, lest it be taken for one of those answers. Nothing, where the request that broke off has its answer.
 */
export function lastWord(socket: Socket, speak: () => void): void {
  const { pending, latest } = exchangesOn(socket)
  const isAnswered = latest !== undefined && !latest.raw.complete && latest.response.headersSent
  const last = isAnswered ? () => socket.destroySoon() : speak
  const whole = [...pending].filter(([{ complete }]) => complete)
  let left = whole.length
  for (const [, whatFollows] of whole) {
    whatFollows.push(() => {
      left -= 1
      if (left === 0) last()
    })
  }
  if (left === 0) last()
}

/** What is under way on a connection. */
interface Exchanges {
  /** Requests without an answer so far, and what is to be done when it is over. */
  readonly pending: Map<IncomingMessage, (() => void)[]>
  /** Until it has come whole and is answered. */
  latest: { readonly raw: IncomingMessage; readonly response: ServerResponse } | undefined
}

const known = new WeakMap<Socket, Exchanges>()

function exchangesOn(socket: Socket): Exchanges {
  const exchanges = known.get(socket) ?? { pending: new Map(), latest: undefined }
  if (!known.has(socket)) {
    known.set(socket, exchanges)
    socket.once('close', () => {
      for (const request of [...exchanges.pending.keys()]) end(exchanges, request)
    })
  }
  return exchanges
}

function end(exchanges: Exchanges, request: IncomingMessage): void {
  const whatFollows = exchanges.pending.get(request) ?? []
  exchanges.pending.delete(request)
  // A connection that waits for its next request holds nothing of the last.
  if (exchanges.latest?.raw === request && request.complete) exchanges.latest = undefined
  for (const step of whatFollows) step()
}
