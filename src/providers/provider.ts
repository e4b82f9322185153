import type { Change } from '#dns/plan.ts'
import type { ForeignRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import type { ListedZone, ZoneId } from '#dns/zone.ts'

/**
 * Whoever serves zones and lets us change them, for one credential: all that the engine asks of them. Lists are whole or an
 * error, a batch is one transaction, and every method throws `ProviderError` and nothing else.
 */
export interface Provider {
  /** Names the credential in logs and budgets, without telling it. */
  readonly credential: string
  readonly capabilities: Capabilities
  /** Every zone that the credential sees, or an error: never a part of them. */
  listZones(work: WorkKind, turn?: Turn): Promise<readonly ListedZone[]>
  /** Every record of a zone, or an error: never a part of them. */
  listRecords(zone: ZoneId, work: WorkKind, turn?: Turn): Promise<ListedRecords>
  /** How many records a zone may hold; undefined: it is not said. */
  recordQuota(zone: ZoneId, work: WorkKind, turn?: Turn): Promise<number | undefined>
  /** Leave to make one call now. Taken before a batch is decided, so that nothing waits between deciding and sending. */
  permit(work: WorkKind, patienceMs: number, turn?: Turn): Promise<Permit>
  /**
   * All of `changes` in one transaction, or none: a change to a record whose id is gone fails all of them, which is the fence
   * against what arrives late (decisions/008). At most `batchLimit` operations. Never repeated here.
   */
  batch(zone: ZoneId, changes: readonly Change[], permit: Permit): Promise<BatchDone>
  status(): ProviderStatus
}

export interface Capabilities {
  /** Operations in one batch. */
  readonly batchLimit: number
}

/** In the order in which they are served: somebody waits, something waits, nobody waits. */
export const WORK_KINDS = ['people', 'machines', 'background'] as const
export type WorkKind = (typeof WORK_KINDS)[number]

export interface Turn {
  /** `first` unless said. */
  readonly attempt?: Attempt
  /** Since when there has been need of the call (ms); from now on unless said. */
  readonly since?: number
}

/** `again`: the same was tried just before, and was not done. */
export type Attempt = 'first' | 'again'

/** Good for one call. */
export interface Permit {
  readonly used: boolean
}

export interface ListedRecords {
  readonly records: readonly ZoneRecord[]
  readonly others: readonly ForeignRecord[]
}

/** Of records or of zones: as many as one process of 64 MiB can hold beside each other, read and remembered. */
export const MOST_LISTED = 20_000

/** The records as they are held after a batch: `created` in the order of the changes that asked for them. */
export interface BatchDone {
  readonly deleted: readonly RecordId[]
  readonly patched: readonly ZoneRecord[]
  readonly created: readonly ZoneRecord[]
}

export interface ProviderStatus {
  /** Of the last call that was answered, whatever the answer; undefined before the first. */
  readonly lastAnswerAt: number | undefined
  /** Since when calls have been going unanswered; undefined while they are answered. */
  readonly silentSince: number | undefined
  readonly credentialRefused: boolean
  readonly callsLeft: number | undefined
}

/**
 * What we know of a request after its answer, which is all that the engine decides by.
 *
 * - `not-executed`: nothing was done. Safe to send again, if sending again can help.
 * - `executed`: it was done, but the answer does not tell us enough. Read back.
 * - `ambiguous`: either may be true, now or up to some minutes from now. Never send again: read back, plan again.
 */
export type OutcomeClass = 'not-executed' | 'executed' | 'ambiguous'

/**
 * - `unreachable`: no connection, or it was lost; `timeout`: no whole answer within our deadline
 * - `rate-limited`: by the provider, or our own budget is empty; `retryAfterMs` tells how long to keep quiet
 * - `breaker-open`: the provider failed several times in a row; we ask again with one probe at a time
 * - `unauthorised`: the credential is unknown, revoked, or lacks a permission
 * - `zone-missing`: there is no such zone, or it is not shown to this credential
 * - `stale-view`: what was sent does not fit what is there: our view of the zone is old
 * - `quota`: nothing new fits in the zone until something is deleted
 * - `refused`: another definite no, in the provider's own words
 * - `server-error`: the provider failed
 * - `unreadable`: an answer of no shape that we know, or not about what we asked
 * - `too-large`: an answer of more than we take into memory
 * - `too-many`: a list of more than `MOST_LISTED`; nothing of it is kept
 * - `incomplete-list`: the pages of a list do not add up; the list is unknown, not short
 */
export type ProviderErrorKind =
  | 'unreachable'
  | 'timeout'
  | 'rate-limited'
  | 'breaker-open'
  | 'unauthorised'
  | 'zone-missing'
  | 'stale-view'
  | 'quota'
  | 'refused'
  | 'server-error'
  | 'unreadable'
  | 'too-large'
  | 'too-many'
  | 'incomplete-list'

export interface ProviderErrorFacts {
  readonly retryAfterMs?: number
  /** For answers and logs: the provider's code, or what to quote to its support. Nothing is decided by it. */
  readonly details?: Readonly<Record<string, unknown>>
  /** False: we did not ask, because there was no leave to. */
  readonly wasCalled?: boolean
  readonly cause?: unknown
}

/** Holds nothing of the request: no credential, no URL, no body. */
export class ProviderError extends Error {
  override readonly name: string = 'ProviderError'
  readonly kind: ProviderErrorKind
  readonly outcome: OutcomeClass
  readonly retryAfterMs: number | undefined
  readonly details: Readonly<Record<string, unknown>>
  readonly wasCalled: boolean

  constructor(
    kind: ProviderErrorKind,
    outcome: OutcomeClass,
    message: string,
    { retryAfterMs, details = {}, wasCalled = true, cause }: ProviderErrorFacts = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
    this.outcome = outcome
    this.retryAfterMs = retryAfterMs
    this.details = details
    this.wasCalled = wasCalled
  }
}
