import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Customer, Customers } from '#connections/customers.ts'
import type { Asked } from '#engine/zones.ts'
import { RefusedRequest, UNAUTHENTICATED } from './on-error.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in; null: nobody, or nobody has looked yet. */
    customer: Customer | null
    /** Milliseconds since 1970. */
    arrivedAt: number
  }
}

/** Finds out who is signed in. The session of a customer who is gone ends here. */
export async function recogniseCustomer(request: FastifyRequest, customers: Customers): Promise<void> {
  const { customerId } = request.session
  if (customerId === undefined) return
  request.customer = (await customers.find(customerId)) ?? null
  if (request.customer === null) await request.session.regenerate()
}

/** Who asks. Throws `RefusedRequest` if nobody is signed in. */
export function customerOf({ customer }: FastifyRequest): Customer {
  if (customer === null) throw new RefusedRequest(UNAUTHENTICATED)
  return customer
}

/** A new session with a new id for this customer, so that an id that somebody else may know is worth nothing. */
export async function renewSession(request: FastifyRequest, customer: Customer): Promise<void> {
  await request.session.regenerate()
  request.session.customerId = customer.id
  // Before the answer: nobody may be told of a session that is not kept.
  await request.session.save()
  request.customer = customer
}

/**
 * The same session under a new id: it began when it began. Throws `RefusedRequest` if it has ended meanwhile, for what
 * takes as long as Cloudflare does must not outlive a sign-out or a new password.
 */
export async function continueSession(request: FastifyRequest, customer: Customer): Promise<void> {
  const { sessionId, begunAt } = request.session
  const isAlive = await new Promise<boolean>((resolve, reject) => {
    request.sessionStore.get(sessionId, (error, session) => {
      if (error) reject(error)
      else resolve(session?.customerId === customer.id)
    })
  })
  if (!isAlive) throw new RefusedRequest(UNAUTHENTICATED)
  await request.session.regenerate()
  request.session.begunAt = begunAt
  request.session.customerId = customer.id
  await request.session.save()
}

/** The token that belongs to the session, or to nobody's, for the header `X-CSRF-Token`. */
export function csrfTokenFor(request: FastifyRequest, reply: FastifyReply): string {
  return reply.generateCsrf({ userInfo: csrfHolder(request) })
}

/** What a token is bound to. */
export function csrfHolder({ session }: FastifyRequest): string {
  return session?.customerId === undefined ? 'nobody' : session.sessionId
}

/** A page waits as long as that for an answer. */
export function askedBy(request: FastifyRequest): Asked {
  return { requestId: request.id, deadline: request.arrivedAt + ANSWER_WITHIN_MS }
}

const ANSWER_WITHIN_MS = 25_000
