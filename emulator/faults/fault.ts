/** What a fault is: something that happens to one request instead of the usual, in a phase of its handling. */
import type { Exchange } from '../exchange.ts'
import type { RandomStream } from '../random.ts'
import type { WireReply } from '../wire.ts'

/**
 * Before anybody asked who calls; before anything took effect; after it did; while the answer was on its way.
 * What distorts a read counts as `during-reply`.
 */
export const PHASES = ['before-auth', 'before-commit', 'after-commit', 'during-reply'] as const
export type Phase = (typeof PHASES)[number]

export interface Fault {
  readonly id: string
  /** One line: what happens. */
  readonly title: string
  readonly phases: readonly Phase[]
  /** The variants that `form` may name. */
  readonly forms?: readonly string[]
  /** Stays in force after its request (a revoked token): random mode leaves it out unless it is named. */
  readonly lasting?: boolean
  /** Whether it can happen to this request; to any when absent. */
  applies?(exchange: Exchange, settings: FaultSettings): boolean
  inject(exchange: Exchange, how: Injection): WireReply
}

/** What a script may set; whatever it leaves open is drawn from the seed. */
export interface FaultSettings {
  readonly status?: number
  /** The length of whatever the fault makes long: a delay, an outage, how old a list is, a Retry-After. */
  readonly seconds?: number
  readonly form?: string
  /** F14: the record name that no batch with it gets past. */
  readonly name?: string
  /** F28: how many operations fit in a batch; as many as on the free plan when absent. */
  readonly operations?: number
}

export interface Injection extends FaultSettings {
  readonly phase: Phase
  readonly random: RandomStream
  /** What lasts says here how it ends. */
  undoneBy(undo: () => void): void
}

/** One of `choices`, by the seed. */
export function oneOf<T>(choices: readonly T[], random: RandomStream): T {
  return choices[random.below(choices.length)]!
}

export function between(least: number, most: number, random: RandomStream): number {
  return least + random.below(most - least + 1)
}

/** Runs the request as far as `phase` says, and then gives what `instead` makes of the answer. */
export function atPhase(exchange: Exchange, phase: Phase, instead: () => WireReply): WireReply {
  if (phase === 'before-commit') return exchange.admit() ?? instead()
  if (phase !== 'before-auth') exchange.carryOut()
  return instead()
}

export function writes(exchange: Exchange): boolean {
  return exchange.matched?.route.writes ?? false
}

export function lists(exchange: Exchange): boolean {
  return exchange.matched?.route.name === 'list'
}
