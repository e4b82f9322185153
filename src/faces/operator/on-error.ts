import { describeProblem, type Problem } from '#dns/problems.ts'
import type { DeclaredErrorCode, DnsError } from '#engine/errors.ts'

/** The protocol's codes, and those of HTTP itself. */
export const REFUSAL_CODES = [
  'INVALID_REQUEST',
  'INVALID_RECORD',
  'INVALID_DOMAIN',
  'INVALID_VALUE',
  'RECORD_NOT_FOUND',
  'AUTH_FAILED',
  'TIMESTAMP_STALE',
  'NONCE_REUSED',
  'RATE_LIMITED',
  'QUOTA_EXCEEDED',
  'SERVER_ERROR',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'EXPECTATION_FAILED',
] as const

export type RefusalCode = (typeof REFUSAL_CODES)[number]

/**
 * Why a request is not answered as it wished. 400 says that it will never work as sent (the operator stops trying);
 * 429 and 503 say later; 500 is our own bug alone.
 */
export interface OperatorRefusal {
  readonly status: number
  readonly code: RefusalCode
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly retryAfterSeconds?: number
  /** With 405: the methods there are. */
  readonly allow?: readonly string[]
}

/** Ends what is being done for a request with its refusal. */
export class RequestRefused extends Error {
  readonly refusal: OperatorRefusal

  constructor(refusal: OperatorRefusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

/** A request that is malformed in itself. */
export function invalidRequest(message: string): OperatorRefusal {
  return { status: 400, code: 'INVALID_REQUEST', message }
}

/** What is wrong with a record, all of it in `details.problems`; the code is that of its fields, if they agree. */
export function refusalOf(problems: readonly Problem[]): OperatorRefusal {
  const codes = new Set(problems.map((problem) => codeOfField(problem.path)))
  const [code = 'INVALID_RECORD'] = codes
  const told = problems.map((problem) => ({
    path: problem.path,
    code: problem.code,
    message: describeProblem(problem),
  }))
  const more = told.length > 1 ? ` (and ${told.length - 1} more, in details)` : ''
  return {
    status: 400,
    code: codes.size === 1 ? code : 'INVALID_RECORD',
    message: `${told[0]?.message ?? 'The record is not valid.'}${more}`,
    details: { problems: told },
  }
}

/** What cannot be done, in the protocol's words; undefined for what no signed request asks for: our own mistake. */
export function refusalFor(error: DnsError): OperatorRefusal | undefined {
  if (!isDeclared(error.code)) return undefined
  const { status, code, retryAfterSeconds } = ROWS[error.code]
  const problems = error.problems.map((problem) => ({
    path: problem.path,
    code: problem.code,
    message: describeProblem(problem),
  }))
  const details = problems.length > 0 ? { ...error.details, problems } : error.details
  const refusal = { status, code, message: error.message, details }
  if (retryAfterSeconds === undefined) return refusal
  return {
    ...refusal,
    retryAfterSeconds: Math.max(1, Math.ceil(error.retryAfterSeconds ?? retryAfterSeconds)),
  }
}

/** Our own mistake: a stranger learns nothing from it; the log has the rest under the request's id. */
export const OUR_MISTAKE: OperatorRefusal = { status: 500, code: 'SERVER_ERROR', message: 'Internal error' }

/** `retryAfterSeconds`: where the error itself does not know better. */
type Row =
  | { readonly status: 400; readonly code: RefusalCode; readonly retryAfterSeconds?: never }
  | { readonly status: 429 | 503; readonly code: RefusalCode; readonly retryAfterSeconds: number }

const ROWS: Readonly<Record<DeclaredErrorCode, Row>> = {
  'zone-not-found': { status: 400, code: 'INVALID_DOMAIN' },
  'zone-read-only': { status: 400, code: 'INVALID_DOMAIN' },
  conflict: { status: 400, code: 'INVALID_RECORD' },
  'not-ours': { status: 400, code: 'INVALID_RECORD' },
  'name-taken': { status: 400, code: 'INVALID_RECORD' },
  'name-not-allowed': { status: 400, code: 'INVALID_DOMAIN' },
  'type-not-allowed': { status: 400, code: 'INVALID_RECORD' },
  refused: { status: 400, code: 'INVALID_RECORD' },
  'quota-exceeded': { status: 400, code: 'QUOTA_EXCEEDED' },
  'rate-limited': { status: 429, code: 'RATE_LIMITED', retryAfterSeconds: 30 },
  'zone-unavailable': { status: 503, code: 'SERVER_ERROR', retryAfterSeconds: 30 },
  'cloudflare-unavailable': { status: 503, code: 'SERVER_ERROR', retryAfterSeconds: 10 },
  'stale-view': { status: 503, code: 'SERVER_ERROR', retryAfterSeconds: 10 },
  'credential-refused': { status: 503, code: 'SERVER_ERROR', retryAfterSeconds: 60 },
  deadline: { status: 503, code: 'SERVER_ERROR', retryAfterSeconds: 5 },
  'outcome-unknown': { status: 503, code: 'SERVER_ERROR', retryAfterSeconds: 10 },
  'store-unavailable': { status: 503, code: 'SERVER_ERROR', retryAfterSeconds: 5 },
  'shutting-down': { status: 503, code: 'SERVER_ERROR', retryAfterSeconds: 2 },
}

function isDeclared(code: string): code is DeclaredErrorCode {
  return Object.hasOwn(ROWS, code)
}

function codeOfField(path: string): 'INVALID_DOMAIN' | 'INVALID_VALUE' | 'INVALID_RECORD' {
  if (path === 'domain' || path === 'subdomain' || path === 'name') return 'INVALID_DOMAIN'
  return path.startsWith('values[') ? 'INVALID_VALUE' : 'INVALID_RECORD'
}
