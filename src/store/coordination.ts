import type { ZoneId } from '#dns/zone.ts'

/**
 * What processes that share a database agree on: who writes to which zone, which nonces were used, how many calls and
 * attempts are left.
 */
export interface Coordination extends Limits {
  /**
   * Takes a nonce for good. False: somebody had it before, or may have, since others that expired as late are forgotten.
   * `expiresAt` (ms): when no request with it can be valid any more.
   */
  claimNonce(caller: string, nonce: string, expiresAt: number): Promise<boolean>
  /** Forgets nonces that expired before `now`, some thousands at a time. Returns how many. */
  forgetNonces(now: number): Promise<number>
  /** Requests stamped before this (ms) cannot be checked for replay: nonces may have been lost with the machine. */
  readonly replaysPossibleUntil: number

  /** Runs `decide` on a credential's budget with nobody else in between, and keeps what it returns. */
  changeBudget<Budget, Answer>(
    credential: string,
    decide: (budget: Budget | undefined) => { budget: Budget; answer: Answer },
  ): Promise<Answer>
  /** Forgets budgets that nobody has used since `before` (ms). */
  forgetBudgets(before: number, now: number): Promise<void>

  /** Holds, or goes on holding, the right to write to a zone. Undefined: somebody else holds it. */
  holdLease(zone: ZoneId, owner: string, now: number, until: number): Promise<Lease | undefined>
  /** Ends every lease at once: for the only process of an embedded database, when it starts. */
  freeAllLeases(): Promise<void>
  /** Holds on to all that `owner` holds. */
  renewLeases(owner: string, now: number, until: number): Promise<void>
  releaseLeases(owner: string): Promise<void>
  /** Ends a lease, unless it has ended already, and what others wanted of it. */
  releaseLease(zone: ZoneId, owner: string): Promise<void>
  /** Asks whoever holds the zone to let go of it for a moment. */
  wantLease(zone: ZoneId, at: number): Promise<void>
  /** Zones of this owner that somebody else asks for. */
  leasesWanted(owner: string): Promise<readonly ZoneId[]>

  /**
   * Zones that want a visit from `owner`, because they are its own or nobody's: something waits there, nobody holds
   * them, or somebody wants to see a read. `now` in ms.
   */
  zonesToVisit(owner: string, now: number): Promise<readonly ZoneVisit[]>
  /** Asks whoever holds the zone for a read that began at `since` (ms) or later; `SetState.readAt` tells when it is there. */
  wantRead(zone: ZoneId, since: number): Promise<void>
}

export interface Limits {
  /** Counts one more against `most` in the last `windowMs`, exactly; otherwise how long until one is free (ms). */
  spend(
    limit: Limit,
    now: number,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly waitMs: number }>
  /** Takes back what was spent at `at`. */
  giveBack(limit: Pick<Limit, 'subject' | 'kind'>, at: number): Promise<void>
}

/** The right to write to a zone. `epoch` grows with every new holder. */
export interface Lease {
  readonly zone: ZoneId
  readonly owner: string
  readonly epoch: number
  /** ms */
  readonly until: number
}

export interface ZoneVisit {
  readonly zone: ZoneId
  /** The youngest generation that waits there; 0: nothing waits. */
  readonly newest: number
  /** There is something to keep true, and nobody holds it. */
  readonly isFree: boolean
  /** Nobody holds it, and what somebody sent is without an outcome. */
  readonly underWay: boolean
  /** Somebody wants to see a read that began then (ms) or later; 0: nobody does. */
  readonly readWanted: number
}

export interface Limit {
  /** Who: an id, or a hash. */
  readonly subject: string
  readonly kind: string
  readonly customerId: string | null
  readonly most: number
  readonly windowMs: number
}
