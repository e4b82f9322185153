/** One request on its way: what is known of it, and the steps that can be taken with it, a fault's or the usual ones. */
import { authenticate } from './auth/authenticate.ts'
import type { Credential } from './auth/credentials.ts'
import type { Cloudflare } from './cloudflare.ts'
import { perform } from './handlers.ts'
import { newRay, replyHeaders } from './headers.ts'
import type { StoredRecord } from './records/record.ts'
import { type MatchedRoute, matchRoute, type RouteName } from './routes.ts'
import type { SiteRouteName } from './site/routes.ts'
import type { Zone } from './state.ts'
import {
  type Answer,
  lowerCased,
  type PlainReply,
  Refusal,
  refusalBody,
  successBody,
  type WireRequest,
} from './wire.ts'

export interface Exchange {
  readonly cloudflare: Cloudflare
  /** Header names in lower case. */
  readonly request: WireRequest
  readonly nowMs: number
  /** Undefined when it is none of the API's, or the emulator has no such route. */
  readonly matched: MatchedRoute | undefined
  /** Undefined when the emulator has no such route. */
  readonly routeName: RouteName | SiteRouteName | undefined
  /** A person looks at the answer: chance leaves it alone. */
  readonly isPage: boolean
  /** The zone of the path, whether or not the caller may see it. */
  readonly zone: Zone | undefined
  /** Who the headers say it is, not yet checked. */
  readonly credential: Credential | undefined
  /** How many record operations took effect so far. */
  readonly operations: number
  /** Authentication and quota: the refusal that they give. It counts as one call however often it is asked. */
  admit(): PlainReply | undefined
  /** All of it: admission, permission, body, work. `view` is what lists show instead of the truth. */
  carryOut(view?: (zone: Zone) => readonly StoredRecord[]): PlainReply
  /** The work takes effect at `dueMs`, if it then can; nobody hears of it. */
  carryOutAt(dueMs: number): void
  /** A reply with the usual headers; `headers` replace or add. */
  reply(
    status: number,
    body: object | string | Uint8Array,
    headers?: Readonly<Record<string, string>>,
  ): PlainReply
}

export function openExchange(cloudflare: Cloudflare, incoming: WireRequest, latencyMs: number): Exchange {
  const nowMs = cloudflare.now()
  const ray = newRay(cloudflare.headerRandom)
  const request = { ...incoming, headers: lowerCased(incoming.headers) }
  const matching = match(cloudflare, request)
  const matched = matching instanceof Refusal ? undefined : matching
  let admitted: Credential | PlainReply | undefined
  let operations = 0

  function answer(
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

  function textAnswer(text: string): PlainReply {
    const usual = answer(200, 'dns', {})
    const headers = { ...usual.headers, 'content-type': 'text/plain; charset=utf-8' }
    return { ...usual, headers, body: Buffer.from(text) }
  }

  function refused(problem: unknown): PlainReply {
    if (!(problem instanceof Refusal)) throw problem
    return answer(problem.status, problem.from, refusalBody(problem))
  }

  function admission(): Credential | PlainReply {
    if (matching instanceof Refusal) return refused(matching)
    try {
      const { family } = matching.route
      const credential = authenticate(request.headers, family, cloudflare.credentials, cloudflare.choices)
      const blockedMs = cloudflare.quota.spend(credential.payer, nowMs)
      return blockedMs > 0 ? throttled(blockedMs) : credential
    } catch (problem) {
      return refused(problem)
    }
  }

  function throttled(blockedMs: number): PlainReply {
    const { rateLimitError, retryAfter } = cloudflare.choices
    const body = refusalBody(new Refusal(429, rateLimitError, 'gateway'))
    return answer(429, 'gateway', body, retryAfter === 'remaining' ? Math.ceil(blockedMs / 1_000) : undefined)
  }

  function admittedCaller(): Credential | PlainReply {
    admitted ??= admission()
    return admitted
  }

  return {
    cloudflare,
    request,
    nowMs,
    matched,
    routeName: matched?.route.name,
    isPage: false,
    zone: cloudflare.zones.get(matched?.zoneId ?? ''),
    credential: credentialIn(cloudflare, request),
    get operations() {
      return operations
    },
    admit() {
      const caller = admittedCaller()
      return isReply(caller) ? caller : undefined
    },
    carryOut(view) {
      const caller = admittedCaller()
      if (isReply(caller) || matched === undefined) return caller as PlainReply
      try {
        const done = perform({
          cloudflare,
          matched,
          request,
          credential: caller,
          nowMs,
          ray,
          ...(view !== undefined && { view }),
        })
        operations += done.operations ?? 0
        return done.text === undefined ? answer(200, done.from, successBody(done)) : textAnswer(done.text)
      } catch (problem) {
        return refused(problem)
      }
    },
    carryOutAt(dueMs) {
      const caller = admittedCaller()
      if (isReply(caller) || matched === undefined) return
      cloudflare.later(dueMs, (atMs) => {
        try {
          perform({ cloudflare, matched, request, credential: caller, nowMs: atMs, ray })
        } catch (problem) {
          if (!(problem instanceof Refusal)) throw problem
        }
      })
    },
    reply(status, body, headers = {}) {
      const usual = answer(status, 'gateway', {})
      const bytes = typeof body === 'object' && !(body instanceof Uint8Array) ? JSON.stringify(body) : body
      return { ...usual, headers: { ...usual.headers, ...headers }, body: Buffer.from(bytes) }
    },
  }
}

function match(cloudflare: Cloudflare, request: WireRequest): MatchedRoute | Refusal {
  try {
    return matchRoute(request.method, request.target, cloudflare.choices)
  } catch (problem) {
    if (problem instanceof Refusal) return problem
    throw problem
  }
}

function isReply(caller: Credential | PlainReply): caller is PlainReply {
  return caller.kind === 'reply'
}

function credentialIn(cloudflare: Cloudflare, request: WireRequest): Credential | undefined {
  const { authorization, 'x-auth-key': key } = request.headers
  return cloudflare.credentials.get(key ?? authorization?.replace(/^Bearer +/i, '') ?? '')
}
