/** The headers of Cloudflare's answers, as recorded in August 2025, and the rate headers of September 2025. */
import type { RandomStream } from './random.ts'

export interface HeaderFacts {
  readonly nowMs: number
  readonly ray: string
  readonly service: 'dns' | 'zones' | 'gateway'
  /** The request's own `api-version`, which is echoed. */
  readonly apiVersion: string | undefined
  readonly quota: number
  /** Replaces the policy named "default". */
  readonly policy?: string
  readonly retryAfterSeconds?: number
}

export function replyHeaders(facts: HeaderFacts, random: RandomStream): Record<string, string> {
  return {
    date: new Date(facts.nowMs).toUTCString(),
    'content-type': 'application/json',
    'cf-ray': facts.ray,
    'cf-cache-status': 'DYNAMIC',
    server: 'cloudflare',
    vary: 'Accept-Encoding',
    'api-version': facts.apiVersion ?? new Date(facts.nowMs).toISOString().slice(0, 10),
    'cf-auditlog-id': uuid7(facts.nowMs, random),
    'set-cookie': `__cflb=${random.hex(20)}; SameSite=None; Secure; path=/; HttpOnly`,
    // Measured on 131 answers: it says r=1199 whatever was used, so it does not tell what is left.
    ratelimit: `"default";r=${facts.quota - 1};t=1`,
    'ratelimit-policy': facts.policy ?? `"default";q=${facts.quota};w=300`,
    ...(facts.retryAfterSeconds !== undefined && { 'retry-after': String(facts.retryAfterSeconds) }),
    ...(facts.service === 'zones' && ZONE_HEADERS),
  }
}

/** `975e62d52bc32a9d-LAX`. */
export function newRay(random: RandomStream): string {
  return `${random.hex(8)}-EMU`
}

const ZONE_HEADERS = {
  'cache-control': 'no-store, no-cache, must-revalidate, post-check=0, pre-check=0',
  pragma: 'no-cache',
  expires: 'Sun, 25 Jan 1981 05:00:00 GMT',
  'strict-transport-security': 'max-age=31536000',
  'x-frame-options': 'SAMEORIGIN',
  'x-content-type-options': 'nosniff',
}

/** RFC 9562 section 5.7. */
function uuid7(nowMs: number, random: RandomStream): string {
  const time = Math.floor(nowMs).toString(16).padStart(12, '0')
  const tail = random.hex(10)
  return [
    time.slice(0, 8),
    time.slice(8),
    `7${tail.slice(0, 3)}`,
    `${'89ab'[random.below(4)]}${tail.slice(3, 6)}`,
    tail.slice(6, 18),
  ].join('-')
}
