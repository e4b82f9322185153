import type { ZoneId } from '#dns/zone.ts'
import type { Clock } from '#platform/ports.ts'
import type { Store } from '#store/store.ts'

/** How old what we know of the zones that we keep is, told at once. */
export interface MirrorAge {
  wasRead(zone: ZoneId): void
  /** Since the zone in use that was read longest ago was read (ms); 0: there is none. */
  ms(): number
}

/**
 * A zone is read again as long as there is something to keep in it, by the replica that has its lease; nobody says when
 * that ends, so what is older than it should be is looked up. Whoever asks does not wait for that, and is told the next
 * time: a count has to be had while the database is away, too.
 *
 * @param suspectMs nothing that is kept as it should be is as old as that
 */
export function createMirrorAge(
  store: Pick<Store, 'zonesInUse' | 'zoneState'>,
  clock: Pick<Clock, 'now'>,
  suspectMs: number,
): MirrorAge {
  const readAt = new Map<ZoneId, number>()
  let isLooking = false

  const oldest = () => [...readAt].reduce((one, other) => (other[1] < one[1] ? other : one))

  /** Forgets zones of which nothing is kept, and learns what another replica has read. */
  async function look(): Promise<void> {
    const inUse = new Set(await store.zonesInUse())
    for (const zone of readAt.keys()) if (!inUse.has(zone)) readAt.delete(zone)
    while (readAt.size > 0) {
      const [zone, at] = oldest()
      if (clock.now() - at < suspectMs) return
      const later = (await store.zoneState(zone)).readAt ?? at
      if (later <= at) return
      readAt.set(zone, later)
    }
  }

  return {
    wasRead: (zone) => void readAt.set(zone, clock.now()),
    ms() {
      const now = clock.now()
      const age = now - Math.min(now, ...readAt.values())
      if (age >= suspectMs && !isLooking) {
        isLooking = true
        void look()
          .catch(() => {})
          .finally(() => {
            isLooking = false
          })
      }
      return age
    },
  }
}
