/** Content and data by record type: what is accepted, and the form in which it is stored and returned. */
import { known } from '../errors.ts'
import { hostName } from '../names.ts'
import { chosenRefusal, type UnknownChoices } from '../unknowns.ts'
import type { ApiError } from '../wire.ts'
import { ipv4, ipv6 } from './addresses.ts'
import { DATA_PARSERS, type GivenValue, isBelow, type Parser } from './data.ts'
import type { Rdata, RecordType } from './record.ts'
import { txtStrings } from './txt.ts'

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

const PARSERS: Record<RecordType, Parser> = {
  A: (given, choices) => {
    const address = ipv4(present(given.content, choices))
    if (address === undefined) throw known('aContent')
    return { content: address }
  },
  AAAA: (given, choices) => {
    const address = ipv6(present(given.content, choices))
    if (address === undefined) throw known('aaaaContent')
    return { content: address }
  },
  CNAME: (given, choices, name) => {
    const target = hostName(present(given.content, choices))
    if (target === undefined) throw known('cnameContent')
    if (target === name) throw chosenRefusal(choices.cnameToItself)
    return { content: target }
  },
  MX: (given, choices) => {
    const content = present(given.content, choices)
    const exchange = content === '.' ? '.' : hostName(content)
    if (exchange === undefined) throw known('mxContent')
    if (given.priority === undefined) throw chosenRefusal(choices.mxWithoutPriority)
    if (!isBelow(65_536, given.priority)) throw chosenRefusal(choices.mxPriority)
    return { content: exchange, priority: given.priority }
  },
  NS: (given, choices) => ({ content: hostIn(given, choices) ?? refuse(choices.nsContent) }),
  PTR: (given, choices) => ({ content: hostIn(given, choices) ?? refuse(choices.ptrContent) }),
  TXT: (given, choices) => {
    const content = present(given.content, choices)
    const strings = txtStrings(content)
    if (strings === undefined || octetsOnTheWire(strings) > 4_096) throw chosenRefusal(choices.txtContent)
    return { content }
  },
  ...DATA_PARSERS,
}

function hostIn(given: GivenValue, choices: UnknownChoices): string | undefined {
  return hostName(present(given.content, choices))
}

function refuse(error: ApiError): never {
  throw chosenRefusal(error)
}

function present(content: string | undefined, choices: UnknownChoices): string {
  if (content === undefined) throw chosenRefusal(choices.contentMissing)
  return content
}

function octetsOnTheWire(strings: readonly Buffer[]): number {
  return strings.reduce((sum, octets) => sum + octets.length + 1, 0)
}
