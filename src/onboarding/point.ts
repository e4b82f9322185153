import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import type { RecordType } from '#dns/record-type.ts'
import { AUTOMATIC, type Ttl } from '#dns/ttl.ts'
import type { Value } from '#dns/value.ts'
import type { ForeignRecord } from './input.ts'
import type { ReviewedChange } from './review.ts'
import { added, deleted, deletedOther, newRecord, replaced } from './rows.ts'
import { reasons } from './words.ts'
import { isAddress, leads, type ZoneView } from './zone-view.ts'

/** What a name is to say: these addresses and no CNAME, or this CNAME and no address. */
export type Target =
  | { readonly kind: 'addresses'; readonly ipv4: readonly Value[]; readonly ipv6: readonly Value[] }
  | { readonly kind: 'cname'; readonly host: Name }

/**
 * The rows that make `name` lead to the target and nowhere else; all of them one group. A record that is right stays as
 * it is, others become what is missing in place, and the rest has to go: an address that is left over would go on
 * sending a part of the visitors elsewhere. Records of other types are not touched, but for HTTPS and SVCB with another
 * way to the site (RFC 9460 §7.3).
 *
 *     before                     target          rows
 *     @ A    198.51.100.1        A 203.0.113.7   ~ @ A 198.51.100.1 → 203.0.113.7
 *     @ A    198.51.100.2                        - @ A 198.51.100.2
 *     @ AAAA 2001:db8::1                         - @ AAAA 2001:db8::1
 */
export function pointRows(view: ZoneView, name: Name, target: Target, selected: boolean): ReviewedChange[] {
  const held = view.at(name).filter(leads).sort(inOrderOfPatching)
  const rows: ReviewedChange[] = []
  const words = (reason: string) => ({ selected, group: name, reason })
  const pointed = target.kind === 'cname' ? reasons.followed(name, target.host) : reasons.pointed(name)
  for (const type of LEADING_TYPES) {
    const wanted = wantedValues(target, type)
    const ofType = held.filter((record) => record.type === type)
    const right = wanted.flatMap((value) => ofType.find((record) => record.value === value) ?? [])
    const wrong = ofType.filter((record) => !right.includes(record))
    const missing = wanted.filter((value) => right.every((record) => record.value !== value))
    const patched = wrong.slice(0, missing.length)
    rows.push(
      ...patched.map((record, index) => replaced(record, missing[index]!, words(pointed))),
      ...wrong
        .slice(missing.length)
        .map((record) => deleted(record, words(whyDeleted(record, target, right.length, ofType.length)))),
      ...missing
        .slice(patched.length)
        .map((value) =>
          added(newRecord(name, type, value, held[0] ?? followed(view, target)), words(pointed)),
        ),
    )
  }
  const misleading = view.othersAt(name).filter((record) => misleads(record, target))
  return [...rows, ...misleading.map((record) => deletedOther(record, words(reasons.hints)))]
}

/**
 * The types that keep a new CNAME away: it would hide whatever else is at the name (RFC 1034 §3.6.2), but for the apex,
 * where Cloudflare flattens it and only NS cannot stand beside it (Cloudflare docs, "Records with same name", 2026).
 */
export function typesAgainstCname(view: ZoneView, name: Name): readonly string[] {
  const held = view.at(name)
  if (held.some(({ type }) => type === 'CNAME')) return []
  const others = [...held, ...view.othersAt(name)].filter(
    (record) => !leads(record) && !isServiceBinding(record.type),
  )
  const types = [...new Set(others.map(({ type }) => type))].sort()
  return name === view.zone ? types.filter((type) => type === 'NS') : types
}

export function isTarget(record: ZoneRecord, target: Target): boolean {
  return leads(record) && wantedValues(target, record.type).includes(record.value)
}

const LEADING_TYPES = ['A', 'AAAA', 'CNAME'] as const

function wantedValues(target: Target, type: RecordType): readonly Value[] {
  if (target.kind === 'cname') return type === 'CNAME' ? [target.host as string as Value] : []
  return type === 'A' ? target.ipv4 : type === 'AAAA' ? target.ipv6 : []
}

/** A new CNAME stands behind the proxy if what it follows does. */
function followed(view: ZoneView, target: Target): { proxied: boolean; ttl: Ttl } | undefined {
  if (target.kind !== 'cname') return undefined
  return { proxied: view.at(target.host).some((record) => leads(record) && record.proxied), ttl: AUTOMATIC }
}

/** Proxied first, so that what stays in place keeps the old server's address out of sight. */
function inOrderOfPatching(a: ZoneRecord, b: ZoneRecord): number {
  return Number(b.proxied) - Number(a.proxied) || inTextOrder(a.value, b.value) || inTextOrder(a.id, b.id)
}

function inTextOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function whyDeleted(record: ZoneRecord, target: Target, ours: number, all: number): string {
  const isInTheWay = isAddress(record) !== (target.kind === 'addresses')
  if (isInTheWay) return reasons.inTheWay
  if (ours > 0) return reasons.sharedAddress(ours, all)
  const isLeftOverIpv6 = record.type === 'AAAA' && target.kind === 'addresses' && target.ipv6.length === 0
  return isLeftOverIpv6 ? reasons.leftOverIpv6 : reasons.extraAddress
}

function isServiceBinding(type: string): boolean {
  return type === 'HTTPS' || type === 'SVCB'
}

/** Whether an HTTPS or SVCB record names another target, or addresses that are not ours. */
function misleads({ type, name, content }: ForeignRecord, target: Target): boolean {
  if (!isServiceBinding(type)) return false
  const [, host = '.', ...parameters] = content.split(/\s+/)
  const isElsewhere = host !== '.' && host.replace(/\.$/, '').toLowerCase() !== name
  const hints = parameters.flatMap(
    (parameter) => /^ipv[46]hint="?([^"]*)"?$/i.exec(parameter)?.[1]?.split(',') ?? [],
  )
  const ours: readonly string[] = target.kind === 'addresses' ? [...target.ipv4, ...target.ipv6] : []
  return isElsewhere || hints.some((hint) => !ours.includes(hint.toLowerCase()))
}
