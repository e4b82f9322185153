import type { Name } from '#dns/name.ts'
import type { Change } from '#dns/plan.ts'
import type { ForeignRecord, RecordId, ZoneRecord } from '#dns/record.ts'
import type { RecordSet, SetKey } from '#dns/record-set.ts'
import type { CustomerStore } from './customers.ts'
import type { Edit, EditedSet, EditStore } from './edits.ts'

/**
 * What we remember, and every way in which it may change. Each method is one transaction: all of it, or none of it.
 * Correctness rests on unique keys and conditional updates alone, so that several processes may share one database.
 * Methods reject with `StoreError` when the database cannot answer.
 */
export interface Store {
  readonly customers: CustomerStore

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

  zonesOf(credential: string): Promise<readonly KnownZone[]>
  /** Keeps a complete list of what a credential sees. A zone that left the list stays known, with `missingSince`. */
  rememberZones(credential: string, listed: readonly ZoneFacts[], at: number): Promise<readonly KnownZone[]>
  /** Every zone that any credential has seen, once. */
  knownZones(): Promise<readonly KnownZone[]>
  /** Zones with anything to do or to keep true: managed sets, intents, unsettled dispatches. */
  zonesInUse(): Promise<readonly ZoneId[]>

  /** Holds, or goes on holding, the right to write to a zone. Undefined: somebody else holds it. */
  holdLease(zone: ZoneId, owner: string, now: number, until: number): Promise<Lease | undefined>
  /** Ends every lease at once: for the only process of an embedded database, when it starts. */
  freeAllLeases(): Promise<void>
  /** Holds on to all that `owner` holds. */
  renewLeases(owner: string, now: number, until: number): Promise<void>
  releaseLeases(owner: string): Promise<void>

  /** All that an upsert or a delete of one set has to know. */
  setState(zone: ZoneId, key: SetKey): Promise<SetState>
  /**
   * Rejects after `notAfter` (ms): what its caller has given up must not overtake what the same caller asked since. And
   * with `NameTaken`, where another caller has sets at the name, or was the first to ask for one; or has them below it,
   * in the same zone, where the intent delegates that.
   */
  addIntent(intent: NewIntent, notAfter?: number): Promise<Intent>
  /**
   * Adds an intent of our own, to put right what we saw, unless somebody has asked for this set since: it is managed
   * with another generation than `managedAs` (undefined: not managed), or something is under way for it.
   */
  addCorrection(intent: NewIntent, managedAs: number | undefined): Promise<Intent | undefined>
  /** Takes back an intent that was never sent, as far as we know. False: too late. */
  withdrawIntent(generation: number): Promise<boolean>
  /** A caller has been told why its set was refused. */
  markRefusalTold(zone: ZoneId, key: SetKey): Promise<void>
  /** Undispatched intents, oldest first. */
  waitingIntents(zone: ZoneId): Promise<readonly Intent[]>
  /**
   * Zones that want a visit from `owner`, because they are its own or nobody's: something waits there, nobody holds
   * them, or somebody wants to see a read. `now` in ms.
   */
  zonesToVisit(owner: string, now: number): Promise<readonly ZoneVisit[]>
  /** Asks whoever holds the zone for a read that began at `since` (ms) or later; `SetState.readAt` tells when it is there. */
  wantRead(zone: ZoneId, since: number): Promise<void>
  /** Ends intents without a call: `superseded`, `left-in-place`, refused, or found to be true already. */
  endIntents(lease: Lease, ended: readonly EndedIntent[], at: number): Promise<boolean>
  /** Of these intents, those that are over and were waited for: how they ended, whoever ended them. */
  endsOf(generations: readonly number[]): Promise<readonly IntentEnd[]>
  /** A read has shown what was to be told only then. */
  showEnds(generations: readonly number[]): Promise<void>
  /** Forgets the ends of before (ms); nobody waits for so long. */
  forgetEnds(before: number): Promise<void>

  zoneState(zone: ZoneId): Promise<ZoneState>
  recordsAt(zone: ZoneId, names: readonly Name[]): Promise<readonly MirrorRecord[]>
  recordsOf(zone: ZoneId): Promise<readonly MirrorRecord[]>
  /** How many records are known of a zone, by whoever knows most of it. */
  sizeOf(zone: ZoneId): Promise<number>
  managedSets(zone: ZoneId): Promise<readonly ManagedSet[]>
  /** What we manage in a zone, and what was refused there. */
  setsOf(zone: ZoneId): Promise<readonly KnownSet[]>
  /** What we manage at these names, and what was refused there. */
  setsAt(zone: ZoneId, names: readonly Name[]): Promise<readonly KnownSet[]>

