import type { RecordSet, SetKey } from '#dns/record-set.ts'
import { createZoneEdits, type Edited, type Editor } from '#engine/edits/edits.ts'
import { createEngine, type Engine } from '#engine/engine.ts'
import { DnsError } from '#engine/errors.ts'
import { createZoneLock } from '#engine/zone-lock.ts'
import type { Caller } from '#engine/zones.ts'
import { planner } from '#onboarding/planner.ts'
import type { Log, Random } from '#platform/ports.ts'
import { createCloudflareClient } from '#providers/cloudflare/client.ts'
import { createRateLimiter } from '#providers/cloudflare/rate-limiter.ts'
import type { Transport } from '#providers/cloudflare/transport.ts'
import type { Provider } from '#providers/provider.ts'
import { type Store, StoreError } from '#store/store.ts'
import { EMULATOR_URL } from '../support/emulator-transport.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'
import type { Asking } from './actors.ts'
import { type Connections, CUSTOMERS, type Hand, type Work } from './customers.ts'
import { ConnectionLost, type Life } from './life.ts'
import type { Scenario } from './scenario.ts'

export const CREDENTIAL = 'simulated'

/** What a credential shows to Cloudflare: the callers', or a customer's by name. */
export function tokenFor(credential: string): string {
  return `token-of-the-simulator-0123456789-for-${credential}`
}

/** Breaks the engine by what it is told of the outside; for showing that the checks would see it. */
export interface Mutation {
  store?(store: Store, clock: VirtualClock): Store
  client?(client: Provider, clock: VirtualClock): Provider
  /** The same, for callers' sets alone. */
  engineStore?(store: Store): Store
  /** For customers' edits alone. */
  editsStore?(store: Store): Store
  editorsClient?(client: Provider, clock: VirtualClock): Provider
}

/** One life of one process of the world: the real engine, client and gate over ports that may be cut at any call. */
export interface Replica {
  readonly life: Life
  start(): Promise<void>
  /** Answers as the webhook would, and notes how. Never rejects. */
  answer(asking: Asking): Promise<void>
  /** Answers as the dashboard would, and notes how; undefined: it was not done. Never rejects. */
  answerByHand<Answer>(hand: Hand, work: Work<Answer>): Promise<Answer | undefined>
  mistakes(): readonly unknown[]
}

export function createReplica(options: {
  scenario: Scenario
  store: Store
  clock: VirtualClock
  random: Random
  life: Life
  transport: Transport
  log: Log
  mutation: Mutation
  connections: Connections
}): Replica {
  const { scenario, clock, random, life, transport, log, mutation, connections } = options
  const mistakes: unknown[] = []
  const reached = throughLife(options.store, life)
  const store = mutation.store?.(reached, clock) ?? reached
  const caller: Caller = {
    id: 'default',
    cloudflare: clientOf(CREDENTIAL),
    ownership: scenario.ownership,
    ack: scenario.ack,
  }
  const zoneLock = createZoneLock(random)
  const engine: Engine = createEngine({
    store: mutation.engineStore?.(store) ?? store,
    callers: [caller],
    clock: life.clock,
    random,
    log,
    events: {
      unchanged() {},
      change() {},
      batch() {},
      read() {},
      unknownOutcome() {},
      queue() {},
      drift() {},
    },
    refreshMs: scenario.refreshMs,
    drift: 'correct',
    zoneLock,
    // Alone, there is hardly anybody else to write anything down.
    lookEveryMs: scenario.replicas === 1 ? 10_000 : 2_000,
  })

  const clients = new Map(CUSTOMERS.map((customer) => [customer as string, editorsClient(customer)]))
  const edits = createZoneEdits({
    store: mutation.editsStore?.(store) ?? store,
    clock: life.clock,
    random,
    log,
    zoneLock,
    planner,
    editorOf: async ({ customerId, connectionId }) =>
      connections.get(customerId) === connectionId ? editor(customerId, connectionId) : undefined,
  })

  function clientOf(credential: string): Provider {
    const client = createCloudflareClient({
      transport,
      rateLimiter: createRateLimiter({ credential, ledger: reached, clock: life.clock, random }),
      credential: { kind: 'token', token: tokenFor(credential) },
      credentialName: credential,
      baseUrl: EMULATOR_URL,
      now: clock.now,
    })
    return mutation.client?.(client, clock) ?? client
  }

  function editorsClient(customer: string): Provider {
    const client = clientOf(customer)
    return mutation.editorsClient?.(client, clock) ?? client
  }

  function editor(customerId: string, connectionId: string): Editor {
    return {
      customerId,
      connectionId,
      cloudflare: clients.get(customerId)!,
      label: `${customerId}@example.org`,
    }
  }

  async function answer(asking: Asking): Promise<void> {
    asking.outcome =
      (await answered(asking, carryOut(asking.key, asking.wanted, asking.deadline))) ?? asking.outcome
  }

  async function answerByHand<Answer>(hand: Hand, work: Work<Answer>): Promise<Answer | undefined> {
    const connectionId = connections.get(hand.customer)
    if (connectionId === undefined) return undefined
    const { requestId, deadline } = hand
    const given = await answered(
      hand,
      work(edits, editor(hand.customer, connectionId), { requestId, deadline }),
    )
    if ((given as Partial<Edited> | undefined)?.status === 'checking') hand.result = 'checking'
    return given
  }

  /** Notes in the question what came of it; undefined: it was not done. */
  async function answered<Answer>(
    question: Asking | Hand,
    work: Promise<Answer>,
  ): Promise<Answer | undefined> {
    let answer: Answer | undefined
    try {
      answer = await Promise.race([work, life.death])
      question.result = 'done'
    } catch (error) {
      question.result = error instanceof ConnectionLost ? 'lost' : 'failed'
      question.outcome =
        error instanceof DnsError ? error.code : error instanceof StoreError ? 'store' : String(error)
      const isKnown = [ConnectionLost, DnsError, StoreError].some((kind) => error instanceof kind)
      if (!isKnown) mistakes.push(error)
    }
    question.answeredAt = clock.now()
    question.stoodStill = life.stoodStill(question.arrivedAt)
    return answer
  }

  async function carryOut(key: SetKey, wanted: RecordSet | null, deadline: number): Promise<string> {
    const asked = { requestId: random.hex(4), deadline }
    const { outcome } =
      wanted === null ? await engine.remove(caller, key, asked) : await engine.upsert(caller, wanted, asked)
    return outcome
  }

  async function start(): Promise<void> {
    await Promise.race([engine.start(), life.death])
    if (scenario.customers > 0) edits.start()
  }

  return { life, start, answer, answerByHand, mistakes: () => mistakes }
}

/** Every method of the store goes through the life's hands, those of its parts as well. */
function throughLife<Part extends object>(store: Part, life: Life, prefix = ''): Part {
  return new Proxy(store, {
    get(target, property) {
      const method: unknown = Reflect.get(target, property)
      const port = `${prefix}${String(property)}`
      if (typeof method === 'object' && method !== null) return throughLife(method, life, `${port}.`)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => life.call(port, () => method(...args))
    },
  })
}
