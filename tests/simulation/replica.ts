import type { RecordSet, SetKey } from '#dns/record-set.ts'
import { createEngine, type Engine } from '#engine/engine.ts'
import { DnsError } from '#engine/errors.ts'
import type { Caller } from '#engine/zones.ts'
import type { Log, Random } from '#platform/ports.ts'
import { type CloudflareClient, createCloudflareClient } from '#providers/cloudflare/client.ts'
import { createRateLimiter } from '#providers/cloudflare/rate-limiter.ts'
import type { Transport } from '#providers/cloudflare/transport.ts'
import { type Store, StoreError } from '#store/store.ts'
import { EMULATOR_URL } from '../support/emulator-transport.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'
import type { Asking } from './actors.ts'
import { ConnectionLost, type Life } from './life.ts'
import type { Scenario } from './scenario.ts'

export const TOKEN = 'token-of-the-simulator-0123456789-0123456789'
export const CREDENTIAL = 'simulated'

/** Breaks the engine by what it is told of the outside; for showing that the checks would see it. */
export interface Mutation {
  store?(store: Store, clock: VirtualClock): Store
  client?(client: CloudflareClient, clock: VirtualClock): CloudflareClient
}

/** One life of one process of the world: the real engine, client and gate over ports that may be cut at any call. */
export interface Replica {
  readonly life: Life
  start(): Promise<void>
  /** Answers as the webhook would, and notes how. Never rejects. */
  answer(asking: Asking): Promise<void>
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
}): Replica {
  const { scenario, clock, random, life, transport, log, mutation } = options
  const mistakes: unknown[] = []
  const reached = throughLife(options.store, life)
  const store = mutation.store?.(reached, clock) ?? reached
  const rateLimiter = createRateLimiter({
    credential: CREDENTIAL,
    ledger: reached,
    clock: life.clock,
    random,
  })
  const client = createCloudflareClient({
    transport,
    rateLimiter,
    credential: { kind: 'token', token: TOKEN },
    credentialName: CREDENTIAL,
    baseUrl: EMULATOR_URL,
    now: clock.now,
  })
  const caller: Caller = {
    id: 'default',
    cloudflare: mutation.client?.(client, clock) ?? client,
    ownership: scenario.ownership,
    ack: scenario.ack,
  }
  const engine: Engine = createEngine({
    store,
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
    // Alone, there is hardly anybody else to write anything down.
    lookEveryMs: scenario.replicas === 1 ? 10_000 : 2_000,
  })

  async function answer(asking: Asking): Promise<void> {
    try {
      const outcome = await Promise.race([carryOut(asking.key, asking.wanted, asking.deadline), life.death])
      asking.result = 'done'
      asking.outcome = outcome
    } catch (error) {
      asking.result = error instanceof ConnectionLost ? 'lost' : 'failed'
      asking.outcome =
        error instanceof DnsError ? error.code : error instanceof StoreError ? 'store' : String(error)
      const isKnown = [ConnectionLost, DnsError, StoreError].some((kind) => error instanceof kind)
      if (!isKnown) mistakes.push(error)
    }
    asking.answeredAt = clock.now()
    asking.stoodStill = life.stoodStill(asking.arrivedAt)
  }

  async function carryOut(key: SetKey, wanted: RecordSet | null, deadline: number): Promise<string> {
    const asked = { requestId: random.hex(4), deadline }
    const { outcome } =
      wanted === null ? await engine.remove(caller, key, asked) : await engine.upsert(caller, wanted, asked)
    return outcome
  }

  return { life, start: () => Promise.race([engine.start(), life.death]), answer, mistakes: () => mistakes }
}

/** Every method of the store goes through the life's hands. */
function throughLife(store: Store, life: Life): Store {
  return new Proxy(store, {
    get(target, property: keyof Store) {
      const method = target[property]
      if (typeof method !== 'function') return method
      return (...args: unknown[]) =>
        life.call(property, () => (method as (...args: unknown[]) => Promise<unknown>)(...args))
    },
  })
}
