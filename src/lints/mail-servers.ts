import { isIpv4Like, parseIpv6 } from '#dns/ip.ts'
import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { mxParts, parseValue, type Value } from '#dns/value.ts'
import { exchangeOf } from '#takeover/mail.ts'
import type { WantedSet } from '#takeover/wanted-set.ts'
import { isAddress, leads, type ZoneView } from '#takeover/zone-view.ts'
import { type Finding, findingOf } from './finding.ts'
import { setsIn, setWith } from './sets.ts'
import { lintWords } from './words.ts'

/** MX records that lead to an address, an alias (RFC 2181 §10.3), or a name that Cloudflare's proxy stands in front of. */
export function mailServerFindings(view: ZoneView): Finding[] {
  const sets = setsIn(view).filter(([first]) => first?.type === 'MX')
  return sets.flatMap((set) => [...toAddress(view, set), ...toProxied(view, set), ...toAlias(view, set)])
}

function toAddress(view: ZoneView, set: readonly ZoneRecord[]): Finding[] {
  const records = set.filter((record) => addressOf(record) !== undefined)
  const [first] = records
  if (first === undefined) return []
  const { name } = first
  const renamed = records.map((record) => serverWith(view, addressOf(record)!))
  const isSafe = renamed.every((server) => server !== undefined) && areOpen(set)
  return [
    findingOf('mx-address', 'broken', {
      name,
      ...lintWords.mxAddress(name, addressOf(first)!),
      records,
      ...(isSafe && {
        wanted: [
          setWith(set, lintWords.mends.mailName, (record) => {
            const index = records.indexOf(record)
            return index < 0 ? {} : exchanged(record, renamed[index]!)
          }),
        ],
      }),
    }),
  ]
}

function toProxied(view: ZoneView, set: readonly ZoneRecord[]): Finding[] {
  const hidden = (record: ZoneRecord) => leadsAt(view, record).filter(({ proxied }) => proxied)
  const records = set.filter((record) => hidden(record).length > 0)
  const [first] = records
  if (first === undefined) return []
  const { name } = first
  const servers = [...new Set(records.flatMap((record) => hidden(record)))]
  const wanted = unproxied(view, servers)
  return [
    findingOf('mx-proxied', 'risky', {
      name,
      ...lintWords.mxProxied(name, exchangeOf(first)!),
      records: [...records, ...servers],
      ...(wanted !== undefined && { wanted }),
    }),
  ]
}

function toAlias(view: ZoneView, set: readonly ZoneRecord[]): Finding[] {
  const alias = (record: ZoneRecord) => leadsAt(view, record).find(({ type }) => type === 'CNAME')
  const records = set.filter((record) => alias(record) !== undefined)
  const [first] = records
  if (first === undefined) return []
  const { name } = first
  const ends = records.map((record) => endOf(view, exchangeOf(record)!))
  const isSafe = ends.every((end) => end !== undefined) && areOpen(set)
  return [
    findingOf('mx-cname', 'risky', {
      name,
      ...lintWords.mxCname(name, exchangeOf(first)!),
      records: [...records, ...records.flatMap((record) => alias(record) ?? [])],
      ...(isSafe && {
        wanted: [
          setWith(set, lintWords.mends.mailEnd, (record) => {
            const index = records.indexOf(record)
            return index < 0 ? {} : exchanged(record, ends[index]!)
          }),
        ],
      }),
    }),
  ]
}

/** Cloudflare lists what somebody has written into an MX record, be it a name or not. */
function addressOf({ type, value }: ZoneRecord): string | undefined {
  const exchange = type === 'MX' ? mxParts(value).exchange : ''
  return isIpv4Like(exchange) || parseIpv6(exchange) !== undefined ? exchange : undefined
}

/** What answers for the mail server within this zone. */
function leadsAt(view: ZoneView, record: ZoneRecord): readonly ZoneRecord[] {
  const exchange = addressOf(record) === undefined ? exchangeOf(record) : undefined
  const owner = exchange === undefined ? undefined : view.answering(exchange)
  return owner === undefined ? [] : view.at(owner).filter(leads)
}

function areOpen(records: readonly ZoneRecord[]): boolean {
  return records.every(({ readOnly }) => !readOnly)
}

/** A name that leads to this address, and to nothing else, in the open. */
function serverWith(view: ZoneView, address: string): Name | undefined {
  const fits = view.known.filter(
    (record) => isAddress(record) && !record.proxied && (record.value as string) === address,
  )
  return fits
    .map(({ name }) => name)
    .find((name) => !name.startsWith('*') && view.at(name).filter(leads).length === 1)
}

/** Where the aliases end, unless the way there is hidden behind the proxy. */
function endOf(view: ZoneView, exchange: Name): Name | undefined {
  const { host, through, addresses } = view.resolve(exchange)
  const isHidden = through.some((name) =>
    view.at(view.answering(name) ?? name).some((record) => leads(record) && record.proxied),
  )
  if (isHidden) return undefined
  return host ?? (addresses.length > 0 ? through.at(-1) : undefined)
}

/** Only of names that are there for mail: at any other the address of a site would show. */
function unproxied(view: ZoneView, servers: readonly ZoneRecord[]): readonly WantedSet[] | undefined {
  const isForMail = servers.every(
    ({ name, readOnly }) =>
      !readOnly && name !== view.zone && /^(?:mail|mx|smtp|imap|pop)\d*$/.test(name.split('.')[0]!),
  )
  if (!isForMail) return undefined
  const sets = setsIn(view).filter((set) => set.some((record) => servers.includes(record)))
  return sets.map((set) => setWith(set, lintWords.mends.inTheOpen, () => ({ proxied: false })))
}

function exchanged({ value }: ZoneRecord, server: Name): { value: Value } | null {
  const { priority } = mxParts(value)
  const changed = parseValue('MX', `${priority} ${server}`, { mxPriority: priority })
  return changed.ok ? { value: changed.value } : null
}
