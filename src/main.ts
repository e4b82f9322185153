import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type Credential, createCloudflareClient } from '#cloudflare/client.ts'
import { type BudgetLedger, createGate } from '#cloudflare/gate.ts'
import { nodeTransport, type Transport } from '#cloudflare/transport.ts'
import { createOperator } from '#operator/operator.ts'
import { type SigningKeys, signingKeys } from '#operator/signature.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import type { EngineEvents } from '#zones/engine/events.ts'
import { createZones } from '#zones/engine.ts'
import type { Caller } from '#zones/zones.ts'
import { createAdminServer } from './admin.ts'
import type { CloudflareCredential, Config, Listen, OperatorConfig, SigningConfig } from './config.ts'
import { createLog } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { systemClock, systemRandom } from './outside.ts'
import type { Clock, Log, Random } from './world.ts'

/** What is not ours: time, chance, the way to Cloudflare, and where words go. */
export interface Outside {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly transport: Transport & { close(): void }
}

export interface Running {
  readonly operator: AddressInfo
  readonly metrics: AddressInfo
  /** Accepts nothing more, answers what is under way, and lets go of the database. At most 30 seconds. */
  close(): Promise<void>
}

export function systemOutside(config: Config): Outside {
  return {
    clock: systemClock,
    random: systemRandom,
    log: createLog(config.logLevel),
    transport: nodeTransport(),
  }
}

/** Builds each room once, from the store up, and listens. Rejects if a port is taken or the database is not to be had. */
export async function serve(config: Config, outside: Outside): Promise<Running> {
  const { clock, random, log, transport } = outside
  const metrics = createMetrics()
  const closing: (() => Promise<unknown>)[] = []
  /** When each zone was last read whole, in milliseconds since 1970. */
  const readAt = new Map<string, number>()
  let isServing = false

  async function close(): Promise<void> {
    isServing = false
    // The last to be opened is the first to be closed; the store goes last of all.
    for (const end of closing.splice(0).reverse()) await end()
  }

  try {
    closing.push(async () => transport.close())
    const store = await openSqliteStore({
      path: config.database.path,
      exclusive: true,
      random,
      now: () => clock.now(),
    })
    closing.push(() => store.close())

    const caller = callerOf(config.operator, outside, metrics, store)
    const admin = createAdminServer({
      ready: async () => isServing && (await store.ping().then(() => true)),
      metrics: () => {
        const { credential, status } = caller.cloudflare
        metrics.cloudflareBudget(credential, status().callsLeft)
        metrics.mirrorAge((clock.now() - Math.min(clock.now(), ...readAt.values())) / 1000)
        return metrics.text()
      },
    })
    await listening(admin, config.metrics)
    closing.push(() => closed(admin))

    const engine = createZones({
      store,
      callers: [caller],
      clock,
      random,
      log,
      events: eventsFor(metrics, (zone) => readAt.set(zone, clock.now())),
      refreshMs: config.engine.mirrorRefreshSeconds * 1000,
      drift: config.engine.drift,
    })
    await engine.start()
    closing.push(() => engine.stop())

    const operator = createOperator({
      mount: '',
      zones: engine,
      caller,
      keys: keysOf(config.operator.signing),
      defaults: config.operator.defaults,
      nonces: store,
      clock,
      random,
      log,
      meter: metrics,
      ...(config.operator.tls && {
        tls: { cert: config.operator.tls.cert, key: config.operator.tls.key.reveal() },
      }),
    })
    await operator.listen(config.operator.listen)
    closing.push(() => drained(operator, clock))
    isServing = true
    log.info({ operator: operator.server.address(), metrics: admin.address() }, 'listening')
    for (const warning of config.warnings) log.warn({}, warning)
    return {
      operator: operator.server.address() as AddressInfo,
      metrics: admin.address() as AddressInfo,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Under way are upserts with 25 s to go at most; what is left then hangs. */
const DRAIN_MS = 26_000

function callerOf(config: OperatorConfig, outside: Outside, metrics: Metrics, ledger: BudgetLedger): Caller {
  const { clock, random, transport } = outside
  const { credential, baseUrl, accountId } = config.cloudflare
  const credentialName = nameOf(credential)
  const cloudflare = createCloudflareClient({
    transport,
    gate: createGate({ credential: credentialName, ledger, clock, random }),
    credential: revealed(credential),
    credentialName,
    baseUrl,
    accountId,
    observe: ({ endpoint, status, ms }) => metrics.cloudflareRequest(endpoint, status, ms / 1000),
    now: () => clock.now(),
  })
  return { id: 'default', cloudflare, ownership: config.ownership, ack: config.ack }
}

function revealed(credential: CloudflareCredential): Credential {
  return credential.kind === 'token'
    ? { kind: 'token', token: credential.token.reveal() }
    : { kind: 'key', key: credential.key.reveal(), email: credential.email }
}

/** The same for the same credential, and no way back to it. */
function nameOf(credential: CloudflareCredential): string {
  const secret = credential.kind === 'token' ? credential.token : credential.key
  return createHash('sha256').update(secret.reveal()).digest('hex').slice(0, 8)
}

function keysOf(signing: SigningConfig | undefined): SigningKeys | undefined {
  if (signing === undefined) return undefined
  return signingKeys(signing.algorithm, ...signing.secrets.map((secret) => Buffer.from(secret.reveal())))
}

function eventsFor(metrics: Metrics, wasRead: (zone: string) => void): EngineEvents {
  return {
    unchanged: () => metrics.noopUpsert(),
    change: ({ kind, outcome }) => metrics.changed(kind, outcome),
    batch: ({ operations }) => metrics.batchSent(operations),
    drift: ({ sets }) => metrics.driftDetected(sets),
    read: ({ zone, good }) => {
      if (good) wasRead(zone)
    },
    doubt: () => {},
  }
}

async function listening(server: Server, { host, port }: Listen): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

async function drained(operator: FastifyInstance, clock: Clock): Promise<void> {
  const done = new AbortController()
  const late = clock.sleep(DRAIN_MS, done.signal).then(() => operator.server.closeAllConnections())
  await operator.close()
  done.abort()
  await late
}
