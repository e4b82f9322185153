/** Requests in, replies out: a fault if one is due, else the usual way; each is logged. */
import type { CallLog } from './calls.ts'
import type { Cloudflare } from './cloudflare.ts'
import { openExchange } from './exchange.ts'
import type { FaultChooser } from './faults/faults.ts'
import { openSiteExchange } from './site/exchange.ts'
import type { Site } from './site/site.ts'
import type { WireReply, WireRequest } from './wire.ts'

export function createFront(
  cloudflare: Cloudflare,
  site: Site,
  calls: CallLog,
  faults: FaultChooser,
  latencyMs: number,
): (request: WireRequest) => WireReply {
  return (request) => {
    cloudflare.settle()
    const exchange =
      openSiteExchange(site, request, latencyMs) ?? openExchange(cloudflare, request, latencyMs)
    const injection = faults.choose(exchange)
    const answer = injection === undefined ? exchange.carryOut() : injection.inject()
    const reply = answer.kind === 'reset' && latencyMs > 0 ? { ...answer, delayMs: latencyMs } : answer
    calls.add({
      at: exchange.nowMs,
      credential: exchange.credential?.id ?? null,
      method: request.method,
      target: request.target,
      route: exchange.routeName ?? 'none',
      status: statusOf(reply),
      ...(exchange.operations > 0 && { operations: exchange.operations }),
      ...(injection !== undefined && { fault: injection.fault, phase: injection.phase }),
    })
    return reply
  }
}

/** 0 when none was sent. */
function statusOf(reply: WireReply): number {
  if (reply.kind === 'reply') return reply.status
  if (reply.kind === 'drip') return reply.reply.status
  return reply.kind === 'reset' && reply.after !== 'nothing' ? (reply.reply?.status ?? 0) : 0
}
