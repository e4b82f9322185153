import { base } from './brand.ts'

/** Where the pages are, below `BASE`. */
export const paths = {
  login: '/login',
  domains: '/domains',
  confirm: '/cloudflare/confirm',
  history: '/history',
  undo: '/history/:id/undo',
  account: '/account',
  live: '/live',
  arrival: '/arrival',
  health: '/health',
  fix: '/health/mend',
  zoneFile: '/zone-file',
  importReview: '/zone-file/review',
} as const

export const BASE = base

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

/** The review of taking a change back. */
export function undoPath(historyId: string): string {
  return paths.undo.replace(':id', historyId)
}

/** The review of what mends a finding. */
export function fixPath(finding: string): string {
  return `${paths.fix}?finding=${encodeURIComponent(finding)}`
}

/** A navigation, answered with a file. */
export const exportAddress = `${BASE}/api/dns/export`

/** The sign-in that leads back to where somebody wanted to go, with what they had searched for there. */
export function signInFor(path: string, search: string): string {
  if (!isPage(path)) return paths.login
  return `${paths.login}?to=${encodeURIComponent(search === '' ? path : `${path}?${search}`)}`
}

/** The page to go to after the sign-in; nothing but one of ours. */
export function pageAfterSignIn(search: string): string {
  const wanted = new URLSearchParams(search).get('to') ?? ''
  return isPage(wanted.replace(/\?.*$/s, '')) ? wanted : paths.domains
}

function isPage(path: string): boolean {
  const pages: readonly string[] = [
    paths.domains,
    paths.confirm,
    paths.history,
    paths.account,
    paths.live,
    paths.health,
    paths.fix,
    paths.zoneFile,
  ]
  return pages.includes(path) || /^\/history\/[0-9a-f]{32}\/undo$/.test(path)
}
