import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import type { Store } from './input.ts'
import { isPlaceholder } from './products.ts'
import type { Taken } from './taken.ts'
import type { ZoneView } from './zone-view.ts'

/** A served name that leads elsewhere after the change, and where it leads today. */
export interface Move {
  readonly name: Name
  /** Whether the change is advised, and not only offered. */
  readonly selected: boolean
  /** The old server: its addresses, twenty at most, or the name of its host outside the zone. Neither: nothing answered. */
  readonly addresses: readonly ZoneRecord[]
  readonly host?: Name
}

export interface Moves {
  /** The first move on the way from this name: by itself, through CNAMEs, or by a wildcard. */
  behind(name: Name): Move | undefined
  /** Whether the host serves this name, moved or not. */
  serves(name: Name): boolean
}

export function movesOf(view: ZoneView, store: Store, taken: readonly Taken[]): Moves {
  const served = new Set(taken.filter(({ obstacle }) => !obstacle).map(({ name }) => name))
  const moves = new Map<Name, Move>()
  for (const { name, rows } of taken) {
    if (rows.length === 0) continue
    const { addresses, host } = view.resolve(name)
    const old = eachOnce(addresses).filter((record) => !isOurs(record, store) && !isPlaceholder(record))
    moves.set(name, {
      name,
      selected: rows.every(({ selected }) => selected),
      addresses: old.slice(0, MOST_ADDRESSES),
      ...(host === undefined || host === store.host ? {} : { host }),
    })
  }
  return {
    behind(name) {
      const passed = view.resolve(name).through.find((each) => moves.has(each))
      return passed === undefined ? undefined : moves.get(passed)
    },
    serves: (name) => served.has(name),
  }
}

/** No server has more, and each is asked about for every name that follows. */
const MOST_ADDRESSES = 20

/** One record a value, whichever. */
function eachOnce(records: readonly ZoneRecord[]): ZoneRecord[] {
  return [...new Map(records.map((record) => [record.value, record])).values()]
}

function isOurs({ value }: ZoneRecord, { ipv4, ipv6 }: Store): boolean {
  return ipv4.includes(value) || ipv6.includes(value)
}
