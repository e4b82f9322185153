import type { OutcomeClass, ProviderErrorKind } from '#providers/provider.ts'
import { CloudflareError, kindOfRefusal } from './errors.ts'
import type { TransportError, TransportReply } from './transport.ts'
import { type Envelope, envelope } from './wire.ts'

/** One call, as far as its answer depends on it. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** For logs and metrics: `zones.list`, `records.batch`. Never a path with ids. */
  readonly endpoint: string
  readonly path: string
  readonly body?: unknown
  /** Whether it changes anything: only then can its outcome be in doubt. */
  readonly writes: boolean
}

/** A success: 2xx and `success: true`. */
export type Reply = Envelope & { readonly success: true }

/**
 * The one place where an answer becomes a fact or an error with its class:
 *
 *     2xx, success:true                        the answer
 *     429, whatever its body                   rate-limited     not executed
 *     4xx, well-formed, success:false          refused, stale-view, quota, unauthorised or zone-missing   not executed
 *     2xx with success:false                   refused          ambiguous: a success that denies itself proves nothing
 *     5xx, whatever its body                   server-error     ambiguous: before or after the commit, who knows
 *     3xx, or not an envelope                  unreadable       ambiguous; never followed
 *     more objects than any list has           too-large        ambiguous
 */
export function readReply(reply: TransportReply, call: Call): Reply {
  const { status } = reply
  const fail = (kind: ProviderErrorKind, outcome: OutcomeClass, message: string, codes: number[] = []) =>
    new CloudflareError(kind, call.writes ? outcome : 'not-executed', message, {
      status,
      codes,
      ...(kind === 'rate-limited' ? retryAfter(reply) : {}),
      ...(reply.headers['cf-ray'] ? { ray: reply.headers['cf-ray'] } : {}),
    })

  if (status === 429) throw fail('rate-limited', 'not-executed', 'Cloudflare asks us to wait.')
  if (status >= 500) throw fail('server-error', 'ambiguous', `Cloudflare answered with status ${status}.`)

  if (isTooDense(reply.body))
    throw fail('too-large', 'ambiguous', 'Cloudflare sent a larger answer than we accept.')
  const body = envelopeOf(reply)
  if (body === undefined || (status >= 300 && status < 400)) {
    throw fail('unreadable', 'ambiguous', `Cloudflare answered with status ${status} and not with its JSON.`)
  }
  if (status < 300 && body.success) return body as Reply

  const codes = codesOf(body)
  const message = messageOf(body)
  if (status < 300) throw fail('refused', 'ambiguous', message, codes)
  if (body.success || codes.length === 0) throw fail('unreadable', 'ambiguous', message, codes)
  if (isAboutTheCredential(status, codes)) throw fail('unauthorised', 'not-executed', message, codes)
  if (codes.some((code) => NO_ROUTE_CODES.has(code)))
    throw fail('zone-missing', 'not-executed', message, codes)
  throw fail(call.writes ? kindOfRefusal(codes) : 'refused', 'not-executed', message, codes)
}

/** No whole answer: in doubt unless no byte was sent, or nothing could have been changed. */
export function unreachable(error: TransportError, call: Call): CloudflareError {
  const kind = error.reason === 'timeout' || error.reason === 'too-large' ? error.reason : 'unreachable'
  return new CloudflareError(kind, error.sent && call.writes ? 'ambiguous' : 'not-executed', error.message, {
    // Its words are ours already; what they do not tell is why.
    cause: error.cause,
  })
}

/** A page of 1,000 records has some 6,000 objects; two MiB of `{}` would be 45 MiB of them. */
const MOST_OBJECTS = 30_000

function isTooDense(text: string): boolean {
  let count = 0
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      count += 1
      if (count > MOST_OBJECTS) return true
    }
  }
  return false
}

function envelopeOf({ body }: TransportReply): Envelope | undefined {
  try {
    const parsed = envelope.safeParse(JSON.parse(body))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

/** Outer code and the codes of its chain: the gateway still wraps its own errors (6003 → 6111). */
function codesOf({ errors }: Envelope): number[] {
  const codes: number[] = []
  const collect = (list: unknown, depth: number): void => {
    if (!Array.isArray(list) || depth > 4) return
    for (const entry of list) {
      if (typeof entry?.code === 'number') codes.push(entry.code)
      collect(entry?.error_chain, depth + 1)
    }
  }
  collect(errors ?? [], 0)
  return codes
}

const LONGEST_MESSAGE = 300

/** Cloudflare's own words, for people; codes are what we decide by. */
function messageOf({ errors }: Envelope): string {
  const words =
    errors
      ?.map(({ message }) => message)
      .join(' ')
      .trim() || 'Cloudflare gave no reason.'
  return words.length > LONGEST_MESSAGE ? `${words.slice(0, LONGEST_MESSAGE)}…` : words
}

/** Cloudflare says 401, 403 or, for headers that it cannot read, 400. */
const CREDENTIAL_CODES = new Set([6003, 6103, 6111, 9103, 9106, 9109, 10000, 10001])

/** "Could not route to /zones/…": our paths hold the zone's id alone, so it is the zone that cannot be found. */
const NO_ROUTE_CODES = new Set([7000, 7003])

function isAboutTheCredential(status: number, codes: readonly number[]): boolean {
  return status === 401 || status === 403 || codes.some((code) => CREDENTIAL_CODES.has(code))
}

/** RFC 9110 §10.2.3: seconds or a date. Garbage is as good as nothing, and `Date.parse` reads dates into much of it. */
function retryAfter({ headers }: TransportReply): { retryAfterMs?: number } {
  const text = headers['retry-after']?.trim() ?? ''
  if (/^\d{1,6}$/.test(text)) return { retryAfterMs: Number(text) * 1000 }
  const until = /^[A-Z][a-z]+, .+ GMT$/.test(text) ? Date.parse(text) : Number.NaN
  const sentAt = Date.parse(headers.date ?? '')
  if (Number.isNaN(until) || Number.isNaN(sentAt)) return {}
  return { retryAfterMs: Math.max(0, until - sentAt) }
}
