import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import type { Config, Configured, Listen, TlsConfig } from '#config/config.ts'
import type { DashboardConfig } from '#config/dashboard.ts'
import type { OperatorConfig } from '#config/operator.ts'
import { createDashboard, type DashboardOptions } from '#faces/dashboard/dashboard.ts'
import { createOperator, type OperatorOptions } from '#faces/operator/operator.ts'
import { createLog } from '#platform/log.ts'
import { createMetrics } from '#platform/metrics.ts'
import type { Clock } from '#platform/ports.ts'
import { createRetention } from '#platform/retention.ts'
import { systemClock, systemRandom } from '#platform/system.ts'
import { nodeTransport } from '#providers/cloudflare/transport.ts'
import { createAdminServer } from './admin.ts'
import { buildDashboard } from './build-dashboard.ts'
import { buildEngine, type System } from './build-engine.ts'
import { openDatabase } from './database.ts'
import { createLiveCallers } from './live-callers.ts'
import { createReload } from './reload.ts'
import { retainedIn } from './retained.ts'

export interface Running {
  /** undefined: it was not asked for. */
  readonly operator: AddressInfo | undefined
  readonly dashboard: AddressInfo | undefined
  readonly metrics: AddressInfo
  /** As `createReload` has it. */
  reload(read: Configured<Config>): Promise<void>
  /**
   * Is not ready from now on, but answers for SHUTDOWN_DELAY_SECONDS more, closing each connection that it has answered
   * on. Then accepts nothing more, answers what is under way, and lets go of the database: at most 30 seconds.
   */
  close(): Promise<void>
}

export function realSystem(config: Config): System {
  return {
    clock: systemClock,
    random: systemRandom,
    log: createLog(config.logLevel),
    transport: nodeTransport(),
  }
}

/** Builds each room once, from the store up, and listens. Rejects if a port is taken or the database is not to be had. */
export async function serve(config: Config, system: System): Promise<Running> {
  const { random, log, transport } = system
  const metrics = createMetrics()
  const closing: (() => Promise<unknown>)[] = []
  let isServing = false
  let isLeaving = false

  /** Whoever sends us requests finds out, and goes elsewhere, before a connection is refused. */
  async function leave(): Promise<void> {
    isServing = false
    isLeaving = true
    if (config.shutdownDelaySeconds > 0) await system.clock.sleep(config.shutdownDelaySeconds * 1000)
    await close()
  }

  async function close(): Promise<void> {
    isServing = false
    // The last to be opened is the first to be closed; the store goes last of all.
    for (const end of closing.splice(0).reverse()) await end()
  }

  try {
    closing.push(async () => transport.close())
    const database = await openDatabase(config.database, system, { serving: true })
    closing.push(() => database.close())
    const { store, clock, lookEveryMs } = database

    const here = { ...system, clock }
    const retention = createRetention(retainedIn(store, config.historyDays), clock, log)
    retention.start()
    closing.push(() => retention.stop())

    const built = buildEngine(store, config, here, metrics, lookEveryMs)
    const { engine, zoneLock, mirrorAge } = built
    const callers = config.operator && createLiveCallers(built, engine, metrics, config.operator.callers)
    const admin = createAdminServer({
      ready: async () => isServing && (await store.ping().then(() => true)),
      metrics: () => {
        if (callers !== undefined) {
          metrics.cloudflareBudgets(callers.budgets())
          metrics.mirrorAge(mirrorAge.ms() / 1000)
        }
        return metrics.text()
      },
    })
    await listening(admin, config.metrics)
    closing.push(() => closed(admin))

    let operator: FastifyInstance | undefined
    if (config.operator !== undefined && callers !== undefined) {
      await engine.start()
      closing.push(() => engine.stop())
      const parts = { zones: engine, callers, nonces: store, clock, random, log, meter: metrics }
      operator = await faceListening(operatorFace(config.operator, parts), config.operator.listen)
    }
    let dashboard: FastifyInstance | undefined
    if (config.dashboard !== undefined) {
      const built = buildDashboard(store, config.dashboard, here, metrics, zoneLock)
      built.start()
      closing.push(() => built.stop())
      const parts = { ...built, sessions: store.accounts, clock, random, log, meter: metrics }
      dashboard = await faceListening(dashboardFace(config.dashboard, parts), config.dashboard.listen)
    }
    isServing = true
    const addresses = {
      operator: addressOf(operator),
      dashboard: addressOf(dashboard),
      metrics: admin.address() as AddressInfo,
    }
    log.info(addresses, 'listening')
    for (const warning of config.warnings) log.warn({}, warning)
    const faces = [operator, dashboard].filter((face) => face !== undefined)
    return { ...addresses, reload: createReload({ callers, faces, metrics, log }), close: leave }
  } catch (error) {
    await close()
    throw error
  }

  async function faceListening(face: FastifyInstance, { host, port }: Listen): Promise<FastifyInstance> {
    // When it is answered, because what is under way may have come before we knew.
    face.addHook('onSend', (_request, reply, payload, done) => {
      if (isLeaving) reply.header('connection', 'close')
      done(null, payload)
    })
    await face.listen({ host, port })
    closing.push(() => drained(face, system.clock))
    return face
  }
}

/** Where the pages are built to: beside the one bundled file, which is not where this file is. */
const PAGES = fileURLToPath(
  new URL(import.meta.url.endsWith('/src/server/main.ts') ? '../../dist/web' : './web', import.meta.url),
)

function operatorFace({ tls }: OperatorConfig, parts: Omit<OperatorOptions, 'tls'>): FastifyInstance {
  return createOperator({ ...parts, ...tlsOf(tls) })
}

function dashboardFace(
  config: DashboardConfig,
  parts: Pick<
    DashboardOptions,
    'customers' | 'edits' | 'verification' | 'sessions' | 'clock' | 'random' | 'log' | 'meter'
  >,
): FastifyInstance {
  const { publicUrl, trustedProxies, frameAncestors, brand, cloudflareDashUrl, oauth, tls } = config
  const [secretKey, ...earlierKeys] = config.secretKeys
  return createDashboard({
    ...parts,
    publicUrl,
    secretKeys: [secretKey.reveal(), ...earlierKeys.map((key) => key.reveal())],
    trustedProxies,
    frameAncestors,
    brand,
    features: {
      oauth: oauth !== undefined,
      token: true,
      sso: config.ssoSecret !== undefined,
      cloudflareDashUrl,
    },
    pages: PAGES,
    ...tlsOf(tls),
  })
}

function tlsOf(tls: TlsConfig | undefined): { tls?: { cert: string; key: string } } {
  return tls === undefined ? {} : { tls: { cert: tls.cert, key: tls.key.reveal() } }
}

function addressOf(face: FastifyInstance | undefined): AddressInfo | undefined {
  return (face?.server.address() ?? undefined) as AddressInfo | undefined
}

/** Under way are upserts with 25 s to go at most; what is left then hangs. */
const DRAIN_MS = 26_000

async function listening(server: Server, { host, port }: Listen): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

async function drained(face: FastifyInstance, clock: Clock): Promise<void> {
  const done = new AbortController()
  const late = clock.sleep(DRAIN_MS, done.signal).then(() => face.server.closeAllConnections())
  await face.close()
  done.abort()
  await late
}
