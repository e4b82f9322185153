/**
 * What the customers room cannot do, by code.
 *
 * - `wrong-credentials`: the same for an unknown account and for a wrong password
 * - `rate-limited`: too many attempts, changes or syncs; `retryAfterSeconds`
 * - `oauth-denied`: the customer said no at Cloudflare
 * - `oauth-state`: the callback does not belong to a sign-in that this session began, or came too late, or twice
 * - `oauth-failed`: Cloudflare's OAuth did not give us a token
 * - `permission-missing`: the grant or token lacks what we need; `details.missing`
 * - `token-invalid`: no active Cloudflare API token
 * - `reconnect-required`: the grant is gone; only the customer can give a new one
 * - `host-token-invalid`: what the host platform signed is not right, too old, or was used; `details.reason`
 * - `email-taken`: another customer has this address
 * - `not-connected`: there is no connection
 * - `cloudflare-unavailable`: no usable answer yet; `retryAfterSeconds`
 */
export type CustomerErrorCode =
  | 'wrong-credentials'
  | 'rate-limited'
  | 'oauth-denied'
  | 'oauth-state'
  | 'oauth-failed'
  | 'permission-missing'
  | 'token-invalid'
  | 'reconnect-required'
  | 'host-token-invalid'
  | 'email-taken'
  | 'not-connected'
  | 'cloudflare-unavailable'

export interface CustomerErrorFacts {
  readonly retryAfterSeconds?: number
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** Something we cannot do for a customer. `message` may be shown to them, and holds no secret. */
export class CustomerError extends Error {
  override readonly name = 'CustomerError'
  readonly code: CustomerErrorCode
  readonly retryAfterSeconds: number | undefined
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: CustomerErrorCode, message: string, facts: CustomerErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.retryAfterSeconds = facts.retryAfterSeconds
    this.details = facts.details ?? {}
  }
}
