import { isIpv4Like, parseIpv6 } from '#dns/ip.ts'
import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { mxParts, parseValue, type Value } from '#dns/value.ts'
import { exchangeOf, isAddress, leads, type ZoneView } from '#onboarding/zone-view.ts'
import { type Finding, findingOf } from './finding.ts'
import { type Sets, setsOf, setWith } from './sets.ts'
import { diagnosticWords } from './words.ts'

/** MX records that lead to an address, an alias (RFC 2181 §10.3), or a name that Cloudflare's proxy stands in front of. */
export function mailServerFindings(view: ZoneView, sets: Sets): Finding[] {
  const servers = createServers(view)
  return sets
    .filter(([first]) => first?.type === 'MX')
    .flatMap((set) => [
      ...toAddress(servers, set),
      ...toProxied(view, servers, set),
      ...toAlias(servers, set),
    ])
}

function toAddress(servers: Servers, set: readonly ZoneRecord[]): Finding[] {
  const records = set.filter((record) => addressOf(record) !== undefined)
  const [first] = records
  if (first === undefined) return []
  const { name } = first
  const renamed = new Map(records.map((record) => [record, servers.with(addressOf(record)!)]))
  return [
    findingOf('mx-address', 'broken', {
      name,
      ...diagnosticWords.mxAddress(name, addressOf(first)!),
      records,
      ...moved(set, renamed, diagnosticWords.fixes.mailName),
    }),
  ]
}

function toProxied(view: ZoneView, servers: Servers, set: readonly ZoneRecord[]): Finding[] {
  const records = set.filter((record) => servers.behind(record).hidden.length > 0)
  const [first] = records
  if (first === undefined) return []
  const { name } = first
  const places = [...new Set(records.map((record) => servers.behind(record)))]
  // Not kept beside the finding: a thousand names may lead to the same thousand addresses.
  const hidden = () => places.flatMap((place) => place.hidden)
  return [
    findingOf('mx-proxied', 'risky', {
      name,
      ...diagnosticWords.mxProxied(name, exchangeOf(first)!),
      records: [...records, ...hidden()],
      ...(places.every(({ isForMail }) => isForMail) && {
        fix: () =>
          setsOf(view, hidden()).map((each) =>
            setWith(each, diagnosticWords.fixes.inTheOpen, () => ({ proxied: false })),
          ),
      }),
    }),
  ]
}

function toAlias(servers: Servers, set: readonly ZoneRecord[]): Finding[] {
  const alias = (record: ZoneRecord) => servers.behind(record).alias
  const records = set.filter((record) => alias(record) !== undefined)
  const [first] = records
  if (first === undefined) return []
  const { name } = first
  const ends = new Map(records.map((record) => [record, servers.endOf(exchangeOf(record)!)]))
  return [
    findingOf('mx-cname', 'risky', {
      name,
      ...diagnosticWords.mxCname(name, exchangeOf(first)!),
      records: [...records, ...records.flatMap((record) => alias(record) ?? [])],
      ...moved(set, ends, diagnosticWords.fixes.mailEnd),
    }),
  ]
}

/** The set with each of these records led to its server, if all of them have one. */
function moved(
  set: readonly ZoneRecord[],
  servers: ReadonlyMap<ZoneRecord, Name | undefined>,
  reason: string,
): Pick<Finding, 'fix'> {
  const isSafe = servers.values().every((server) => server !== undefined)
  if (!isSafe || set.some(({ readOnly }) => readOnly)) return {}
  return {
    fix: () => [
      setWith(set, reason, (record) => {
        const server = servers.get(record)
        return server === undefined ? {} : exchanged(record, server)
      }),
    ],
  }
}

/** Cloudflare lists what somebody has written into an MX record, be it a name or not. */
function addressOf({ value }: ZoneRecord): string | undefined {
  const { exchange } = mxParts(value)
  return isIpv4Like(exchange) || parseIpv6(exchange) !== undefined ? exchange : undefined
}

/** Where MX records lead within a zone. Each question is answered once, for a thousand of them may lead to one name. */
interface Servers {
  /** What answers for the mail server. */
  behind(record: ZoneRecord): MailHost
  /** A name that leads to this address, and to nothing else, in the open. */
  with(address: string): Name | undefined
  /** Where the aliases end, unless the way there is hidden behind the proxy. */
  endOf(exchange: Name): Name | undefined
}

interface MailHost {
  readonly alias?: ZoneRecord | undefined
  readonly hidden: readonly ZoneRecord[]
  /** The name is there for mail and nothing else: at any other the address of a site would show. */
  readonly isForMail: boolean
}

const NOWHERE: MailHost = { hidden: [], isForMail: false }

function createServers(view: ZoneView): Servers {
  const placeAt = once((owner: Name): MailHost => {
    const leading = view.at(owner).filter(leads)
    const hidden = leading.filter(({ proxied }) => proxied)
    const isCalledSo = owner !== view.zone && /^(?:mail|mx|smtp|imap|pop)\d*$/.test(owner.split('.')[0]!)
    return {
      alias: leading.find(({ type }) => type === 'CNAME'),
      hidden,
      isForMail: isCalledSo && hidden.every(({ readOnly }) => !readOnly),
    }
  })

  const sole = new Map<Name, ZoneRecord | undefined>()
  for (const record of view.known) {
    if (leads(record)) sole.set(record.name, sole.has(record.name) ? undefined : record)
  }
  const inTheOpen = new Map<string, Name>()
  for (const record of sole.values()) {
    if (record === undefined || !isAddress(record) || record.proxied || record.name.startsWith('*')) continue
    if (!inTheOpen.has(record.value)) inTheOpen.set(record.value, record.name)
  }

  return {
    behind(record) {
      const exchange = addressOf(record) === undefined ? exchangeOf(record) : undefined
      const owner = exchange === undefined ? undefined : view.answering(exchange)
      return owner === undefined ? NOWHERE : placeAt(owner)
    },
    with: (address) => inTheOpen.get(address),
    endOf: once((exchange) => {
      const { host, through, addresses } = view.resolve(exchange)
      const isHidden = through.some((name) => placeAt(view.answering(name) ?? name).hidden.length > 0)
      if (isHidden) return undefined
      return host ?? (addresses.length > 0 ? through.at(-1) : undefined)
    }),
  }
}

function once<Answer>(ask: (name: Name) => Answer): (name: Name) => Answer {
  const answers = new Map<Name, Answer>()
  return (name) => {
    if (!answers.has(name)) answers.set(name, ask(name))
    return answers.get(name)!
  }
}

function exchanged({ value }: ZoneRecord, server: Name): { value: Value } | null {
  const { priority } = mxParts(value)
  const changed = parseValue('MX', `${priority} ${server}`, { mxPriority: priority })
  return changed.ok ? { value: changed.value } : null
}
