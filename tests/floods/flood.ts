import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { goJson, goTimestamp } from '../support/operator-client.ts'

/** What somebody without the secret can send. */
export type FloodKind = 'unsigned' | 'forged' | 'connecting'

export interface Flood {
  readonly kind: FloodKind
  /** At most, spread evenly; undefined: as fast as answers come. */
  readonly perSecond?: number
  readonly connections?: number
}

export interface Flooded {
  readonly sent: number
  readonly seconds: number
  /** How many answers there were of each status. */
  readonly statuses: Readonly<Record<number, number>>
}

/**
 * Sends requests of one kind until `isOver`, and waits for the last answers. `connecting` opens a connection for each;
 * the others send theirs over a few, without waiting for the answer to the one before.
 */
export async function flood(
  port: number,
  { kind, perSecond = Number.POSITIVE_INFINITY, connections = 50 }: Flood,
  isOver: (sent: number) => boolean,
): Promise<Flooded> {
  const octets = OCTETS[kind]()
  const statuses: Record<number, number> = {}
  const count = (status: number) => {
    statuses[status] = (statuses[status] ?? 0) + 1
  }
  const open = kind === 'connecting' ? singleUse : lasting
  const lanes = await Promise.all(Array.from({ length: connections }, () => open(port, count)))
  const startedAt = performance.now()
  let sent = 0
  let lane = 0
  while (!isOver(sent)) {
    const due = ((performance.now() - startedAt) / 1000) * perSecond
    let full = 0
    while (sent < due && full < lanes.length && !isOver(sent)) {
      lane = (lane + 1) % lanes.length
      if (lanes[lane]!.send(octets)) {
        sent += 1
        full = 0
      } else full += 1
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const seconds = (performance.now() - startedAt) / 1000
  await Promise.all(lanes.map((each) => each.end()))
  return { sent, seconds, statuses }
}

interface Lane {
  /** False: too much is under way here. */
  send(octets: Buffer): boolean
  /** Resolves when all that was sent is answered. */
  end(): Promise<void>
}

/** Sent and not answered, on one connection. */
const MOST_WAITING = 16

async function lasting(port: number, count: (status: number) => void): Promise<Lane> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  let waiting = 0
  const tell = () => socket.emit('answered')
  readStatuses(socket, (status) => {
    count(status)
    waiting -= 1
    tell()
  })
  return {
    send(octets) {
      if (waiting >= MOST_WAITING) return false
      waiting += 1
      return socket.write(octets) || true
    },
    async end() {
      while (waiting > 0) await once(socket, 'answered')
      socket.destroy()
    },
  }
}

async function singleUse(port: number, count: (status: number) => void): Promise<Lane> {
  let busy: Promise<void> | undefined
  async function exchange(octets: Buffer): Promise<void> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.write(octets)
    await new Promise<void>((resolve) => {
      readStatuses(socket, (status) => {
        count(status)
        resolve()
      })
    })
    // No connection is left behind to be waited out; there are only so many ports.
    socket.resetAndDestroy()
  }
  return {
    send(octets) {
      if (busy !== undefined) return false
      busy = exchange(octets).finally(() => {
        busy = undefined
      })
      return true
    },
    end: async () => busy,
  }
}

/** Hears each status line, however the octets are cut. */
function readStatuses(socket: Socket, hear: (status: number) => void): void {
  let rest = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    const text = rest + chunk
    let end = 0
    for (const match of text.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
      end = match.index + match[0].length
      hear(Number(match[1]))
    }
    rest = text.slice(Math.max(end, text.length - 11))
  })
}

const BODY = goJson({
  record: { type: 'A', domain: 'example.com', subdomain: 'flood', values: ['192.0.2.66'], ttl: 300 },
  operation: 'upsert',
})

const OCTETS: Readonly<Record<FloodKind, () => Buffer>> = {
  unsigned: () => request(''),
  forged: () =>
    request(
      [
        `X-Dns-Nonce: 2f9d1c1e-4b7a-4c55-9d5e-6f1f0a3b7c9d`,
        `X-Dns-Signature: ${'0'.repeat(64)}`,
        `X-Dns-Timestamp: ${goTimestamp(Date.now())}`,
        '',
      ].join('\r\n'),
    ),
  connecting: () => request(''),
}

function request(stamp: string): Buffer {
  const about = `Content-Length: ${BODY.length}\r\nContent-Type: application/json\r\n`
  return Buffer.from(`POST /records HTTP/1.1\r\nHost: webhook\r\n${about}${stamp}\r\n${BODY}`)
}
