import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Customer, Customers } from '#connections/customers.ts'
import type { Clock } from '#platform/ports.ts'
import type { Features, SessionAnswer } from './api.ts'
import { whenceOf } from './audit-routes.ts'
import { loginBody, noBody, readBody } from './bodies.ts'
import { type DashboardRefusal, NOT_FOUND, RefusedRequest } from './on-error.ts'
import { ARRIVAL, START } from './pages.ts'
import { csrfTokenFor, renewSession } from './session-customer.ts'
import { customerToWire } from './wire.ts'

export interface SessionParts {
  readonly customers: Customers
  readonly features: Features
  readonly cookieNames: { readonly session: string }
  readonly clock: Pick<Clock, 'now'>
}

/** Signing in and out, and what a page has to know before anything else. */
export function sessionRoutes(
  app: FastifyInstance,
  { customers, features, cookieNames, clock }: SessionParts,
): void {
  app.get('/dashboard/api/session', { config: { isOpen: true } }, async (request, reply) =>
    sessionAnswer(request, reply, await arrivalOf(request)),
  )

  app.post('/dashboard/api/login', { config: { isOpen: true } }, async (request, reply) => {
    const { email, password } = readBody(loginBody, request.body)
    const customer = await customers.signIn({ email, password, ...whenceOf(request) })
    await renewSession(request, customer)
    request.auditEvent = { event: 'signed-in' }
    return sessionAnswer(request, reply)
  })

  /** Where the host platform sends its customers; the token in the address is good once, and gone from it at once. */
  app.get('/dashboard/sso', { config: { isOpen: true } }, async (request, reply) => {
    if (!features.sso) throw new RefusedRequest(NOT_FOUND)
    const { token } = request.query as { token?: unknown }
    const customer = await customers.signInFromHost(typeof token === 'string' ? token : '')
    const isSomebodyElse = request.customer !== null && request.customer.id !== customer.id
    if (isSomebodyElse) {
      // Anybody can have a browser follow a link with a token of their own, and be connected to somebody's Cloudflare.
      request.session.arrival = { customerId: customer.id, at: clock.now() }
      return reply.redirect(ARRIVAL, 303)
    }
    await renewSession(request, customer)
    request.auditEvent = { event: 'signed-in-from-host' }
    return reply.redirect(START, 303)
  })

  /** Whoever is signed in says that the browser is to be the other's from now on. */
  app.post('/dashboard/api/arrival', async (request, reply) => {
    readBody(noBody, request.body)
    const customer = await arrivalOf(request)
    if (customer === undefined) throw new RefusedRequest(ARRIVAL_OVER)
    await renewSession(request, customer)
    request.auditEvent = { event: 'signed-in-from-host' }
    return sessionAnswer(request, reply)
  })

  app.post('/dashboard/api/logout', async (request, reply) => {
    readBody(noBody, request.body)
    await request.session.destroy()
    return reply.clearCookie(cookieNames.session, { path: '/' }).code(204).send()
  })

  async function arrivalOf({ session }: FastifyRequest): Promise<Customer | undefined> {
    const { arrival } = session
    const isFresh = arrival !== undefined && clock.now() - arrival.at <= ARRIVAL_LASTS_MS
    return isFresh ? customers.find(arrival.customerId) : undefined
  }

  function sessionAnswer(request: FastifyRequest, reply: FastifyReply, arrival?: Customer): SessionAnswer {
    const flash = request.session?.flash ?? []
    if (request.session !== null && flash.length > 0) request.session.flash = []
    return {
      customer: request.customer === null ? null : customerToWire(request.customer),
      csrfToken: csrfTokenFor(request, reply),
      flash,
      // Who signs out has no cookie left.
      ...(request.customer === null &&
        request.cookies[cookieNames.session] !== undefined && { hasEnded: true }),
      ...(arrival !== undefined && { arrival: { email: arrival.email, domain: arrival.domain } }),
      features,
    }
  }
}

/** As long as a token of the host platform may be good. */
const ARRIVAL_LASTS_MS = 300_000

const ARRIVAL_OVER: DashboardRefusal = {
  status: 409,
  code: 'CONFLICT',
  message: 'This took too long. Go back to where you came from, and open your domains from there again.',
}