  /**
   * The statement before the socket write, whoever asked for it: if the lease still holds at `minimumLeft` ms from `at`,
   * and every intent is still waiting, all of them become `dispatched` with this batch. Undefined: something changed;
   * plan again.
   */
  dispatch(lease: Lease, batch: NewDispatch, minimumLeft: number): Promise<Dispatch | undefined>
  /**
   * Cloudflare did it. Updates the mirror, sets, what a customer sees, and history, and ends what it was for; CAS on the
   * dispatch.
   */
  settle(lease: Lease, dispatch: Dispatch, settlement: Settlement): Promise<boolean>
  /** Cloudflare did nothing. The intents wait again, but for those that are refused for good. */
  requeue(lease: Lease, dispatch: Dispatch, refused: readonly Refused[], at: number): Promise<boolean>
  /**
   * Nobody knows. Its names are in doubt until reads have shown them, its record ids fenced until `fenceUntil`. Without a
   * lease: whoever sent it is long dead. `error`: what an edit by hand has failed for, if it has.
   */
  markUnknown(
    lease: Lease | undefined,
    dispatch: Dispatch,
    at: number,
    fenceUntil: number,
    error?: string,
  ): Promise<boolean>

  /** Keeps a read that was found good, and what follows from it. */
  keepTrustedRead(lease: Lease, read: TrustedRead): Promise<boolean>
  /** The zone is full: nothing that grows it is tried until then. */
  markFull(zone: ZoneId, until: number): Promise<void>

  /** What customers see of their zones, and change there by hand. */
  readonly edits: EditStore

  /** Of the sets that we keep; what customers change is in `edits`. */
  history(query: { zone?: ZoneId; key?: SetKey; limit: number }): Promise<readonly HistoryEntry[]>
  historyEntry(id: string): Promise<HistoryEntry | undefined>
  /** Forgets entries of anybody of before (ms), the oldest first, some hundreds at a time. Returns how many. */
  forgetHistory(before: number): Promise<number>
  /**
   * Forgets what is beyond the newest `most` entries of a customer, some hundreds at a time; what is of one time stays
   * together. Returns how many.
   */
  forgetHistoryBeyond(customerId: string, most: number): Promise<number>
  /** Resolves when the database answers. */
  ping(): Promise<void>
  close(): Promise<void>
}

/**
 * The database could not answer. Nothing of the transaction was kept, unless the connection was lost at the very commit:
 * then all of it may have been.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}

/**
 * Another caller has the name, with whatever type and in whatever zone: it keeps a set there, or asks for one. The name is
 * free once its last set there is gone. Of a name that is to be delegated, it may be one below that another caller has.
 * Who keeps this very set already may go on in any case.
 */
export class NameTaken extends Error {
  override readonly name = 'NameTaken'
  /** Its id. */
  readonly owner: string

  constructor(name: Name, owner: string) {
    super(`${name} belongs to the caller ${owner}.`)
    this.owner = owner
  }
}

/** Cloudflare's id of a zone: 32 lower-case hexadecimal digits. */
export type ZoneId = string

export interface ZoneFacts {
  readonly id: ZoneId
  readonly name: Name
  readonly status: string
  readonly type: string
  readonly paused: boolean
  readonly accountId: string
  readonly plan: string
  readonly nameServers: readonly string[]
  readonly permissions: readonly string[]
}

export interface KnownZone extends ZoneFacts {
  readonly seenAt: number
  readonly missingSince: number | null
}

/** The right to write to a zone. `epoch` grows with every new holder. */
export interface Lease {
  readonly zone: ZoneId
  readonly owner: string
  readonly epoch: number
  /** ms */
  readonly until: number
}

/** What somebody wants one set to be; durable from the moment it is answered or waited for. */
export interface Intent extends NewIntent {
  /** From one sequence for the whole database: the only order that counts. */
  readonly generation: number
}

export interface NewIntent {
  readonly zone: ZoneId
  readonly key: SetKey
  /** null: the set shall not exist. */
  readonly wanted: WantedSet | null
  readonly caller: string
  /** Callers whose names pass to this one as it asks for them. Not kept. */
  readonly heirOf?: readonly string[]
  /** NS, and not at the zone's own name: what the zone holds below would be seen no more. Not kept. */
  readonly delegates?: boolean
  readonly origin: Origin
  readonly requestId: string
  readonly at: number
  /** Until when (ms) a request waits for the outcome; null: nobody does; 0: it was sent once, and is finished anyhow. */
  readonly waitsUntil: number | null
  /** May it take over, or remove, a set that we did not make? */
  readonly adopts: boolean
}

/** Nothing was done: a newer intent took its place, or what it would have removed is somebody else's. */
export type LeftUndone = 'superseded' | 'left-in-place'

