/**
 * What Cloudflare's name servers say about a name: pure, from the zones as they stand. Wildcards by RFC 4592, a
 * flattened CNAME at the apex, proxy addresses for proxied names, referrals below a delegation.
 */
import type { Answer } from 'dns-packet'
import { isWithin, parentOf } from '../names.ts'
import type { StoredRecord } from '../records/record.ts'
import type { Zone } from '../state.ts'
import { AUTOMATIC_TTL, answerFor, TYPE_NUMBERS, ttlOf } from './rdata.ts'

export type ResponseCode = 'NOERROR' | 'SERVFAIL' | 'NXDOMAIN' | 'REFUSED'

export interface DnsAnswer {
  readonly code: ResponseCode
  readonly authoritative: boolean
  readonly answers: readonly Answer[]
  readonly authorities: readonly Answer[]
  readonly additionals: readonly Answer[]
}

/**
 * `name` in the case it was asked in; the answer's owner repeats it. `type` is a mnemonic of dns-packet, which is
 * `UNKNOWN_65` for HTTPS.
 */
export function answerQuestion(zones: readonly Zone[], name: string, asked: string): DnsAnswer {
  const type = MNEMONICS.get(asked) ?? asked
  const answer = answerFromZones(zones, name, type)
  const isNowhere = answer.code === 'REFUSED' || answer.code === 'NXDOMAIN'
  return isNowhere && isNameServer(zones, name.toLowerCase()) ? nameServerAnswer(name, type) : answer
}

/** Where the zones' own name servers say they are. */
export const NAME_SERVER_ADDRESS = '192.0.2.53'

function answerFromZones(zones: readonly Zone[], name: string, type: string): DnsAnswer {
  const answers: Answer[] = []
  let owner = name
  for (let hops = 0; hops < MAXIMUM_CHAIN; hops += 1) {
    const zone = zoneFor(zones, owner.toLowerCase())
    if (zone === undefined) return answers.length > 0 ? found(answers) : REFUSED
    const step = lookUp(zones, zone, owner, type)
    answers.push(...step.answers)
    if (step.next === undefined)
      return { ...step.rest, answers, authoritative: step.rest.authoritative || hops > 0 }
    owner = step.next
  }
  return found(answers)
}

function isNameServer(zones: readonly Zone[], name: string): boolean {
  return zones.some(({ nameServers }) => nameServers.includes(name))
}

function nameServerAnswer(name: string, type: string): DnsAnswer {
  return found(type === 'A' ? [{ type, name, ttl: 86_400, data: NAME_SERVER_ADDRESS }] : [])
}

const MNEMONICS = new Map(Object.entries(TYPE_NUMBERS).map(([type, number]) => [`UNKNOWN_${number}`, type]))

/** Longer chains and loops are cut here. */
const MAXIMUM_CHAIN = 16

export const PROXY_ADDRESSES = { A: ['198.51.100.1', '198.51.100.2'], AAAA: ['2001:db8:cf::1'] } as const

interface Step {
  readonly answers: readonly Answer[]
  /** A CNAME's target, where the search goes on. */
  readonly next?: string
  readonly rest: DnsAnswer
}

function lookUp(zones: readonly Zone[], zone: Zone, owner: string, type: string): Step {
  const name = owner.toLowerCase()
  if (type === 'ANY') return done(found([{ type: 'HINFO', name: owner, ttl: 3_789, data: RFC8482 }]))
  if (name === zone.name && type === 'SOA') return done(found([soa(zone)]))
  if (name === zone.name && type === 'NS') return done(found(apexNs(zone)))

  const cut = delegationAbove(zone, name)
  // RFC 4035 section 3.1.4.1: of a delegation, the DS records alone are the parent's to answer.
  const isDsOfCut = type === 'DS' && cut?.[0]?.name === name
  if (cut !== undefined && !isDsOfCut) return done(referral(zone, cut))

  const records = recordsFor(zone, name)
  if (records === undefined) return done(negative(zone, 'NXDOMAIN'))

  const proxied = !zone.paused && records.some((record) => record.proxied)
  if (proxied && (type === 'A' || type === 'AAAA')) return done(proxyAnswer(zone, owner, type, records))

  const cname = records.find((record) => record.type === 'CNAME')
  const exact = records.filter((record) => record.type === type && !(proxied && record.proxied))
  if (cname !== undefined && name === zone.name && (type === 'A' || type === 'AAAA' || type === 'CNAME')) {
    return done(flattened(zones, zone, owner, type, cname))
  }
  if (exact.length > 0) return done(found(exact.map((record) => answerFor(record, owner, ttlOf(exact)))))
  if (cname === undefined || cname.proxied || name === zone.name) return done(negative(zone, 'NOERROR'))
  return {
    answers: [answerFor(cname, owner, ttlOf([cname]))],
    next: cname.content,
    rest: negative(zone, 'NOERROR'),
  }
}

