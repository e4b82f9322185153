import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import type { Shop } from './input.ts'
import { isPlaceholder } from './products.ts'
import type { Taken } from './taken.ts'
import { isAddress, type ZoneView } from './zone-view.ts'

/** A served name that leads elsewhere after the change, and where it leads today. */
export interface Move {
  readonly name: Name
  /** Whether the change is advised, and not only offered; also where that is the change of a name that it follows. */
  readonly selected: boolean
  /** The old server: its addresses, twenty at most, or the name of its host outside the zone. */
  readonly addresses: readonly ZoneRecord[]
  readonly host?: Name
  /** Whether it led anywhere but to the store; without an old server, to a placeholder alone. */
  readonly ledElsewhere: boolean
  /** That answered for the name until it gets addresses. One that gets a CNAME can have no MX of its own. */
  readonly wildcard?: Name
}

export interface Moves {
  /** The first move on the way from this name: by itself, through CNAMEs, or by a wildcard. */
  behind(name: Name): Move | undefined
  /** Whether the host serves this name, moved or not. */
  serves(name: Name): boolean
}

export function movesOf(view: ZoneView, store: Shop, taken: readonly Taken[]): Moves {
  const served = new Set(taken.filter(({ obstacle }) => !obstacle).map(({ name }) => name))
  const moving = taken.filter(({ rows }) => rows.length > 0)
  const advised = new Set(
    moving.filter(({ rows }) => rows.every(({ selected }) => selected)).map(({ name }) => name),
  )
  const moves = new Map<Name, Move>()
  for (const { name, rows } of moving) {
    const { addresses, host, through } = view.resolve(name)
    const elsewhere = eachOnce(addresses).filter((record) => !isOurs(record, store))
    const oldHost = host === store.host ? undefined : host
    const answering = view.answering(name)
    const isFromWildcard = answering !== name && rows.some(isAddress)
    moves.set(name, {
      name,
      selected: through.some((each) => advised.has(each)),
      addresses: elsewhere.filter((record) => !isPlaceholder(record)).slice(0, MOST_ADDRESSES),
      ...(oldHost === undefined ? {} : { host: oldHost }),
      ledElsewhere: elsewhere.length > 0 || oldHost !== undefined,
      ...(answering !== undefined && isFromWildcard ? { wildcard: answering } : {}),
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

function isOurs({ value }: ZoneRecord, { ipv4, ipv6 }: Shop): boolean {
  return ipv4.includes(value) || ipv6.includes(value)
}
