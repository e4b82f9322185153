import type { Name } from '#dns/name.ts'
import type { Problem } from '#dns/problems.ts'
import type { RecordSet, SetKey } from '#dns/record-set.ts'
import type { Provider } from '#providers/provider.ts'
import type { Allowance, SetRule } from './declared/policy.ts'

/** Who declares record sets: one signing key, one credential, one policy. */
export interface Caller {
  /** `default` for the caller of the environment. */
  readonly id: string
  readonly cloudflare: Provider
  /** What to do with a set that exists and that we did not make: take it over, or leave it alone and refuse. */
  readonly ownership: 'adopt' | 'strict'
  /** When an upsert is answered: once Cloudflare holds it, or once it is durable here. */
  readonly ack: 'cloudflare' | 'accepted'
  /** What it may touch; undefined: whatever its credential may. */
  readonly allowed?: Allowance
  /** The first that fits counts. */
  readonly rules?: readonly SetRule[]
  /** Callers that are no more, whose names pass to this one as it asks for them. */
  readonly heirOf?: readonly string[]
}

/** The request behind a question, for the log, the history and the time we have. */
export interface Asked {
  readonly requestId: string
  /** Milliseconds since 1970: when the caller must have an answer. Work not sent by then is withdrawn. */
  readonly deadline: number
}

export interface UpsertAnswer {
  readonly outcome: 'unchanged' | 'created' | 'updated' | 'accepted'
  /** The set as Cloudflare holds it (`accepted`: as it will be); `ttl` is the effective one. */
  readonly set: RecordSet
  readonly zone: Name
  /** What works but may surprise, such as a CNAME beside MX. */
  readonly warnings: readonly Problem[]
}

export interface RemoveAnswer {
  /** `left-in-place`: there is such a set, but we do not manage it. `not-yours`: not for this caller, be it there or not. */
  readonly outcome: 'deleted' | 'absent' | 'left-in-place' | 'not-yours' | 'accepted'
}

export interface Health {
  readonly healthy: boolean
  /** Why not, in words that may be shown to the caller. */
  readonly reason?: string
}

/** What can be asked of the zones. Every method throws `DnsError` for what it cannot do. */
export interface Zones {
  /** Makes Cloudflare hold exactly this set, and keeps it so. Answers once that is true (or durable: `Caller.ack`). */
  upsert(caller: Caller, set: RecordSet, asked: Asked): Promise<UpsertAnswer>
  /** Removes a set that we manage for this caller; leaves any other alone. */
  remove(caller: Caller, key: SetKey, asked: Asked): Promise<RemoveAnswer>
  /** The set as Cloudflare holds it, ours or not; undefined only when it is known to be absent. */
  read(caller: Caller, key: SetKey, asked: Asked): Promise<RecordSet | undefined>
  /** From memory, at once. */
  health(caller: Caller): Health
}
