import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Customers } from '#customers/customers.ts'
import type { Features, SessionAnswer } from './api.ts'
import { loginBody, noBody, readBody } from './bodies.ts'
import { NOT_FOUND, RefusedRequest } from './on-error.ts'
import { START } from './pages.ts'
import { csrfTokenFor, renewSession } from './visitor.ts'
import { customerToWire } from './wire.ts'

export interface SessionParts {
  readonly customers: Customers
  readonly features: Features
  readonly cookieNames: { readonly session: string }
}

/** Signing in and out, and what a page has to know before anything else. */
export function sessionRoutes(
  app: FastifyInstance,
  { customers, features, cookieNames }: SessionParts,
): void {
  app.get('/dashboard/api/session', { config: { isOpen: true } }, (request, reply) =>
    sessionAnswer(request, reply),
  )

  app.post('/dashboard/api/login', { config: { isOpen: true } }, async (request, reply) => {
    const { email, password } = readBody(loginBody, request.body)
    const customer = await customers.signIn({ email, password, address: request.ip })
    await renewSession(request, customer)
    return sessionAnswer(request, reply)
  })

  /** Where the host platform sends its customers; the token in the address is good once, and gone from it at once. */
  app.get('/dashboard/sso', { config: { isOpen: true } }, async (request, reply) => {
    if (!features.sso) throw new RefusedRequest(NOT_FOUND)
    const { token } = request.query as { token?: unknown }
    const customer = await customers.signInFromHost(typeof token === 'string' ? token : '')
    await renewSession(request, customer)
    return reply.redirect(START, 303)
  })

  app.post('/dashboard/api/logout', async (request, reply) => {
    readBody(noBody, request.body)
    await request.session.destroy()
    return reply.clearCookie(cookieNames.session, { path: '/' }).code(204).send()
  })

  function sessionAnswer(request: FastifyRequest, reply: FastifyReply): SessionAnswer {
    const flash = request.session?.flash ?? []
    if (request.session !== null && flash.length > 0) request.session.flash = []
    return {
      customer: request.customer === null ? null : customerToWire(request.customer),
      csrfToken: csrfTokenFor(request, reply),
      flash,
      features,
    }
  }
}
