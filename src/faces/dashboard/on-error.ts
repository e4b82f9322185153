import { CustomerError, type CustomerErrorCode } from '#accounts/errors.ts'
import { describeProblem, type Problem } from '#dns/problems.ts'
import type { ZoneRecord } from '#dns/record.ts'
import type { StoredPlan } from '#engine/edits/edits.ts'
import { DnsError, type EditErrorCode } from '#engine/errors.ts'
import type { ErrorAnswer, ErrorCode, FieldProblem } from './api.ts'
import { planToWire, recordToWire } from './wire.ts'

/** Why a request is not answered as its customer wished. */
export interface DashboardRefusal {
  readonly status: number
  readonly code: ErrorCode
  readonly message: string
  readonly field?: string
  readonly details?: Readonly<Record<string, unknown>>
  /** With 429 and 503, and where waiting may help otherwise. */
  readonly retryAfterSeconds?: number
}

/** Ends the handling of a request with a refusal. */
export class RefusedRequest extends Error {
  override readonly name = 'RefusedRequest'
  readonly refusal: DashboardRefusal

  constructor(refusal: DashboardRefusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

/** The body of everything that is refused. */
export function errorAnswer({ code, message, field, details }: DashboardRefusal): ErrorAnswer {
  return {
    error: {
      code,
      message,
      ...(field !== undefined && { field }),
      ...(details !== undefined && { details }),
    },
  }
}

/** What an error of our rooms means to a customer, whose store is called `domain`; undefined: it is our own mistake. */
export function refusalFor(error: unknown, domain: string | undefined): DashboardRefusal | undefined {
  if (error instanceof RefusedRequest) return error.refusal
  if (error instanceof CustomerError) {
    const row = CUSTOMER_ROWS[error.code]
    return asRefusal(row, error, domain)
  }
  if (error instanceof DnsError && isOfEdits(error.code)) {
    const refusal = asRefusal(
      DNS_ROWS[error.code],
      { message: error.message, retryAfterSeconds: error.retryAfterSeconds, details: detailsToWire(error) },
      domain,
    )
    return error.problems.length === 0 ? refusal : { ...refusal, ...toldProblems(error.problems) }
  }
  // By name, for the rooms on this side do not know the store.
  if (error instanceof Error && error.name === 'StoreError') return asRefusal(STORE_ROW, {}, domain)
  return undefined
}

/** What is wrong with what a customer wrote, all of it; the first is the answer's sentence and field. */
export function invalidInput(problems: readonly Problem[]): DashboardRefusal {
  return { status: 422, code: 'INVALID_INPUT', ...toldProblems(problems) }
}

export const UNAUTHENTICATED: DashboardRefusal = {
  status: 401,
  code: 'UNAUTHENTICATED',
  message: 'You are signed out. Sign in to go on.',
}

export const CSRF: DashboardRefusal = {
  status: 403,
  code: 'CSRF',
  message: 'This page is out of date. Reload it and try again.',
}

export const NOT_FROM_HERE: DashboardRefusal = {
  status: 403,
  code: 'CSRF',
  message: 'This request did not come from the dashboard itself. Open the dashboard and try again.',
}

/** The same for what does not exist and for what is somebody else's. */
export const NOT_FOUND: DashboardRefusal = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'There is nothing here.',
}

export const NOT_CONNECTED: DashboardRefusal = {
  status: 409,
  code: 'NOT_CONNECTED',
  message: 'Connect Cloudflare first.',
}

export const RECONNECT_REQUIRED: DashboardRefusal = {
  status: 409,
  code: 'RECONNECT_REQUIRED',
  message: 'Cloudflare no longer accepts our access to your account. Reconnect Cloudflare to make changes.',
}

export const REVIEW_PENDING: DashboardRefusal = {
  status: 409,
  code: 'CONFLICT',
  message: 'Review the DNS changes and confirm them first; records can be changed after that.',
}

/** Our own mistake: a stranger learns nothing from it; the log has the rest under the request's id. */
export const OUR_MISTAKE: DashboardRefusal = {
  status: 500,
  code: 'SERVER_ERROR',
  message:
    'Something went wrong on our side. If you were saving a change, check the list before trying again.',
}

/** The design's sentence. */
export function zoneNotFound(domain: string | undefined): DashboardRefusal {
  return {
    status: 409,
    code: 'ZONE_NOT_FOUND',
    message: `Domain not found. Make sure ${domain ?? 'your domain'} is added to your Cloudflare account.`,
  }
}

/** `words`: in place of the error's own, where those speak to others. */
interface Row {
  readonly status: number
  readonly code: ErrorCode
  readonly field?: string
  /** Where the error itself does not know better. */
  readonly retryAfterSeconds?: number
  readonly words?: string | ((seconds: number, domain: string | undefined) => string)
}

const CLOUDFLARE_SILENT: Row = {
  status: 503,
  code: 'CLOUDFLARE_UNAVAILABLE',
  retryAfterSeconds: 10,
  words: (seconds) => `Cloudflare does not answer at the moment. Please try again in ${inSeconds(seconds)}.`,
}

const STORE_ROW: Row = {
  status: 503,
  code: 'SERVER_ERROR',
  retryAfterSeconds: 5,
  words: "Our database isn't responding. Nothing was changed. Try again in a few seconds.",
}

const CUSTOMER_ROWS: Readonly<Record<CustomerErrorCode, Row>> = {
  'wrong-credentials': { status: 401, code: 'UNAUTHENTICATED' },
  'rate-limited': { status: 429, code: 'RATE_LIMITED', retryAfterSeconds: 60 },
  'oauth-denied': { status: 409, code: 'CONFLICT' },
  'oauth-state': { status: 409, code: 'CONFLICT' },
  'oauth-failed': { status: 409, code: 'CONFLICT' },
  'permission-missing': { status: 422, code: 'INVALID_INPUT', field: 'token' },
  'token-invalid': { status: 422, code: 'INVALID_INPUT', field: 'token' },
  'host-token-invalid': { status: 401, code: 'UNAUTHENTICATED' },
  'email-taken': { status: 409, code: 'CONFLICT' },
  'reconnect-required': { status: 409, code: 'RECONNECT_REQUIRED', words: RECONNECT_REQUIRED.message },
  'not-connected': { status: 409, code: 'NOT_CONNECTED', words: NOT_CONNECTED.message },
  'cloudflare-unavailable': CLOUDFLARE_SILENT,
}

const DNS_ROWS: Readonly<Record<EditErrorCode, Row>> = {
  'zone-not-found': {
    status: 409,
    code: 'ZONE_NOT_FOUND',
    words: (_, domain) => zoneNotFound(domain).message,
  },
  'zone-unavailable': { status: 409, code: 'ZONE_BLOCKED' },
  'zone-read-only': { status: 409, code: 'ZONE_BLOCKED' },
  conflict: { status: 409, code: 'CONFLICT' },
  refused: { status: 422, code: 'CLOUDFLARE_REFUSED' },
  'quota-exceeded': { status: 422, code: 'CLOUDFLARE_REFUSED' },
  'rate-limited': {
    status: 429,
    code: 'RATE_LIMITED',
    retryAfterSeconds: 30,
    words: (seconds) =>
      `Cloudflare asks us to slow down. Please wait ${inSeconds(seconds)} and try again; nothing was changed.`,
  },
  'cloudflare-unavailable': CLOUDFLARE_SILENT,
  'stale-view': { status: 503, code: 'CLOUDFLARE_UNAVAILABLE', retryAfterSeconds: 10 },
  'credential-refused': { status: 409, code: 'RECONNECT_REQUIRED' },
  deadline: { ...CLOUDFLARE_SILENT, retryAfterSeconds: 5 },
  'store-unavailable': STORE_ROW,
  'record-missing': { status: 404, code: 'NOT_FOUND', words: NOT_FOUND.message },
  locked: { status: 409, code: 'CONFLICT' },
  'out-of-date': { status: 409, code: 'CONFLICT' },
  'plan-out-of-date': { status: 409, code: 'PLAN_OUT_OF_DATE' },
  'zone-blocked': { status: 409, code: 'ZONE_BLOCKED' },
  invalid: { status: 422, code: 'INVALID_INPUT' },
  'being-checked': { status: 409, code: 'CONFLICT', retryAfterSeconds: 10 },
  'zone-busy': {
    status: 503,
    code: 'SERVER_ERROR',
    retryAfterSeconds: 5,
    words: 'This zone is being changed by somebody else just now. Please try again in a few seconds.',
  },
}

function isOfEdits(code: string): code is EditErrorCode {
  return Object.hasOwn(DNS_ROWS, code)
}

interface Told {
  readonly message?: string
  readonly retryAfterSeconds?: number | undefined
  readonly details?: Readonly<Record<string, unknown>>
}

function asRefusal(row: Row, error: Told, domain: string | undefined): DashboardRefusal {
  const { status, code, field, words } = row
  // Waiting helps only where the row says so.
  const known = row.retryAfterSeconds && (error.retryAfterSeconds ?? row.retryAfterSeconds)
  const retryAfterSeconds = known === undefined ? undefined : Math.max(1, Math.ceil(known))
  const said = typeof words === 'function' ? words(retryAfterSeconds ?? 0, domain) : words
  const details = error.details ?? {}
  return {
    status,
    code,
    message: said ?? error.message ?? OUR_MISTAKE.message,
    ...(field !== undefined && { field }),
    ...(Object.keys(details).length > 0 && { details }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  }
}

/** What the zones room adds to an error, as the pages read it. */
function detailsToWire({ code, details }: DnsError): Readonly<Record<string, unknown>> {
  const { current, plan } = details
  if (code === 'plan-out-of-date') return { plan: planToWire(plan as StoredPlan) }
  if (code === 'out-of-date') {
    return { current: current === null ? null : recordToWire({ record: current as ZoneRecord }) }
  }
  return details
}

function toldProblems(
  problems: readonly Problem[],
): Pick<DashboardRefusal, 'details'> & { message: string; field: string } {
  const told = problems.map(
    (problem): FieldProblem => ({
      field: problem.path,
      code: problem.code,
      message: describeProblem(problem),
    }),
  )
  const { message = 'This is not valid.', field = '' } = told[0] ?? {}
  return { message, field, details: { problems: told } }
}

function inSeconds(seconds: number): string {
  return seconds === 1 ? 'a second' : `${seconds} seconds`
}
