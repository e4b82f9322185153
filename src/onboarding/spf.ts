import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { parseValue, presentValue, type Value } from '#dns/value.ts'
import { isInRange } from './ip-range.ts'
import { mailHandling } from './mail-programs.ts'
import type { Move, Moves } from './moves.ts'
import type { ReviewedChange, Warning } from './review.ts'
import { replaced } from './rows.ts'
import { dependantWords, reasons } from './words.ts'
import { exchangeOf, type ZoneView } from './zone-view.ts'

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
  const mailAt = mailHandling(view)
  for (const record of soleSpfRecords(view, moves).slice(0, MOST_LOOKED_AT)) {
    const text = presentValue('TXT', record.value)
    const lost = lostSenders(view, moves, record.name, text)
    const value = lost.length > 0 ? withTerms(text, [...new Set(lost.map(({ term }) => term))]) : undefined
    if (value === undefined || record.readOnly) continue
    const selected = lost.some(({ move }) => move.selected && mailAt(move) !== undefined)
    const group = `spf ${record.name}`
    rows.push(replaced(record, value, { selected, group, reason: reasons.senderAllowed }))
    const message = selected ? dependantWords.spfKept(record.name) : dependantWords.spf(record.name)
    warnings.push({ code: 'spf', message, changes: [record.id] })
  }
  return { rows, warnings }
}

/** Whether a record says who may send mail (RFC 7208 §4.5). */
export function isSpf({ type, value }: Pick<ZoneRecord, 'type' | 'value'>): boolean {
  return type === 'TXT' && LIKE_SPF.test(value) && SPF.test(presentValue('TXT', value))
}

/** What may be one, before it is read: a zone has a thousand other texts. */
const LIKE_SPF = /^"?v=spf1/i
const SPF = /^v=spf1(?= |$)/i
const PASSING_HOST = /^\+?(a|mx)(?::([^/]+))?(?:\/.*)?$/i
const RANGE = /^[+?~-]?ip[46]:(.+)$/i

/** Those of the names that move come first. */
function soleSpfRecords(view: ZoneView, moves: Moves): ZoneRecord[] {
  const records = view.known.filter(isSpf)
  const counts = new Map<Name, number>()
  for (const { name } of records) counts.set(name, (counts.get(name) ?? 0) + 1)
  const sole = records.filter(({ name }) => counts.get(name) === 1)
  return sole.sort((a, b) => Number(moves.serves(b.name)) - Number(moves.serves(a.name)))
}

/** Of SPF records, each of which may name hundreds of hosts. */
const MOST_LOOKED_AT = 200

/** Who passes today, and will not when the name has moved. */
interface LostSender {
  /** That lets it pass: `ip4:198.51.100.1`, or `a:box.example.net` where the old host is known by name alone. */
  readonly term: string
  readonly move: Move
}

function lostSenders(view: ZoneView, moves: Moves, name: Name, text: string): LostSender[] {
  const terms = text.split(/ +/)
  const ranges = terms.flatMap((term) => RANGE.exec(term)?.[1] ?? [])
  const hosts = terms.flatMap((term) => {
    const [match, mechanism = '', domain] = PASSING_HOST.exec(term) ?? []
    if (match === undefined || domain?.includes('%')) return []
    const of = (domain?.toLowerCase() ?? name) as Name
    return mechanism.toLowerCase() === 'a' ? [of] : exchangesOf(view, of)
  })
  const left = new Set([...new Set(hosts)].flatMap((host) => moves.behind(host) ?? []))
  return [...left].flatMap((move) => termsFor(move, ranges).map((term) => ({ term, move })))
}

function termsFor({ addresses, host }: Move, ranges: readonly string[]): string[] {
  if (addresses.length === 0) return host === undefined ? [] : [`a:${host}`]
  return addresses
    .filter(({ value }) => !ranges.some((range) => isInRange(value, range)))
    .map(({ type, value }) => `${type === 'A' ? 'ip4' : 'ip6'}:${value}`)
}

function exchangesOf(view: ZoneView, name: Name): Name[] {
  const records = view.at(name).filter(({ type }) => type === 'MX')
  return records.flatMap((record) => exchangeOf(record) ?? [])
}

/** First of all mechanisms, so that none before them can refuse; undefined if no receiver would read the record to its end. */
function withTerms(text: string, more: readonly string[]): Value | undefined {
  const terms = text.split(/ +/)
  const missing = more.filter((term) => !terms.includes(term))
  if (missing.length === 0 || needsTooMany(terms, missing)) return undefined
  const value = parseValue(
    'TXT',
    text.replace(SPF, (version) => [version, ...missing].join(' ')),
    { mxPriority: 0 },
  )
  return value.ok ? value.value : undefined
}

/** An eleventh look-up is an error, and nobody passes any more (RFC 7208 §4.6.4). Addresses need none. */
function needsTooMany(terms: readonly string[], more: readonly string[]): boolean {
  const added = more.filter((term) => LOOKS_UP.test(term)).length
  return added > 0 && terms.filter((term) => LOOKS_UP.test(term)).length + added > MOST_LOOK_UPS
}

const LOOKS_UP = /^[+?~-]?(?:a|mx|ptr|exists|include)(?:[:/]|$)|^redirect=/i
const MOST_LOOK_UPS = 10
