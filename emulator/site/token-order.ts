/**
 * The link that fills in the form for a new token (Cloudflare docs, "API token templates"):
 * `/profile/api-tokens?permissionGroupKeys=[{"key":"dns","type":"edit"}]&accountId=*&zoneId=all&name=…` for a user's
 * token, `/?to=/:account/api-tokens&permissionGroupKeys=…&name=…` for an account's.
 */
import type { Permission } from '../auth/credentials.ts'

export interface TokenOrder {
  readonly owner: 'user' | 'account'
  readonly name: string
  readonly permissions: readonly Permission[]
  /** Permission groups that the emulator has not: `workers edit`. */
  readonly strange: readonly string[]
  /** An id; any account when undefined. */
  readonly account: string | undefined
  /** Ids; all zones when undefined. */
  readonly zones: readonly string[] | undefined
}

/** The order in a link, or a sentence that says what is wrong with it. */
export function readTokenOrder(query: URLSearchParams, owner: TokenOrder['owner']): TokenOrder | string {
  const groups = groupsIn(query.get('permissionGroupKeys') ?? '[]')
  if (groups === undefined) {
    return 'The parameter permissionGroupKeys is not a JSON list of objects with "key" and "type".'
  }
  const zone = unlessAny(query.get('zoneId'), 'all')
  const known = groups.map((group) => ({ group, permission: PERMISSIONS[group] }))
  return {
    owner,
    name: query.get('name') ?? '',
    permissions: known.flatMap(({ permission }) => (permission === undefined ? [] : [permission])),
    strange: known.flatMap(({ group, permission }) => (permission === undefined ? [group] : [])),
    account: unlessAny(query.get('accountId'), '*'),
    zones: zone === undefined ? undefined : [zone],
  }
}

const PERMISSIONS: Readonly<Record<string, Permission>> = {
  'zone read': 'zone:read',
  'dns read': 'dns:read',
  'dns edit': 'dns:edit',
}

function groupsIn(json: string): readonly string[] | undefined {
  let groups: unknown
  try {
    groups = JSON.parse(json)
  } catch {
    return undefined
  }
  if (!Array.isArray(groups)) return undefined
  const words = groups.map((group: { key?: unknown; type?: unknown } | null) =>
    typeof group?.key === 'string' && typeof group.type === 'string'
      ? `${group.key} ${group.type}`
      : undefined,
  )
  return words.every((word) => word !== undefined) ? words : undefined
}

function unlessAny(id: string | null, any: string): string | undefined {
  return id === null || id === any ? undefined : id
}
