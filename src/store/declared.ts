import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import type { RecordSet, SetKey } from '#dns/record-set.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { Lease } from './coordination.ts'

/** Record sets that are kept as callers declared them, and the intents that lead there. */
export interface DeclaredSets {
  /** All that an upsert or a delete of one set has to know. */
  setState(zone: ZoneId, key: SetKey): Promise<SetState>
  managedSets(zone: ZoneId): Promise<readonly ManagedSet[]>
  /** What we manage in a zone, and what was refused there. */
  setsOf(zone: ZoneId): Promise<readonly KnownSet[]>
  /** What we manage at these names, and what was refused there. */
  setsAt(zone: ZoneId, names: readonly Name[]): Promise<readonly KnownSet[]>

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
  /** Ends intents without a call: `superseded`, `left-in-place`, refused, or found to be true already. */
  endIntents(lease: Lease, ended: readonly EndedIntent[], at: number): Promise<boolean>
  /** Of these intents, those that are over and were waited for: how they ended, whoever ended them. */
  endsOf(generations: readonly number[]): Promise<readonly IntentEnd[]>
  /** A read has shown what was to be told only then. */
  showEnds(generations: readonly number[]): Promise<void>
  /** Forgets the ends of before (ms); nobody waits for so long. */
  forgetEnds(before: number): Promise<void>
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

export interface EndedIntent {
  readonly intent: Intent
  readonly outcome: LeftUndone | 'already-so' | Refused['refusal']
  /** For `already-so`: the records of the set. */
  readonly records?: readonly ZoneRecord[]
}

export interface Refused {
  readonly intent: Intent
  readonly refusal: Omit<SetRefusal, 'wanted' | 'at' | 'told'>
}
