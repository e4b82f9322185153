import type { Emulator, WireReply } from '#emulator/emulator.ts'
import type { Random } from '#platform/ports.ts'
import { type Transport, TransportError, type TransportReply } from '#providers/cloudflare/transport.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'
import type { Hits } from './hits.ts'
import type { Life } from './life.ts'
import { between, chance, type Scenario } from './scenario.ts'

/** A call as the replica's side sees it: from the first byte that leaves to the answer, or to giving up. */
export interface NetworkCall {
  readonly replica: number
  /** Whose call it is. */
  readonly token: string
  readonly isBatch: boolean
  readonly zone: string
  readonly operations: number
  readonly sentAt: number
  endedAt: number
  /** Cloudflare's code, where the replica was told that a batch is refused. */
  refusal?: number
}

const TIMEOUT_MS = 10_000
const BASE = 'https://cloudflare.example'

/** Between a replica and the emulator: delays, late arrivals, answers cut short. The emulator has faults of its own. */
export function createNetwork(options: {
  scenario: Scenario
  emulator: Emulator
  clock: VirtualClock
  random: Random
  hits: Hits
  isTroubled: () => boolean
  note: (text: string) => void
}) {
  const { scenario, emulator, clock, random, hits, isTroubled, note } = options
  const calls: NetworkCall[] = []

  function transportOf(life: Life, replica: number): Transport {
    return (request) =>
      life.call('cloudflare', async () => {
        const url = scenario.smallPages ? request.url.replace('per_page=5000', 'per_page=5') : request.url
        const isBatch = url.endsWith('/batch')
        const call: NetworkCall = {
          replica,
          token: tokenOf(request),
          isBatch,
          zone: /zones\/([0-9a-f]{32})/.exec(url)?.[1] ?? '',
          operations: isBatch ? operationsIn(request.body!) : 0,
          sentAt: clock.now(),
          endedAt: Number.POSITIVE_INFINITY,
        }
        calls.push(call)
        void life.death.catch(() => {
          call.endedAt = Math.min(call.endedAt, clock.now())
        })
        try {
          const reply = await carry({ ...request, url }, isBatch)
          noteRefusal(call, reply)
          return reply
        } finally {
          call.endedAt = Math.min(call.endedAt, clock.now())
        }
      })
  }

  async function carry(request: Parameters<Transport>[0], isBatch: boolean): Promise<TransportReply> {
    const deadline = clock.now() + TIMEOUT_MS
    const isLate = isBatch && isTroubled() && chance(random, scenario.lateRate)
    if (isLate) hits.add('cloudflare', 'late arrival')
    const onTheWayMs = isLate ? between(1_000, 100_000, random) : between(0, 20, random)
    if (isLate) note(`a batch is on its way for ${onTheWayMs} ms`)
    const arrival = clock.sleep(onTheWayMs).then(() => emulator.handle(wireOf(request)))
    const reply = await Promise.race([arrival, clock.sleep(TIMEOUT_MS).then(() => undefined)])
    if (reply === undefined) throw new TransportError('timeout', true)

    const silentMs = silenceOf(reply)
    await clock.sleep(Math.min(silentMs, deadline - clock.now()))
    if (clock.now() >= deadline && silentMs > 0) throw new TransportError('timeout', true)
    if (reply.kind !== 'reply') throw new TransportError('connection-lost', true)
    const body = Buffer.from(reply.body).toString('utf8')
    return { status: reply.status, headers: reply.headers, body: cut(body) }
  }

  function noteRefusal(call: NetworkCall, { status, body }: TransportReply): void {
    const code = call.isBatch && status === 400 ? /"code":(\d+)/.exec(body)?.[1] : undefined
    if (code === undefined) return
    call.refusal = Number(code)
    hits.add('cloudflare', `batch refused ${code}`)
  }

  /** F12: an answer that cannot be read. */
  function cut(body: string): string {
    if (!isTroubled() || !chance(random, scenario.faultRate / 20)) return body
    hits.add('cloudflare', 'F12 during-reply')
    return chance(random, 0.5) ? body.slice(0, Math.floor(body.length / 2)) : '{"success":true}'
  }

  return { calls, transportOf }
}

function wireOf({ method, url, headers, body }: Parameters<Transport>[0]) {
  const lowerCase = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  return {
    method,
    target: url.slice(BASE.length),
    headers: lowerCase,
    ...(body === undefined ? {} : { body }),
  }
}

function tokenOf({ headers }: Parameters<Transport>[0]): string {
  const authorization = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')
  return authorization?.[1].replace('Bearer ', '') ?? ''
}

function silenceOf(reply: WireReply): number {
  return reply.kind === 'reply' || reply.kind === 'reset' ? (reply.delayMs ?? 0) : Number.POSITIVE_INFINITY
}

function operationsIn(body: string): number {
  const lists: Record<string, readonly unknown[]> = JSON.parse(body)
  return Object.values(lists).reduce((sum, list) => sum + list.length, 0)
}
