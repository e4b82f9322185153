/** What each route does once the caller is known and allowed: one verb of the DNS service or of the zone service. */
import { forbidden, unknownToken } from './auth/authenticate.ts'
import { type Credential, mayReadDns, seesZone } from './auth/credentials.ts'
import type { Cloudflare } from './cloudflare.ts'
import { knownError } from './errors.ts'
import { operationsIn, runBatch } from './records/batch.ts'
import { batchRequest, parseBody, recordFields } from './records/fields.ts'
import { listRecords } from './records/list.ts'
import { recordBody, type StoredRecord } from './records/record.ts'
import {
  createRecord,
  deleteRecord,
  patchRecord,
  recordById,
  replaceRecord,
  type WriteContext,
} from './records/write.ts'
import type { MatchedRoute, RouteName } from './routes.ts'
import type { Zone } from './state.ts'
import { type Answer, Refusal, type WireRequest } from './wire.ts'
import { zoneBody } from './zones/body.ts'
import { listZones } from './zones/list.ts'

/** One call that has passed authentication and quota. */
export interface Call {
  readonly cloudflare: Cloudflare
  readonly matched: MatchedRoute
  readonly request: WireRequest
  readonly credential: Credential
  readonly nowMs: number
  readonly ray: string
  /** What lists show instead of the truth; a fault may say something else. */
  readonly view?: (zone: Zone) => readonly StoredRecord[]
}

/** Permission, then the zone, then the body, then the work. Throws a `Refusal`. */
export function perform(call: Call): Answer {
  const { route } = call.matched
  const { needs } = route
  if (needs !== undefined && !mayDo(call.credential, needs)) throw forbidden(route.family)
  return HANDLERS[route.name](call)
}

function mayDo(credential: Credential, needs: 'zone:read' | 'dns:read' | 'dns:edit'): boolean {
  return needs === 'dns:read' ? mayReadDns(credential) : credential.permissions.includes(needs)
}

const HANDLERS: Readonly<Record<RouteName, (call: Call) => Answer>> = {
  zones({ cloudflare, credential, matched }) {
    const visible = [...cloudflare.zones.values()].filter((zone) => seesZone(credential, zone))
    const { items, info } = listZones(visible, matched.query, cloudflare.choices)
    return { result: items.map((zone) => zoneBody(zone, credential)), resultInfo: info, from: 'zones' }
  },
  zone: (call) => ({ result: zoneBody(zoneOf(call), call.credential), from: 'zones' }),

  list(call) {
    const zone = zoneOf(call)
    const records = call.view?.(zone) ?? zone.records.all()
    const { items, info } = listRecords(records, call.matched.query, call.cloudflare.choices)
    return { result: items.map(recordBody), resultInfo: info, from: 'dns' }
  },
  get: (call) => ({ result: recordBody(recordById(zoneOf(call), idOf(call))), from: 'dns' }),

  create: (call) => write(call, (context, body) => recordBody(createRecord(context, recordFields(body)))),
  put: (call) =>
    write(call, (context, body) => recordBody(replaceRecord(context, idOf(call), recordFields(body)))),
  patch: (call) =>
    write(call, (context, body) => recordBody(patchRecord(context, idOf(call), recordFields(body)))),
  delete: (call) => write(call, (context) => ({ id: deleteRecord(context, idOf(call)).id }), 'no body'),
  batch(call) {
    let operations = 0
    const answer = write(call, (context, body) => {
      const request = batchRequest(body)
      operations = operationsIn(request)
      return runBatch(context, request)
    })
    return { ...answer, operations }
  },

  verify: (call) => verify(call, !call.credential.accountOwned),
  'verify-account': (call) =>
    verify(call, call.credential.accountOwned && call.credential.accountId === call.matched.accountId),
}

function write(
  call: Call,
  work: (context: WriteContext, body: unknown) => unknown,
  expects: 'body' | 'no body' = 'body',
): Answer {
  const zone = zoneOf(call)
  const { request, nowMs, credential, ray } = call
  const body = expects === 'body' ? parseBody(request.body, request.headers['content-type']) : undefined
  const result = zone.records.transaction(
    { at: nowMs, zone: zone.name, by: 'api', credential: credential.id, ray },
    () => work(call.cloudflare.writing(zone, nowMs), body),
  )
  return { result, from: 'dns', operations: 1 }
}

/** The zone of the path, if this credential may know of it. */
function zoneOf(call: Call): Zone {
  const { cloudflare, credential, matched } = call
  const zone = cloudflare.zones.get(matched.zoneId ?? '')
  if (zone !== undefined && seesZone(credential, zone)) return zone
  if (cloudflare.choices.invisibleZone === 403) throw forbidden(matched.route.family)
  throw new Refusal(404, knownError('noRoute', `/zones/${matched.zoneId}`), 'gateway')
}

function idOf(call: Call): string {
  return call.matched.recordId ?? ''
}

/** An account-owned token is unknown at the users' endpoint although it is good, and the other way round. */
function verify(call: Call, atHome: boolean): Answer {
  const { credential, cloudflare } = call
  if (credential.kind === 'key') throw new Refusal(401, cloudflare.choices.keyAtTokenVerify, 'gateway')
  const isOAuth = credential.grant !== undefined
  if (!atHome || (isOAuth && cloudflare.choices.oauthTokenAtVerify === 'unknown'))
    throw unknownToken('tokens')
  const { id, status } = credential
  const messages =
    status === 'active' ? [{ code: 10000, message: 'This API Token is valid and active', type: null }] : []
  return { result: { id, status }, messages, from: 'gateway' }
}
