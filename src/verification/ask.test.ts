import { AUTHORITATIVE_ANSWER, decode, encode } from 'dns-packet'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '#platform/system.ts'
import { createVirtualClock } from '../../tests/support/virtual-clock.ts'
import { createAsk } from './ask.ts'
import { chainIn } from './message.ts'
import { type ScriptedReply, type ScriptedServer, startScriptedServer } from './testing.ts'

const QUESTION = { name: 'www.example.com', type: 'A' } as const
const DIRECT = { isRecursive: false } as const
const ADDRESS = 'www.example.com A 192.0.2.1'

const servers: ScriptedServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function serverWith(...replies: (ScriptedReply | undefined)[]) {
  const server = await startScriptedServer(() => (replies.length > 1 ? replies.shift() : replies[0]))
  servers.push(server)
  return server
}

/** Patience that ends only when a test says so: however slow the machine, an answer that comes is heard. */
const endless = () => createVirtualClock()

/** For what is never answered. */
const impatient = createAsk(30, systemClock)

/** What was believed: the rcode and the addresses; `nothing`. */
async function heard(server: ScriptedServer, ask = createAsk(300, endless())): Promise<string> {
  const reply = await ask(server, QUESTION, DIRECT)
  return reply === undefined ? 'nothing' : [reply.rcode, ...chainIn(reply, QUESTION.name).addresses].join(' ')
}

test('an answer is read, with its code and its flags', async () => {
  const server = await serverWith({ answers: [ADDRESS], isLame: true, isAuthentic: true })
  const reply = await createAsk(300, endless())(server, QUESTION, { isRecursive: true, isUnchecked: true })
  expect(reply).toMatchObject({ rcode: 'NOERROR', isAuthoritative: false, isAuthentic: true })
  expect(server.asked).toEqual([
    { text: 'www.example.com A', transport: 'udp', isRecursive: true, isUnchecked: true },
  ])
})

test.each([
  ['SERVFAIL', 2],
  ['NXDOMAIN', 3],
  ['REFUSED', 5],
])('%s is an answer', async (rcode, code) => {
  expect(await heard(await serverWith({ rcode: code }))).toBe(rcode)
})

test('a server that says nothing is asked twice, and then no more', async () => {
  const server = await serverWith(undefined)
  const clock = endless()
  const hearing = heard(server, createAsk(300, clock))
  for (const attempt of [1, 2]) {
    await expect.poll(() => server.asked.length).toBe(attempt)
    await clock.pass(300)
  }
  expect(await hearing).toBe('nothing')
  expect(server.asked).toHaveLength(2)
})

test('a datagram that was lost is made up for by the second', async () => {
  const server = await serverWith(undefined, { answers: [ADDRESS] })
  const clock = endless()
  const hearing = heard(server, createAsk(300, clock))
  await expect.poll(() => server.asked.length).toBe(1)
  await clock.pass(300)
  expect(await hearing).toBe('NOERROR 192.0.2.1')
})

test('a port at which nobody listens is no server', async () => {
  const server = await serverWith(undefined)
  await servers.pop()!.close()
  expect(await heard(server)).toBe('nothing')
})

test('an address that the system does not let us send to is no server', async () => {
  expect(
    await createAsk(300, endless())({ address: '255.255.255.255', port: 53 }, QUESTION, DIRECT),
  ).toBeUndefined()
})

test('an answer that did not fit is asked for by TCP', async () => {
  const server = await startScriptedServer(({ transport }) =>
    transport === 'udp' ? { isTruncated: true } : { answers: [ADDRESS] },
  )
  servers.push(server)
  expect(await heard(server)).toBe('NOERROR 192.0.2.1')
  expect(server.asked.map(({ transport }) => transport)).toEqual(['udp', 'tcp'])
})

test('one that does not fit into TCP either, or never comes there, is none', async () => {
  expect(await heard(await serverWith({ isTruncated: true }))).toBe('nothing')
  expect(await heard(await serverWith({ isTruncated: true }, undefined), impatient)).toBe('nothing')
})

describe('is not believed, while the right one still is:', () => {
  const forged = (change: (packet: ReturnType<typeof decode>) => object) => (good: Buffer) => {
    const packet = decode(good)
    return encode({
      type: 'response',
      flags: AUTHORITATIVE_ANSWER,
      id: packet.id,
      questions: packet.questions,
      answers: [{ name: 'www.example.com', type: 'A', ttl: 300, data: '198.51.100.66' }],
      ...change(packet),
    })
  }
  test.each<[string, (good: Buffer) => Buffer]>([
    ['another id', forged(({ id }) => ({ id: (id! + 1) % 65_536 }))],
    ['another name', forged(() => ({ questions: [{ name: 'ftp.example.com', type: 'A' }] }))],
    ['another type', forged(() => ({ questions: [{ name: 'www.example.com', type: 'AAAA' }] }))],
    ['two questions', forged(({ questions }) => ({ questions: [...questions!, ...questions!] }))],
    ['no question', forged(() => ({ questions: [] }))],
    ['a query', forged(() => ({ type: 'query' }))],
    ['a part of a message', (good) => good.subarray(0, 20)],
    ['nothing at all', () => Buffer.alloc(0)],
    ['noise', () => Buffer.alloc(400, 0xc0)],
  ])('%s', async (_title, forge) => {
    expect(await heard(await serverWith({ answers: [ADDRESS], before: [forge] }))).toBe('NOERROR 192.0.2.1')
    expect(
      await heard(
        await serverWith({ octets: forge(encode({ type: 'response', questions: [QUESTION] })) }),
        impatient,
      ),
    ).toBe('nothing')
  })
})

test('ids are drawn by chance, and each query has a port of its own', async () => {
  const server = await serverWith({ answers: [ADDRESS] })
  const ids = new Set<number>()
  const watching = await startScriptedServer(() => ({
    answers: [ADDRESS],
    before: [
      (good) => {
        ids.add(decode(good).id!)
        return good
      },
    ],
  }))
  servers.push(watching)
  for (let count = 0; count < 20; count += 1) await heard(watching)
  expect(ids.size).toBeGreaterThan(15)
  expect(await heard(server)).toBe('NOERROR 192.0.2.1')
})

test('a chain of aliases is followed within an answer, whatever the case, and never round for ever', () => {
  const reply = (...answers: [name: string, data: string][]) => ({
    rcode: 'NOERROR',
    isAuthoritative: true,
    isAuthentic: false,
    authorities: [],
    answers: [
      ...answers.map(([name, data]) => ({ type: 'CNAME' as const, name, data })),
      { type: 'A' as const, name: 'Host.example.net', data: '192.0.2.1' },
      { type: 'A' as const, name: 'other.example.net', data: '192.0.2.66' },
    ],
  })
  expect(chainIn(reply(['WWW.example.com', 'Host.Example.NET.']), 'www.example.com')).toEqual({
    aliases: ['host.example.net'],
    addresses: ['192.0.2.1'],
  })
  const circle = chainIn(
    reply(['a.example.com', 'b.example.com'], ['b.example.com', 'a.example.com']),
    'a.example.com',
  )
  expect(circle.aliases).toHaveLength(8)
  expect(circle.addresses).toEqual([])
})
