import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { SetDefaults, SetKey } from '#dns/record-set.ts'
import type { Clock, Log } from '#src/world.ts'
import { DnsError } from '#zones/errors.ts'
import type { Asked, Caller, RemoveAnswer, Zones } from '#zones/zones.ts'
import type { Refusal } from './on-error.ts'
import {
  headerFault,
  isSigned,
  type SignatureFault,
  type SignatureHeaders,
  type SigningKeys,
  verifySignature,
} from './signature.ts'
import { recordPathParts, type Target } from './target.ts'
import { answer, refuse } from './visit.ts'
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

/** Who remembers nonces, over restarts and for all replicas: the store. */
export interface Nonces {
  /** Takes a nonce for good; false: somebody had it before. `expiresAt` in milliseconds since 1970. */
  claimNonce(caller: string, nonce: string, expiresAt: number): Promise<boolean>
  /** Requests stamped before this (ms) cannot be told from replays. */
  readonly replaysPossibleUntil: number
}

export interface RouteParts {
  readonly zones: Zones
  readonly caller: Caller
  /** undefined: nothing is signed, and everybody who reaches the port is the caller. */
  readonly keys: SigningKeys | undefined
  readonly defaults: SetDefaults
  readonly nonces: Nonces
  readonly clock: Clock
  readonly log: Log
  readonly signatureFailed: (code: string) => void
}

/**
 * The protocol's four requests. The paths here are names for routes; the one that came is in `request.visit`.
 *
 * The order of work is the point: limits, grammar, window, body, MAC, nonce, JSON, validation, zones. Nothing before the
 * MAC leaves anything behind, nobody who does not look like a caller has a body held for them, the nonce of a real
 * request can only be used up by that request, and nobody without the secret reaches the JSON parser.
 */
export function operatorRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { zones, caller, defaults, clock, log } = parts

  // Before the body is read. Limits have been checked by the hook before this one.
  app.addHook('onRequest', (request, reply, done) => {
    const fault = stampRefusal(request, parts)
    if (fault === undefined) done()
    else refuse(request, reply, fault)
  })

  app.addHook('preValidation', async (request, reply) => {
    const fault = await signatureRefusal(request, parts)
    return fault === undefined ? undefined : refuse(request, reply, fault)
  })

  app.get('/health', async (request, reply) => {
    const health = zones.health(caller)
    const reason = request.visit.verified ? health.reason : undefined
    const outcome = health.healthy ? 'healthy' : 'unhealthy'
    return answer(
      request,
      reply,
      outcome,
      healthReply(health, clock.now(), reason),
      health.healthy ? 200 : 503,
    )
  })

  app.post('/records', async (request, reply) => {
    const read = readUpsert(bodyOf(request), defaults)
    if (!read.ok) return refuse(request, reply, read.refusal)
    request.visit.key = read.set
    const answered = await zones.upsert(caller, read.set, askedBy(request))
    return answer(request, reply, answered.outcome, upsertReply(read.sent, answered))
  })

  app.get('/record', async (request, reply) => {
    const read = keyAskedFor(request)
    if (!read.ok) return refuse(request, reply, isAmbiguous(request) ? AMBIGUOUS_PATH : read.refusal)
    const set = await zones.read(caller, read.key, askedBy(request))
    if (set === undefined) return refuse(request, reply, RECORD_NOT_FOUND)
    return answer(request, reply, 'read', recordReply(read.sent, set))
  })

  app.delete('/record', async (request, reply) => {
    const read = keyAskedFor(request)
    if (!read.ok) return answerUnnameable(request, reply)
    const outcome = await removed(read.key, request)
    if (outcome === 'left-in-place') {
      log.warn(
        { requestId: request.id, name: read.key.name, type: read.key.type },
        'asked to delete a set that is not ours',
      )
    }
    return answer(request, reply, outcome, removeReply(outcome))
  })

  async function removed(key: SetKey, request: FastifyRequest): Promise<RemoveAnswer['outcome']> {
    try {
      return (await zones.remove(caller, key, askedBy(request))).outcome
    } catch (error) {
      // A zone that was never ours holds nothing of ours. One that we know and cannot see is `zone-unavailable`.
      if (error instanceof DnsError && error.code === 'zone-not-found') return 'absent'
      throw error
    }
  }
}

