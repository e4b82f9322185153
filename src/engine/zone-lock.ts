import type { ZoneId } from '#dns/zone.ts'
import type { Random } from '#platform/ports.ts'
import { createWholeZones, type WholeZones } from './whole-zones.ts'

/** Who in this process is at work in a zone: one at a time, be it the zone's worker or somebody's edit. */
export interface ZoneLock {
  /** How many of all zones are read at a time. */
  readonly whole: WholeZones
  /** Names this process among those that share the store: all that is done here is done under its leases. */
  readonly owner: string
  /** Does the work when nobody else is at work in the zone; first come, first served. */
  runExclusive<T>(zone: ZoneId, work: () => Promise<T>): Promise<T>
  /** A worker of this process keeps the zone, and holds on to its lease. */
  keep(zone: ZoneId): void
  isKept(zone: ZoneId): boolean
  /** Leaves the zone to another process until then (ms). */
  yieldUntil(zone: ZoneId, until: number): void
  /** Until when (ms) the zone is left to another process; 0: it is not. */
  yieldedUntil(zone: ZoneId): number
}

/** @param room as `createWholeZones` has it */
export function createZoneLock(random: Random, room?: number): ZoneLock {
  const owner = random.hex(8)
  const last = new Map<ZoneId, Promise<unknown>>()
  const kept = new Set<ZoneId>()
  const aside = new Map<ZoneId, number>()

  async function runExclusive<T>(zone: ZoneId, work: () => Promise<T>): Promise<T> {
    const before = last.get(zone)
    const mine = before === undefined ? work() : before.then(work)
    const over = mine.then(nothing, nothing)
    last.set(zone, over)
    try {
      return await mine
    } finally {
      if (last.get(zone) === over) last.delete(zone)
    }
  }

  return {
    owner,
    whole: createWholeZones(room),
    runExclusive,
    keep: (zone) => void kept.add(zone),
    isKept: (zone) => kept.has(zone),
    yieldUntil: (zone, until) => void aside.set(zone, until),
    yieldedUntil: (zone) => aside.get(zone) ?? 0,
  }
}

function nothing(): void {}
