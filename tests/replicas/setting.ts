import { type RunningEmulator, startEmulator } from '#emulator/serve.ts'
import { SECRET, ZONE } from '../crash/setting.ts'
import { type OperatorClient, operatorClient } from '../support/operator-client.ts'
import { type Cluster, type Database, startCluster } from '../support/postgres.ts'
import { type RunningWebhook, startWebhook } from '../support/processes.ts'
import { zonewright } from '../support/program.ts'
import { openWay, type Way } from './proxy.ts'

/** Cloudflare in this process, a PostgreSQL that keeps what it commits, and webhooks that share it. */
export interface Setting {
  readonly emulator: RunningEmulator
  readonly cluster: Cluster
  readonly database: Database
  /** `skewMs`: how wrong the clock of its machine is. */
  start(options?: { skewMs?: number; env?: Record<string, string> }): Promise<Replica>
  end(): Promise<void>
}

export interface Replica {
  readonly webhook: RunningWebhook
  /** Its way to the database. */
  readonly way: Way
  client(stamp?: { nonce: string; now: number }): OperatorClient
}

export const TOKEN = 'token-of-the-tests-0123456789-0123456789'

export async function createSetting(): Promise<Setting> {
  const cluster = await startCluster({ isDurable: true })
  const database = await cluster.freshDatabase()
  const emulator = await startEmulator({
    port: 0,
    latencyMs: 20,
    zones: [{ name: ZONE, recordQuota: 100_000 }],
    credentials: [{ kind: 'token', token: TOKEN }],
  })
  const running: Replica[] = []

  async function start({ skewMs = 0, env = {} }: Parameters<Setting['start']>[0] = {}): Promise<Replica> {
    const way = await openWay(cluster.port)
    const { command, args } = await zonewright()
    const skewed = skewMs === 0 ? [] : ['--import', `data:text/javascript,${skew(skewMs)}`]
    const webhook = await startWebhook(
      { command, args: [...skewed, ...args] },
      {
        HMAC_SECRET: SECRET,
        CLOUDFLARE_API_TOKEN: TOKEN,
        CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
        DATABASE_URL: database.url.replace(`:${cluster.port}/`, `:${way.port}/`),
        ...env,
      },
    )
    const replica: Replica = {
      webhook,
      way,
      client: (stamp) =>
        operatorClient({
          server: `http://127.0.0.1:${webhook.port}`,
          secret: SECRET,
          ...(stamp && { nonce: () => stamp.nonce, now: () => stamp.now }),
        }),
    }
    running.push(replica)
    return replica
  }

  return {
    emulator,
    cluster,
    database,
    start,
    async end() {
      await Promise.all(running.map(({ webhook }) => webhook.end('SIGKILL')))
      await Promise.all(running.map(({ way }) => way.close()))
      await emulator.close()
      await cluster.stop()
    },
  }
}

function skew(ms: number): string {
  return encodeURIComponent(`const now = Date.now; Date.now = () => now() + ${ms}`)
}
