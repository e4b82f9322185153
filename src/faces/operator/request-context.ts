import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SetKey } from '#dns/record-set.ts'
import type { OperatorCaller } from './callers.ts'
import type { OperatorRefusal } from './on-error.ts'
import type { Target } from './target.ts'
import { refusalReply } from './wire.ts'

/** What we learn of a request on its way, for its answer and its line in the log. */
export interface RequestContext {
  /** The request's own id, or ours for it. */
  readonly id: string
  /** Whose address it came to; undefined: nobody's. */
  readonly caller: OperatorCaller | undefined
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
    requestContext: RequestContext
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
  request.requestContext.outcome = outcome
  return reply.code(status).headers(JSON_HEADERS).send(body)
}

/** Sends a refusal, with the headers that belong to its status. */
export function refuse(request: FastifyRequest, reply: FastifyReply, refusal: OperatorRefusal): FastifyReply {
  request.requestContext.outcome = refusal.code
  return reply.code(refusal.status).headers(refusalHeaders(refusal)).send(refusalReply(refusal))
}

/** What the header of a refusal says, whoever writes it. */
export function refusalHeaders({
  retryAfterSeconds,
  allow,
}: OperatorRefusal): Record<string, string | number> {
  return {
    ...JSON_HEADERS,
    ...(retryAfterSeconds !== undefined && { 'retry-after': retryAfterSeconds }),
    ...(allow !== undefined && { allow: allow.join(', ') }),
  }
}

const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' } as const
