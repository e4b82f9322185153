import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { type DashboardRefusal, RefusedRequest } from './on-error.ts'
import { createPace, type Pace } from './pace.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It holds a whole zone in memory while it is answered: as we keep it, as Cloudflare sends it, or as a review. */
    holdsZone?: 'kept' | 'sent' | 'planned'
  }
}

/** How many may be at work, and of one customer: at work and waiting. */
export interface ConcurrencyBounds {
  readonly all: number
  readonly ofOne: number
  readonly waitingOfOne: number
}

/** Lets in so many at once, of one customer so many, and the others in the order in which they came. */
export interface ConcurrencyLimit {
  /** Throws `RefusedRequest` where too many of this customer wait already. */
  take<T>(customerId: string, work: () => Promise<T>): Promise<T>
}

/**
 * Has the routes that hold a zone wait for each other. A zone of 3,500 records takes megabytes while it is planned for:
 * one customer with thirty tabs would otherwise end the server, and the webhook with it. Whoever waits for Cloudflare
 * keeps nobody from what is kept here. What costs us more than it costs Cloudflare has a pace, too.
 */
export function boundRoutes(app: FastifyInstance): void {
  const [kept, sent] = [createConcurrencyLimit(CONCURRENCY), createConcurrencyLimit(CONCURRENCY)]
  const bounds: Readonly<Record<'kept' | 'sent' | 'planned', Bounds>> = {
    kept: { concurrency: kept, pace: createPace(60, 'You can ask for lists of records 60 times a minute.') },
    sent: { concurrency: sent },
    planned: { concurrency: sent, pace: createPace(30, 'You can ask for a review 30 times a minute.') },
  }
  app.addHook('onRoute', (route) => {
    const { handler, config } = route
    if (config?.holdsZone) route.handler = inTurn(bounds[config.holdsZone], handler)
  })
}

export function createConcurrencyLimit({ all, ofOne, waitingOfOne }: ConcurrencyBounds): ConcurrencyLimit {
  const inside = new Map<string, number>()
  const waiting: { readonly who: string; readonly enter: () => void }[] = []
  let count = 0

  const mayEnter = (who: string) => count < all && (inside.get(who) ?? 0) < ofOne

  function enter(who: string): void {
    count += 1
    inside.set(who, (inside.get(who) ?? 0) + 1)
  }

  function leave(who: string): void {
    count -= 1
    const left = inside.get(who)! - 1
    if (left === 0) inside.delete(who)
    else inside.set(who, left)
    const next = waiting.findIndex((each) => mayEnter(each.who))
    if (next < 0) return
    const [one] = waiting.splice(next, 1)
    enter(one!.who)
    one!.enter()
  }

  async function wait(who: string): Promise<void> {
    if (waiting.filter((each) => each.who === who).length >= waitingOfOne) throw new RefusedRequest(TOO_MANY)
    await new Promise<void>((resolve) => waiting.push({ who, enter: resolve }))
  }

  return {
    async take(who, work) {
      if (mayEnter(who)) enter(who)
      else await wait(who)
      try {
        return await work()
      } finally {
        leave(who)
      }
    },
  }
}

/** A heap of 64 MiB, as we start with, has held sixteen plans of 3,400 records, and not thirty (2026-11). */
const CONCURRENCY: ConcurrencyBounds = { all: 6, ofOne: 2, waitingOfOne: 20 }

const TOO_MANY: DashboardRefusal = {
  status: 429,
  code: 'RATE_LIMITED',
  message: 'Many requests of yours are under way already. Please wait 5 seconds and try again.',
  retryAfterSeconds: 5,
}

interface Bounds {
  readonly concurrency: ConcurrencyLimit
  readonly pace?: Pace
}

function inTurn({ concurrency, pace }: Bounds, handler: RouteHandlerMethod): RouteHandlerMethod {
  return function handle(request: FastifyRequest, reply: FastifyReply) {
    const answer = async () => {
      // Whoever left while waiting is not worked for, and what they wanted changed stays as it is.
      if (reply.raw.destroyed) throw new RefusedRequest(TOO_MANY)
      return handler.call(this, request, reply)
    }
    if (request.customer === null) return answer()
    const { id } = request.customer
    pace?.step(id, request.arrivedAt)
    return concurrency.take(id, answer)
  }
}
