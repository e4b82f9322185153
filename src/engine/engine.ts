import type { Clock, Log, Random } from '#platform/ports.ts'
import type { Store } from '#store/store.ts'
import { createRequests } from './declared/requests.ts'
import type { EngineEvents } from './events.ts'
import type { ZoneLock } from './zone-lock.ts'
import { createZoneManager } from './zone-manager.ts'
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
  readonly zoneLock?: ZoneLock
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
export function createEngine(options: EngineOptions): Engine {
  const zoneManager = createZoneManager(options)
  return {
    ...createRequests(options, zoneManager),
    start: zoneManager.start,
    setCallers: zoneManager.setCallers,
    stop: zoneManager.stop,
  }
}
