import { randomUUID } from 'node:crypto'
import { type ClientRequestArgs, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { parseArgs } from 'node:util'
import { readRequestConfig } from '#config/config.ts'
import type { SigningConfig } from '#config/operator.ts'
import { signatureOf, signingKeys } from '#faces/operator/signature.ts'
import { connectionTrouble } from './doctor/trouble.ts'
import { type Io, reportFaults, UsageError } from './io.ts'

export const usage = `Usage: zonewright request METHOD PATH [--data JSON|@FILE] [--url URL]

Sends one request to a running operator webhook, signed with HMAC_SECRET (and HMAC_ALGORITHM) if there is one, and
prints the status and the body. Ends with 0 for a status 2xx, else with 1.

  --data JSON   the body; @FILE takes it from a file
  --url URL     the webhook's address (http://127.0.0.1:$PORT); a path in it is a prefix, and is not signed:
                http://127.0.0.1:7100/c/shops for the caller "shops", with its secret in HMAC_SECRET

  zonewright request GET /health
  zonewright request POST /records --data '{"record":{"type":"A","domain":"example.com","subdomain":"www",
    "values":["192.0.2.1"]},"operation":"upsert"}'
  zonewright request DELETE /records/A/example.com/www`

export async function run(argv: readonly string[], io: Io): Promise<number> {
  const asked = readArguments(argv)
  const read = readRequestConfig(io.env, io.readFile)
  if (!read.ok) return reportFaults(read.faults, io)
  const { signing, url: ownUrl } = read.value
  if (signing === undefined) io.stderr('HMAC_SECRET is not set; the request is not signed')

  const server = webhookUrl(asked.url ?? ownUrl)
  const body = bodyFrom(asked.data, io)
  const headers = {
    ...(body.length > 0 && { 'Content-Type': 'application/json', 'Content-Length': body.length }),
    ...signatureHeaders(asked, body, signing),
  }
  const path = `${server.pathname.replace(/\/+$/, '')}${escaped(asked.path)}`
  const reply = await exchange(server, { method: asked.method, path, headers }, body)
  io.stdout(`${reply.status} ${reply.reason}`)
  io.stdout(reply.body)
  return reply.status >= 200 && reply.status < 300 ? 0 : 1
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly data: string | undefined
  readonly url: string | undefined
}

function readArguments(argv: readonly string[]): Asked {
  const { positionals, values } = parsed(argv)
  const [method = '', path = '', ...more] = positionals
  if (more.length > 0 || path === '') throw new UsageError('it takes a method and a path')
  if (!/^[A-Z]+$/.test(method))
    throw new UsageError(`the method ${JSON.stringify(method)} is not in capital letters`)
  if (!path.startsWith('/')) throw new UsageError('the path begins with /')
  return { method, path, data: values.data, url: values.url }
}

function parsed(argv: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: { data: text, url: text } })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function webhookUrl(text: string): URL {
  const url = URL.parse(text)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new UsageError('--url is not an http or https address')
}

function bodyFrom(data: string | undefined, io: Io): Buffer {
  return Buffer.from(data?.startsWith('@') ? io.readFile(data.slice(1)) : (data ?? ''))
}

/** The three headers of a request that is sent now; none without a secret. */
export function signatureHeaders(
  { method, path }: Pick<Asked, 'method' | 'path'>,
  body: Buffer,
  signing: SigningConfig | undefined,
): Record<string, string> {
  if (signing === undefined) return {}
  const timestamp = `${new Date().toISOString().slice(0, 19)}Z`
  const nonce = randomUUID()
  const keys = signingKeys(
    signing.algorithm,
    ...signing.secrets.map((secret) => Buffer.from(secret.reveal())),
  )
  return {
    'X-DNS-Timestamp': timestamp,
    'X-DNS-Nonce': nonce,
    'X-DNS-Signature': signatureOf({ method, path, timestamp, nonce, body }, keys),
  }
}

/** What may not stand in a request line; the path is signed as it was before. */
function escaped(path: string): string {
  return path.replace(/[^\x21-\x7e]/gu, encodeURIComponent)
}

function exchange(
  server: URL,
  about: ClientRequestArgs,
  body: Buffer,
): Promise<{ status: number; reason: string; body: string }> {
  const send = server.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const outgoing = send({
      ...about,
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port,
      timeout: 30_000,
    })
    const silence = new Error('no answer in 30 seconds')
    outgoing.on('timeout', () => outgoing.destroy(silence))
    outgoing.on('error', (error) => {
      const { words, remedy } = connectionTrouble(error)
      reject(new Error(`${server.origin}: ${error === silence ? silence.message : `${words}; ${remedy}`}`))
    })
    outgoing.on('response', (reply: IncomingMessage) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('error', reject)
      reply.on('end', () =>
        resolve({
          status: reply.statusCode ?? 0,
          reason: reply.statusMessage ?? '',
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    outgoing.end(body)
  })
}
