import type { IncomingMessage } from 'node:http'
import fastifyCookie from '@fastify/cookie'
import fastifyCsrf from '@fastify/csrf-protection'
import fastifyHelmet from '@fastify/helmet'
import fastifySession from '@fastify/session'
import { type FastifyError, type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import type { Customers } from '#connections/customers.ts'
import type { ZoneEdits } from '#engine/edits/edits.ts'
import { keyFor } from '#platform/keys.ts'
import type { Clock, Log, Random } from '#platform/ports.ts'
import type { Verification } from '#verification/verification.ts'
import type { Features } from './api.ts'
import { auditRoutes } from './audit-routes.ts'
import { type Brand, brandRoutes } from './brand.ts'
import { cloudflareRoutes } from './cloudflare-routes.ts'
import { boundRoutes } from './concurrency-limit.ts'
import { createConnectionStatuses } from './connection-status.ts'
import { securityHeaders } from './headers.ts'
import { healthRoutes } from './health-routes.ts'
import { historyRoutes } from './history-routes.ts'
import {
  CSRF,
  type DashboardRefusal,
  errorAnswer,
  NOT_FOUND,
  NOT_FROM_HERE,
  OUR_MISTAKE,
  RefusedRequest,
  refusalFor,
} from './on-error.ts'
import { builtPages, pageRoutes, sendMissingPage } from './pages.ts'
import { recordRoutes } from './record-routes.ts'
import { createPageServer, mustBeRead, pathOf, redirectBelow, type TlsFiles, withoutPath } from './server.ts'
import { csrfHolder, customerOf, recogniseCustomer } from './session-customer.ts'
import { sessionRoutes } from './session-routes.ts'
import { newSessionId, type SessionRows, sessionStore } from './sessions.ts'
import { reachRoutes, verificationRoutes } from './verification-routes.ts'
import { zoneFileRoutes } from './zone-file-routes.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Nobody has to be signed in. */
    isOpen?: boolean
  }
}

export interface DashboardOptions {
  readonly customers: Customers
  readonly edits: ZoneEdits
  readonly verification: Verification
  readonly sessions: SessionRows
  readonly features: Features
  /** Where browsers see us: scheme, host and port, and a path where we are below a site; without a slash at its end. */
  readonly publicUrl: string
  /** The current one, then those of before it, from which keys for cookies are made. */
  readonly secretKeys: readonly [string, ...string[]]
  /** Addresses and networks whose `X-Forwarded-*` are believed. */
  readonly trustedProxies: readonly string[]
  /** The value of CSP's `frame-ancestors`. */
  readonly frameAncestors: string
  readonly brand?: Brand
  /** The folder of the built pages. */
  readonly pages: string
  readonly tls?: TlsFiles
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly meter: DashboardMeter
}

/** What the face counts. */
export interface DashboardMeter {
  httpRequest(face: 'dashboard', route: string, status: number, seconds: number): void
}

/**
 * The customers' dashboard: pages, and the API that they use; an HTTP server that is not listening yet. `close()` stops
 * accepting, answers what is under way, and resolves.
 */
export function createDashboard(options: DashboardOptions): FastifyInstance {
  const { publicUrl, clock, log, meter, random, trustedProxies, frameAncestors, brand = {} } = options
  const isHttps = publicUrl.startsWith('https:')
  const path = pathOf(publicUrl)
  const pages = builtPages(options.pages, path, brand)
  if (pages === undefined) log.warn({ pages: options.pages }, 'the pages are not built: run `npm run build`')

  const app = fastify({
    serverFactory: (listener) => createPageServer(listener, options.tls),
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    rewriteUrl: ({ url = '/' }) => withoutPath(url, path),
    genReqId: (raw) => requestIdOf(raw, random),
    // Of these only an address that cannot be decoded is left: there is nothing there.
    frameworkErrors: (_error, _request, reply) => {
      reply.statusCode = NOT_FOUND.status
      void reply.send(errorAnswer(NOT_FOUND) as never)
    },
  })

  app.decorateRequest('customer', null)
  app.decorateRequest('arrivedAt', 0)
  app.decorateRequest('auditEvent', null)
  app.removeAllContentTypeParsers()
  // Refuses `__proto__` and `constructor.prototype`, wherever they are.
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else parseJson(request, body as string, done)
  })

  app.addHook('onRequest', (request, reply, done) => {
    request.arrivedAt = clock.now()
    reply.raw.once('close', () =>
      record(request, reply.raw.writableFinished ? reply.raw.statusCode : ABORTED),
    )
    reply.header('x-request-id', request.id)
    // As the browser has it. A proxy that we are not told to trust may have taken the TLS off.
    if (isHttps) Object.defineProperty(request, 'protocol', { value: 'https' })
    done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    mustBeRead(reply.raw)
    done(null, payload)
  })
  app.register(fastifyHelmet, securityHeaders({ frameAncestors, isHttps }))
  redirectBelow(app, path)
  brandRoutes(app, brand)
  app.register((inner) => pageRoutes(inner, pages))
  app.register((inner) => reachRoutes(inner, options.verification))
  app.register((inner) => privateRoutes(inner, options))

  app.setNotFoundHandler((request, reply) => {
    if (sendMissingPage(request, reply, pages)) return reply
    return reply.code(404).header('cache-control', 'no-store').send(errorAnswer(NOT_FOUND))
  })

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = refusalOf(error, request)
    if (refusal.retryAfterSeconds !== undefined) reply.header('retry-after', refusal.retryAfterSeconds)
    return reply.code(refusal.status).header('cache-control', 'no-store').send(errorAnswer(refusal))
  })

  function refusalOf(error: FastifyError, request: FastifyRequest): DashboardRefusal {
    const refusal = refusalFor(error, request.customer?.domain) ?? refusalOfFramework(error)
    if (refusal === undefined) log.error({ requestId: request.id, err: error }, 'unexpected error')
    else if (refusal.status >= 500 && error.cause !== undefined) {
      log.warn({ requestId: request.id, code: refusal.code, err: error }, 'request failed')
    }
    return refusal ?? OUR_MISTAKE
  }

  /** One line and one measurement a request. Queries and bodies hold what is not for the log. */
  function record(request: FastifyRequest, status: number): void {
    const ms = clock.now() - request.arrivedAt
    const route = request.is404 ? 'none' : patternOf(request)
    meter.httpRequest('dashboard', route, status, ms / 1000)
    const customer = request.customer?.id
    const facts = { face: 'dashboard', method: request.method, route, status, ms, requestId: request.id }
    log.info({ ...facts, ...(customer !== undefined && { customer }) }, 'request')
  }

  return app
}

