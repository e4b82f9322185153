/** Authoritative DNS over UDP and TCP, from the emulator's own zones. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Emulator } from './emulator.ts'

export interface DnsServer {
  /** The same for UDP and TCP. */
  readonly port: number
  close(): Promise<void>
}

/** `port` 0 takes any that is free for both. Rejects when the port is taken. */
export async function startDnsServer(
  emulator: Pick<Emulator, 'handleDns'>,
  port: number,
  host: string,
): Promise<DnsServer> {
  for (let attempt = 1; ; attempt += 1) {
    const tcp = await listenTcp(emulator, port, host)
    const chosen = (tcp.server.address() as AddressInfo).port
    try {
      const udp = await listenUdp(emulator, chosen, host)
      return { port: chosen, close: () => closeBoth(tcp, udp) }
    } catch (problem) {
      await closeTcp(tcp)
      // Free for TCP is not always free for UDP: with port 0, another number may do.
      if (port !== 0 || attempt === 10) throw problem
    }
  }
}

interface TcpListener {
  readonly server: Server
  readonly connections: Set<Socket>
}

const IDLE_MS = 10_000

async function listenTcp(
  emulator: Pick<Emulator, 'handleDns'>,
  port: number,
  host: string,
): Promise<TcpListener> {
  const connections = new Set<Socket>()
  const server = createServer((socket) => {
    connections.add(socket)
    socket.setTimeout(IDLE_MS, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => connections.delete(socket))
    let received: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      // RFC 1035 section 4.2.2: two octets of length before every message.
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0)
        const response = emulator.handleDns(received.subarray(2, end), 'tcp')
        received = received.subarray(end)
        if (response === undefined) socket.destroy()
        else socket.write(Buffer.concat([lengthOf(response), response]))
      }
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return { server, connections }
}

async function listenUdp(
  emulator: Pick<Emulator, 'handleDns'>,
  port: number,
  host: string,
): Promise<UdpSocket> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, host, resolve)
  })
  socket.on('error', () => undefined)
  socket.on('message', (query, from) => {
    const response = emulator.handleDns(query, 'udp')
    if (response !== undefined) socket.send(response, from.port, from.address)
  })
  return socket
}

function lengthOf(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return length
}

async function closeBoth(tcp: TcpListener, udp: UdpSocket): Promise<void> {
  await Promise.all([closeTcp(tcp), new Promise<void>((resolve) => udp.close(resolve))])
}

function closeTcp({ server, connections }: TcpListener): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    for (const socket of connections) socket.destroy()
  })
}
