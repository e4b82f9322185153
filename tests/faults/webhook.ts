import type { FastifyInstance, InjectOptions } from 'fastify'
import { createOperator } from '#faces/operator/operator.ts'
import { signingKeys } from '#faces/operator/signature.ts'
import type { Log } from '#platform/ports.ts'
import { goJson, goTimestamp, sign } from '../support/operator-client.ts'
import { createWorld, type World, type WorldOptions } from '../support/world.ts'

/** The operator's face over the engine, the database and the emulator: signed requests in, answers out, in virtual time. */
export interface Webhook extends World {
  upsert(record: SentRecord): Promise<Answer>
  remove(type: string, subdomain: string, domain?: string): Promise<Answer>
  get(type: string, subdomain: string, domain?: string): Promise<Answer>
  health(): Promise<Answer>
  /** Lets time pass until all of these are answered. */
  answers<T extends readonly unknown[]>(asking: readonly [...{ [K in keyof T]: Promise<T[K]> }]): Promise<T>
  /** The face itself, for whoever signs otherwise. */
  readonly app: FastifyInstance
  /** What the rooms logged as an error: a failed turn, or a mistake of our own. */
  readonly errors: readonly string[]
}

/** `domain` is example.com, `ttl` 300, unless said. */
export interface SentRecord {
  readonly type: string
  readonly subdomain: string
  readonly values: readonly string[]
  readonly ttl?: number
  readonly domain?: string
}

export interface Answer {
  readonly status: number
  /** The protocol's; undefined for a success. */
  readonly code: string | undefined
  /** Why, in one word, where the details have it. */
  readonly reason: string | undefined
  /** Undefined without the header. */
  readonly retryAfterSeconds: number | undefined
  /** From asking to answering, in virtual time. */
  readonly afterMs: number
  readonly json: AnswerBody
}

interface AnswerBody {
  readonly success?: boolean
  readonly status?: string
  readonly message?: string
  readonly record?: { readonly values: readonly string[]; readonly ttl: number }
  readonly error?: {
    readonly code: string
    readonly message: string
    readonly details: Record<string, unknown>
  }
}

const SECRET = 'a-secret-of-thirty-two-octets-!!'

export async function createWebhook(options: WorldOptions = {}): Promise<Webhook> {
  const errors: string[] = []
  const log = logOfErrors(errors)
  const world = await createWorld({ ...options, engine: { log, ...options.engine } })
  const { clock, engine, caller, store } = world
  const keys = signingKeys('SHA256', Buffer.from(SECRET))
  const app = createOperator({
    zones: engine,
    callers: new Map([[caller.id, { caller, keys, defaults: { ttl: 300, mxPriority: 10 } }]]),
    nonces: store,
    clock,
    random: { fraction: () => 0.5, hex: (bytes) => '0'.repeat(2 * bytes) },
    log,
    meter: { httpRequest() {}, callerRequest() {}, signatureFailed() {}, previousSecretUsed() {} },
  })
  await app.ready()
  const ask = askerOf(app, clock.now)

  return {
    ...world,
    app,
    errors,
    upsert: ({ domain = 'example.com', ttl = 300, ...record }) =>
      ask('POST', '/records', { record: { ...record, domain, ttl }, operation: 'upsert' }),
    remove: (type, subdomain, domain = 'example.com') =>
      ask('DELETE', `/records/${type}/${domain}/${subdomain}`),
    get: (type, subdomain, domain = 'example.com') => ask('GET', `/records/${type}/${domain}/${subdomain}`),
    health: () => ask('GET', '/health'),
    answers: (asking) => clock.until(Promise.all(asking)) as never,
    async end() {
      await app.close()
      await world.end()
    },
  }
}

function askerOf(app: FastifyInstance, now: () => number) {
  let asked = 0
  return async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Answer> => {
    const askedAt = now()
    asked += 1
    const text = body === undefined ? undefined : goJson(body)
    const timestamp = goTimestamp(askedAt)
    const nonce = `nonce-${asked}`.padEnd(8, '-')
    const bytes = text === undefined ? undefined : Buffer.from(text)
    const request: InjectOptions = {
      method,
      url: path,
      headers: {
        'X-DNS-Timestamp': timestamp,
        'X-DNS-Nonce': nonce,
        'X-DNS-Signature': sign(SECRET, 'SHA256', method, path, timestamp, nonce, bytes),
        ...(text !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(text !== undefined && { payload: text }),
    }
    const reply = await app.inject(request)
    const json: AnswerBody = reply.json()
    const retryAfter = reply.headers['retry-after']
    const reason = json.error?.details.reason
    return {
      status: reply.statusCode,
      code: json.error?.code,
      reason: typeof reason === 'string' ? reason : undefined,
      retryAfterSeconds: retryAfter === undefined ? undefined : Number(retryAfter),
      afterMs: now() - askedAt,
      json,
    }
  }
}

function logOfErrors(errors: string[]): Log {
  return {
    debug() {},
    info() {},
    warn() {},
    error: (facts, words) => void errors.push(`${words} ${String((facts as { err?: unknown }).err ?? '')}`),
  }
}
