/** A request to the dashboard's side on its way, so that the same faults can happen to it as to one of the API. */
import type { Exchange } from '../exchange.ts'
import { newRay } from '../headers.ts'
import { splitOnce } from '../routes.ts'
import { lowerCased, type PlainReply, type WireRequest } from '../wire.ts'
import type { SiteReply, SiteRequest } from './request.ts'
import { siteRouteFor } from './routes.ts'
import type { Site } from './site.ts'

/** Undefined when the address is none of the dashboard's. */
export function openSiteExchange(site: Site, incoming: WireRequest, latencyMs: number): Exchange | undefined {
  const { cloudflare } = site
  const request = { ...incoming, headers: lowerCased(incoming.headers) }
  const [path, search] = splitOnce(request.target, '?')
  const query = new URLSearchParams(search)
  const form = formIn(request)
  const route = siteRouteFor(site, request.method, path, query, form)
  if (route === undefined) return undefined

  const nowMs = cloudflare.now()
  const ray = newRay(cloudflare.headerRandom)
  const seen: SiteRequest = {
    method: request.method,
    query,
    form,
    headers: request.headers,
    nowMs,
    origin: site.issuer ?? `http://${request.headers.host ?? '127.0.0.1'}`,
  }

  function reply({ status, headers, body }: Pick<SiteReply, 'status' | 'headers'> & { body: Uint8Array }) {
    const usual = { date: new Date(nowMs).toUTCString(), 'cf-ray': ray, server: 'cloudflare' }
    const plain: PlainReply = {
      kind: 'reply',
      status,
      headers: { ...usual, ...headers },
      body,
      ...(latencyMs > 0 && { delayMs: latencyMs }),
    }
    return plain
  }

  function carryOut(): PlainReply {
    const answer = route!.answer(site, seen)
    return reply({ ...answer, body: Buffer.from(answer.body) })
  }

  return {
    cloudflare,
    request,
    nowMs,
    matched: undefined,
    routeName: route.name,
    isPage: route.isPage,
    zone: undefined,
    credential: undefined,
    operations: 0,
    admit: () => undefined,
    carryOut,
    carryOutAt(dueMs) {
      cloudflare.later(dueMs, carryOut)
    },
    reply(status, body, headers = {}) {
      const bytes = typeof body === 'object' && !(body instanceof Uint8Array) ? JSON.stringify(body) : body
      return reply({
        status,
        headers: { 'content-type': 'application/json', ...headers },
        body: Buffer.from(bytes),
      })
    },
  }
}

/** Undefined for a body that is no form, and for none at all. */
function formIn({ headers, body }: WireRequest): URLSearchParams | undefined {
  const type = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded' || body === undefined) return undefined
  return new URLSearchParams(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'))
}
