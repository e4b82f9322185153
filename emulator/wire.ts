/** What goes in and out of the emulator: a request, a reply of some kind, and Cloudflare's JSON envelope. */

export interface WireRequest {
  readonly method: string
  /** Path and query, as in the request line: `/client/v4/zones?name=example.com`. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string | undefined
  /** The address of whoever calls; none for calls in process. */
  readonly from?: string | undefined
}

export function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

export interface PlainReply {
  readonly kind: 'reply'
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** How long whoever holds the socket should wait before sending it. */
  readonly delayMs?: number
}

/** The connection dies: before a byte is sent, after the headers, or in the middle of the body. */
export interface ResetReply {
  readonly kind: 'reset'
  readonly after: 'nothing' | 'headers' | 'body-part'
  /** What would have been sent; `body` is cut where the connection dies. */
  readonly reply?: PlainReply
  /** As of a plain reply. */
  readonly delayMs?: number
}

/** Nothing is ever answered. */
export interface HangingReply {
  readonly kind: 'hang'
}

/** Sent `bytesPerSecond` at a time. */
export interface DrippingReply {
  readonly kind: 'drip'
  readonly reply: PlainReply
  readonly bytesPerSecond: number
}

export type WireReply = PlainReply | ResetReply | HangingReply | DrippingReply

export interface ApiError {
  readonly code: number
  readonly message: string
  readonly documentation_url?: string
  readonly error_chain?: readonly ApiError[]
}

/** A refusal in Cloudflare's words; thrown by what works below, turned into a reply by the front. */
export class Refusal extends Error {
  readonly status: number
  readonly errors: readonly ApiError[]
  /** The gateway writes its envelope in another key order than the DNS service does. */
  readonly from: 'dns' | 'gateway'

  constructor(status: number, errors: ApiError | readonly ApiError[], from: 'dns' | 'gateway' = 'dns') {
    const list = 'code' in errors ? [errors] : errors
    super(list.map((error) => `${error.code} ${error.message}`).join('; '))
    this.name = 'Refusal'
    this.status = status
    this.errors = list
    this.from = from
  }
}

export interface ResultInfo {
  readonly page: number
  readonly per_page: number
  readonly count: number
  readonly total_count: number
  readonly total_pages: number
}

/** What a route gives back when all went well; the front makes the reply. */
export interface Answer {
  readonly result: unknown
  /** Sent instead of an envelope, as `text/plain`. */
  readonly text?: string
  readonly messages?: readonly object[]
  readonly resultInfo?: ResultInfo
  /** Zone endpoints put `result_info` first and carry a few more headers. */
  readonly from: 'dns' | 'zones' | 'gateway'
  /** For the log of calls: how many record operations were carried out. */
  readonly operations?: number
}

/** The envelope of a success, keys in the order seen on the wire (recordings of August 2025). */
export function successBody(answer: Answer): object {
  const { result, resultInfo, messages = [] } = answer
  if (resultInfo === undefined) return { result, success: true, errors: [], messages }
  const { page, per_page, count, total_count, total_pages } = resultInfo
  if (answer.from === 'zones') {
    const result_info = { page, per_page, total_pages, count, total_count }
    return { result, result_info, success: true, errors: [], messages }
  }
  const result_info = { page, per_page, count, total_count, total_pages }
  return { result, success: true, errors: [], messages, result_info }
}

export function refusalBody(refusal: Refusal): object {
  const { errors } = refusal
  return refusal.from === 'gateway'
    ? { success: false, errors, messages: [], result: null }
    : { result: null, success: false, errors, messages: [] }
}
