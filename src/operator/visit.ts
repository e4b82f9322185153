import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SetKey } from '#dns/record-set.ts'
import type { Refusal } from './on-error.ts'
import type { Target } from './target.ts'
import { refusalReply } from './wire.ts'

/** What we learn of a request on its way, for its answer and its line in the log. */
export interface Visit {
  readonly target: Target | 'malformed' | 'unknown'
  /** Milliseconds since 1970. */
  readonly arrivedAt: number
  /** The path that was meant, once the signature has told; until then as it came. */
  path: string
  /** The signature was there and is good. */
  verified: boolean
  /** The set that it is about, once that is known. */
  key?: SetKey
  /** One word for the log: what was done, or the code of the refusal. */
  outcome: string
}

declare module 'fastify' {
  interface FastifyRequest {
    visit: Visit
  }
}

/** Sends an answer that is JSON already. */
export function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  outcome: string,
  body: string,
  status = 200,
): FastifyReply {
  request.visit.outcome = outcome
  return reply
    .code(status)
    .header('content-type', 'application/json')
    .header('cache-control', 'no-store')
    .send(body)
}

/** Sends a refusal, with the headers that belong to its status. */
export function refuse(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  if (refusal.retryAfterSeconds !== undefined) reply.header('retry-after', refusal.retryAfterSeconds)
  if (refusal.allow !== undefined) reply.header('allow', refusal.allow.join(', '))
  return answer(request, reply, refusal.code, refusalReply(refusal), refusal.status)
}
