/** Content and data by record type: what is accepted, and the form in which it is stored and returned. */
import { hostName } from '../names.ts'
import { chosenRefusal, type UnknownChoices } from '../unknowns.ts'
import { invalid, type Refusal } from '../wire.ts'
import { ipv4, ipv6 } from './addresses.ts'
import type { JsonObject } from './fields.ts'
import type { CaaData, Rdata, RecordType, SrvData } from './record.ts'
import { txtStrings } from './txt.ts'

export interface GivenValue {
  readonly content?: string | undefined
  readonly priority?: number | undefined
  readonly data?: JsonObject | undefined
}

/** The stored form of a value, or the refusal that Cloudflare gives (9005 for a bad A, 9007, 9009, 9101 …). */
export function parseRdata(
  type: RecordType,
  name: string,
  given: GivenValue,
  choices: UnknownChoices,
): Rdata {
  return PARSERS[type](given, choices, name)
}

/**
 * What makes two records of one name and type identical: the value, and nothing else. TTL, proxying and comment do
 * not make a record distinct.
 */
export function identityOf(type: RecordType, rdata: Rdata, choices: UnknownChoices): string {
  if (type === 'TXT' && choices.quotedTxtIdentity === 'by-value') {
    return Buffer.concat(txtStrings(rdata.content) ?? []).toString('hex')
  }
  return `${rdata.priority ?? ''} ${rdata.content}`
}

type Parser = (given: GivenValue, choices: UnknownChoices, name: string) => Rdata

const PARSERS: Record<RecordType, Parser> = {
  A: (given, choices) => {
    const address = ipv4(present(given.content, choices))
    if (address === undefined) throw invalid(9005, 'Content for A record must be a valid IPv4 address.')
    return { content: address }
  },
  AAAA: (given, choices) => {
    const address = ipv6(present(given.content, choices))
    if (address === undefined) throw invalid(9006, 'Content for AAAA record must be a valid IPv6 address.')
    return { content: address }
  },
  CNAME: (given, choices, name) => {
    const target = hostName(present(given.content, choices))
    if (target === undefined) throw invalid(9007, 'Content for CNAME record is invalid.')
    if (target === name) throw chosenRefusal(choices.cnameToItself)
    return { content: target }
  },
  MX: (given, choices) => {
    const content = present(given.content, choices)
    const exchange = content === '.' ? '.' : hostName(content)
    if (exchange === undefined) throw invalid(9009, 'Content for MX record must be a hostname.')
    if (given.priority === undefined) throw chosenRefusal(choices.mxWithoutPriority)
    if (!isBelow(65_536, given.priority)) throw chosenRefusal(choices.mxPriority)
    return { content: exchange, priority: given.priority }
  },
  NS: (given, choices) => {
    const host = hostName(present(given.content, choices))
    if (host === undefined) throw chosenRefusal(choices.nsContent)
    return { content: host }
  },
  SRV: (given, choices) => {
    const data = srvData(given, choices)
    return { content: `${data.weight} ${data.port} ${data.target}`, priority: data.priority, data }
  },
  CAA: (given, choices) => {
    const data = caaData(given.data ?? {}, choices)
    const value = data.value.replace(/["\\]/g, '\\$&')
    return { content: `${data.flags} ${data.tag} "${value}"`, data }
  },
  TXT: (given, choices) => {
    const content = present(given.content, choices)
    const strings = txtStrings(content)
    if (strings === undefined || octetsOnTheWire(strings) > 4_096) throw chosenRefusal(choices.txtContent)
    return { content }
  },
}

function srvData(given: GivenValue, choices: UnknownChoices): SrvData {
  const data = { priority: given.priority, ...given.data }
  const [priority, weight, port] = (['priority', 'weight', 'port'] as const).map((key) => {
    const value = required(data, key)
    if (!isBelow(65_536, value)) throw chosenRefusal(choices.srvData)
    return value
  }) as [number, number, number]
  const text = required(data, 'target')
  const target = text === '.' ? '.' : typeof text === 'string' ? hostName(text) : undefined
  if (target === undefined) throw chosenRefusal(choices.srvData)
  return { port, priority, target, weight }
}

function caaData(data: JsonObject, choices: UnknownChoices): CaaData {
  const flags = Number(required(data, 'flags'))
  const tag = required(data, 'tag')
  const value = required(data, 'value')
  const sound = isBelow(256, flags) && typeof tag === 'string' && /^[a-z0-9]{1,15}$/i.test(tag)
  if (!sound || typeof value !== 'string' || !/^[\x20-\x7e]*$/.test(value))
    throw chosenRefusal(choices.caaData)
  return { flags, tag: tag.toLowerCase(), value }
}

function required(data: JsonObject, key: string): unknown {
  const value = data[key]
  if (value === undefined || value === null || value === '') throw missingField(key)
  return value
}

function missingField(key: string): Refusal {
  return invalid(9101, `${key} is a required data field.`)
}

function present(content: string | undefined, choices: UnknownChoices): string {
  if (content === undefined) throw chosenRefusal(choices.contentMissing)
  return content
}

function isBelow(limit: number, value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < limit
}

function octetsOnTheWire(strings: readonly Buffer[]): number {
  return strings.reduce((sum, octets) => sum + octets.length + 1, 0)
}
