// needs: pages
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type {
  ApiPlan,
  ErrorAnswer,
  OperationAnswer,
  RecordsAnswer,
  SessionAnswer,
} from '#faces/dashboard/api.ts'
import { root } from '../support/imports.ts'

/** What the stand-in answers to a route; a function is asked each time. */
export interface Scripted {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Resolves when it may answer. */
  readonly after?: Promise<unknown>
}

export type Script = Record<string, Scripted | ((request: Asked) => Scripted)>

export interface Asked {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly csrfToken: string | undefined
}

export interface StandIn {
  readonly url: string
  /** `GET /api/session` and so on, below /dashboard; what is not in it is 404. */
  script: Script
  /** Every request to the API, in order. */
  readonly asked: Asked[]
  close(): Promise<void>
}

/** The server's own policy for the pages. */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** The built pages over scripted answers, on a free port: states that a real server is seldom in. */
export async function startStandIn(): Promise<StandIn> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  const asked: Asked[] = []
  const standIn = { script: {} as Script, asked }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = pathname.replace(/^\/dashboard/, '')
    const method = request.method ?? 'GET'
    const isPage = method === 'GET' && !path.startsWith('/api/')
    if (isPage) return page(path, response)

    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const isFile = request.headers['content-type'] === 'text/dns'
    const body: unknown = text === '' ? undefined : isFile ? text : JSON.parse(text)
    const csrfToken = request.headers['x-csrf-token']
    const question: Asked = { method, path, body, csrfToken: csrfToken?.toString() }
    asked.push(question)
    const entry = standIn.script[`${method} ${path}`]
    const scripted = typeof entry === 'function' ? entry(question) : entry
    await scripted?.after
    const {
      status,
      body: said,
      headers = {},
    } = scripted ?? refusal(404, 'NOT_FOUND', 'There is nothing here.')
    response.writeHead(status, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...headers,
    })
    response.end(said === undefined ? undefined : JSON.stringify(said))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(standIn, {
    url: `http://127.0.0.1:${port}/dashboard`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

export function refusal(
  status: number,
  code: string,
  message: string,
  rest: {
    readonly field?: string
    readonly details?: Record<string, unknown>
    readonly retryAfter?: number
  } = {},
): Scripted {
  const { retryAfter, ...more } = rest
  return {
    status,
    body: { error: { code, message, ...more } } satisfies {
      error: Omit<ErrorAnswer['error'], 'code'> & { code: string }
    },
    ...(retryAfter !== undefined && { headers: { 'retry-after': `${retryAfter}` } }),
  }
}

export function ok(
  body?:
    | SessionAnswer
    | RecordsAnswer
    | { readonly plan: ApiPlan }
    | OperationAnswer
    | Record<string, unknown>,
): Scripted {
  return body === undefined ? { status: 204 } : { status: 200, body }
}

const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
}

/** A file of the build, or the one page for every other address. */
async function page(path: string, response: ServerResponse): Promise<void> {
  const isAsset = extname(path) !== ''
  const file = join(root, 'dist/web', normalize(isAsset ? path : '/index.html'))
  const content = await readFile(file).catch(() => undefined)
  const headers = {
    'content-security-policy': POLICY,
    'content-type': TYPES[extname(file)] ?? 'text/plain',
    // As the server has it: the names of assets hold their hash.
    'cache-control': isAsset ? 'public, max-age=31536000, immutable' : 'no-store',
  }
  response.writeHead(content === undefined ? 404 : 200, headers).end(content)
}
