/** Which route a request names. What is not in this table the emulator has not got, and says so. */
import type { Family } from './auth/authenticate.ts'
import type { Permission } from './auth/credentials.ts'
import { knownError, notEmulated } from './errors.ts'
import type { UnknownChoices } from './unknowns.ts'
import { Refusal } from './wire.ts'

export const ROUTE_NAMES = [
  'zones',
  'zone',
  'list',
  'get',
  'create',
  'put',
  'patch',
  'delete',
  'batch',
  'import',
  'export',
  'usage',
  'account-usage',
  'zone-create',
  'zone-edit',
  'zone-delete',
  'accounts',
  'memberships',
  'oauth-scopes',
  'verify',
  'verify-account',
] as const
export type RouteName = (typeof ROUTE_NAMES)[number]

export interface Route {
  readonly name: RouteName
  readonly family: Family
  /** The permission without which the answer is 403; `dns:edit` includes `dns:read`. */
  readonly needs?: Permission
  readonly writes: boolean
}

export interface MatchedRoute {
  readonly route: Route
  readonly zoneId?: string
  readonly recordId?: string
  readonly accountId?: string
  readonly query: URLSearchParams
}

export const API_PREFIX = '/client/v4'

/** Throws a refusal: 501 for a route that the emulator has not got, 7003 and 7000 for an id that cannot be one. */
export function matchRoute(method: string, target: string, choices: UnknownChoices): MatchedRoute {
  const [whole, search] = splitOnce(target, '?')
  // ddclient 3.10 asks for `/zones/?name=…`, and gets its answer from Cloudflare.
  const path = whole.replace(/\/$/, '')
  for (const { method: verb, pattern, ...route } of TABLE) {
    const match = verb === method ? pattern.exec(path) : null
    if (match === null) continue
    const { zone: zoneId, record: recordId, account: accountId } = match.groups ?? {}
    for (const id of [zoneId, recordId, accountId]) {
      if (id !== undefined && !/^[0-9a-f]{32}$/.test(id)) throw unroutable(path, choices)
    }
    return {
      route,
      ...(zoneId !== undefined && { zoneId }),
      ...(recordId !== undefined && { recordId }),
      ...(accountId !== undefined && { accountId }),
      query: new URLSearchParams(search),
    }
  }
  throw notEmulated(`route ${method} ${path}`)
}

const ZONE = `^${API_PREFIX}/zones/(?<zone>[^/]+)`
const RECORDS = `${ZONE}/dns_records`
const ACCOUNT = `^${API_PREFIX}/accounts/(?<account>[^/]+)`
// Cloudflare has these beside the records; they are no ids.
const RECORD = `${RECORDS}/(?!(?:batch|export|import|scan|usage)$)(?<record>[^/]+)$`

type TableRow = Route & { readonly method: string; readonly pattern: RegExp }

const TABLE: readonly TableRow[] = [
  row('GET', `^${API_PREFIX}/zones$`, 'zones', 'zones', 'zone:read'),
  row('GET', `${ZONE}$`, 'zone', 'zones', 'zone:read'),
  row('GET', `${RECORDS}$`, 'list', 'dns', 'dns:read'),
  row('POST', `${RECORDS}$`, 'create', 'dns', 'dns:edit'),
  row('POST', `${RECORDS}/batch$`, 'batch', 'dns', 'dns:edit'),
  row('GET', RECORD, 'get', 'dns', 'dns:read'),
  row('PUT', RECORD, 'put', 'dns', 'dns:edit'),
  row('PATCH', RECORD, 'patch', 'dns', 'dns:edit'),
  row('DELETE', RECORD, 'delete', 'dns', 'dns:edit'),
  row('POST', `${RECORDS}/import$`, 'import', 'dns', 'dns:edit'),
  row('GET', `${RECORDS}/export$`, 'export', 'dns', 'dns:read'),
  row('GET', `${RECORDS}/usage$`, 'usage', 'dns', 'dns:read'),
  row('GET', `${ACCOUNT}/dns_records/usage$`, 'account-usage', 'dns', 'dns:read'),
  row('POST', `^${API_PREFIX}/zones$`, 'zone-create', 'zones', 'zone:edit'),
  row('PATCH', `${ZONE}$`, 'zone-edit', 'zones', 'zone:edit'),
  row('DELETE', `${ZONE}$`, 'zone-delete', 'zones', 'zone:edit'),
  row('GET', `^${API_PREFIX}/accounts$`, 'accounts', 'zones'),
  row('GET', `^${API_PREFIX}/memberships$`, 'memberships', 'zones'),
  row('GET', `^${API_PREFIX}/oauth/scopes$`, 'oauth-scopes', 'zones'),
  row('GET', `^${API_PREFIX}/user/tokens/verify$`, 'verify', 'tokens'),
  row('GET', `${ACCOUNT}/tokens/verify$`, 'verify-account', 'tokens'),
]

function row(method: string, pattern: string, name: RouteName, family: Family, needs?: Permission): TableRow {
  const writes = needs === 'dns:edit'
  return { method, pattern: new RegExp(pattern), name, family, writes, ...(needs !== undefined && { needs }) }
}

function unroutable(path: string, choices: UnknownChoices): Refusal {
  const route = path.slice(API_PREFIX.length)
  return new Refusal(
    choices.malformedIdStatus,
    [knownError('noRoute', route), knownError('noRouteForUri')],
    'gateway',
  )
}

export function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
