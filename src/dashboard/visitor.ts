import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Customer, Customers } from '#customers/customers.ts'
import type { Asked } from '#zones/zones.ts'
import type { Flash } from './api.ts'
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
export async function recogniseVisitor(request: FastifyRequest, customers: Customers): Promise<void> {
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
export async function renewSession(
  request: FastifyRequest,
  customer: Customer,
  flash: readonly Flash[] = [],
): Promise<void> {
  await request.session.regenerate()
  request.session.customerId = customer.id
  request.session.flash = flash
  // Before the answer: nobody may be told of a session that is not kept.
  await request.session.save()
  request.customer = customer
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
