import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type FastifyError, type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import type { Random } from '#src/world.ts'
import { DnsError } from '#zones/errors.ts'
import { BODY_LIMIT, createBoundedServer, type TlsFiles } from './http-server.ts'
import { limitFault, OVERLOADED, PAYLOAD_TOO_LARGE } from './limits.ts'
import { invalidRequest, OUR_MISTAKE, type Refusal, refusalFor } from './on-error.ts'
import { operatorRoutes, type RouteParts } from './routes.ts'
import { readTarget } from './target.ts'
import { refuse, type Visit } from './visit.ts'

export interface OperatorOptions extends Omit<RouteParts, 'signatureFailed'> {
  /** What the caller's server address has before `/records`: '' or a path such as `/c/shop`. It is not signed. */
  readonly mount: string
  readonly tls?: TlsFiles
  readonly random: Random
  readonly meter: OperatorMeter
  /** Requests being answered at once; more are told to come again. */
  readonly mostInFlight?: number
}

/** What the face counts. */
export interface OperatorMeter {
  httpRequest(face: 'operator', route: string, status: number, seconds: number): void
  signatureFailed(code: string): void
}

/**
 * The DNS Operator's webhook over `zones`: an HTTP server that is not listening yet. `close()` stops accepting,
 * answers what is under way, and resolves.
 */
export function createOperator(options: OperatorOptions): FastifyInstance {
  const { mount, caller, clock, log, meter, random, mostInFlight = 2_048 } = options
  let inFlight = 0
  let draining = false

  const app = fastify({
    serverFactory: (listener) =>
      createBoundedServer(listener, options.tls, (refusal) => {
        meter.httpRequest('operator', 'none', refusal.status, 0)
        log.info({ status: refusal.status, outcome: refusal.code }, 'unreadable request')
      }),
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    // While closing, requests on open connections are answered as usual, and told that the connection ends.
    return503OnClosing: false,
    genReqId: (raw) => requestIdOf(raw, random),
    // The router sees the route's name only; how a target is read is ours to decide (target.ts).
    rewriteUrl: (raw) => {
      const target = readTarget(raw.url ?? '', mount)
      targets.set(raw, target)
      return typeof target === 'string' ? '/none' : `/${target.route}`
    },
  })
  const targets = new WeakMap<IncomingMessage, Visit['target']>()

  app.decorateRequest('visit')
  app.removeAllContentTypeParsers()
  // Bytes: the signature is over them. Which types there are, limits.ts says.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  app.addHook('onRequest', (request, reply, done) => {
    inFlight += 1
    const target = targets.get(request.raw) ?? 'malformed'
    const path = typeof target === 'string' ? pathOnly(request.originalUrl) : target.raw
    request.visit = { target, arrivedAt: clock.now(), path, verified: false, outcome: 'aborted' }
    whenOver(request.raw.socket, reply.raw, () => {
      inFlight -= 1
      record(request, reply.raw)
      // Those that were under way did not yet know that their connection would end.
      if (draining) app.server.closeIdleConnections()
    })
    reply.header('x-request-id', request.id)

    const fault = inFlight > mostInFlight ? OVERLOADED : limitFault(request.raw, target)
    // Nobody will read what follows: a body of that size, or what would be spoken after an upgrade.
    if (fault === PAYLOAD_TOO_LARGE || request.raw.headers.upgrade !== undefined) {
      reply.header('connection', 'close')
    }
    if (fault === undefined) return done()
    refuse(request, reply, fault)
  })

  operatorRoutes(app, { ...options, signatureFailed: meter.signatureFailed })

  app.setErrorHandler((error: FastifyError | DnsError, request, reply) => {
    return refuse(request, reply, refusalOfError(error, request))
  })

  app.addHook('preClose', (done) => {
    draining = true
    done()
  })

  function refusalOfError(error: FastifyError | DnsError, request: FastifyRequest): Refusal {
    if (error instanceof DnsError) {
      if (error.cause !== undefined) {
        log.warn({ requestId: request.id, code: error.code, err: error }, 'could not do what was asked')
      }
      return refusalFor(error)
    }
    if (error.statusCode === 413) return PAYLOAD_TOO_LARGE
    if (error.statusCode !== undefined && error.statusCode < 500)
      return invalidRequest('The body could not be read')
    log.error({ requestId: request.id, err: error }, 'our own mistake')
    return OUR_MISTAKE
  }

  /** One line and one measurement a request; the hundred a second that change nothing are told apart only on demand. */
  function record({ visit, method, id }: FastifyRequest, response: ServerResponse): void {
    const route = typeof visit.target === 'string' ? 'none' : visit.target.route
    const status = response.writableFinished ? response.statusCode : ABORTED
    const ms = clock.now() - visit.arrivedAt
    meter.httpRequest('operator', route, status, ms / 1000)
    const level = visit.outcome === 'unchanged' || visit.outcome === 'healthy' ? 'debug' : 'info'
    const facts = {
      method,
      route,
      path: visit.path,
      ...(visit.key && { name: visit.key.name, type: visit.key.type }),
      status,
      ms,
      caller: caller.id,
      requestId: id,
      outcome: visit.outcome,
    }
    log[level](facts, 'request')
  }

  return app
}

const unanswered = new WeakMap<Socket, Set<() => void>>()

/** Once: when the answer is over, or the connection is; an answer that waits behind others has no socket to close with. */
function whenOver(socket: Socket, response: ServerResponse, done: () => void): void {
  const waiting = unanswered.get(socket) ?? new Set()
  if (!unanswered.has(socket)) {
    unanswered.set(socket, waiting)
    socket.once('close', () => {
      for (const end of waiting) end()
    })
  }
  const end = () => {
    if (waiting.delete(end)) done()
  }
  waiting.add(end)
  response.once('close', end)
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
