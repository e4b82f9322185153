/** The zones as the name servers know them: as they are, or as they were some time ago. */
import { type Zone, ZoneRecords } from '../state.ts'

export interface Propagation {
  /** The zones as they are to be answered from at `nowMs`. */
  zonesAt(zones: Iterable<Zone>, nowMs: number): readonly Zone[]
}

/** With `delayMs` 0 every change is served at once. Status and delegation of a zone are never late, its records are. */
export function createPropagation(delayMs: number): Propagation {
  const served = new Map<Zone, { records: ZoneRecords; commits: number }>()

  function asServed(zone: Zone, nowMs: number): Zone {
    // What an earlier process left has long been everywhere.
    const held = served.get(zone) ?? {
      records: new ZoneRecords(zone.records.serialBefore, zone.records.atStart()),
      commits: 0,
    }
    served.set(zone, held)
    const commits = zone.records.commits()
    for (
      let next = commits[held.commits];
      next !== undefined && next.at + (next.by === 'seed' ? 0 : delayMs) <= nowMs;
      next = commits[held.commits]
    ) {
      const { changes, ...facts } = next
      held.records.transaction(facts, () => {
        for (const { before, after } of changes) held.records.change(before, after)
      })
      held.commits += 1
    }
    return { ...zone, records: held.records }
  }

  return {
    zonesAt: (zones, nowMs) => (delayMs === 0 ? [...zones] : [...zones].map((zone) => asServed(zone, nowMs))),
  }
}
