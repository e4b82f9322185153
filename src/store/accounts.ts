import type { Name } from '#dns/name.ts'
import type { Value } from '#dns/value.ts'
import type { ZoneId } from '#dns/zone.ts'

/**
 * Customers, their sessions, what they granted us. As in `Store`, each method is one
 * transaction. Tokens are sealed, and ids of sessions and states hashed, before they come here. Times are ms.
 */
export interface AccountStore {
  /** False: somebody has this e-mail address, or this identity, already. */
  addCustomer(customer: CustomerRow, identity?: HostIdentity): Promise<boolean>
  /**
   * All of the row but its id and birth; with another domain no zone is chosen any more, and nothing reviewed. False:
   * somebody else has this address, or there is no such customer.
   */
  changeCustomer(customer: CustomerRow): Promise<boolean>
  customer(id: string): Promise<CustomerRow | undefined>
  customerByEmail(email: string): Promise<CustomerRow | undefined>
  customerByIdentity(identity: HostIdentity): Promise<CustomerRow | undefined>
  customers(): Promise<readonly CustomerRow[]>
  /** And everything that is theirs, in every table. False: there is no such customer. */
  removeCustomer(id: string): Promise<boolean>

  /** One that is alive: used within the last 30 minutes, and begun within the last 12 hours. It is used by this. */
  session(idHash: string, now: number): Promise<SessionRow | undefined>
  /** Makes it, or keeps what is in it. One that has ended or run out never comes back: false. */
  keepSession(session: SessionToKeep, now: number): Promise<boolean>
  endSession(idHash: string, now: number): Promise<void>
  endSessionsOf(customerId: string, now: number): Promise<void>
  /**
   * Sessions, states, plans and logs that are of no more use, connections of customers that are gone since, and what was
   * read through connections that are.
   */
  forgetSessions(now: number): Promise<void>

  addOAuthState(state: OAuthStateRow, now: number): Promise<void>
  /** Takes it away, whatever it says: a state is looked at once. */
  takeOAuthState(stateHash: string): Promise<OAuthStateRow | undefined>

  /** The newest of the customer. */
  connectionOf(customerId: string): Promise<ConnectionRow | undefined>
  connection(customerId: string, id: string): Promise<ConnectionRow | undefined>
  /** In place of all that the customer has, of which nothing stays. Gives what was replaced, as it was in the end. */
  replaceConnection(connection: ConnectionRow): Promise<readonly ConnectionRow[]>
  /** undefined: it is gone. */
  changeConnection(
    customerId: string,
    id: string,
    changes: Partial<Pick<ConnectionRow, 'zoneId' | 'reviewedAt' | 'lastSyncAt'>>,
  ): Promise<ConnectionRow | undefined>
  /** Tokens, cache, plans and the list of zones are gone with it. Gives it as it was in the end. */
  removeConnection(customerId: string, id: string): Promise<ConnectionRow | undefined>

  /** The right to refresh, for one process at a time, and only from the version that it has read. */
  holdRefresh(hold: RefreshHold, now: number, until: number): Promise<boolean>
  /** Nobody tries again before `until`. */
  releaseRefresh(hold: RefreshHold, until: number): Promise<void>
  /** False: the connection is gone, or somebody else has refreshed it meanwhile. */
  keepTokens(hold: RefreshHold, tokens: SealedTokens): Promise<boolean>
  /** Only a new grant helps, unless the tokens have changed since `version`. */
  loseGrant(connectionId: string, version: number): Promise<void>

  sealedTokens(): Promise<readonly ConnectionRow[]>
  /** The same tokens under another key; false: they have changed meanwhile. The version stays. */
  resealTokens(
    before: ConnectionRow,
    after: Pick<SealedTokens, 'accessToken' | 'refreshToken'>,
  ): Promise<boolean>

  /** Keeps it, and with it of this customer's entries of this event the newest `most`. */
  noteAudit(entry: AuditRow, most: number): Promise<void>
  /** So many, newest first, and those before `after` alone. */
  auditOf(
    customerId: string,
    limit: number,
    after?: Pick<AuditRow, 'at' | 'id'>,
  ): Promise<readonly AuditRow[]>
  /** Forgets entries of before (ms), and of customers that are gone, some hundreds at a time. Returns how many. */
  forgetAudit(before: number): Promise<number>
}

export interface CustomerRow {
  readonly id: string
  /** Lower case. */
  readonly email: string
  /** PHC string. */
  readonly passwordHash: string | null
  readonly domain: Name
  readonly ipv4: readonly Value[]
  readonly ipv6: readonly Value[]
  readonly host: Name | null
  /** null: as the platform has it. */
  readonly servesWww: boolean | null
  readonly createdAt: number
}

/** By whom and by what a host platform knows a customer (`iss` and `sub` of RFC 7519). */
export interface HostIdentity {
  readonly issuer: string
  readonly subject: string
}

export interface SessionRow {
  readonly idHash: string
  readonly customerId: string | null
  /** JSON. */
  readonly data: string
  readonly createdAt: number
}

/** `createdAt`: of one to be made; left out, it begins now. */
export type SessionToKeep = Omit<SessionRow, 'createdAt'> & Partial<Pick<SessionRow, 'createdAt'>>

export interface OAuthStateRow {
  readonly stateHash: string
  readonly customerId: string
  readonly sessionHash: string
  /** Of PKCE; sealed. */
  readonly verifier: string
  readonly expiresAt: number
}

export interface SealedTokens {
  readonly accessToken: string
  readonly refreshToken: string | null
  /** null: not known. */
  readonly expiresAt: number | null
  readonly scope: string | null
}

export interface ConnectionRow extends SealedTokens {
  readonly id: string
  readonly customerId: string
  readonly kind: 'oauth' | 'token'
  readonly status: 'active' | 'reconnect_required'
  readonly zoneId: ZoneId | null
  readonly tokenVersion: number
  readonly connectedAt: number
  readonly reviewedAt: number | null
  readonly lastSyncAt: number | null
}

/** What happened to a customer's account. */
export interface AuditRow {
  readonly id: string
  readonly customerId: string
  readonly at: number
  readonly event: string
  /** Of the browser that it came from. */
  readonly address: string
  /** In words. */
  readonly browser: string
  readonly detail: string | null
}

export interface RefreshHold {
  readonly connectionId: string
  readonly owner: string
  readonly version: number
}

/** How long a session lives without being used, and at the longest (ms). */
export const SESSION_IDLE_MS = 30 * 60_000
export const SESSION_LONGEST_MS = 12 * 3_600_000
