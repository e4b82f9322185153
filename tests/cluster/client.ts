import type { Clock } from '#platform/ports.ts'
import { goJson, goTimestamp, sign } from '../support/operator-client.ts'
import type { RecordSpec } from './api-server.ts'

/** What goes to the webhook, and what comes back. */
export type Backend = (request: {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}) => Promise<{ readonly status: number; readonly text: string }>

/** One request of the operator, for the tests to look at. `status` 0: nothing came within its time. */
export interface Sent {
  readonly at: number
  readonly method: string
  readonly path: string
  readonly status: number
}

/** Why the operator thinks that a request has failed. `status` 0: it was no answer of the protocol. */
export interface Fault {
  readonly status: number
  readonly code: string
  readonly message: string
}

export interface Client {
  health(): Promise<Fault | undefined>
  upsert(spec: RecordSpec, defaultTtl: number): Promise<Fault | undefined>
  delete(spec: RecordSpec): Promise<Fault | undefined>
  readonly sent: readonly Sent[]
}

/** `spec.timeoutSeconds` of the DNSClass, which is 30 s where it is not given. */
const TIMEOUT_MS = 30_000

/**
 * `pkg/dnsclient/client.go` of the operator (2026-11-21) on the cluster's clock: signed with the secret there is, and
 * not at all where there is none. `roundTripMs` is what an answer takes beside the backend's own time.
 */
export function createClient(
  backend: Backend,
  clock: Clock,
  secret: () => string | undefined,
  roundTripMs: number,
): Client {
  const sent: Sent[] = []

  async function ask(method: Sent['method'] & ('GET' | 'POST' | 'DELETE'), path: string, body?: string) {
    const at = clock.now()
    const headers = {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...signature(method, path, body),
    }
    const answered = new AbortController()
    const reply = await Promise.race([
      clock.sleep(roundTripMs).then(() => backend({ method, path, headers, body })),
      clock.sleep(TIMEOUT_MS, answered.signal).then(() => undefined),
    ])
    // With a reason, because the exception that Node makes otherwise is slow.
    answered.abort('answered')
    sent.push({ at, method, path, status: reply?.status ?? 0 })
    return reply
  }

  function signature(method: string, path: string, body: string | undefined): Record<string, string> {
    const key = secret()
    if (!key) return {}
    const timestamp = goTimestamp(clock.now())
    const nonce = `nonce-${sent.length}`.padEnd(36, '-')
    const bytes = body === undefined ? undefined : Buffer.from(body)
    return {
      'X-DNS-Timestamp': timestamp,
      'X-DNS-Nonce': nonce,
      'X-DNS-Signature': sign(key, 'SHA256', method, path, timestamp, nonce, bytes),
    }
  }

  return {
    sent,
    health: async () => faultIn(await ask('GET', '/health'), (json) => json.status === 'healthy'),
    async upsert({ type, domain, subdomain, values, ttl }, defaultTtl) {
      const record = { type, domain, subdomain, values, ttl: ttl ?? defaultTtl }
      const body = goJson({ record, operation: 'upsert' })
      return faultIn(await ask('POST', '/records', body), (json) => json.success === true)
    },
    async delete({ type, domain, subdomain }) {
      const reply = await ask('DELETE', `/records/${type}/${domain}/${subdomain}`)
      const fault = faultIn(reply, (json) => json.success === true)
      return fault?.status === 404 ? undefined : fault
    },
  }
}

interface Reply {
  readonly success?: boolean
  readonly status?: string
  readonly error?: { readonly code: string; readonly message: string }
}

function faultIn(
  reply: { status: number; text: string } | undefined,
  isGood: (json: Reply) => boolean,
): Fault | undefined {
  if (!reply) return { status: 0, code: 'SERVER_ERROR', message: 'Client.Timeout exceeded' }
  const json = jsonIn(reply.text)
  if (json === undefined) return { status: 0, code: 'SERVER_ERROR', message: 'failed to unmarshal response' }
  if (reply.status === 200 && isGood(json)) return undefined
  return { status: reply.status, code: json.error?.code ?? '', message: json.error?.message ?? '' }
}

function jsonIn(text: string): Reply | undefined {
  try {
    return JSON.parse(text) as Reply
  } catch {
    return undefined
  }
}
