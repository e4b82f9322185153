/** What each route does once the caller is known and allowed: one verb of the DNS service or of the zone service. */
import { forbidden, unknownToken } from './auth/authenticate.ts'
import {
  type Credential,
  isAllowedFrom,
  mayReadDns,
  mayReadZones,
  type Permission,
  seesZone,
} from './auth/credentials.ts'
import type { Cloudflare } from './cloudflare.ts'
import { known, knownError, TOKEN_IS_ACTIVE } from './errors.ts'
import { assignableScopes } from './oauth/scopes.ts'
import { type Page, pageOf } from './paging.ts'
import { idFor } from './random.ts'
import { operationsIn, runBatch } from './records/batch.ts'
import { batchRequest, parseBody, recordFields } from './records/fields.ts'
import { importRecords } from './records/import.ts'
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
import { writeZoneFile } from './zone-file/write.ts'
import { zoneBody } from './zones/body.ts'
import { changeZone, createZone } from './zones/change.ts'
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
  const { credential, request } = call
  if (!isAllowedFrom(credential, request.from)) throw known('forbiddenAddress', request.from ?? '')
  if (needs !== undefined && !mayDo(credential, needs)) throw forbidden(route.family)
  return HANDLERS[route.name](call)
}

function mayDo(credential: Credential, needs: Permission): boolean {
  if (needs === 'dns:read') return mayReadDns(credential)
  return needs === 'zone:read' ? mayReadZones(credential) : credential.permissions.includes(needs)
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

  import: (call) => write(call, (context) => importRecords(context, call.request), 'no body'),
  export(call) {
    const text = writeZoneFile(zoneOf(call), call.nowMs)
    return { result: null, text, from: 'dns' }
  },
  usage(call) {
    const { recordQuota, records } = zoneOf(call)
    return { result: { record_quota: recordQuota, record_usage: records.size }, from: 'dns' }
  },
  'account-usage'({ cloudflare, credential, matched }) {
    const zones = [...cloudflare.zones.values()].filter(
      (zone) => zone.account.id === matched.accountId && seesZone(credential, zone),
    )
    if (zones.length === 0) throw forbidden('dns')
    const { accountQuota } = cloudflare.choices
    return { result: { record_quota: accountQuota, record_usage: sizeOf(zones) }, from: 'dns' }
  },

  'zone-create'({ cloudflare, credential, request }) {
    const body = parseBody(request.body, request.headers['content-type'])
    return { result: zoneBody(createZone(cloudflare, credential, body), credential), from: 'zones' }
  },
  'zone-edit'(call) {
    const { request, credential } = call
    const zone = zoneOf(call)
    const body = parseBody(request.body, request.headers['content-type'])
    return { result: zoneBody(changeZone(zone, body), credential), from: 'zones' }
  },
  'zone-delete'(call) {
    const { id } = zoneOf(call)
    call.cloudflare.zones.delete(id)
    return { result: { id }, from: 'zones' }
  },
  accounts(call) {
    const { items, info } = accountsOf(call)
    return { result: items.map(accountBody), resultInfo: info, from: 'zones' }
  },
  memberships(call) {
    if (call.credential.accountOwned) throw known('accountTokenAtMemberships')
    const { items, info } = accountsOf(call)
    const result = items.map((account) => ({
      id: idFor(call.cloudflare.seed, 'membership', account.id),
      account: accountBody(account),
      api_access_enabled: null,
      roles: ['Super Administrator - All Privileges'],
      status: 'accepted',
    }))
    return { result, resultInfo: info, from: 'zones' }
  },

  'oauth-scopes': () => ({
    result: assignableScopes().map(({ name, title }) => ({ id: name, name: title, category: 'DNS & Zones' })),
    from: 'gateway',
  }),

  verify: (call) => verify(call, !call.credential.accountOwned),
  'verify-account': (call) =>
    verify(call, call.credential.accountOwned && call.credential.accountId === call.matched.accountId),
}

const ACCOUNT_PAGES = { perPage: 20, minimum: 5, maximum: 50 }

/** Those in which the caller sees a zone. */
function accountsOf({ cloudflare, credential, matched }: Call): Page<Zone['account']> {
  const visible = [...cloudflare.zones.values()].filter((zone) => seesZone(credential, zone))
  const accounts = new Map(visible.map(({ account }) => [account.id, account]))
  return pageOf([...accounts.values()], matched.query, ACCOUNT_PAGES, cloudflare.choices)
}

function accountBody({ id, name }: Zone['account']): object {
  return { id, name, type: 'standard', settings: { enforce_twofactor: false } }
}

function sizeOf(zones: readonly Zone[]): number {
  return zones.reduce((sum, { records }) => sum + records.size, 0)
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
  const messages = status === 'active' ? [TOKEN_IS_ACTIVE] : []
  return { result: { id, status }, messages, from: 'gateway' }
}
