import { kindOf, type Parsed, parsed, refused } from './problems.ts'

/** Seconds, 60 to 86,400, or 1 for automatic. */
export type Ttl = number

/** Cloudflare chooses, and serves 300 s. */
export const AUTOMATIC: Ttl = 1

/**
 * 1 stays automatic and 2–59 become 60, the least that Cloudflare keeps outside Enterprise
 * (Cloudflare docs, "Time to Live (TTL)", 2026). Problems: `ttl-not-whole`, `ttl-out-of-range`.
 */
export function parseTtl(value: unknown, path = 'ttl'): Parsed<Ttl> {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return refused({
      code: 'ttl-not-whole',
      path,
      given: typeof value === 'number' ? `${value}` : kindOf(value),
    })
  }
  const inRange = value >= AUTOMATIC && value <= LONGEST
  if (!inRange) return refused({ code: 'ttl-out-of-range', path, ttl: value })
  return parsed(value === AUTOMATIC ? AUTOMATIC : Math.max(value, SHORTEST))
}

/** The TTL nearest to these seconds that Cloudflare keeps; 1 is automatic. */
export function clampedTtl(seconds: number): Ttl {
  return seconds === AUTOMATIC ? AUTOMATIC : Math.min(LONGEST, Math.max(SHORTEST, seconds))
}

/** The seconds that resolvers see: 300 for automatic, and for a proxied record whatever it says. */
export function effectiveTtl(ttl: Ttl, proxied: boolean): number {
  return proxied || ttl === AUTOMATIC ? SERVED_AUTOMATIC : ttl
}

const SHORTEST = 60
const LONGEST = 86_400
const SERVED_AUTOMATIC = 300