/** The records at the name, or at the wildcard that covers it; undefined when the name does not exist. */
function recordsFor(zone: Zone, name: string): readonly StoredRecord[] | undefined {
  if (name === zone.name || zone.records.exists(name)) return zone.records.at(name)
  // RFC 4592 section 3.3.1: only the wildcard just below the closest encloser counts.
  let encloser = parentOf(name)
  while (encloser !== undefined && encloser !== zone.name && !zone.records.exists(encloser)) {
    encloser = parentOf(encloser)
  }
  const wildcard = zone.records.at(`*.${encloser}`)
  return wildcard.length > 0 ? wildcard : undefined
}

/** The highest name below the apex, at or above `name`, that has NS records. */
function delegationAbove(zone: Zone, name: string): readonly StoredRecord[] | undefined {
  let cut: readonly StoredRecord[] | undefined
  for (let node: string | undefined = name; node !== undefined && node !== zone.name; node = parentOf(node)) {
    const ns = zone.records.at(node).filter((record) => record.type === 'NS')
    if (ns.length > 0) cut = ns
  }
  return cut
}

function referral(zone: Zone, cut: readonly StoredRecord[]): DnsAnswer {
  const glue = cut.flatMap(({ content }) =>
    zone.records.at(content).filter(({ type, proxied }) => (type === 'A' || type === 'AAAA') && !proxied),
  )
  return {
    code: 'NOERROR',
    authoritative: false,
    answers: [],
    authorities: cut.map((record) => answerFor(record, record.name, ttlOf(cut))),
    additionals: glue.map((record) => answerFor(record, record.name, ttlOf([record]))),
  }
}

function proxyAnswer(
  zone: Zone,
  owner: string,
  type: 'A' | 'AAAA',
  records: readonly StoredRecord[],
): DnsAnswer {
  const hidden = type === 'A' ? 'ipv6_only' : 'ipv4_only'
  if (records.some(({ settings }) => settings[hidden] === true)) return negative(zone, 'NOERROR')
  return found(PROXY_ADDRESSES[type].map((data) => ({ type, name: owner, ttl: AUTOMATIC_TTL, data })))
}

/** A CNAME at the apex is never shown; its target's addresses are. The emulator knows only those it holds itself. */
function flattened(
  zones: readonly Zone[],
  zone: Zone,
  owner: string,
  type: 'A' | 'AAAA' | 'CNAME',
  cname: StoredRecord,
): DnsAnswer {
  if (type === 'CNAME') return negative(zone, 'NOERROR')
  if (zoneFor(zones, cname.content) === undefined || cname.content === zone.name) return SERVFAIL
  const target = answerQuestion(zones, cname.content, type)
  const addresses = target.answers.filter((answer) => answer.type === type)
  if (addresses.length === 0) return negative(zone, 'NOERROR')
  return found(addresses.map((answer) => ({ ...answer, name: owner }) as Answer))
}

function zoneFor(zones: readonly Zone[], name: string): Zone | undefined {
  const holding = zones.filter((zone) => SERVED.has(zone.status) && isWithin(name, zone.name))
  return holding.toSorted((left, right) => right.name.length - left.name.length)[0]
}

const SERVED = new Set(['active', 'pending'])

function apexNs(zone: Zone): Answer[] {
  return zone.nameServers.map((data) => ({ type: 'NS', name: zone.name, ttl: 86_400, data }))
}

function soa(zone: Zone): Answer {
  const data = {
    mname: zone.nameServers[0] ?? 'ns.example.org',
    rname: 'dns.example.org',
    serial: 2_026_000_000 + zone.records.serial,
    refresh: 10_000,
    retry: 2_400,
    expire: 604_800,
    minimum: 1_800,
  }
  return { type: 'SOA', name: zone.name, ttl: 1_800, data }
}

/** NXDOMAIN and NODATA both carry the SOA (RFC 2308). */
function negative(zone: Zone, code: 'NOERROR' | 'NXDOMAIN'): DnsAnswer {
  return { code, authoritative: true, answers: [], authorities: [soa(zone)], additionals: [] }
}

function found(answers: readonly Answer[]): DnsAnswer {
  return { code: 'NOERROR', authoritative: true, answers, authorities: [], additionals: [] }
}

function done(answer: DnsAnswer): Step {
  return { answers: answer.answers, rest: answer }
}

const REFUSED: DnsAnswer = {
  code: 'REFUSED',
  authoritative: false,
  answers: [],
  authorities: [],
  additionals: [],
}
const SERVFAIL: DnsAnswer = { ...REFUSED, code: 'SERVFAIL' }
const RFC8482 = { cpu: 'RFC8482', os: '' }