const RECORD_NOT_FOUND: Refusal = { status: 404, code: 'RECORD_NOT_FOUND', message: 'Record does not exist' }

const NONCE_REUSED: Refusal = { status: 401, code: 'NONCE_REUSED', message: 'X-DNS-Nonce was used before' }

const AMBIGUOUS_PATH: Refusal = {
  status: 400,
  code: 'INVALID_DOMAIN',
  message: 'The path was signed with its percent escapes; sign it as it reads without them',
}

/** The caller waits 30 s; after 25 we owe an answer. */
const ANSWER_WITHIN_MS = 25_000

const NO_BODY = Buffer.alloc(0)

function stampRefusal(request: FastifyRequest, parts: RouteParts): Refusal | undefined {
  const headers = signatureHeaders(request)
  if (parts.keys === undefined || isPlainProbe(request, headers)) return undefined
  const { clock, nonces } = parts
  const fault = headerFault(headers, parts.keys.algorithm, clock.now(), nonces.replaysPossibleUntil)
  return fault && refusalOf(fault, parts)
}

async function signatureRefusal(request: FastifyRequest, parts: RouteParts): Promise<Refusal | undefined> {
  const { visit } = request
  const target = visit.target as Target
  if (parts.keys === undefined) {
    visit.path = target.decoded ?? target.raw
    return undefined
  }
  const headers = signatureHeaders(request)
  if (isPlainProbe(request, headers)) return undefined

  const paths = target.decoded === undefined ? [target.raw] : [target.raw, target.decoded]
  const signed = { method: request.method, paths, headers, body: bodyOf(request) }
  const checked = verifySignature(signed, parts.keys, parts.clock.now(), parts.nonces.replaysPossibleUntil)
  if (!checked.ok) return refusalOf(checked, parts)
  // Last, so that a forged request cannot use up the nonce of a real one.
  const isNew = await claimed(checked.nonce, checked.nonceExpiresAt, parts)
  if (!isNew) {
    parts.signatureFailed(NONCE_REUSED.code)
    return NONCE_REUSED
  }
  visit.path = checked.path
  visit.verified = true
  return undefined
}

/** Unsigned, because it tells nothing and a probe has no secret. A bad signature is still told to whoever signs. */
function isPlainProbe({ visit }: FastifyRequest, headers: SignatureHeaders): boolean {
  return (visit.target as Target).route === 'health' && !isSigned(headers)
}

function refusalOf({ code, message }: SignatureFault, { signatureFailed }: RouteParts): Refusal {
  signatureFailed(code)
  return { status: 401, code, message }
}

async function claimed(nonce: string, expiresAt: number, { nonces, caller }: RouteParts): Promise<boolean> {
  try {
    return await nonces.claimNonce(caller.id, nonce, expiresAt)
  } catch (cause) {
    throw new DnsError('store-unavailable', 'The request cannot be checked for replay now', { cause })
  }
}

function signatureHeaders({ headers }: FastifyRequest): SignatureHeaders {
  return {
    timestamp: headers['x-dns-timestamp'] as string | undefined,
    nonce: headers['x-dns-nonce'] as string | undefined,
    signature: headers['x-dns-signature'] as string | undefined,
  }
}

function bodyOf(request: FastifyRequest): Uint8Array {
  return Buffer.isBuffer(request.body) ? request.body : NO_BODY
}

function askedBy(request: FastifyRequest): Asked {
  return { requestId: request.id, deadline: request.visit.arrivedAt + ANSWER_WITHIN_MS }
}

function keyAskedFor(request: FastifyRequest): Read<{ key: SetKey; sent: NameAsSent }> {
  const path = recordPathParts(request.visit.path)
  const read = readKey(path)
  if (!read.ok) return read
  request.visit.key = read.key
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
function isAmbiguous({ visit }: FastifyRequest): boolean {
  const { decoded } = visit.target as Target
  return decoded !== undefined && decoded !== visit.path && readKey(recordPathParts(decoded)).ok
}
