/** The emulator behind real ports: the API over HTTP, the zones over DNS. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { controlHandler } from './control.ts'
import { startDnsServer } from './dns-server.ts'
import { createEmulator, type Emulator, type EmulatorOptions } from './emulator.ts'
import { bodyOf } from './http-body.ts'
import { API_PREFIX } from './routes.ts'
import { createKeeper, readStateFile } from './state-file.ts'
import type { PlainReply, WireReply } from './wire.ts'

export interface ServeOptions extends EmulatorOptions {
  /** 0 for any that is free. */
  readonly port: number
  /** UDP and TCP share the number; 0 for any that is free; no DNS when absent. */
  readonly dnsPort?: number
  /** Always on 127.0.0.1; 0 for any that is free; no control port when absent. */
  readonly controlPort?: number
  /** Where API and DNS listen; 127.0.0.1 when absent. */
  readonly host?: string
  /** Where everything it holds is kept; what is there already is taken up, and `zones` and `credentials` are not. */
  readonly stateFile?: string
}

export interface RunningEmulator {
  /** With `/client/v4`, without a slash at the end. */
  readonly apiUrl: string
  /** Of OAuth and the dashboard's pages: `http://127.0.0.1:8787`. */
  readonly siteUrl: string
  readonly port: number
  readonly dnsPort?: number
  readonly controlPort?: number
  readonly controlUrl?: string
  readonly emulator: Emulator
  /** It goes on where an earlier one ended. */
  readonly tookUp: boolean
  /** Ends all connections; what hangs is cut. */
  close(): Promise<void>
}

/** Rejects when a port is taken, and says which. */
export async function startEmulator(options: ServeOptions): Promise<RunningEmulator> {
  const host = options.host ?? '127.0.0.1'
  const { stateFile } = options
  const saved = stateFile === undefined ? undefined : await readStateFile(stateFile)
  const emulator = createEmulator({ ...options, ...(saved !== undefined && { saved }) })
  const keep = stateFile === undefined ? KEEP_NOTHING : createKeeper(stateFile, emulator).keep
  await keep()
  const open: Listening[] = []
  const closeAll = async () => {
    await Promise.all(open.map((each) => each.close()))
  }
  try {
    const api = await listen(
      (request, response) => serve(emulator, keep, request, response),
      options.port,
      host,
    )
    open.push(api)
    const dns =
      options.dnsPort === undefined ? undefined : await startDnsServer(emulator, options.dnsPort, host)
    if (dns !== undefined) open.push(dns)
    const answer = controlHandler(emulator, keep)
    const control =
      options.controlPort === undefined ? undefined : await listen(answer, options.controlPort, '127.0.0.1')
    if (control !== undefined) open.push(control)
    return {
      apiUrl: `http://${host}:${api.port}${API_PREFIX}`,
      siteUrl: `http://${host}:${api.port}`,
      port: api.port,
      ...(dns !== undefined && { dnsPort: dns.port }),
      ...(control !== undefined && {
        controlPort: control.port,
        controlUrl: `http://127.0.0.1:${control.port}`,
      }),
      emulator,
      tookUp: saved !== undefined,
      async close() {
        await closeAll()
        await keep()
      },
    }
  } catch (problem) {
    await closeAll()
    throw problem
  }
}

interface Listening {
  readonly port: number
  close(): Promise<void>
}

type HttpHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

async function listen(handler: HttpHandler, port: number, host: string): Promise<Listening> {
  const server = createServer((request, response) => {
    handler(request, response).catch((problem: Error) => response.destroy(problem))
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

const KEEP_NOTHING = () => Promise.resolve()

async function serve(
  emulator: Emulator,
  keep: () => Promise<void>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const reply = await emulator.handle({
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    headers: singleHeaders(request),
    body: await bodyOf(request),
    from: request.socket.remoteAddress,
  })
  // Nobody is told of what is not yet kept.
  await keep()
  await send(reply, response)
}

function singleHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]),
  )
}

async function send(reply: WireReply, response: ServerResponse): Promise<void> {
  if (reply.kind === 'hang') return
  const delayMs = reply.kind === 'drip' ? reply.reply.delayMs : reply.delayMs
  if (delayMs !== undefined) await sleep(delayMs)
  if (reply.kind === 'reply') {
    response.writeHead(reply.status, headersOf(reply))
    response.end(reply.body)
  } else if (reply.kind === 'drip') {
    await drip(reply.reply, reply.bytesPerSecond, response)
  } else {
    reset(reply.after, reply.reply, response)
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
