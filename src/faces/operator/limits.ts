import type { IncomingMessage } from 'node:http'
import { BODY_LIMIT } from './http-server.ts'
import { invalidRequest, type OperatorRefusal } from './on-error.ts'
import { METHODS, type Target } from './target.ts'

/**
 * What a request's line and headers say against it, before its body is read; undefined if nothing does.
 * Nothing here needs the signature: it tells a stranger no more than the protocol's description.
 */
export function limitFault(
  request: IncomingMessage,
  target: Target | 'malformed' | 'unknown',
): OperatorRefusal | undefined {
  const { headers, method = '' } = request
  if (request.httpVersionMajor !== 1) return invalidRequest('Only HTTP/1.1 is supported')
  if (headers.host === undefined && request.httpVersion === '1.1')
    return invalidRequest('The Host header is missing')
  if (namesTwoHosts(request)) return invalidRequest('There is more than one Host header')
  if (target === 'malformed') return invalidRequest('The request target must be a plain path without query')
  if (target === 'unknown') return noSuchRoute(method)

  const methods = METHODS[target.route]
  if (!methods.includes(method)) return methodNotAllowed(method, methods)
  if (!isPlainTransfer(headers)) return invalidRequest('The only Transfer-Encoding is chunked')
  if (headers.expect !== undefined) return EXPECTATION_FAILED
  if (headers['content-encoding'] !== undefined) return unsupported('The body must not be compressed')
  if (method !== 'POST') return hasBody(headers) ? invalidRequest(`A ${method} has no body here`) : undefined
  if (!JSON_TYPE.test(headers['content-type'] ?? ''))
    return unsupported('The Content-Type must be application/json')
  return Number(headers['content-length'] ?? 0) > BODY_LIMIT ? PAYLOAD_TOO_LARGE : undefined
}

export const PAYLOAD_TOO_LARGE: OperatorRefusal = {
  status: 413,
  code: 'PAYLOAD_TOO_LARGE',
  message: 'The body has more than 64 KiB',
}

/** When as much is being answered as we can hold. */
export const OVERLOADED: OperatorRefusal = {
  status: 503,
  code: 'SERVER_ERROR',
  message: 'Too many requests at once',
  retryAfterSeconds: 1,
}

const EXPECTATION_FAILED: OperatorRefusal = {
  status: 417,
  code: 'EXPECTATION_FAILED',
  message: 'Send the body at once, without an Expect header',
}

const JSON_TYPE = /^application\/json[ \t]*(;|$)/i

/** Node keeps the first alone; RFC 9112 section 3.2 wants them refused, since others on the way may keep the last. */
function namesTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1
  }
  return hosts > 1
}

function hasBody(headers: IncomingMessage['headers']): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) > 0)
}

function isPlainTransfer({ 'transfer-encoding': encoding }: IncomingMessage['headers']): boolean {
  return encoding === undefined || encoding.toLowerCase() === 'chunked'
}

function noSuchRoute(method: string): OperatorRefusal {
  // The operator takes a 404 to its DELETE for success and forgets the record, so a wrong address must not answer one.
  const status = method === 'DELETE' ? 400 : 404
  return { status, code: 'NOT_FOUND', message: 'There is nothing at this path; is the server address right?' }
}

function methodNotAllowed(method: string, allow: readonly string[]): OperatorRefusal {
  const message = `${method} is not supported here; ${allow.join(' and ')} ${allow.length > 1 ? 'are' : 'is'}`
  return { status: 405, code: 'METHOD_NOT_ALLOWED', message, allow }
}

function unsupported(message: string): OperatorRefusal {
  return { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', message }
}
