/** One DNS message in, one out: header, EDNS, truncation. What is inside the answer is `answer.ts`. */
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  TRUNCATED_RESPONSE,
} from 'dns-packet'
import type { Zone } from '../state.ts'
import { answerQuestion } from './answer.ts'

export type Transport = 'udp' | 'tcp'

/** The response, or undefined for what deserves none: too short, or itself a response. */
export function respond(zones: readonly Zone[], query: Buffer, transport: Transport): Buffer | undefined {
  if (query.length < 12 || (query[2]! & 0x80) !== 0) return undefined
  if ((query[2]! & 0x78) !== 0) return bare(query, RCODES.NOTIMP)
  const packet = decoded(query)
  const question = packet?.questions?.[0]
  if (packet === undefined || question === undefined || packet.questions!.length !== 1) {
    return bare(query, RCODES.FORMERR)
  }
  if (question.class !== 'IN' || question.type === 'AXFR' || question.type === 'IXFR') {
    return bare(query, RCODES.REFUSED)
  }

  const edns = packet.additionals?.find((additional) => additional.type === 'OPT')
  const badVersion = edns?.type === 'OPT' && edns.ednsVersion > 0
  const own: Answer[] = edns === undefined ? [] : [opt(badVersion ? 1 : 0)]
  const response: Packet = {
    type: 'response',
    id: packet.id,
    flags: packet.flags! & RECURSION_DESIRED_BIT,
    questions: [question],
    additionals: own,
  }
  if (badVersion) return encode(response)

  const { code, authoritative, answers, authorities, additionals } = answerQuestion(
    zones,
    question.name,
    question.type,
  )
  response.flags! |= RCODES[code] | (authoritative ? AUTHORITATIVE_ANSWER : 0)
  const whole = encode({
    ...response,
    answers: [...answers],
    authorities: [...authorities],
    additionals: [...additionals, ...own],
  })
  if (transport === 'tcp' || whole.length <= udpLimit(edns)) return whole
  return encode({ ...response, flags: response.flags! | TRUNCATED_RESPONSE })
}

/** What is kept to fit one Ethernet frame (DNS Flag Day 2020). */
const EDNS_SIZE = 1_232

const RECURSION_DESIRED_BIT = 0x0100

const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const

function udpLimit(edns: Answer | undefined): number {
  return edns?.type === 'OPT' ? Math.min(EDNS_SIZE, Math.max(512, edns.udpPayloadSize)) : 512
}

function opt(extendedRcode: number): Answer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: EDNS_SIZE,
    extendedRcode,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  }
}

function decoded(query: Buffer): Packet | undefined {
  try {
    return decode(query)
  } catch {
    return undefined
  }
}

/** A header alone, id, opcode and RD as asked. */
function bare(query: Buffer, code: number): Buffer {
  const header = Buffer.alloc(12)
  query.copy(header, 0, 0, 4)
  header[2] = 0x80 | (header[2]! & 0x79)
  header[3] = code
  return header
}
