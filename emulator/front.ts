/** The way of a request: route, credential, quota, work, reply. */
import { authenticate } from './auth/authenticate.ts'
import type { Credential } from './auth/credentials.ts'
import type { CallLog } from './calls.ts'
import type { Cloudflare } from './cloudflare.ts'
import { perform } from './handlers.ts'
import { newRay, replyHeaders } from './headers.ts'
import { type MatchedRoute, matchRoute } from './routes.ts'
import {
  type Answer,
  type PlainReply,
  Refusal,
  refusalBody,
  successBody,
  type WireReply,
  type WireRequest,
} from './wire.ts'

/** Answers requests; each is logged. */
export function createFront(
  cloudflare: Cloudflare,
  calls: CallLog,
  latencyMs: number,
): (request: WireRequest) => WireReply {
  return (incoming) => {
    cloudflare.settle()
    const request = { ...incoming, headers: lowerCased(incoming.headers) }
    const exchange = openExchange(cloudflare, request, latencyMs)
    const reply = exchange.carryOut()
    calls.add({
      at: exchange.nowMs,
      credential: credentialIn(cloudflare, request)?.id ?? null,
      method: request.method,
      target: request.target,
      route: exchange.matched?.route.name ?? 'none',
      status: reply.status,
      ...(exchange.operations > 0 && { operations: exchange.operations }),
    })
    return reply
  }
}

/** One request on its way. */
interface Exchange {
  readonly nowMs: number
  readonly ray: string
  readonly matched: MatchedRoute | undefined
  /** How many record operations were carried out so far. */
  readonly operations: number
  carryOut(): PlainReply
}

function openExchange(cloudflare: Cloudflare, request: WireRequest, latencyMs: number): Exchange {
  const nowMs = cloudflare.now()
  const ray = newRay(cloudflare.headerRandom)
  let matched: MatchedRoute | undefined
  let operations = 0

  function reply(
    status: number,
    service: Answer['from'],
    body: object,
    retryAfterSeconds?: number,
  ): PlainReply {
    const facts = {
      nowMs,
      ray,
      service,
      apiVersion: request.headers['api-version'],
      quota: cloudflare.callsPerWindow,
      ...(matched?.route.name === 'zones' && { policy: cloudflare.choices.zonesRatePolicy }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    }
    return {
      kind: 'reply',
      status,
      headers: replyHeaders(facts, cloudflare.headerRandom),
      body: Buffer.from(JSON.stringify(body)),
      ...(latencyMs > 0 && { delayMs: latencyMs }),
    }
  }

  function carryOut(): PlainReply {
    try {
      matched = matchRoute(request.method, request.target, cloudflare.choices)
      const { family } = matched.route
      const credential = authenticate(request.headers, family, cloudflare.credentials, cloudflare.choices)
      const blockedMs = cloudflare.quota.spend(credential.payer, nowMs)
      if (blockedMs > 0) return throttled(blockedMs)
      const answer = perform({ cloudflare, matched, request, credential, nowMs, ray })
      operations += answer.operations ?? 0
      return reply(200, answer.from, successBody(answer))
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem
      return reply(problem.status, problem.from, refusalBody(problem))
    }
  }

  function throttled(blockedMs: number): PlainReply {
    const { rateLimitError, retryAfter } = cloudflare.choices
    const body = refusalBody(new Refusal(429, rateLimitError, 'gateway'))
    return reply(429, 'gateway', body, retryAfter === 'remaining' ? Math.ceil(blockedMs / 1_000) : undefined)
  }

  return {
    nowMs,
    ray,
    get matched() {
      return matched
    },
    get operations() {
      return operations
    },
    carryOut,
  }
}

function credentialIn(cloudflare: Cloudflare, request: WireRequest): Credential | undefined {
  const { authorization, 'x-auth-key': key } = request.headers
  return cloudflare.credentials.get(key ?? authorization?.replace(/^Bearer +/i, '') ?? '')
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
