import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { whenOver } from '#faces/http/connections.ts'
import { rateLimitedLog } from '#faces/http/rate-limited-log.ts'
import type { Log, Random } from '#platform/ports.ts'
import { type SigningParts, stampRefusal } from './authentication.ts'
import { addressIn, type Callers } from './callers.ts'
import { limitFault, OVERLOADED, PAYLOAD_TOO_LARGE } from './limits.ts'
import type { OperatorRefusal } from './on-error.ts'
import { type RequestContext, refusalHeaders } from './request-context.ts'
import { readTarget } from './target.ts'
import { refusalReply } from './wire.ts'

export interface AdmissionParts extends SigningParts {
  readonly callers: Callers
  readonly random: Random
  readonly log: Log
  readonly meter: {
    httpRequest(face: 'operator', route: string, status: number, seconds: number): void
    callerRequest(caller: string, status: number): void
  }
  /** Requests being answered at once; more are told to come again. */
  readonly mostInFlight: number
  /** Somebody was answered on this connection who is not known to be a caller. */
  readonly strangerAnswered: (socket: Socket) => void
}

export interface Admission {
  /** The listener that lets through to `routes` what may have been sent by a caller, and answers the rest itself. */
  before(routes: RequestListener): RequestListener
  /** What is known of a request. */
  requestContextOf(raw: IncomingMessage): RequestContext
  /** Counts a request that never became one. */
  unreadable(refusal: OperatorRefusal): void
  /** From now on connections end with their answer; `closeIdle` closes those that wait for nothing. */
  drain(closeIdle: () => void): void
}

/**
 * What a stranger meets: the request's line and headers are looked at, and refused here where they are enough for that,
 * before anything is routed, built or waited for. Refusing has to be cheap, because everybody can ask for it.
 */
export function createAdmission(parts: AdmissionParts): Admission {
  const { callers, clock, log, meter, random, mostInFlight, strangerAnswered } = parts
  const requestContexts = new WeakMap<IncomingMessage, RequestContext>()
  const sayRefused = rateLimitedLog(log, clock, REFUSALS_LOGGED)
  let inFlight = 0
  let closeIdle: (() => void) | undefined

  function admit(routes: RequestListener, raw: IncomingMessage, response: ServerResponse): void {
    const requestContext = requestContextOf(raw)
    const { target } = requestContext
    inFlight += 1
    whenOver(raw, response, () => {
      inFlight -= 1
      record(raw, requestContext, response)
      // Those that were under way did not yet know that their connection would end.
      closeIdle?.()
    })

    const fault =
      inFlight > mostInFlight
        ? OVERLOADED
        : (limitFault(raw, target) ??
          (typeof target === 'string' ? undefined : stampRefusal(raw, requestContext, parts)))
    if (fault === undefined) routes(raw, response)
    else refuse(raw, requestContext, response, fault)
  }

  /** Begins it, where it has not begun: `inject` comes without a server, and by no door. */
  function requestContextOf(raw: IncomingMessage): RequestContext {
    const known = requestContexts.get(raw)
    if (known !== undefined) return known
    const { id, mount } = addressIn(raw.url ?? '')
    const target = readTarget(raw.url ?? '', mount)
    const requestContext: RequestContext = {
      id: requestIdOf(raw, random),
      caller: callers.get(id),
      target,
      arrivedAt: clock.now(),
      path: typeof target === 'string' ? pathOnly(raw.url ?? '') : target.raw,
      verified: false,
      outcome: 'aborted',
    }
    requestContexts.set(raw, requestContext)
    return requestContext
  }

  function refuse(
    raw: IncomingMessage,
    requestContext: RequestContext,
    response: ServerResponse,
    refusal: OperatorRefusal,
  ): void {
    requestContext.outcome = refusal.code
    const body = refusalReply(refusal)
    const isLast = closeIdle !== undefined || refusal === PAYLOAD_TOO_LARGE || endsUnread(raw)
    response.writeHead(refusal.status, {
      ...refusalHeaders(refusal),
      'x-request-id': requestContext.id,
      'content-length': Buffer.byteLength(body),
      ...(isLast && { connection: 'close' }),
    })
    response.end(body)
  }

  /** One line and one measurement a request; the hundred a second that change nothing are told apart only on demand. */
  function record(
    { method, socket }: IncomingMessage,
    requestContext: RequestContext,
    response: ServerResponse,
  ): void {
    const route = typeof requestContext.target === 'string' ? 'none' : requestContext.target.route
    const status = response.writableFinished ? response.statusCode : ABORTED
    const ms = clock.now() - requestContext.arrivedAt
    meter.httpRequest('operator', route, status, ms / 1000)
    const isCallers =
      requestContext.caller !== undefined &&
      (requestContext.verified || requestContext.caller.keys === undefined)
    if (isCallers) meter.callerRequest(requestContext.caller.caller.id, status)
    else strangerAnswered(socket)
    const facts = {
      method,
      route,
      path: requestContext.path,
      ...(requestContext.key && { name: requestContext.key.name, type: requestContext.key.type }),
      status,
      ms,
      caller: requestContext.caller?.caller.id ?? 'nobody',
      requestId: requestContext.id,
      outcome: requestContext.outcome,
    }
    if (requestContext.outcome === 'unchanged' || requestContext.outcome === 'healthy')
      log.debug(facts, 'request')
    else if (isCallers) log.info(facts, 'request')
    else sayRefused(facts, 'request')
  }

  return {
    before: (routes) => (raw, response) => admit(routes, raw, response),
    requestContextOf,
    unreadable(refusal) {
      meter.httpRequest('operator', 'none', refusal.status, 0)
      sayRefused({ status: refusal.status, outcome: refusal.code }, 'unreadable request')
    },
    drain(close) {
      closeIdle = close
    },
  }
}

/** A second: enough to see who it is, and no more than a disk or a reader can take. */
const REFUSALS_LOGGED = 10

/** Nobody will read what follows: a body without an end that is known, or what would be spoken after an upgrade. */
function endsUnread({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || headers.upgrade !== undefined
}

/** In the log, where nobody was left to hear the answer. */
const ABORTED = 499

const SAFE_ID = /^[A-Za-z0-9._~-]{1,128}$/

function requestIdOf(raw: IncomingMessage, random: Random): string {
  const given = raw.headers['x-request-id']
  return typeof given === 'string' && SAFE_ID.test(given) ? given : random.hex(16)
}

/** Without what may be a secret, and not longer than a line should be. */
function pathOnly(url: string): string {
  return url.split(/[?#]/, 1)[0]?.slice(0, 200) ?? ''
}
