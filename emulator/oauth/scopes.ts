/**
 * The scopes that the emulator knows, of some 380 at Cloudflare. Self-managed clients name them with dots
 * (Cloudflare docs, "Create an OAuth client", 2026-06-03); names with colons are of Cloudflare's own tools.
 */
import type { Permission } from '../auth/credentials.ts'

export interface Scope {
  readonly name: string
  /** What a person reads on the consent page. */
  readonly title: string
  readonly permission?: Permission
  /** Known only where the original design's addresses are served. */
  readonly ofDesign?: true
}

export const SCOPES: readonly Scope[] = [
  { name: 'zone.read', title: 'See your domains (zones)', permission: 'zone:read' },
  { name: 'dns.read', title: 'Read DNS records', permission: 'dns:read' },
  { name: 'dns.write', title: 'Create, change and delete DNS records', permission: 'dns:edit' },
  { name: 'offline_access', title: 'Stay connected while you are away' },
  { name: 'openid', title: 'Know which user you are' },
  { name: 'zone:read', title: 'See your domains (zones)', permission: 'zone:read', ofDesign: true },
  { name: 'dns:read', title: 'Read DNS records', permission: 'dns:read', ofDesign: true },
  {
    name: 'dns:edit',
    title: 'Create, change and delete DNS records',
    permission: 'dns:edit',
    ofDesign: true,
  },
]

export function knownScopes(designUrls: boolean): readonly string[] {
  return SCOPES.filter(({ ofDesign }) => designUrls || ofDesign !== true).map(({ name }) => name)
}

/** Those that a client may be given; `offline_access` and `openid` come of its grant and response types. */
export function assignableScopes(): readonly Scope[] {
  return SCOPES.filter(({ permission, ofDesign }) => permission !== undefined && ofDesign !== true)
}

/** The names in a `scope` parameter, each once (RFC 6749 section 3.3). */
export function scopesIn(text: string): readonly string[] {
  return [...new Set(text.split(' ').filter((name) => name !== ''))]
}

export function titleOf(scope: string): string {
  return SCOPES.find(({ name }) => name === scope)?.title ?? scope
}

export function permissionsOf(scopes: readonly string[]): readonly Permission[] {
  const permissions = SCOPES.flatMap(({ name, permission }) =>
    permission !== undefined && scopes.includes(name) ? [permission] : [],
  )
  return [...new Set(permissions)]
}
