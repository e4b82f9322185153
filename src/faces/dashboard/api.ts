/**
 * What the pages and the server tell each other, as types alone. Times are RFC 3339 in UTC; names are whole.
 *
 * Every mutation carries `X-CSRF-Token`. The token belongs to the session, and signing in or connecting renews the
 * session: take the one from the newest answer that has one, and ask for the session again on a 403 with `CSRF`.
 */

import type { DeletionSafeguard } from '#edit-rules/deletion-safeguards.ts'

export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'CSRF'
  | 'NOT_FOUND'
  | 'INVALID_INPUT'
  | 'CONFLICT'
  | 'PLAN_OUT_OF_DATE'
  | 'NOT_CONNECTED'
  | 'RECONNECT_REQUIRED'
  | 'ZONE_NOT_FOUND'
  | 'ZONE_BLOCKED'
  | 'RATE_LIMITED'
  | 'CLOUDFLARE_REFUSED'
  | 'CLOUDFLARE_UNAVAILABLE'
  /** Ours: 503 while the database does not answer or the server is ending, 500 for our own mistakes. */
  | 'SERVER_ERROR'

/** Any answer from 400 on. With 429 and 503 the header `Retry-After` says how many seconds to wait. */
export interface ErrorAnswer {
  readonly error: {
    readonly code: ErrorCode
    /** One or two sentences for the customer. */
    readonly message: string
    /** The field of the request that is to be corrected. */
    readonly field?: string
    /** `problems`: all that is wrong, field by field; `plan`: the new one; `cloudflareCode`; `missing` permissions. */
    readonly details?: Readonly<Record<string, unknown>>
  }
}

export interface FieldProblem {
  readonly field: string
  readonly code: string
  readonly message: string
}

/** `GET session` and `POST login`. Each flash message is told once. */
export interface SessionAnswer {
  readonly customer: SessionCustomer | null
  readonly csrfToken: string
  readonly flash: readonly Flash[]
  /** There was a session, and it has ended by itself. Told once: the browser is rid of it then. */
  readonly hasEnded?: boolean
  /** Whom the host platform has sent while somebody else is signed in: `POST arrival` goes on as they. */
  readonly arrival?: Pick<SessionCustomer, 'email' | 'domain'>
  readonly features: Features
}

export interface SessionCustomer {
  readonly id: string
  readonly email: string
  readonly domain: string
  readonly targets: {
    readonly ipv4: readonly string[]
    readonly ipv6: readonly string[]
    readonly host?: string
    readonly servesWww: boolean
  }
}

export interface Flash {
  readonly kind: 'success' | 'info' | 'error'
  readonly message: string
}

/** The ways in: to Cloudflare by OAuth or by a pasted API token, and to the dashboard from the host platform. */
export interface Features {
  readonly oauth: boolean
  readonly token: boolean
  readonly sso: boolean
  /** Of Cloudflare's own dashboard, where the pages' links to it lead; without a slash at its end. */
  readonly cloudflareDashUrl: string
}

/** `POST cloudflare/token`. */
export interface ConnectedAnswer {
  readonly connection: { readonly status: ConnectionStatus }
  /** Of the new session. */
  readonly csrfToken: string
}

export type ConnectionStatus = 'none' | 'zone_missing' | 'review_pending' | 'connected' | 'reconnect_required'

/** `GET dns/records`, from the cache. */
export interface RecordsAnswer {
  readonly records: readonly ApiRecord[]
  readonly lastSyncedAt: string | null
  readonly connection: { readonly status: ConnectionStatus }
  readonly zone: ApiZone | null
}

/** `POST dns/sync`. */
export interface SyncAnswer {
  readonly records: readonly ApiRecord[]
  readonly lastSyncedAt: string | null
}

export interface ApiZone {
  readonly id: string
  readonly name: string
  /** active, pending, moved, … */
  readonly status: string
  /** full, partial, secondary, internal */
  readonly type: string
  readonly plan: string
  /** Those that Cloudflare wants the registrar to name. */
  readonly nameServers: readonly string[]
}

