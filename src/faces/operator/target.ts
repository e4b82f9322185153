/**
 * Where a request is addressed. The operator's client builds `/records/TYPE/DOMAIN/SUBDOMAIN` without escaping, signs
 * that text, and lets Go escape it for the wire: what was signed is the target as it came or its percent-decoded form,
 * so both are kept (homelab-dns-operator `pkg/dnsclient/client.go`, seen 2026-11-21). A prefix in the client's server
 * address is not part of what it signs.
 */
export interface Target {
  readonly route: Route
  /** As it came, without `mount` and with one leading slash. */
  readonly raw: string
  /** Percent-decoded; undefined if nothing is escaped, or if the decoded text could be read as another path. */
  readonly decoded: string | undefined
}

export type Route = 'health' | 'records' | 'record' | 'openapi'

/** The methods a route answers; anything else is 405. */
export const METHODS: Readonly<Record<Route, readonly string[]>> = {
  health: ['GET'],
  records: ['POST'],
  record: ['GET', 'DELETE'],
  openapi: ['GET'],
}

/**
 * The target of a request line, or why there is none: `malformed` (an absolute URL, a query, a fragment, a backslash
 * or anything that is not printable ASCII) or `unknown` (no such route below `mount`).
 * `mount` is '' or a path such as `/c/shop`; slashes doubled at the start, as a trailing slash in the client's
 * server address causes, count as one.
 */
export function readTarget(url: string, mount: string): Target | 'malformed' | 'unknown' {
  if (!PRINTABLE_PATH.test(url)) return 'malformed'
  const path = withoutMount(singleSlash(url), mount)
  if (path === undefined) return 'unknown'
  const raw = singleSlash(path)
  const route = routeOf(raw)
  // One description is everybody's; below a mount it would be one more thing to tell apart.
  if (route === undefined || (route === 'openapi' && mount !== '')) return 'unknown'
  return { route, raw, decoded: raw.includes('%') ? decodedPath(raw) : undefined }
}

/** The three parts of a record's path, as they stand there. */
export function recordPathParts(path: string): { type: string; domain: string; subdomain: string } {
  const [type = '', domain = '', subdomain = ''] = path.slice(RECORDS_PREFIX.length).split('/')
  return { type, domain, subdomain }
}

const RECORDS_PREFIX = '/records/'
/** Begins with `/`; printable ASCII but `?`, `#` and `\`. */
const PRINTABLE_PATH = /^\/[\x21\x22\x24-\x3e\x40-\x5b\x5d-\x7e]*$/
const CONTROL_OR_BACKSLASH = /[\x00-\x1f\x7f\\]/

function routeOf(path: string): Route | undefined {
  if (path === '/records') return 'records'
  if (path === '/health') return 'health'
  if (path === '/openapi.json') return 'openapi'
  return path.startsWith(RECORDS_PREFIX) && path.split('/').length === 5 ? 'record' : undefined
}

function singleSlash(path: string): string {
  return path.startsWith('//') ? path.replace(/^\/+/, '/') : path
}

function withoutMount(path: string, mount: string): string | undefined {
  if (mount === '') return path
  return path.startsWith(`${mount}/`) ? path.slice(mount.length) : undefined
}

function decodedPath(raw: string): string | undefined {
  const decoded = percentDecoded(raw)
  if (decoded === undefined || CONTROL_OR_BACKSLASH.test(decoded)) return undefined
  const segments = decoded.split('/')
  const samePath = segments.length === raw.split('/').length && !segments.includes('..')
  return samePath ? decoded : undefined
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
