import type { ZoneId } from '#dns/zone.ts'
import type { Clock } from '#platform/ports.ts'
import type { ReadFailure } from './observed/reader.ts'

/** What is left of a zone's worker while there is nothing to do. */
export interface Rest {
  /** When there is something to do again (ms). */
  readonly until: number
  /** Whether the zone was ours when we last looked. */
  readonly isHolder: boolean
  /** Undefined: the last read went well. */
  readonly providerError: ReadFailure | undefined
}

/**
 * The zones that nobody works for at the moment: of thousands that are kept, only a few need a worker at a time. Those
 * that are due are woken one after the other, so many at a time for each credential as its budget serves soon.
 */
export interface Rota {
  /** Is woken at `rest.until`, and not before. */
  rest(zone: ZoneId, rest: Rest): void
  /** Is woken as soon as there is a place, whenever it was to be woken. */
  due(zone: ZoneId): void
  /** It is woken by somebody else now. Returns what is left of its worker. */
  take(zone: ZoneId): Rest | undefined
  /** A zone that was woken has come to rest, or waits for what nobody can say. */
  idle(zone: ZoneId): void
  /** Wakes until `signal`. */
  run(signal: AbortSignal): Promise<void>
}

/** In the patience of one read as many calls come back to the background's share of a budget. */
const AT_ONCE = 8
const LONGEST_NAP_MS = 60_000

/**
 * @param groupOf what has places of its own: a credential; undefined: nobody can work in this zone
 * @param wake takes the zone, and says `idle` in time
 */
export function createRota({
  clock,
  groupOf,
  wake,
}: {
  clock: Clock
  groupOf: (zone: ZoneId) => object | undefined
  wake: (zone: ZoneId) => void
}): Rota {
  const resting = new Map<ZoneId, Rest>()
  /** Zones that hold a place, and whose it is. */
  const awake = new Map<ZoneId, object>()
  const places = new Map<object, { taken: number; line: ZoneId[] }>()
  let nap = new AbortController()
  let nextAt = Number.POSITIVE_INFINITY

  function look(): void {
    const now = clock.now()
    nextAt = Number.POSITIVE_INFINITY
    const due: ZoneId[] = []
    for (const [zone, { until }] of resting) {
      if (until <= now) due.push(zone)
      else nextAt = Math.min(nextAt, until)
    }
    due.sort((one, other) => resting.get(one)!.until - resting.get(other)!.until)
    for (const place of places.values()) place.line = []
    for (const zone of due) {
      const group = groupOf(zone)
      if (group !== undefined) placesOf(group).line.push(zone)
    }
    for (const group of [...places.keys()]) fill(group)
  }

  function placesOf(group: object) {
    const known = places.get(group) ?? { taken: 0, line: [] }
    places.set(group, known)
    return known
  }

  function fill(group: object): void {
    const place = placesOf(group)
    const now = clock.now()
    while (place.taken < AT_ONCE && place.line.length > 0) {
      const zone = place.line.shift()!
      const rest = resting.get(zone)
      if (rest === undefined || rest.until > now || awake.has(zone)) continue
      awake.set(zone, group)
      place.taken += 1
      wake(zone)
    }
    if (place.taken === 0) places.delete(group)
  }

  return {
    rest(zone, rest) {
      resting.set(zone, rest)
      if (rest.until < nextAt) nap.abort(null)
    },
    due(zone) {
      const now = clock.now()
      const known = resting.get(zone)
      if (known !== undefined && known.until <= now) return
      resting.set(zone, { isHolder: false, providerError: undefined, ...known, until: now })
      nap.abort(null)
    },
    take(zone) {
      const rest = resting.get(zone)
      resting.delete(zone)
      return rest
    },
    idle(zone) {
      const group = awake.get(zone)
      if (group === undefined) return
      awake.delete(zone)
      placesOf(group).taken -= 1
      fill(group)
    },
    async run(signal) {
      const end = () => nap.abort(null)
      signal.addEventListener('abort', end)
      while (!signal.aborted) {
        nap = new AbortController()
        look()
        await clock.sleep(Math.min(nextAt - clock.now(), LONGEST_NAP_MS), nap.signal)
      }
      signal.removeEventListener('abort', end)
    },
  }
}
