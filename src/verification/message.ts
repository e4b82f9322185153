import {
  type Answer,
  AUTHENTIC_DATA,
  CHECKING_DISABLED,
  type DecodedPacket,
  decode,
  encode,
  RECURSION_DESIRED,
} from 'dns-packet'

export interface Question {
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'CAA' | 'NS' | 'SOA'
}

/** What a server said to a question. */
export interface Reply {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, … */
  readonly rcode: string
  /** From the zone itself (AA). */
  readonly isAuthoritative: boolean
  /** The resolver has validated it (AD, RFC 6840 §5.7). */
  readonly isAuthentic: boolean
  readonly answers: readonly Answer[]
  readonly authorities: readonly Answer[]
}

export interface Query {
  readonly id: number
  readonly question: Question
  /** For a resolver, which is to find out; a name server is asked for what it knows itself. */
  readonly isRecursive: boolean
  /** The resolver is not to validate (CD). */
  readonly isUnchecked: boolean
}

export function encodeQuery({ id, question, isRecursive, isUnchecked }: Query): Buffer {
  const flags = (isRecursive ? RECURSION_DESIRED | AUTHENTIC_DATA : 0) | (isUnchecked ? CHECKING_DISABLED : 0)
  return encode({
    type: 'query',
    id,
    flags,
    questions: [{ ...question, class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: EDNS_SIZE,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  })
}

/** `truncated`: to be asked for again by TCP; undefined: no answer to this query, or none that can be read. */
export function readReply(message: Buffer, { id, question }: Query): Reply | 'truncated' | undefined {
  const packet = decoded(message)
  if (packet === undefined || packet.type !== 'response' || packet.id !== id) return undefined
  const [asked, ...more] = packet.questions ?? []
  const isOurs =
    asked !== undefined &&
    more.length === 0 &&
    asked.type === question.type &&
    plainName(asked.name) === question.name
  if (!isOurs) return undefined
  if (packet.flag_tc) return 'truncated'
  return {
    rcode: packet.rcode,
    isAuthoritative: packet.flag_aa,
    isAuthentic: packet.flag_ad,
    answers: packet.answers ?? [],
    authorities: packet.authorities ?? [],
  }
}

/** What a chain of CNAMEs ends in, as far as one reply tells it. */
export interface Chain {
  /** The names after the one that was asked for, in their order. */
  readonly aliases: readonly string[]
  /** IPv4 or IPv6, whichever was asked for. */
  readonly addresses: readonly string[]
}

export function chainIn({ answers }: Reply, name: string): Chain {
  const aliases: string[] = []
  let current = name
  while (aliases.length < LONGEST_CHAIN) {
    const alias = answers.find((answer) => answer.type === 'CNAME' && plainName(answer.name) === current)
    if (alias?.type !== 'CNAME') break
    current = plainName(alias.data)
    aliases.push(current)
  }
  const addresses = answers.flatMap((answer) =>
    (answer.type === 'A' || answer.type === 'AAAA') && plainName(answer.name) === current
      ? [answer.data]
      : [],
  )
  return { aliases, addresses }
}

/** The name servers that these records give to a name. */
export function nameServersOf(name: string, records: readonly Answer[]): readonly string[] {
  return records.flatMap((record) =>
    record.type === 'NS' && plainName(record.name) === name ? [plainName(record.data)] : [],
  )
}

/** CAA of the name that was asked for, or that its aliases end in, as `flags tag "value"`. */
export function caaIn({ answers }: Reply): readonly string[] {
  return answers.flatMap((answer) => {
    if (answer.type !== 'CAA') return []
    const { flags = 0, tag, value } = answer.data
    return [`${flags} ${tag} "${value.replace(/["\\]/g, '\\$&')}"`]
  })
}

/** For so long the absence of a name may be remembered (RFC 2308 §5), in seconds; undefined: there is no SOA. */
export function negativeTtl({ answers, authorities }: Reply): number | undefined {
  const soa = [...answers, ...authorities].find(({ type }) => type === 'SOA')
  if (soa?.type !== 'SOA') return undefined
  const { minimum = 0 } = soa.data
  return Math.min(soa.ttl ?? minimum, minimum)
}

/** What is kept to fit one Ethernet frame (DNS Flag Day 2020). */
const EDNS_SIZE = 1_232
/** Resolvers give up on longer ones, too. */
const LONGEST_CHAIN = 8

/** Names in answers may be in any case. */
function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

function decoded(message: Buffer): (DecodedPacket & { readonly rcode: string }) | undefined {
  try {
    // The package sets `rcode`, but does not declare it.
    return decode(message) as DecodedPacket & { readonly rcode: string }
  } catch {
    return undefined
  }
}
