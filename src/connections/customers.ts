import type { Audit, Whence } from '#accounts/audit.ts'
import type { Name } from '#dns/name.ts'
import type { Value } from '#dns/value.ts'
import type { Provider } from '#providers/provider.ts'

/** Who owns a store on the platform. */
export interface Customer {
  readonly id: string
  /** Lower case. */
  readonly email: string
  /** The store's name. */
  readonly domain: Name
  /** Where visitors of it are to arrive: their own, or the platform's. */
  readonly targets: Targets
}

export interface Targets {
  readonly ipv4: readonly Value[]
  readonly ipv6: readonly Value[]
  readonly host?: Name | undefined
  readonly servesWww: boolean
}

/** What a customer let us do at Cloudflare. */
export interface Connection {
  readonly id: string
  readonly customerId: string
  readonly kind: 'oauth' | 'token'
  readonly status: 'active' | 'reconnect_required'
  /** The zone that was chosen for the store's name; null: none was found yet. */
  readonly zoneId: string | null
  /** ms */
  readonly connectedAt: number
  /** When the review was confirmed, or had nothing to say; null: it is still to be read. */
  readonly reviewedAt: number | null
  readonly lastSyncAt: number | null
}

/** What can be asked of a customer. Every method throws `CustomerError` for what it cannot do. */
export interface Customers {
  /**
   * Takes as long for an unknown account as for a wrong password. The address counts for the limit; of a wrong password
   * the account's owner is told where it came from.
   */
  signIn(given: { email: string; password: string } & Whence): Promise<Customer>
  /** `token`: signed by the host platform for this one sign-in; makes the customer, or brings them up to date. */
  signInFromHost(token: string): Promise<Customer>
  find(id: string): Promise<Customer | undefined>
  /** Also the one that asks. */
  endSessions(customerId: string): Promise<void>

  readonly audit: Audit

  /** The newest. */
  connectionOf(customerId: string): Promise<Connection | undefined>
  /** Cloudflare with this connection's grant: refreshed before it expires and once on a 401, never twice at a time. */
  cloudflareOf(connection: Connection): Provider
  /**
   * The API-token door: verified, both kinds; permissions are read from the zones it sees, and `zones` says how many.
   * Replaces what was there.
   */
  connectByToken(customer: Customer, token: string): Promise<Connection & { readonly zones: number }>
  /** Where to send the browser. `session`: what the callback must come back with. */
  beginOAuth(customer: Customer, session: string): Promise<URL>
  /** `callback`: the whole URL that the browser came back to. */
  finishOAuth(customer: Customer, session: string, callback: URL): Promise<Connection>
  /** Revokes (OAuth; three tries) and forgets: tokens, cache and plans are gone when it returns. */
  disconnect(customer: Customer): Promise<{ readonly revoked: 'yes' | 'no' | 'not-ours-to-revoke' }>

  chooseZone(connection: Connection, zoneId: string | null): Promise<Connection>
  markReviewed(connection: Connection): Promise<Connection>
  markSynced(connection: Connection, at: number): Promise<Connection>

  /** Counts against 10 changes or 1 sync a minute, exactly; throws `rate-limited`. */
  spend(customerId: string, what: 'change' | 'sync'): Promise<void>
}
