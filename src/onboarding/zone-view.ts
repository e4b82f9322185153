import { isWithin, type Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { mxParts, type Value } from '#dns/value.ts'
import { type AnyRecord, type ForeignRecord, isOther } from './input.ts'

/** A zone as a name server sees it: what is at a name, what answers for it, where it leads. */
export interface ZoneView {
  readonly zone: Name
  readonly records: readonly AnyRecord[]
  /** Those of a type that #dns knows. */
  readonly known: readonly ZoneRecord[]
  /** The records of a type that #dns knows at exactly this name. */
  at(name: Name): readonly ZoneRecord[]
  othersAt(name: Name): readonly ForeignRecord[]
  /** The name whose records answer: itself, a wildcard, or none (RFC 4592 §3.3.1). */
  answering(name: Name): Name | undefined
  /** The NS records at the name or above it, below the apex, that give it away. */
  delegation(name: Name): readonly ZoneRecord[]
  /** Follows CNAMEs, wildcards included, as far as the zone goes and resolvers would. */
  resolve(name: Name): Destination
}

export interface Destination {
  /** A and AAAA records that answer in the end; of a proxied one it is the origin. */
  readonly addresses: readonly ZoneRecord[]
  /** Where the zone is left by a CNAME. */
  readonly host?: Name
  /** The names passed, the asked one first. */
  readonly through: readonly Name[]
}

export function viewZone(zone: Name, records: readonly AnyRecord[]): ZoneView {
  const known = new Map<Name, ZoneRecord[]>()
  const others = new Map<Name, ForeignRecord[]>()
  /** Every owner name and every name above one: `_x.shop` makes `shop` exist, though it is empty (RFC 4592 §2.2.2). */
  const existing = new Set<Name>([zone])
  const leading = new Map<Name, Leading>()
  const delegations = new Map<Name, readonly ZoneRecord[]>()
  for (const record of records) {
    if (isOther(record)) add(others, record)
    else add(known, record)
    for (const name of upTo(zone, record.name)) existing.add(name)
  }
  const at = (name: Name) => known.get(name) ?? []
  const othersAt = (name: Name) => others.get(name) ?? []

  function answering(name: Name): Name | undefined {
    if (!isWithin(name, zone)) return undefined
    if (existing.has(name)) return name
    const encloser = upTo(zone, name).find((each) => existing.has(each))
    const wildcard = `*.${encloser}` as Name
    return existing.has(wildcard) ? wildcard : undefined
  }

  function delegation(name: Name): readonly ZoneRecord[] {
    const known = delegations.get(name)
    if (known) return known
    const cuts = upTo(zone, name).filter((each) => each !== zone)
    // The highest cut is the one that counts: the parent answers with a referral there.
    const found = cuts.map((each) => leadingAt(each).cut).findLast(isFilled) ?? []
    delegations.set(name, found)
    return found
  }

  /** What an answer at a name goes on with. Looked up once, for a thousand aliases may lead to a crowded name. */
  function leadingAt(name: Name): Leading {
    const known = leading.get(name)
    if (known) return known
    const records = at(name)
    // Above each of a thousand names there may be a hundred that hold nothing.
    if (records.length === 0) return NOWHERE
    const found = {
      addresses: records.filter(isAddress),
      alias: records.find(({ type }) => type === 'CNAME'),
      cut: records.filter(({ type }) => type === 'NS'),
    }
    leading.set(name, found)
    return found
  }

  function resolve(name: Name): Destination {
    const through: Name[] = []
    let current = name
    while (!through.includes(current) && through.length < MOST_ALIASES) {
      if (!isWithin(current, zone)) return { addresses: [], host: current, through }
      through.push(current)
      const owner = delegation(current).length === 0 ? answering(current) : undefined
      const { addresses, alias } = owner === undefined ? NOWHERE : leadingAt(owner)
      if (addresses.length > 0 || alias === undefined) return { addresses, through }
      current = targetOf(alias)
    }
    return { addresses: [], through }
  }

  return { zone, records, known: [...known.values()].flat(), at, othersAt, answering, delegation, resolve }
}

/** Where a name leads, by its records. */
interface Leading {
  readonly addresses: readonly ZoneRecord[]
  readonly alias: ZoneRecord | undefined
  /** The NS records, which give the name away if it is below the apex. */
  readonly cut: readonly ZoneRecord[]
}

/** Names in a row; BIND, Unbound and PowerDNS give up after ten to seventeen (their sources, 2026). */
const MOST_ALIASES = 32

const NOWHERE: Leading = { addresses: [], alias: undefined, cut: [] }

export function isAddress({ type }: { readonly type: string }): boolean {
  return type === 'A' || type === 'AAAA'
}

/** Whether records of this type send visitors somewhere. */
export function leads(record: { readonly type: string }): boolean {
  return isAddress(record) || record.type === 'CNAME'
}

/** The name that a CNAME or NS record points to; its value is one. */
export function targetOf(record: { readonly value: Value }): Name {
  return record.value as string as Name
}

/** The mail server of an MX record; undefined for none (RFC 7505). */
export function exchangeOf({ value }: { readonly value: Value }): Name | undefined {
  const { exchange } = mxParts(value)
  return exchange === '.' ? undefined : (exchange as Name)
}

function add<R extends AnyRecord>(byName: Map<Name, R[]>, record: R) {
  const records = byName.get(record.name)
  if (records) records.push(record)
  else byName.set(record.name, [record])
}

/** The name and the names above it, up to the zone's. */
function upTo(zone: Name, name: Name): Name[] {
  const names: Name[] = []
  for (let each = name; isWithin(each, zone); each = each.slice(each.indexOf('.') + 1) as Name) {
    names.push(each)
    if (each === zone) break
  }
  return names
}

function isFilled(records: readonly unknown[]): boolean {
  return records.length > 0
}
