import type { Name } from '#dns/name.ts'
import { srvParts } from '#dns/value.ts'
import { type AnyRecord, isOther } from './input.ts'
import type { Moves } from './moves.ts'
import { reasons } from './words.ts'
import { leads, targetOf, type ZoneView } from './zone-view.ts'

/** Why a record stays as it is; and, of one that leads to a moved name, that it leads elsewhere all the same. */
export function keepReason(
  record: AnyRecord,
  view: ZoneView,
  moves?: Moves,
  served: readonly Name[] = [],
): string {
  if (!isOther(record) && record.readOnly) return reasons.readOnly
  const isServed = served.includes(record.name)
  const target = isOther(record) ? undefined : pointsTo(record)
  if (isServed && leads(record)) {
    return target !== undefined && served.includes(target)
      ? reasons.alreadyFollows(target)
      : reasons.alreadyOurs
  }
  const move = target === undefined ? undefined : moves?.behind(target)
  if (move) return reasons.follows(move.name)
  if (record.name.startsWith('_acme-challenge.')) return reasons.acme
  if (record.name.startsWith('*.') && leads(record)) return reasons.wildcard
  return reasonByType(record.type, record.name === view.zone)
}

/** The name to which an alias or a service leads. */
export function pointsTo(record: Exclude<AnyRecord, { content: string }>): Name | undefined {
  if (record.type === 'CNAME') return targetOf(record)
  return record.type === 'SRV' ? (srvParts(record.value).target as Name) : undefined
}

function reasonByType(type: string, isApex: boolean): string {
  switch (type) {
    case 'MX':
      return reasons.mail
    case 'NS':
    case 'SOA':
      return reasons.nameServers
    case 'A':
    case 'AAAA':
    case 'CNAME':
      return isApex ? reasons.untouched : reasons.otherName
    default:
      return reasons.text
  }
}