/** Octets of a body, but for the review's. */
const BODY_LIMIT = 64 * 1024

/** In the log, where nobody was left to hear the answer. */
const ABORTED = 499

const SAFE_ID = /^[A-Za-z0-9._~-]{1,128}$/

/** Everything with a session behind it. */
async function privateRoutes(app: FastifyInstance, options: DashboardOptions): Promise<void> {
  const { customers, edits, features, publicUrl, clock, log } = options
  const isHttps = publicUrl.startsWith('https:')
  // The prefix has browsers refuse such a cookie from anybody else, subdomains included (RFC 6265bis §4.1.3.2).
  const prefix = isHttps ? '__Host-' : ''
  const cookieNames = { session: `${prefix}zonewright`, csrf: `${prefix}zonewright-csrf` }
  const cookie = { path: '/', httpOnly: true, secure: isHttps, sameSite: 'lax' } as const
  const cookieKeys = options.secretKeys.map((key) => keyFor('cookies', key))

  // Also for one that is taken back: without `Secure` browsers refuse to touch what has the prefix.
  await app.register(fastifyCookie, { secret: cookieKeys, parseOptions: cookie })
  await app.register(fastifySession, {
    secret: cookieKeys,
    cookieName: cookieNames.session,
    cookie,
    store: sessionStore(options.sessions, () => clock.now()),
    idGenerator: newSessionId,
    // Nobody's session is worth a row; and whoever is seen is noted by the store.
    saveUninitialized: false,
    rolling: false,
  })
  // Before a session this is a double-submit cookie; the token is bound to the session as soon as there is one.
  await app.register(fastifyCsrf, {
    cookieKey: cookieNames.csrf,
    cookieOpts: { ...cookie, signed: true },
    csrfOpts: { userInfo: true, hmacKey: keyFor('csrf', options.secretKeys[0]) },
    getToken: ({ headers }) => String(headers['x-csrf-token'] ?? ''),
    getUserInfo: csrfHolder,
  })

  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store')
    if (isMutation(request) && !isFromHere(request, publicUrl)) throw new RefusedRequest(NOT_FROM_HERE)
    await recogniseCustomer(request, customers)
    if (request.routeOptions.config.isOpen !== true) customerOf(request)
  })
  app.addHook('onRequest', (request, reply, done) => {
    if (isMutation(request)) app.csrfProtection(request, reply, done)
    else done()
  })

  boundRoutes(app)
  const connectionStatuses = createConnectionStatuses({ customers, edits })
  auditRoutes(app, { customers, cookieNames, log })
  sessionRoutes(app, { customers, features, cookieNames, clock })
  cloudflareRoutes(app, { customers, edits, connectionStatuses, features, publicUrl, log })
  recordRoutes(app, { customers, edits, connectionStatuses })
  verificationRoutes(app, { edits, connectionStatuses, verification: options.verification, clock })
  historyRoutes(app, { edits, connectionStatuses })
  healthRoutes(app, { edits, connectionStatuses })
  await app.register((inner) => zoneFileRoutes(inner, { customers, edits, connectionStatuses }))
}

function isMutation({ method }: FastifyRequest): boolean {
  return method !== 'GET'
}

/** Browsers say where a request comes from, and no page can make them lie (Fetch Metadata; else RFC 6454). */
function isFromHere({ headers }: FastifyRequest, publicUrl: string): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  return headers.origin === undefined || headers.origin === new URL(publicUrl).origin
}

function refusalOfFramework({ code, statusCode }: FastifyError): DashboardRefusal | undefined {
  if (code?.startsWith('FST_CSRF_')) return CSRF
  const refusal = { code: 'INVALID_INPUT', status: 422 } as const
  if (statusCode === 413) return { ...refusal, status: 413, message: 'The request is too large.' }
  if (statusCode === 415)
    return {
      ...refusal,
      status: 415,
      message: 'The body has to be application/json, and a zone file text/dns.',
    }
  if (statusCode !== undefined && statusCode < 500)
    return { ...refusal, message: 'The request could not be read.' }
  return undefined
}

/** The route's pattern; the built files together are one. */
function patternOf({ routeOptions }: FastifyRequest): string {
  const pattern = routeOptions.url ?? 'none'
  return pattern.startsWith('/dashboard/assets/') ? '/dashboard/assets' : pattern
}

function requestIdOf(raw: IncomingMessage, random: Random): string {
  const given = raw.headers['x-request-id']
  return typeof given === 'string' && SAFE_ID.test(given) ? given : random.hex(16)
}