/** How an intent ended that somebody waited for. */
export interface IntentEnd {
  readonly generation: number
  readonly outcome: 'created' | 'updated' | 'deleted' | 'unchanged' | LeftUndone | Refused['refusal']
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

export type Origin = 'caller' | 'drift' | 'undo'

export interface WantedSet extends RecordSet {
  readonly proxied?: boolean
}

/** A set that we keep as it was declared. */
export interface ManagedSet {
  readonly zone: ZoneId
  readonly key: SetKey
  readonly wanted: WantedSet
  readonly caller: string
  readonly generation: number
  /** Whether the mirror shows exactly this. */
  readonly settled: boolean
  /** At least one of its records is proxied: its TTL is Cloudflare's. */
  readonly proxied: boolean
  readonly since: number
}

/** Cloudflare's final no to one intent, kept as the answer to the same question for a while. */
export interface SetRefusal {
  readonly wanted: WantedSet | null
  readonly code: 'refused' | 'conflict' | 'not-ours' | 'quota-exceeded'
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
  readonly at: number
  /** Whether any caller has been told. */
  readonly told: boolean
}

export interface KnownSet {
  readonly key: SetKey
  readonly managed: ManagedSet | undefined
  readonly refusal: SetRefusal | undefined
}

export interface SetState {
  readonly managed: ManagedSet | undefined
  readonly refusal: SetRefusal | undefined
  /** The newest intent that has not ended, dispatched or not. */
  readonly pending: Intent | undefined
  /** Of the zone: when it was last read whole; null: never, or not to be relied on. */
  readonly readAt: number | null
  /** What became of a change at this name is not known yet, or a late commit of it may still arrive. */
  readonly hasUnknownOutcome: boolean
}

export interface ZoneState {
  readonly readAt: number | null
  readonly fullUntil: number
  /** There are sets that we keep as they were declared. */
  readonly managing: boolean
  /** Dispatches that are not settled, of anybody: in flight, in doubt, or resolved and still fenced. */
  readonly dispatches: readonly Dispatch[]
}

export interface NewDispatch {
  readonly changes: readonly Change[]
  readonly intents: readonly Intent[]
  readonly names: readonly Name[]
  readonly at: number
  /** Of a customer, instead of intents: what became of it is for the customer to be told, and it is no doing of callers. */
  readonly edit?: Edit
}

export interface Dispatch extends NewDispatch {
  readonly id: string
  readonly epoch: number
  /** `sent`: no outcome yet; `doubtful`: outcome unknown; `fenced`: known by reading, but a late commit is still possible. */
  readonly state: 'sent' | 'doubtful' | 'fenced'
  readonly unknownSince: number | null
  readonly fenceUntil: number
}

export interface MirrorRecord {
  readonly record: ZoneRecord | ForeignRecord
  /** When a definite answer to a write of ours last told us this record (ms); 0: only read. */
  readonly confirmedAt: number
  /** Known to be gone since (ms); null: it is there. Kept a while, to know a stale list by. */
  readonly goneAt: number | null
}

export interface EndedIntent {
  readonly intent: Intent
  readonly outcome: LeftUndone | 'already-so' | Refused['refusal']
  /** For `already-so`: the records of the set. */
  readonly records?: readonly ZoneRecord[]
}

export interface Settlement {
  readonly at: number
  readonly deleted: readonly RecordId[]
  readonly patched: readonly ZoneRecord[]
  readonly created: readonly ZoneRecord[]
  /** What became of each intent; an intent that Cloudflare answered with something else is refused. */
  readonly sets: readonly SettledSet[]
  /** Of an edit: the sets that it has changed, for the history. */
  readonly edited?: readonly EditedSet[]
}

export interface SettledSet {
  readonly intent: Intent
  /** The set before and after, for the history; null: absent. */
  readonly before: readonly ZoneRecord[]
  readonly after: readonly ZoneRecord[]
  readonly refusal?: Refused['refusal']
  /** Those who wait are told when a read has shown it (`showEnds`). */
  readonly onceShown?: boolean
}

export interface Refused {
  readonly intent: Intent
  readonly refusal: Omit<SetRefusal, 'wanted' | 'at' | 'told'>
}

export interface TrustedRead {
  readonly at: number
  readonly seen: readonly (ZoneRecord | ForeignRecord)[]
  readonly gone: readonly RecordId[]
  /** Dispatches whose outcome this read has shown: done, so their intents end, or not, so they wait again. */
  readonly resolved: readonly {
    readonly dispatch: Dispatch
    readonly ended: readonly SettledSet[]
    readonly again: readonly Intent[]
  }[]
  /** Managed sets that now are, or no longer are, as declared. */
  readonly settled: readonly SetKey[]
  readonly drifted: readonly SetKey[]
}

export interface HistoryEntry {
  readonly id: string
  readonly zone: ZoneId
  readonly at: number
  readonly actor: { readonly kind: 'customer' | 'caller' | 'outside' | 'system'; readonly label: string }
  readonly requestId: string
  readonly key: SetKey
  readonly before: readonly ZoneRecord[]
  readonly after: readonly ZoneRecord[]
  readonly outcome: 'done' | 'refused'
  readonly reason: string | null
}
