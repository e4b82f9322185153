import { createHash } from 'node:crypto'
import { getHeapStatistics } from 'node:v8'
import type { Config } from '#config/config.ts'
import type { CallerConfig, CloudflareConfig, CloudflareCredential } from '#config/operator.ts'
import { createEngine, type Engine } from '#engine/engine.ts'
import type { EngineEvents } from '#engine/events.ts'
import { createMirrorAge, type MirrorAge } from '#engine/observed/mirror-age.ts'
import { roomIn } from '#engine/whole-zones.ts'
import { createZoneLock, type ZoneLock } from '#engine/zone-lock.ts'
import type { Caller } from '#engine/zones.ts'
import type { Metrics } from '#platform/metrics.ts'
import type { Clock, Log, Random } from '#platform/ports.ts'
import type { Credential } from '#providers/cloudflare/client.ts'
import { cloudflareClients } from '#providers/cloudflare/clients.ts'
import type { BudgetLedger } from '#providers/cloudflare/rate-limiter.ts'
import type { Transport } from '#providers/cloudflare/transport.ts'
import type { Provider } from '#providers/provider.ts'
import type { Store } from '#store/store.ts'

/** What is not ours: time, chance, the way to Cloudflare, and where words go. */
export interface System {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly transport: Transport & { close(): void }
}

/** The rooms that stand on a store, built once: for the server, and for a command that does its work alone. */
export interface BuiltEngine {
  /** None: the webhook is not served, and there is nothing for the engine to do. */
  readonly callers: readonly Caller[]
  /** What a configuration means; those with one credential share its client, and with it all that is known of it. */
  callersFor(configs: readonly CallerConfig[]): readonly Caller[]
  /** Not started. */
  readonly engine: Engine
  /** Shared by all that is at work in zones here. */
  readonly zoneLock: ZoneLock
  readonly mirrorAge: MirrorAge
}

export function buildEngine(
  store: Store,
  config: Pick<Config, 'engine' | 'operator'>,
  system: System,
  metrics: Metrics,
  lookEveryMs?: number,
): BuiltEngine {
  const { clock, random, log } = system
  const refreshMs = config.engine.mirrorRefreshSeconds * 1000
  const mirrorAge = createMirrorAge(store, clock, 2 * refreshMs)
  const clientOf = clientsOver(store, system, metrics)
  const callersFor = (configs: readonly CallerConfig[]) =>
    configs.map((one) => callerFrom(one, clientOf(one.cloudflare)))
  const callers = callersFor(config.operator?.callers ?? [])
  const zoneLock = createZoneLock(random, roomIn(getHeapStatistics().heap_size_limit / 2 ** 20))
  const engine = createEngine({
    store,
    zoneLock,
    callers,
    clock,
    random,
    log,
    events: eventsFor(metrics, mirrorAge.wasRead),
    refreshMs,
    drift: config.engine.drift,
    ...(lookEveryMs !== undefined && { lookEveryMs }),
  })
  return { callers, callersFor, engine, zoneLock, mirrorAge }
}

function callerFrom(config: CallerConfig, cloudflare: Provider): Caller {
  const { id, ownership, ack, allowed, rules, heirOf } = config
  return {
    id,
    cloudflare,
    ownership,
    ack,
    ...(allowed && { allowed }),
    ...(rules && { rules }),
    ...(heirOf && { heirOf }),
  }
}

/** One client for each credential and account, for as long as this process lives. */
function clientsOver(ledger: BudgetLedger, system: System, metrics: Metrics) {
  const cloudflare = cloudflareClients({
    ...system,
    ledger,
    observe: ({ endpoint, status, ms }) => metrics.cloudflareRequest(endpoint, status, ms / 1000),
  })
  const clients = new Map<string, Provider>()
  return ({ credential, baseUrl, accountId }: CloudflareConfig): Provider => {
    const credentialName = nameOfCredential(credential)
    const name = `${credentialName} ${accountId}`
    const known = clients.get(name)
    if (known) return known
    const client = cloudflare.client({
      credential: revealedCredential(credential),
      credentialName,
      baseUrl,
      accountId,
    })
    clients.set(name, client)
    return client
  }
}

/** For the client, which sends it. */
export function revealedCredential(credential: CloudflareCredential): Credential {
  return credential.kind === 'token'
    ? { kind: 'token', token: credential.token.reveal() }
    : { kind: 'key', key: credential.key.reveal(), email: credential.email }
}

/** The same for the same credential, and no way back to it. */
export function nameOfCredential(credential: CloudflareCredential): string {
  const secret = credential.kind === 'token' ? credential.token : credential.key
  return createHash('sha256').update(secret.reveal()).digest('hex').slice(0, 8)
}

function eventsFor(metrics: Metrics, wasRead: (zone: string) => void): EngineEvents {
  const waitingIn = new Map<string, number>()
  return {
    unchanged: () => metrics.noopUpsert(),
    change: ({ kind, outcome }) => metrics.changed(kind, outcome),
    batch: ({ operations }) => metrics.batchSent(operations),
    drift: ({ sets }) => metrics.driftDetected(sets),
    read: ({ zone, good }) => {
      if (good) wasRead(zone)
    },
    unknownOutcome: () => {},
    queue: ({ zone, waiting }) => {
      waitingIn.set(zone, waiting)
      metrics.queueDepth(waitingIn.values().reduce((sum, depth) => sum + depth, 0))
    },
  }
}
