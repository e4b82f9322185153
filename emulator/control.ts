/**
 * The control port: the truth, and the hands of fate, for tests in any language. JSON over HTTP, on loopback only.
 * `docs/emulator.md` has an example of each.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type {
  ConsentChoice,
  CredentialSeed,
  Emulator,
  OAuthClientSeed,
  RecordSeed,
  ZoneSeed,
} from './emulator.ts'
import type { FaultRule, RandomFaults } from './faults/faults.ts'
import { bodyOf } from './http-body.ts'
import type { CredentialChanges, RecordEdit, ZoneChanges } from './oracle.ts'

/**
 * `keep` is waited for before a change is answered. 200 with a result; 400 with `{"error": "…"}` for what cannot be done; 404 with the list of what there is;
 * 403 for whatever a page of another site sends, which any page that is open in this machine's browser could.
 */
export function controlHandler(
  emulator: Emulator,
  keep: () => Promise<void>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    if (!isFromHere(request)) {
      send(response, 403, { error: 'the control port answers programs of this machine, and no other site' })
      return
    }
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const route = `${request.method} ${url.pathname}`
    const handler = ROUTES[route]
    if (handler === undefined) {
      send(response, 404, { error: `there is no ${route}`, routes: Object.keys(ROUTES) })
      return
    }
    try {
      const body = request.method === 'POST' ? await jsonOf(request) : {}
      const result = handler(emulator, url.searchParams, body) ?? {}
      await keep()
      send(response, 200, result)
    } catch (problem) {
      send(response, 400, { error: (problem as Error).message })
    }
  }
}

/**
 * A browser says whence a post comes (`Origin`, `Sec-Fetch-Site`). A name that was made to point here (DNS rebinding)
 * stands in `Host`, so only this machine's own names may.
 */
function isFromHere({ headers }: IncomingMessage): boolean {
  const host = headers.host ?? ''
  const { origin } = headers
  const fromSite = headers['sec-fetch-site'] ?? 'none'
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)) return false
  if (origin !== undefined && origin !== `http://${host}`) return false
  return fromSite === 'none' || fromSite === 'same-origin'
}

/** What the bodies may hold; a field that a route does not know is ignored. */
interface ControlBody {
  readonly script?: readonly (Omit<FaultRule, 'times'> & { readonly times?: number | 'always' })[]
  readonly random?: RandomFaults | null
  readonly clear?: boolean
  readonly end?: readonly string[]
  readonly zone?: string
  readonly token?: string
  readonly add?: unknown
  readonly edit?: RecordEdit & { readonly id: string }
  readonly change?: unknown
  readonly remove?: unknown
  readonly consent?: ConsentChoice & { readonly url: string }
  readonly revoke?: string
}

type Handler = (emulator: Emulator, query: URLSearchParams, body: ControlBody) => unknown

const ROUTES: Readonly<Record<string, Handler>> = {
  'GET /state': ({ state }) => ({
    zones: state.zones().map((zone) => ({ ...zone, records: state.records(zone.name) })),
  }),
  'GET /history': ({ state }, query) => ({ history: state.history(query.get('zone') ?? undefined) }),
  'GET /calls': ({ state }, query) => ({ calls: state.calls(query.get('credential') ?? undefined) }),
  'GET /faults': ({ faults }) => faultsOf(faults),

  'POST /faults': ({ faults }, _query, { clear, end = [], script = [], random }) => {
    if (clear === true) faults.clear()
    for (const fault of end) faults.end(fault)
    const always = Number.POSITIVE_INFINITY
    faults.script(
      script.map(({ times = 1, ...rule }) => ({ ...rule, times: times === 'always' ? always : times })),
    )
    if (random !== undefined) faults.random(random ?? undefined)
    return faultsOf(faults)
  },
  'POST /records': ({ state }, _query, { zone = '', add, edit, remove }) => {
    if (add !== undefined) return state.addRecord(zone, add as RecordSeed)
    if (edit !== undefined) return state.editRecord(zone, edit.id, edit)
    if (typeof remove === 'string') return state.removeRecord(zone, remove)
    throw new Error('say what to add, edit or remove, and in which zone')
  },
  'POST /zones': ({ state }, _query, { zone = '', add, change, remove }) => {
    if (add !== undefined) return state.addZone(add as ZoneSeed)
    if (change !== undefined) return state.changeZone(zone, change as ZoneChanges)
    if (remove === true) return state.removeZone(zone)
    throw new Error('say what to add, change or remove')
  },
  'POST /credentials': ({ state }, _query, { token = '', add, change }) => {
    if (add !== undefined) return { id: state.addCredential(add as CredentialSeed) }
    if (change !== undefined) return state.changeCredential(token, change as CredentialChanges)
    throw new Error('say what to add or change')
  },
  'GET /oauth': ({ state }) => ({ grants: state.grants() }),
  'POST /oauth': ({ state }, _query, { consent, revoke, add }) => {
    if (consent !== undefined) return { location: state.consent(consent.url, consent) }
    if (revoke !== undefined) return state.revokeGrant(revoke)
    if (add !== undefined) return state.addOAuthClient(add as OAuthClientSeed)
    throw new Error('say what to consent to, revoke or add')
  },
  'POST /reset': (emulator) => emulator.reset(),
}

function faultsOf(faults: Emulator['faults']): object {
  return { hits: faults.hits(), pending: faults.pending(), catalogue: faults.catalogue() }
}

async function jsonOf(request: IncomingMessage): Promise<ControlBody> {
  const text = (await bodyOf(request)).toString('utf8')
  const body: unknown = text === '' ? {} : JSON.parse(text)
  if (typeof body !== 'object' || body === null) throw new Error('the body is a JSON object')
  return body
}

function send(response: ServerResponse, status: number, body: unknown): void {
  // Infinity, for a fault that happens always, has no JSON.
  const text = JSON.stringify(body, (_key, value: unknown) =>
    value === Number.POSITIVE_INFINITY ? 'always' : value,
  )
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${text}\n`)
}
