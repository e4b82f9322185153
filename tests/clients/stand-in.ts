import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

export interface StandIn {
  /** `http://127.0.0.1:…`, for `HTTPS_PROXY`: whoever asks for api.cloudflare.com gets the emulator, all else is refused. */
  readonly proxyUrl: string
  /** TLS on loopback, with the same certificate. */
  readonly port: number
  /** To be trusted by whoever comes here. */
  readonly certificateFile: string
  close(): Promise<void>
}

export const CLOUDFLARE_HOST = 'api.cloudflare.com'

/**
 * api.cloudflare.com, for programs that will talk to no other host: TLS before the emulator at `apiUrl`, and a proxy that
 * leads there.
 */
export async function startStandIn(apiUrl: string): Promise<StandIn> {
  const own = (name: string) => fileURLToPath(new URL(name, import.meta.url))
  const keys = { key: readFileSync(own('stand-in-key.pem')), cert: readFileSync(own('stand-in-cert.pem')) }
  const emulator = new URL(apiUrl)
  const tls = createTlsServer(keys, (incoming, response) => forward(emulator, incoming, response))
  const proxy = createServer((_, response) => response.writeHead(403).end())
  proxy.on('connect', ({ url }, socket) => {
    if (url !== `${CLOUDFLARE_HOST}:443`) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      return
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    tls.emit('connection', socket)
  })
  const servers = [tls, proxy]
  await Promise.all(
    servers.map((each) => new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve))),
  )
  return {
    proxyUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    port: (tls.address() as AddressInfo).port,
    certificateFile: own('stand-in-cert.pem'),
    async close() {
      for (const each of servers) each.closeAllConnections()
      await Promise.all(servers.map((each) => new Promise((resolve) => each.close(resolve))))
    },
  }
}

function forward({ hostname, port }: URL, incoming: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = incoming
  // As to a proxy, some send the whole address (RFC 9112 section 3.2.2).
  const { pathname, search } = new URL(incoming.url ?? '/', `https://${CLOUDFLARE_HOST}`)
  const path = `${pathname}${search}`
  const onward = request({ hostname, port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  incoming.pipe(onward)
}
