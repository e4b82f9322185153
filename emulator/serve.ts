/** The emulator behind real ports: the API over HTTP, the zones over DNS. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type DnsServer, startDnsServer } from './dns-server.ts'
import { createEmulator, type Emulator, type EmulatorOptions } from './emulator.ts'
import type { PlainReply, WireReply } from './wire.ts'

export interface ServeOptions extends EmulatorOptions {
  /** 0 for any that is free. */
  readonly port: number
  /** UDP and TCP share the number; 0 for any that is free; no DNS when absent. */
  readonly dnsPort?: number
  /** 127.0.0.1 when absent. */
  readonly host?: string
}

export interface RunningEmulator {
  /** With `/client/v4`, without a slash at the end. */
  readonly apiUrl: string
  readonly port: number
  readonly dnsPort?: number
  readonly emulator: Emulator
  /** Ends all connections; what hangs is cut. */
  close(): Promise<void>
}

/** Rejects when a port is taken. */
export async function startEmulator(options: ServeOptions): Promise<RunningEmulator> {
  const host = options.host ?? '127.0.0.1'
  const emulator = createEmulator(options)
  const api = await listen(emulator, options.port, host)
  let dns: DnsServer | undefined
  try {
    if (options.dnsPort !== undefined) dns = await startDnsServer(emulator, { port: options.dnsPort, host })
  } catch (problem) {
    await api.close()
    throw problem
  }
  return {
    apiUrl: `http://${host}:${api.port}/client/v4`,
    port: api.port,
    ...(dns !== undefined && { dnsPort: dns.port }),
    emulator,
    close: async () => {
      await Promise.all([api.close(), dns?.close()])
    },
  }
}

const MAXIMUM_BODY = 32 * 1024 * 1024

async function listen(
  emulator: Emulator,
  port: number,
  host: string,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void serve(emulator, request, response)
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function serve(emulator: Emulator, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await bodyOf(request)
    const reply = await emulator.handle({
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      headers: singleHeaders(request),
      body,
    })
    await send(reply, response)
  } catch (problem) {
    response.destroy(problem as Error)
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAXIMUM_BODY) throw new Error('the request is larger than the emulator takes')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function singleHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]),
  )
}

async function send(reply: WireReply, response: ServerResponse): Promise<void> {
  if (reply.kind === 'hang') return
  const whole = reply.kind === 'reply' ? reply : reply.reply
  if (whole?.delayMs !== undefined) await sleep(whole.delayMs)
  if (reply.kind === 'reply') {
    response.writeHead(reply.status, headersOf(reply))
    response.end(reply.body)
  } else if (reply.kind === 'drip') {
    await drip(reply.reply, reply.bytesPerSecond, response)
  } else {
    reset(reply.after, whole, response)
  }
}

function headersOf(reply: PlainReply): Record<string, string | number> {
  return { ...reply.headers, 'content-length': reply.body.length }
}

async function drip(reply: PlainReply, bytesPerSecond: number, response: ServerResponse): Promise<void> {
  response.writeHead(reply.status, headersOf(reply))
  response.flushHeaders()
  for (const byte of reply.body) {
    if (response.destroyed) return
    response.write(Buffer.of(byte))
    await sleep(1_000 / bytesPerSecond)
  }
  response.end()
}

function reset(
  after: 'nothing' | 'headers' | 'body-part',
  reply: PlainReply | undefined,
  response: ServerResponse,
): void {
  if (after === 'nothing' || reply === undefined) {
    response.socket?.resetAndDestroy()
    return
  }
  response.writeHead(reply.status, headersOf(reply))
  response.flushHeaders()
  const part =
    after === 'headers' ? Buffer.alloc(0) : reply.body.subarray(0, Math.ceil(reply.body.length / 2))
  // The end of the connection, not a reset: a reset may discard what was sent just before it.
  response.write(part, () => response.socket?.end())
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
