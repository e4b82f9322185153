import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import type { Clock } from '#platform/ports.ts'
import type { ServerAddress } from './address.ts'
import { encodeQuery, type Query, type Question, type Reply, readReply } from './message.ts'

/** Asks one server; undefined: it said nothing that is an answer, in time. Never rejects. */
export type Ask = (
  server: ServerAddress,
  question: Question,
  how: Pick<Query, 'isRecursive'> & Partial<Pick<Query, 'isUnchecked'>>,
) => Promise<Reply | undefined>

/**
 * DNS by UDP, and by TCP where the answer did not fit. Each query has a socket, and so a port, and an id of its own, and
 * nothing is believed but what comes from that server, with that id, to that question (RFC 5452 §9).
 * `patienceMs`: for each attempt; there are two by UDP.
 */
export function createAsk(patienceMs: number, clock: Clock): Ask {
  const waiting: Waiting = (signal) => clock.sleep(patienceMs, signal)
  return async (server, question, { isRecursive, isUnchecked = false }) => {
    const query: Query = { id: randomInt(65_536), question, isRecursive, isUnchecked }
    const first = (await byUdp(server, query, waiting)) ?? (await byUdp(server, query, waiting))
    const reply = first === 'truncated' ? await byTcp(server, query, waiting) : first
    return reply === 'truncated' ? undefined : reply
  }
}

type Answered = ReturnType<typeof readReply>

/** Until patience ends, or the signal comes. */
type Waiting = (signal: AbortSignal) => Promise<void>

function byUdp({ address, port }: ServerAddress, query: Query, waiting: Waiting): Promise<Answered> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    const done = new AbortController()
    const finish = (reply: Answered) => {
      if (done.signal.aborted) return
      done.abort(null)
      socket.close()
      resolve(reply)
    }
    void waiting(done.signal).then(() => finish(undefined))
    socket.on('error', () => finish(undefined))
    socket.on('message', (message) => {
      // What is not an answer to this query may be a forgery; the answer may still come.
      const reply = readReply(message, query)
      if (reply !== undefined) finish(reply)
    })
    // Connected, so that the system hands us nothing from elsewhere.
    socket.on('connect', () => socket.send(encodeQuery(query)))
    socket.connect(port, address)
  })
}

function byTcp({ address, port }: ServerAddress, query: Query, waiting: Waiting): Promise<Answered> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port })
    let received: Buffer = Buffer.alloc(0)
    const done = new AbortController()
    const finish = (reply: Answered) => {
      done.abort(null)
      socket.destroy()
      resolve(reply)
    }
    void waiting(done.signal).then(() => finish(undefined))
    socket.on('error', () => finish(undefined))
    socket.on('close', () => finish(undefined))
    socket.on('connect', () => {
      // Two octets of length come before each message (RFC 1035 §4.2.2).
      const message = encodeQuery(query)
      socket.write(Buffer.concat([Buffer.of(message.length >> 8, message.length & 255), message]))
    })
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2) return
      const end = 2 + received.readUInt16BE(0)
      if (received.length >= end) finish(readReply(received.subarray(2, end), query))
    })
  })
}
