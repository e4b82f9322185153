import type { Clock, Log, Random } from '#platform/ports.ts'
import type { Store } from '#store/store.ts'
import { createIntake } from './declared/intake.ts'
import type { EngineEvents } from './events.ts'
import { createKeeper } from './keeper.ts'
import type { ZoneTurns } from './turns.ts'
import type { Caller, Zones } from './zones.ts'

export interface EngineOptions {
  readonly store: Store
  /** Everybody who may ask, at first; each brings the client of its credential, which several may share. */
  readonly callers: readonly Caller[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly events: EngineEvents
  /** How old the mirror of a zone may become (ms). */
  readonly refreshMs: number
  readonly drift: 'correct' | 'report'
  /** Shared with whoever else is at work in the same zones; its own unless said. */
  readonly turns?: ZoneTurns
  /** How often to look for what other processes wrote down (ms); every two seconds unless said. */
  readonly lookEveryMs?: number
}

export interface Engine extends Zones {
  /** Takes up what was left undone, and begins to keep zones as they were declared. */
  start(): Promise<void>
  /**
   * From now on these are the callers. What is kept for one that is not among them goes on being kept, by a credential that
   * sees its zone.
   */
  setCallers(callers: readonly Caller[]): Promise<void>
  /** Finishes what is under way, and lets go of every zone. What waits here goes on waiting in the store. */
  stop(): Promise<void>
}

/** The engine behind `Zones`: an intake, and a keeper with one worker for each zone in use. */
export function createZones(options: EngineOptions): Engine {
  const keeper = createKeeper(options)
  return {
    ...createIntake(options, keeper),
    start: keeper.start,
    setCallers: keeper.setCallers,
    stop: keeper.stop,
  }
}
