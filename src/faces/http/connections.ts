import type { Server } from 'node:http'
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
