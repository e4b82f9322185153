import { isIP } from 'node:net'
import type { Name } from '#dns/name.ts'
import type { OnboardingZone, Shop } from '#onboarding/input.ts'
import { leads, type ZoneView } from '#onboarding/zone-view.ts'
import type { Probed } from './probe.ts'
import type { Delegation, Seen } from './resolver.ts'
import { type Hint, hints, type Visited } from './words.ts'

/** `partly`: for some visitors. */
export type Verdict = 'yes' | 'partly' | 'no' | 'not_checked'

/** How far a name of the store is on its way to its visitors. */
export interface NameState {
  readonly name: Name
  /** Where it is to lead: addresses, or the host's name. */
  readonly wanted: readonly string[]
  /** Where the records at Cloudflare lead. */
  readonly atCloudflare: readonly string[]
  readonly saved: Verdict
  /** What the zone's name servers answer; null: none of them does. Of a proxied name it is Cloudflare's own. */
  readonly atNameServers: readonly string[] | null
  readonly served: Verdict
  /** `by_http`: and nobody could be asked by https. */
  readonly reachable: 'yes' | 'by_http' | 'no' | 'not_checked'
  /** Until when somebody may have an answer from before (ms); null: nothing has changed lately. */
  readonly readyAt: number | null
  readonly state: 'live' | 'waiting' | 'attention'
  /** What is waited for, or what to do. */
  readonly hint?: Hint
}

/** What was found out about a zone. */
export interface ZoneFindings {
  readonly delegation: Delegation
  readonly dnssec: 'secure' | 'unsigned' | 'broken' | undefined
}

/** And about one of its names. */
export interface NameFindings {
  /** By each name server of the zone that answers for it. */
  readonly held: readonly Seen[]
  /** By each resolver, once it is served. */
  readonly seen: readonly Seen[]
  /** undefined: it was not asked for. */
  readonly probed: Probed | undefined
}

/** Where the records of a name lead, and whether what DNS answers can be compared with it. */
export interface Pointing {
  readonly wanted: readonly string[]
  readonly ends: readonly string[]
  readonly saved: Verdict
  /** Of a proxied or flattened name DNS answers with other addresses than its records hold. */
  readonly isComparable: boolean
  readonly isProxied: boolean
}

export function pointingOf(view: ZoneView, { ipv4, ipv6, host }: Shop, name: Name): Pointing {
  const ours: readonly string[] = [...ipv4, ...ipv6, ...(host === undefined ? [] : [host])]
  const wanted: readonly string[] = ipv4.length + ipv6.length > 0 ? [...ipv4, ...ipv6] : ours
  const { addresses, host: elsewhere, through } = view.resolve(name)
  const ends = [
    ...new Set([
      ...addresses.map(({ value }) => value as string),
      ...(elsewhere === undefined ? [] : [elsewhere]),
    ]),
  ]
  const passed = through.flatMap((each) => {
    const owner = view.answering(each)
    return owner === undefined ? [] : view.at(owner).filter(leads)
  })
  const isProxied = passed.some(({ proxied }) => proxied)
  const isFlattened = view.at(view.zone).some(({ type }) => type === 'CNAME') && through.includes(view.zone)
  return {
    wanted,
    ends,
    saved: ours.length === 0 ? 'not_checked' : verdictOf(ends, ours),
    isComparable: !isFlattened && !isProxied,
    isProxied,
  }
}

/** Of all that a name's servers or resolvers answer. */
export function seenVerdict(seen: readonly Seen[], { ends, isComparable }: Pointing): Verdict {
  if (seen.length === 0) return 'not_checked'
  const each = seen.map((one): Verdict => {
    const found = endsOf(one, ends)
    // A CNAME may be answered with the addresses that it leads to (Cloudflare docs, "CNAME flattening", 2026).
    const isFlattened = one.aliases.length === 0 && ends.some((end) => isIP(end) === 0)
    if (isComparable && !isFlattened) return verdictOf(found, ends)
    return found.length > 0 ? 'yes' : 'no'
  })
  return each.every((one) => one === 'yes') ? 'yes' : each.every((one) => one === 'no') ? 'no' : 'partly'
}

export interface StateInput {
  readonly name: Name
  readonly zone: Pick<OnboardingZone, 'name' | 'status' | 'nameServers'>
  readonly pointing: Pointing
  readonly zoneFindings: ZoneFindings
  readonly findings: NameFindings
  readonly readyAt: number | null
  readonly now: number
}

/** Never live by what was not seen: the records, the registrar and the name servers have to agree, and the wait to be over. */
export function stateOf(input: StateInput): NameState {
  const { name, pointing, findings, readyAt, now } = input
  const served = seenVerdict(findings.held, pointing)
  const seen = seenVerdict(findings.seen, pointing)
  const reachable = reachableBy(findings.probed, seen)
  const isWaiting = readyAt !== null && readyAt > now
  const told = hintFor({ ...input, served, seen, isWaiting })
  const isServed = served === 'yes' || (served === 'not_checked' && seen === 'yes')
  const isReached =
    wasReached(findings.probed) || (reachable === 'not_checked' && !isWaiting && seen !== 'no')
  const isLive =
    pointing.saved === 'yes' &&
    isServed &&
    isReached &&
    input.zone.status !== 'pending' &&
    told?.kind !== 'attention'
  return {
    name,
    wanted: pointing.wanted,
    atCloudflare: pointing.ends,
    saved: pointing.saved,
    atNameServers:
      findings.held.length === 0
        ? null
        : [...new Set(findings.held.flatMap((one) => endsOf(one, pointing.ends)))],
    served,
    reachable,
    readyAt,
    state: isLive ? 'live' : told?.kind === 'attention' ? 'attention' : 'waiting',
    ...(told !== undefined && { hint: told.hint }),
  }
}