export interface RecordFields {
  readonly type: string
  readonly name: string
  /** Plain text for TXT, the mail server alone for MX. */
  readonly content: string
  /** Of MX alone. */
  readonly priority: number | null
  readonly proxied: boolean
  /** Seconds; 1 is automatic; null where the type is only shown. */
  readonly ttl: number | null
  readonly comment: string | null
}

export interface ApiRecord extends RecordFields {
  /** Cloudflare's. */
  readonly id: string
  readonly proxiable: boolean
  readonly editable: boolean
  /** Why it cannot be changed here. */
  readonly reason?: string
}

/** `PUT dns/records/{id}`; what it leaves out stays as it is. */
export interface RecordChangeInput extends RecordInput {
  /** The record as the page showed it: 409 with `details.current` if it says something else by now. */
  readonly was?: RecordFields
}

/** `POST dns/records`. */
export interface RecordInput {
  readonly type: string
  /** Relative to the zone, `@`, or whole. */
  readonly name: string
  readonly content: string
  readonly priority?: number | null
  readonly proxied?: boolean
  readonly ttl?: number
  readonly comment?: string | null
}

/** `POST dns/records/delete`: all of them as one change, or none. */
export interface RemovalInput {
  /** At most 200, each once. */
  readonly ids: readonly string[]
  /** What the customer was asked about: 409 with the brakes in `details.brakes` where there is more. */
  readonly sure?: readonly DeletionSafeguard[]
}

export interface RecordAnswer {
  readonly record: ApiRecord
}

/** With 202 for a change whose outcome is not known yet, and `GET operations/{id}`. */
export interface OperationAnswer {
  readonly operation: {
    readonly id: string
    readonly status: 'checking' | 'done' | 'failed'
    readonly record?: ApiRecord
    /** A sentence. */
    readonly error?: string
  }
}

/** `GET cloudflare/plan`. */
export interface PlanAnswer {
  readonly plan: ApiPlan
}

export interface ApiPlan {
  readonly id: string
  readonly domain: string
  readonly zone: ApiZone | null
  readonly changes: readonly ApiChange[]
  readonly warnings: readonly ApiWarning[]
  readonly blocked?: { readonly code: string; readonly message: string; readonly remedy: string }
  readonly expiresAt: string
  /** What else it is for than pointing the domain at its store. */
  readonly origin?: ApiPlanOrigin
}

export interface ApiPlanOrigin {
  readonly kind: 'import' | 'undo' | 'mend'
  /** Of an undo: the change that it takes back. */
  readonly undoes?: { readonly historyId: string; readonly at: string }
}

export interface ApiChange {
  readonly id: string
  readonly action: 'add' | 'replace' | 'delete' | 'keep'
  readonly type: string
  readonly name: string
  readonly current?: RecordFields & { readonly id: string }
  readonly proposed?: RecordFields
  readonly selected: boolean
  readonly locked: boolean
  /** Members of one group are taken together. */
  readonly group?: string
  readonly reason: string
}

export interface ApiWarning {
  readonly code: string
  readonly message: string
  /** Ids of the changes that it is about. */
  readonly changes?: readonly string[]
}

/** `POST cloudflare/confirm`. */
export interface ConfirmInput {
  readonly planId: string
  readonly selected: readonly string[]
}

export interface ConfirmAnswer {
  readonly applied: number
  readonly historyId: string
  readonly records: readonly ApiRecord[]
}

/** `GET dns/verification`. It is looked anew every five seconds at most. */
export interface VerificationAnswer {
  /** The store's own name first; then its twin with or without www, where the host serves that. */
  readonly names: readonly ApiVerifiedName[]
  /** Whether the registrar names the servers that Cloudflare wants, and which it names. */
  readonly delegation: { readonly status: ApiVerdict; readonly nameServers: readonly string[] }
  readonly checkedAt: string
}

