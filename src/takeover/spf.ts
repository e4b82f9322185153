import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { parseValue, presentValue, type Value } from '#dns/value.ts'
import { isInRange } from './ip-range.ts'
import { exchangeOf } from './mail.ts'
import { eachOnce, type Move, type Moves } from './moves.ts'
import type { ReviewedChange, Warning } from './review.ts'
import { replaced } from './rows.ts'
import { dependantWords, reasons } from './words.ts'
import type { ZoneView } from './zone-view.ts'

/**
 * SPF that allows the old server only by a name that moves, as `a` or `mx`, gets its address offered in the same record
 * (RFC 7208 §5); advised where that server takes the zone's mail, for then it sends it too. There must be exactly one SPF
 * record at a name; where there are more, none of them counts.
 *
 *     v=spf1 a -all        v=spf1 ip4:198.51.100.1 a -all
 */
export function offerSpf(view: ZoneView, moves: Moves): { rows: ReviewedChange[]; warnings: Warning[] } {
  const rows: ReviewedChange[] = []
  const warnings: Warning[] = []
  const mailServers = addressesOfMail(view)
  for (const record of soleSpfRecords(view)) {
    const text = presentValue('TXT', record.value)
    const lost = lostSenders(view, moves, record.name, text)
    const senders = eachOnce(lost.map(({ sender }) => sender))
    const value = senders.length > 0 ? withSenders(text, senders) : undefined
    if (value === undefined || record.readOnly) continue
    const selected = lost.some(({ sender, move }) => move.selected && mailServers.has(sender.value))
    const group = `spf ${record.name}`
    rows.push(replaced(record, value, { selected, group, reason: reasons.senderAllowed }))
    const message = selected ? dependantWords.spfKept(record.name) : dependantWords.spf(record.name)
    warnings.push({ code: 'spf', message, changes: [record.id] })
  }
  return { rows, warnings }
}

/** Whether a record says who may send mail (RFC 7208 §4.5). */
export function isSpf({ type, value }: ZoneRecord): boolean {
  return type === 'TXT' && LIKE_SPF.test(value) && SPF.test(presentValue('TXT', value))
}

/** What may be one, before it is read: a zone has a thousand other texts. */
const LIKE_SPF = /^"?v=spf1/i
const SPF = /^v=spf1(?= |$)/i
const PASSING_HOST = /^\+?(a|mx)(?::([^/]+))?(?:\/.*)?$/i
const RANGE = /^[+?~-]?ip[46]:(.+)$/i

function soleSpfRecords(view: ZoneView): ZoneRecord[] {
  const records = view.known.filter(isSpf)
  const counts = new Map<Name, number>()
  for (const { name } of records) counts.set(name, (counts.get(name) ?? 0) + 1)
  return records.filter(({ name }) => counts.get(name) === 1)
}

/** Where the zone's mail is taken today, as far as the zone tells. */
function addressesOfMail(view: ZoneView): ReadonlySet<Value> {
  const exchanges = view.known.flatMap((record) => (record.type === 'MX' ? (exchangeOf(record) ?? []) : []))
  return new Set(
    [...new Set(exchanges)].flatMap((name) => view.resolve(name).addresses.map(({ value }) => value)),
  )
}

interface LostSender {
  readonly sender: ZoneRecord
  readonly move: Move
}

/** Addresses of the old server that pass today, and will not when the name has moved. */
function lostSenders(view: ZoneView, moves: Moves, name: Name, text: string): LostSender[] {
  const terms = text.split(/ +/)
  const ranges = terms.flatMap((term) => RANGE.exec(term)?.[1] ?? [])
  const hosts = terms.flatMap((term) => {
    const [match, mechanism = '', domain] = PASSING_HOST.exec(term) ?? []
    if (match === undefined || domain?.includes('%')) return []
    const of = (domain?.toLowerCase() ?? name) as Name
    return mechanism.toLowerCase() === 'a' ? [of] : exchangesOf(view, of)
  })
  const lost = hosts.flatMap((host) => {
    const move = moves.behind(host)
    return move?.addresses.map((sender) => ({ sender, move })) ?? []
  })
  return lost.filter(({ sender }) => !ranges.some((range) => isInRange(sender.value, range)))
}

function exchangesOf(view: ZoneView, name: Name): Name[] {
  const records = view.at(name).filter(({ type }) => type === 'MX')
  return records.flatMap((record) => exchangeOf(record) ?? [])
}

/** First of all mechanisms, so that none before it can refuse; undefined if the record would be too long. */
function withSenders(text: string, senders: readonly ZoneRecord[]): Value | undefined {
  const terms = senders.map(({ type, value }) => `${type === 'A' ? 'ip4' : 'ip6'}:${value}`)
  const value = parseValue(
    'TXT',
    text.replace(SPF, (version) => [version, ...terms].join(' ')),
    { mxPriority: 0 },
  )
  return value.ok ? value.value : undefined
}
