import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { SetKey } from '#dns/record-set.ts'
import { DnsError } from '#engine/errors.ts'
import type { Asked, RemoveAnswer, Zones } from '#engine/zones.ts'
import type { Log } from '#platform/ports.ts'
import { authenticated, type SigningParts } from './authentication.ts'
import type { OperatorCaller } from './callers.ts'
import type { OperatorRefusal } from './on-error.ts'
import { openApi } from './openapi.ts'
import { answer, refuse } from './request-context.ts'
import { recordPathParts, type Target } from './target.ts'
import {
  healthReply,
  type NameAsSent,
  type Read,
  readKey,
  readUpsert,
  recordReply,
  removeReply,
  upsertReply,
} from './wire.ts'

export interface RouteParts extends SigningParts {
  readonly zones: Zones
  readonly log: Log
}

/**
 * The protocol's four requests, and their description. The paths here are names for routes; the one that came is in `request.requestContext`.
 *
 * The order of work is the point: limits, grammar and window (at the door), body, MAC, nonce, JSON, validation, zones.
 * Nothing before the MAC leaves anything behind, nobody who does not look like a caller has a body held for them, the
 * nonce of a real request can only be used up by that request, and nobody without the secret reaches the JSON parser.
 */
export function operatorRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { zones, clock, log } = parts

  app.addHook('preValidation', async (request, reply) => {
    const { requestContext } = request
    const known = await authenticated(request.raw, requestContext, bodyOf(request), parts)
    if ('refusal' in known) return refuse(request, reply, known.refusal)
    requestContext.path = known.path
    requestContext.verified = known.verified
    return undefined
  })

  app.get('/health', async (request, reply) => {
    const health = zones.health(callerOf(request).caller)
    const reason = request.requestContext.verified ? health.reason : undefined
    const outcome = health.healthy ? 'healthy' : 'unhealthy'
    return answer(
      request,
      reply,
      outcome,
      healthReply(health, clock.now(), reason),
      health.healthy ? 200 : 503,
    )
  })

  app.get('/openapi', async (request, reply) => answer(request, reply, 'described', DESCRIPTION))

  app.post('/records', async (request, reply) => {
    const { caller, defaults } = callerOf(request)
    const read = readUpsert(bodyOf(request), defaults)
    if (!read.ok) return refuse(request, reply, read.refusal)
    request.requestContext.key = read.set
    const answered = await zones.upsert(caller, read.set, askedBy(request))
    return answer(request, reply, answered.outcome, upsertReply(read.sent, answered))
  })

  app.get('/record', async (request, reply) => {
    const read = keyAskedFor(request)
    if (!read.ok) return refuse(request, reply, isAmbiguous(request) ? AMBIGUOUS_PATH : read.refusal)
    const set = await zones.read(callerOf(request).caller, read.key, askedBy(request))
    if (set === undefined) return refuse(request, reply, RECORD_NOT_FOUND)
    return answer(request, reply, 'read', recordReply(read.sent, set))
  })

  app.delete('/record', async (request, reply) => {
    const read = keyAskedFor(request)
    if (!read.ok) return answerUnnameable(request, reply)
    const outcome = await removed(read.key, request)
    if (outcome === 'left-in-place' || outcome === 'not-yours') {
      log.warn(
        {
          requestId: request.id,
          caller: callerOf(request).caller.id,
          name: read.key.name,
          type: read.key.type,
        },
        'deletion refused: the record set is not ours',
      )
    }
    return answer(request, reply, outcome, removeReply(outcome))
  })

  async function removed(key: SetKey, request: FastifyRequest): Promise<RemoveAnswer['outcome']> {
    try {
      return (await zones.remove(callerOf(request).caller, key, askedBy(request))).outcome
    } catch (error) {
      // A zone that was never ours holds nothing of ours. One that we know and cannot see is `zone-unavailable`.
      if (error instanceof DnsError && error.code === 'zone-not-found') return 'absent'
      throw error
    }
  }
}

const RECORD_NOT_FOUND: OperatorRefusal = {
  status: 404,
  code: 'RECORD_NOT_FOUND',
  message: 'Record does not exist',
}

const DESCRIPTION = JSON.stringify(openApi())

const AMBIGUOUS_PATH: OperatorRefusal = {
  status: 400,
  code: 'INVALID_DOMAIN',
  message: 'The path was signed with its percent escapes; sign it as it reads without them',
}

/** The caller waits 30 s; after 25 we owe an answer. */
const ANSWER_WITHIN_MS = 25_000

const NO_BODY = Buffer.alloc(0)

/** Of a request that has passed; nobody's does not. */
function callerOf({ requestContext: { caller } }: FastifyRequest): OperatorCaller {
  if (caller === undefined) throw new Error('a request of nobody has passed')
  return caller
}

function bodyOf(request: FastifyRequest): Uint8Array {
  return Buffer.isBuffer(request.body) ? request.body : NO_BODY
}

function askedBy(request: FastifyRequest): Asked {
  return { requestId: request.id, deadline: request.requestContext.arrivedAt + ANSWER_WITHIN_MS }
}

function keyAskedFor(request: FastifyRequest): Read<{ key: SetKey; sent: NameAsSent }> {
  const path = recordPathParts(request.requestContext.path)
  const read = readKey(path)
  if (!read.ok) return read
  request.requestContext.key = read.key
  return { ...read, sent: path }
}

/**
 * A set that cannot be named, or of a type that we do not write, is not there: the operator asks until it hears so.
 * But where the same path unescaped names a set that may well be there, we do not say that it is gone.
 */
function answerUnnameable(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isAmbiguous(request)) return refuse(request, reply, AMBIGUOUS_PATH)
  return answer(request, reply, 'absent', removeReply('absent'))
}

/** The path was signed with escapes, and names a set once they are read. */
function isAmbiguous({ requestContext }: FastifyRequest): boolean {
  const { decoded } = requestContext.target as Target
  return decoded !== undefined && decoded !== requestContext.path && readKey(recordPathParts(decoded)).ok
}
