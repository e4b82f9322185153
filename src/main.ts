import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { nodeTransport } from '#cloudflare/transport.ts'
import { createOperator } from '#operator/operator.ts'
import { type SigningKeys, signingKeys } from '#operator/signature.ts'
import { createAdminServer } from './admin.ts'
import type { Config, Listen, SigningConfig } from './config.ts'
import { openDatabase } from './database.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { systemClock, systemRandom } from './outside.ts'
import { type Outside, roomsOver } from './rooms.ts'
import type { Clock } from './world.ts'

export interface Running {
  /** undefined: it was not asked for. */
  readonly operator: AddressInfo | undefined
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
  const { random, log, transport } = outside
  const metrics = createMetrics()
  const closing: (() => Promise<unknown>)[] = []
  let isServing = false

  async function close(): Promise<void> {
    isServing = false
    // The last to be opened is the first to be closed; the store goes last of all.
    for (const end of closing.splice(0).reverse()) await end()
  }

  try {
    closing.push(async () => transport.close())
    const database = await openDatabase(config.database, outside, { serving: true })
    closing.push(() => database.close())
    const { store, clock, lookEveryMs } = database

    const { caller, engine, mirrorAgeMs } = roomsOver(
      store,
      config,
      { ...outside, clock },
      metrics,
      lookEveryMs,
    )
    const admin = createAdminServer({
      ready: async () => isServing && (await store.ping().then(() => true)),
      metrics: () => {
        if (caller !== undefined) {
          const { credential, status } = caller.cloudflare
          metrics.cloudflareBudget(credential, status().callsLeft)
          metrics.mirrorAge(mirrorAgeMs() / 1000)
        }
        return metrics.text()
      },
    })
    await listening(admin, config.metrics)
    closing.push(() => closed(admin))

    let operator: FastifyInstance | undefined
    if (config.operator !== undefined && caller !== undefined) {
      await engine.start()
      closing.push(() => engine.stop())
      const { signing, defaults, tls, listen } = config.operator
      operator = createOperator({
        mount: '',
        zones: engine,
        caller,
        keys: keysOf(signing),
        defaults,
        nonces: store,
        clock,
        random,
        log,
        meter: metrics,
        ...(tls && { tls: { cert: tls.cert, key: tls.key.reveal() } }),
      })
      await operator.listen(listen)
      const listening = operator
      closing.push(() => drained(listening, clock))
    }
    isServing = true
    const addresses = {
      operator: (operator?.server.address() ?? undefined) as AddressInfo | undefined,
      metrics: admin.address() as AddressInfo,
    }
    log.info(addresses, 'listening')
    for (const warning of config.warnings) log.warn({}, warning)
    return { ...addresses, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Under way are upserts with 25 s to go at most; what is left then hangs. */
const DRAIN_MS = 26_000

function keysOf(signing: SigningConfig | undefined): SigningKeys | undefined {
  if (signing === undefined) return undefined
  return signingKeys(signing.algorithm, ...signing.secrets.map((secret) => Buffer.from(secret.reveal())))
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
