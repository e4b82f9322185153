import type { Clock, Log, Random } from '#platform/ports.ts'
import type { Provider } from '#providers/provider.ts'
import type { KnownZone } from '#store/observed.ts'
import type { Store } from '#store/store.ts'
import type { EngineEvents } from './events.ts'
import type { ZoneLock } from './zone-lock.ts'

/** The credentials that a zone can be reached by. */
export interface Credentials {
  /** To write what a caller asked for: its own, or one that sees the zone where there is no such caller any more. */
  of(caller: string): Provider
  /** To read: the one to be tried after so many that failed. */
  toRead(failures: number): Provider
}

/** What the parts of one zone's worker share. */
export interface ZoneContext {
  readonly zone: KnownZone
  readonly credentials: Credentials
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly events: EngineEvents
  /** Names this process among those that share the store. */
  readonly owner: string
  readonly zoneLock: ZoneLock
  /** How old the mirror may become (ms). */
  readonly refreshMs: () => number
  readonly drift: 'correct' | 'report'
}

/** A lease outlives the longest call with room to spare (ms). */
export const LEASE_MS = 25_000
