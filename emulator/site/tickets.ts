/**
 * One-time tickets in forms: a decision counts only from the browser that the page was shown to, and only once.
 * Another site can neither read a ticket nor send the cookie along with its own post (SameSite).
 */
import { randomBytes } from 'node:crypto'

export interface Tickets<T> {
  /** For a form that asks about `subject`. */
  issue(browser: string, subject: T): string
  /** What the form was about; undefined for a ticket that is used, too old, or another browser's. */
  redeem(browser: string | undefined, ticket: string | null): T | undefined
}

export const TICKET_MINUTES = 30

/** Not of the seed: whoever knows the seed must not know the next ticket. */
export function createTickets<T>(now: () => number): Tickets<T> {
  const open = new Map<string, { browser: string; subject: T; expiresAt: number }>()
  return {
    issue(browser, subject) {
      const ticket = randomBytes(24).toString('base64url')
      open.set(ticket, { browser, subject, expiresAt: now() + TICKET_MINUTES * 60_000 })
      if (open.size > MOST_OPEN) open.delete(open.keys().next().value!)
      return ticket
    },
    redeem(browser, ticket) {
      const held = open.get(ticket ?? '')
      if (held === undefined || held.browser !== browser) return undefined
      open.delete(ticket!)
      return now() < held.expiresAt ? held.subject : undefined
    },
  }
}

/** The browser that the request comes from, if it has been here before. */
export function browserIn(headers: Readonly<Record<string, string>>): string | undefined {
  return new RegExp(`(?:^|[;,]\\s*)${COOKIE}=([A-Za-z0-9_-]{32})(?:$|[;,])`).exec(headers.cookie ?? '')?.[1]
}

export function newBrowser(): string {
  return randomBytes(24).toString('base64url')
}

/** Without `Secure`: the emulator speaks http. */
export function browserCookie(browser: string): { readonly 'set-cookie': string } {
  return { 'set-cookie': `${COOKIE}=${browser}; Path=/; HttpOnly; SameSite=Lax` }
}

const COOKIE = 'emulator_browser'
const MOST_OPEN = 1_000
