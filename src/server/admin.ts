import { createServer, type Server } from 'node:http'

export interface AdminParts {
  /** Whether requests can be answered now. A rejection means no. */
  readonly ready: () => Promise<boolean>
  readonly metrics: () => Promise<{ body: string; contentType: string }>
}

/**
 * `/livez`, `/readyz` and `/metrics` on a port of their own: unsigned, and without anything that is anybody's.
 * Alive is whoever answers at all. Whether Cloudflare answers says nothing about us, and is not asked here.
 */
export function createAdminServer({ ready, metrics }: AdminParts): Server {
  const answers: Readonly<Record<string, () => Promise<Answer>>> = {
    '/livez': async () => plain(200, 'alive'),
    '/readyz': async () => ((await ready()) ? plain(200, 'ready') : plain(503, 'not ready')),
    '/metrics': async () => ({ status: 200, ...(await metrics()) }),
  }
  const server = createServer(
    { maxHeaderSize: 8 * 1024, headersTimeout: 10_000, requestTimeout: 20_000 },
    async (request, response) => {
      const reading = request.method === 'GET' || request.method === 'HEAD'
      const asked = answers[request.url?.split('?', 1)[0] ?? '']
      const { status, body, contentType } = !reading
        ? plain(405, 'method not allowed')
        : asked === undefined
          ? plain(404, 'not found')
          : await asked().catch(() => plain(503, 'not ready'))
      response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' })
      response.end(body)
    },
  )
  server.maxConnections = 64
  return server
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly contentType: string
}

function plain(status: number, words: string): Answer {
  return { status, body: `${words}\n`, contentType: 'text/plain; charset=utf-8' }
}
