import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import {
  type Answer,
  AUTHENTIC_DATA,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  TRUNCATED_RESPONSE,
} from 'dns-packet'
import type { ServerAddress } from './address.ts'

/** What a scripted name server answers; left out: NOERROR, authoritative, nothing. */
export interface ScriptedReply {
  /** 2: SERVFAIL, 3: NXDOMAIN, 5: REFUSED. */
  readonly rcode?: number
  /** `www.example.com CNAME example.com` */
  readonly answers?: readonly string[]
  readonly authorities?: readonly string[]
  readonly isLame?: boolean
  readonly isAuthentic?: boolean
  readonly isTruncated?: boolean
  /** Sent before the answer: forgeries, and answers to other questions. */
  readonly before?: readonly ((good: Buffer) => Buffer)[]
  /** In place of the answer. */
  readonly octets?: Buffer
}

export interface AskedQuestion {
  /** `www.example.com A` */
  readonly text: string
  readonly transport: 'udp' | 'tcp'
  readonly isRecursive: boolean
  readonly isUnchecked: boolean
}

export interface ScriptedServer extends ServerAddress {
  /** `text transport`, in their order. */
  readonly asked: AskedQuestion[]
  close(): Promise<void>
}

/** A name server on loopback that does as it is told. `script` gives undefined where it is to say nothing. */
export async function startScriptedServer(
  script: (question: AskedQuestion) => ScriptedReply | undefined,
): Promise<ScriptedServer> {
  const asked: AskedQuestion[] = []
  function messagesFor(query: Buffer, transport: 'udp' | 'tcp'): readonly Buffer[] {
    const packet = decode(query)
    const { name, type } = packet.questions![0]!
    const question: AskedQuestion = {
      text: `${name} ${type}`,
      transport,
      isRecursive: packet.flag_rd,
      isUnchecked: packet.flag_cd,
    }
    asked.push(question)
    const reply = script(question)
    if (reply === undefined) return []
    const flags =
      (reply.rcode ?? 0) |
      (reply.isLame ? 0 : AUTHORITATIVE_ANSWER) |
      (reply.isAuthentic ? AUTHENTIC_DATA : 0) |
      (reply.isTruncated ? TRUNCATED_RESPONSE : 0)
    const good = encode({
      type: 'response',
      id: packet.id,
      flags,
      questions: packet.questions,
      answers: (reply.answers ?? []).map(recordFrom),
      authorities: (reply.authorities ?? []).map(recordFrom),
    })
    return [...(reply.before ?? []).map((forge) => forge(Buffer.from(good))), reply.octets ?? good]
  }

  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      for (const message of messagesFor(chunk.subarray(2), 'tcp')) {
        const framed = Buffer.concat([Buffer.of(message.length >> 8, message.length & 255), message])
        // In two pieces, as a network may have it.
        socket.write(framed.subarray(0, 3))
        socket.write(framed.subarray(3))
      }
    })
  })
  const { udp, port } = await listenOnOnePort(tcp)
  udp.on('message', (query, from) => {
    for (const message of messagesFor(query, 'udp')) udp.send(message, from.port, from.address)
  })
  return {
    address: '127.0.0.1',
    port,
    asked,
    async close() {
      udp.close()
      tcp.close()
      await once(tcp, 'close')
    },
  }
}

/** Free for TCP is not always free for UDP: then another number may do. */
async function listenOnOnePort(tcp: Server, attempts = 10): Promise<{ udp: Socket; port: number }> {
  tcp.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const { port } = tcp.address() as AddressInfo
  const udp = createSocket('udp4')
  try {
    udp.bind(port, '127.0.0.1')
    await once(udp, 'listening')
    return { udp, port }
  } catch (problem) {
    udp.close()
    tcp.close()
    await once(tcp, 'close')
    if (attempts === 1) throw problem
    return listenOnOnePort(tcp, attempts - 1)
  }
}

function recordFrom(text: string): Answer {
  const [name = '', type, ...data] = text.split(' ')
  if (type === 'SOA') {
    const minimum = Number(data[0])
    return { name, type, ttl: 3_600, data: { mname: 'ns.example.org', rname: 'dns.example.org', minimum } }
  }
  return { name, type: type as 'A', ttl: 300, data: data.join(' ') }
}