/** Addresses; without any, or where the records themselves end in an alias, that alias. */
function endsOf({ aliases, addresses }: Seen, wanted: readonly string[]): readonly string[] {
  const alias = aliases.find((each) => wanted.includes(each))
  if (alias !== undefined) return [alias]
  return addresses.length > 0 ? addresses : aliases.slice(-1)
}

function verdictOf(found: readonly string[], ours: readonly string[]): Verdict {
  const right = found.filter((one) => ours.includes(one))
  if (right.length === 0) return 'no'
  return right.length < found.length ? 'partly' : 'yes'
}

function reachableBy(probed: Probed | undefined, seen: Verdict): NameState['reachable'] {
  if (probed?.kind === 'reached') return 'yes'
  if (probed?.kind === 'reached-by-http') return 'by_http'
  if (probed === undefined) return seen === 'no' ? 'no' : 'not_checked'
  return TELLS_NOTHING.has(probed.kind) ? 'not_checked' : 'no'
}

function wasReached(probed: Probed | undefined): boolean {
  return probed?.kind === 'reached' || probed?.kind === 'reached-by-http'
}

const TELLS_NOTHING: ReadonlySet<string> = new Set(['answered', 'sent-elsewhere', 'no-way'])

interface Told {
  readonly kind: 'waiting' | 'attention' | 'note'
  readonly hint: Hint
}

/** The first thing that is in the way, in the order in which a visitor would come upon it. */
function hintFor({
  name,
  zone,
  pointing,
  zoneFindings: { delegation, dnssec },
  findings,
  served,
  seen,
  isWaiting,
}: StateInput & { readonly served: Verdict; readonly seen: Verdict; readonly isWaiting: boolean }):
  | Told
  | undefined {
  const attention = (hint: Hint): Told => ({ kind: 'attention', hint })
  const waiting = (hint: Hint): Told => ({ kind: 'waiting', hint })
  if (pointing.saved === 'no') return attention(hints.notPointed(name, pointing.ends))
  if (pointing.saved === 'partly') return attention(hints.partlyPointed(name))
  if (delegation.status === 'none') return attention(hints.unknownDomain(zone.name))
  if (delegation.status === 'found' && zone.nameServers.length > 0) {
    const others = strangersIn(delegation.nameServers, zone.nameServers)
    const isSigned = dnssec === 'secure'
    if (others.length === delegation.nameServers.length) {
      return attention(hints.registrar(zone.name, others, zone.nameServers, isSigned))
    }
    if (others.length > 0) return attention(hints.registrarPartly(zone.name, others))
  }
  if (dnssec === 'broken') return attention(hints.dnssecBroken(zone.name))
  if (zone.status === 'pending')
    return waiting(hints.pending(zone.name, zone.nameServers, delegation.status === 'found'))
  if (served === 'no' || served === 'partly') return waiting(hints.beingServed(name))
  const isProxyOff = isOpen(findings.held, pointing)
  const trouble =
    findings.probed &&
    troubleOf({ name, zone: zone.name, isProxied: pointing.isProxied && !isProxyOff }, findings.probed)
  if (trouble !== undefined) return attention(trouble)
  if (isWaiting)
    return { kind: wasReached(findings.probed) ? 'note' : 'waiting', hint: hints.remembered(name) }
  // The wait is over, and somebody still says what was before.
  if (seen === 'no' || seen === 'partly') return waiting(hints.slowResolvers(name))
  if (served === 'not_checked' && seen === 'not_checked') return waiting(hints.noAnswer(name))
  if (isProxyOff) return { kind: 'note', hint: hints.proxyOff(name) }
  return wasReached(findings.probed) ? undefined : { kind: 'note', hint: hints.notPassedOn(name) }
}

/** Whether a proxied name is answered with its own server's addresses all the same. */
function isOpen(held: readonly Seen[], { isProxied, ends }: Pointing): boolean {
  const addresses = held.flatMap((one) => one.addresses)
  return isProxied && addresses.length > 0 && addresses.every((address) => ends.includes(address))
}

/** The name servers that a registrar names and Cloudflare does not want. */
export function strangersIn(found: readonly string[], wanted: readonly string[]): readonly string[] {
  const known = new Set(wanted.map((server) => server.toLowerCase()))
  return found.filter((server) => !known.has(server.toLowerCase()))
}

function troubleOf(visited: Visited, probed: Probed): Hint | undefined {
  const { name } = visited
  switch (probed.kind) {
    case 'certificate':
      return hints.certificate(visited, probed.fault)
    case 'no-https':
      return hints.noHttps(visited)
    case 'circle':
      return hints.circle(name)
    case 'unreachable-behind-proxy':
      return hints.behindProxy(name, probed.status)
    case 'refused':
    case 'silent':
      return hints.noServer(name)
    case 'not-public':
      return hints.notPublic(name)
    default:
      return undefined
  }
}
