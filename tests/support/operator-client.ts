import { createHmac, randomUUID } from 'node:crypto'
import { Agent, type IncomingMessage, request } from 'node:http'

/**
 * The DNS Operator's client as seen from a webhook (homelab-dns-operator `pkg/dnsclient/client.go`, 2026-11-21):
 * it signs the path before it is escaped, without the prefix of the server's address; writes JSON as Go does; keeps
 * connections open; and sends no signature at all without a secret. It shares no code with the server.
 */
export interface OperatorClient {
  health(): Promise<Reply>
  upsert(record: ClientRecord): Promise<Reply>
  get(type: string, domain: string, subdomain: string): Promise<Reply>
  delete(type: string, domain: string, subdomain: string): Promise<Reply>
  /** Anything else, signed in the same way; `change` falsifies it on the way. */
  send(
    method: string,
    path: string,
    body?: string | Buffer,
    change?: (sent: SentRequest) => void,
  ): Promise<Reply>
  close(): void
}

export interface ClientRecord {
  readonly type: string
  readonly domain: string
  readonly subdomain: string
  readonly values: readonly string[]
  readonly ttl?: number
}

/** What is about to go out. `headers` are sent as they stand. */
export interface SentRequest {
  method: string
  target: string
  headers: Record<string, string | string[]>
  body: Buffer | undefined
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  /** The body as JSON; undefined if it is none. */
  readonly json: ReplyBody | undefined
}

/** What the protocol's answers may hold. */
export interface ReplyBody {
  readonly success?: boolean
  readonly record?: ClientRecord & { readonly fqdn: string }
  readonly message?: string
  readonly error?: {
    readonly code: string
    readonly message: string
    readonly details: Record<string, unknown>
  }
  readonly status?: string
  readonly timestamp?: string
}

export interface ClientOptions {
  /** As in `spec.server`: `http://127.0.0.1:7100`, a prefix and a trailing slash allowed. */
  readonly server: string
  readonly secret?: string
  readonly algorithm?: 'SHA256' | 'SHA512'
  readonly now?: () => number
  readonly nonce?: () => string
}

export function operatorClient(options: ClientOptions): OperatorClient {
  const agent = new Agent({ keepAlive: true, timeout: 90_000 })
  const server = new URL(options.server)
  const prefix = options.server.replace(/^http:\/\/[^/]+/, '')
  const recordPath = (type: string, domain: string, subdomain: string) =>
    `/records/${type}/${domain}/${subdomain}`

  async function send(
    method: string,
    path: string,
    body?: string | Buffer,
    change?: (sent: SentRequest) => void,
  ): Promise<Reply> {
    const bytes = body === undefined ? undefined : Buffer.from(body)
    const headers: Record<string, string | string[]> = {}
    if (method === 'POST' && bytes !== undefined) headers['Content-Type'] = 'application/json'
    if (bytes !== undefined) headers['Content-Length'] = String(bytes.length)
    if (options.secret) {
      const timestamp = goTimestamp(options.now?.() ?? Date.now())
      const nonce = options.nonce?.() ?? randomUUID()
      headers['X-DNS-Timestamp'] = timestamp
      headers['X-DNS-Nonce'] = nonce
      headers['X-DNS-Signature'] = sign(
        options.secret,
        options.algorithm ?? 'SHA256',
        method,
        path,
        timestamp,
        nonce,
        bytes,
      )
    }
    const sent: SentRequest = { method, target: goEscaped(prefix + path), headers, body: bytes }
    change?.(sent)
    return exchange(sent, server, agent)
  }

  return {
    health: () => send('GET', '/health'),
    upsert: (record) => send('POST', '/records', goJson({ record, operation: 'upsert' })),
    get: (type, domain, subdomain) => send('GET', recordPath(type, domain, subdomain)),
    delete: (type, domain, subdomain) => send('DELETE', recordPath(type, domain, subdomain)),
    send,
    close: () => agent.destroy(),
  }
}

/** Lower-case hex over `METHOD\npath\ntimestamp\nnonce[\nbody]`. */
export function sign(
  secret: string,
  algorithm: 'SHA256' | 'SHA512',
  method: string,
  path: string,
  timestamp: string,
  nonce: string,
  body: Uint8Array | undefined,
): string {
  const parts: Uint8Array[] = [Buffer.from([method, path, timestamp, nonce].join('\n'))]
  if (body !== undefined) parts.push(Buffer.from('\n'), body)
  return createHmac(algorithm.toLowerCase(), secret).update(Buffer.concat(parts)).digest('hex')
}

/** JSON as Go's encoding/json writes it: `<`, `>`, `&` and the two line separators escaped. */
export function goJson(value: unknown): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, escaped)
}

/** UTC, whole seconds, `Z`: Go's time.RFC3339. */
export function goTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** What Go's net/url leaves in a path, and an escape for every other byte; escapes that are there already stay. */
function goEscaped(path: string): string {
  return path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]?#]/gu, (char) => encodeURIComponent(char))
}

function exchange(sent: SentRequest, server: URL, agent: Agent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method, target: path, headers } = sent
    const outgoing = request(
      { agent, host: server.hostname, port: server.port, method, path, headers },
      (reply) => {
        const chunks: Buffer[] = []
        reply.on('data', (chunk: Buffer) => chunks.push(chunk))
        reply.on('error', reject)
        reply.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text, json: jsonIn(text) })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(sent.body)
  })
}

function jsonIn(text: string): ReplyBody | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
