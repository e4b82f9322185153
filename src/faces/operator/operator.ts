import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type FastifyError, type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import { DnsError } from '#engine/errors.ts'
import { createConnectionThrottle } from '#faces/http/connection-throttle.ts'
import { boundConnections } from '#faces/http/connections.ts'
import type { Random } from '#platform/ports.ts'
import { createAdmission } from './admission.ts'
import { createBodyReader } from './bodies.ts'
import type { Callers } from './callers.ts'
import { BODY_LIMIT, createBoundedServer, type TlsFiles } from './http-server.ts'
import { invalidRequest, type OperatorRefusal, OUR_MISTAKE, RequestRefused, refusalFor } from './on-error.ts'
import { refuse } from './request-context.ts'
import { operatorRoutes, type RouteParts } from './routes.ts'

export interface OperatorOptions extends Omit<RouteParts, 'signatureFailed' | 'previousSecretUsed'> {
  readonly callers: Callers
  readonly tls?: TlsFiles
  readonly random: Random
  readonly meter: OperatorMeter
  /** Requests being answered at once; more are told to come again. */
  readonly mostInFlight?: number
  /** Above what may be in flight, so that whoever comes too much is told so instead of being cut off. */
  readonly mostConnections?: number
  /** Of strangers; more are not read until it is their turn. */
  readonly mostAnsweredPerSecond?: number
}

/** What the face counts. */
export interface OperatorMeter {
  httpRequest(face: 'operator', route: string, status: number, seconds: number): void
  /** Of requests that are known to be a caller's. */
  callerRequest(caller: string, status: number): void
  signatureFailed(code: string): void
  /** At a time in milliseconds. */
  previousSecretUsed(caller: string, at: number): void
}

/**
 * The DNS Operator's webhook over `zones`: an HTTP server that is not listening yet. `close()` stops accepting,
 * answers what is under way, and resolves.
 */
export function createOperator(options: OperatorOptions): FastifyInstance {
  const { clock, log, meter, mostInFlight = 2_048, mostConnections = 2 * mostInFlight } = options
  const { signatureFailed, previousSecretUsed } = meter
  const parts = { ...options, signatureFailed, previousSecretUsed }
  const connectionThrottle = createConnectionThrottle(clock, options.mostAnsweredPerSecond ?? 500)
  const strangerAnswered = (socket: Socket) => {
    if (connections.isStrange(socket)) connectionThrottle.answered(socket)
  }
  const admission = createAdmission({ ...parts, mostInFlight, strangerAnswered })
  const readBody = createBodyReader({ octets: BODIES_LIMIT, requests: mostInFlight / 2 })

  const app = fastify({
    serverFactory: (listener) =>
      createBoundedServer(admission.before(listener), options.tls, (refusal) =>
        admission.unreadable(refusal),
      ),
    // Fastify's own would cut the connection, and with it answers that are under way.
    clientErrorHandler: () => {},
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    // While closing, requests on open connections are answered as usual, and told that the connection ends.
    return503OnClosing: false,
    genReqId: (raw) => admission.requestContextOf(raw as IncomingMessage).id,
    // The router sees the route's name only; how a target is read is ours to decide (target.ts).
    rewriteUrl: (raw) => {
      const { target } = admission.requestContextOf(raw as IncomingMessage)
      return typeof target === 'string' ? '/none' : `/${target.route}`
    },
  })

  app.decorateRequest('requestContext')
  app.removeAllContentTypeParsers()
  // Bytes: the signature is over them. Which types there are, limits.ts says.
  app.addContentTypeParser('*', (_request: FastifyRequest, raw: IncomingMessage) => readBody(raw))

  app.addHook('onRequest', (request, reply, done) => {
    request.requestContext = admission.requestContextOf(request.raw)
    reply.header('x-request-id', request.id)
    if (request.raw.headers.upgrade !== undefined) reply.header('connection', 'close')
    done()
  })

  const connections = boundConnections(app.server, mostConnections)
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.requestContext.verified) connections.keep(request.raw.socket)
    done()
  })

  operatorRoutes(app, parts)

  app.setErrorHandler((error: FastifyError | DnsError | RequestRefused, request, reply) => {
    // What was refused before it was here is not waited for.
    if (!request.raw.complete) reply.header('connection', 'close')
    return refuse(request, reply, refusalOfError(error, request))
  })

  app.addHook('preClose', (done) => {
    admission.drain(() => app.server.closeIdleConnections())
    done()
  })

  function refusalOfError(
    error: FastifyError | DnsError | RequestRefused,
    request: FastifyRequest,
  ): OperatorRefusal {
    if (error instanceof RequestRefused) return error.refusal
    const refusal = error instanceof DnsError ? refusalFor(error) : undefined
    if (refusal !== undefined) {
      if (error.cause !== undefined) {
        log.warn({ requestId: request.id, code: error.code, err: error }, 'request failed')
      }
      return refusal
    }
    if ('statusCode' in error && error.statusCode !== undefined && error.statusCode < 500)
      return invalidRequest('The body could not be read')
    log.error({ requestId: request.id, err: error }, 'unexpected error')
    return OUR_MISTAKE
  }

  return app
}

/** Octets of bodies that are on their way and not yet known to be a caller's. */
const BODIES_LIMIT = 8 * 1024 * 1024
