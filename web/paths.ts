/** Where the pages are, below `BASE`. */
export const paths = {
  login: '/login',
  domains: '/domains',
  confirm: '/cloudflare/confirm',
  arrival: '/arrival',
} as const

export const BASE = '/dashboard'

/** A navigation, answered by the server with a redirect to Cloudflare. */
export const connectAddress = `${BASE}/cloudflare/connect`

/** Pages of Cloudflare's own dashboard. `at`: its address, as the session has it. */
export const cloudflare = {
  start: (at: string) => `${at}/`,
  signUp: (at: string) => `${at}/sign-up`,
  tokens: (at: string) => `${at}/profile/api-tokens`,
} as const

/**
 * Cloudflare's form for a new API token, filled in but for the zone, which the reader chooses there
 * (Cloudflare docs, "Account owned token template", 2026).
 */
export function tokenTemplate(at: string, domain: string): string {
  const permissions = [
    { key: 'dns', type: 'edit' },
    { key: 'zone', type: 'read' },
  ]
  const query = [
    ['permissionGroupKeys', JSON.stringify(permissions)],
    ['accountId', '*'],
    ['zoneId', 'all'],
    ['name', `DNS of ${domain}`],
  ]
  return `${cloudflare.tokens(at)}?${query.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`).join('&')}`
}

/** The page to go to after the sign-in; nothing but one of ours. */
export function pageAfterSignIn(search: string): string {
  const wanted = new URLSearchParams(search).get('to')
  return wanted === paths.confirm ? paths.confirm : paths.domains
}