/** `partly`: for some visitors, or by some servers. */
export type ApiVerdict = 'yes' | 'partly' | 'no' | 'not_checked'

export interface ApiVerifiedName {
  readonly name: string
  /** Where it is to lead: addresses, or the host's name. */
  readonly wanted: readonly string[]
  /** Where the records at Cloudflare lead. */
  readonly atCloudflare: readonly string[]
  readonly saved: ApiVerdict
  /** What the zone's name servers answer: of a proxied name Cloudflare's own addresses. null: they do not. */
  readonly atNameServers: readonly string[] | null
  readonly served: ApiVerdict
  /**
   * Whether a visitor arrives at the host platform. `by_http`: it was seen without https, which nobody could be asked for.
   * `not_checked`: somebody answers, and does not tell.
   */
  readonly reachable: 'yes' | 'by_http' | 'no' | 'not_checked'
  /** Until when somebody may remember where the name led before; it may be past. null: nobody has anything to remember. */
  readonly readyAt: string | null
  /** `live`: nothing is left to wait for or to do; `reachable` says whether that was seen. */
  readonly state: 'live' | 'waiting' | 'attention'
  /** What is waited for, or what to do, in sentences. */
  readonly hint?: { readonly code: string; readonly message: string; readonly remedy?: string }
}

/** `GET dns/history`, newest first. `POST dns/history/{id}/undo` answers a `PlanAnswer`. */
export interface HistoryAnswer {
  readonly entries: readonly ApiHistoryEntry[]
  /** For `?after=`, to have the older ones; null: there are none. */
  readonly next: string | null
}

/** `GET audit`, newest first. */
export interface AuditAnswer {
  readonly entries: readonly ApiAuditEntry[]
  /** For `?after=`, to have the older ones; null: there are none. */
  readonly next: string | null
}

export interface ApiAuditEntry {
  readonly id: string
  readonly at: string
  readonly event:
    | 'signed-in'
    | 'signed-in-from-host'
    | 'sign-in-failed'
    | 'signed-out-everywhere'
    | 'connected'
    | 'reconnected'
    | 'disconnected'
    | 'confirmed'
    | 'changed'
  readonly address: string
  /** In words. */
  readonly browser: string
  /** Of `connected` and `reconnected` the door: `oauth`, `token`. Of `confirmed` and `changed` the id in the history. */
  readonly detail?: string
}

export interface ApiHistoryEntry {
  readonly id: string
  readonly at: string
  readonly actor: { readonly kind: 'customer' | 'caller' | 'outside' | 'system'; readonly label: string }
  readonly summary: string
  readonly changes: readonly {
    readonly type: string
    readonly name: string
    readonly before: readonly RecordFields[]
    readonly after: readonly RecordFields[]
    /** What it held is too much to be told: both are empty. An undo still puts it back. */
    readonly isLeftOut?: true
  }[]
  /** Whether `POST dns/history/{id}/undo` would make a plan of it. */
  readonly undoable: boolean
}

/** `GET dns/health`, from the cache: what matters most first. `POST dns/health/plan` answers a `PlanAnswer`. */
export interface HealthAnswer {
  readonly findings: readonly ApiFinding[]
  /** How many there are besides. */
  readonly more: number
  /** When the records were read; null: never. */
  readonly readAt: string | null
}

export interface ApiFinding {
  readonly id: string
  readonly code: string
  /** It does not work; it may not work, or works against its owner; it could be better. */
  readonly severity: 'broken' | 'risky' | 'advice'
  readonly name: string
  /** What is the matter, what comes of it, and what to do. */
  readonly message: string
  readonly consequence: string
  readonly remedy: string
  /** What it is about: the first few. */
  readonly records: readonly RecordFields[]
  /** How many there are. */
  readonly recordCount: number
  /** Whether there is a plan that mends it. */
  readonly isMendable: boolean
}

/** `POST dns/health/plan`. */
export interface FixInput {
  /** `ApiFinding.id`. */
  readonly finding: string
}
