import { createWebhook, type Webhook } from '../faults/webhook.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'
import type { WorldOptions } from '../support/world.ts'
import { type ApiServer, createApiServer, type RecordSpec } from './api-server.ts'
import { type Backend, createClient, type Sent } from './client.ts'
import { startOperator } from './operator.ts'

/** A cluster whose operator speaks to `backend`, in virtual time. */
export interface Cluster {
  readonly api: ApiServer
  readonly clock: VirtualClock
  /** Everything that the operator has sent. */
  readonly sent: readonly Sent[]
  apply(records: Readonly<Record<string, RecordSpec>>): void
  /** Asks for the deletion of everything. */
  deleteAll(): void
  /** Lets time pass until it is so; throws if it is not so by then (ms from now). */
  until(isSo: () => boolean, withinMs: number): Promise<void>
}

/** The way through a cluster, and the few milliseconds of our own that pass in no virtual time. */
const ROUND_TRIP_MS = 14

const SECRET = 'a-secret-of-thirty-two-octets-!!'

export function createCluster(backend: Backend, clock: VirtualClock, roundTripMs = ROUND_TRIP_MS): Cluster {
  const api = createApiServer(clock, SECRET)
  const client = createClient(backend, clock, () => api.secret, roundTripMs)
  startOperator(api, client, clock)
  return {
    api,
    clock,
    sent: client.sent,
    apply(records) {
      for (const [name, spec] of Object.entries(records)) api.apply(name, spec)
    },
    deleteAll() {
      for (const name of api.records.keys()) api.delete(name)
    },
    async until(isSo, withinMs) {
      const end = clock.now() + withinMs
      while (!isSo()) {
        if (clock.now() >= end) throw new Error(`it was not so in ${withinMs / 1000} s`)
        await clock.pass(1_000)
      }
    },
  }
}

/** A cluster before the real webhook, engine and database, and the emulator behind them. */
export interface ClusterOfOurs extends Cluster {
  readonly webhook: Webhook
  /** The names that the emulator holds records of, in example.com. */
  names(): string[]
  /** Writes made to Cloudflare since the last time this was asked. */
  writes(): number
  end(): Promise<void>
}

export async function createClusterOfOurs(options: WorldOptions = {}): Promise<ClusterOfOurs> {
  const webhook = await createWebhook(options)
  const backend: Backend = async ({ method, path, headers, body }) => {
    const reply = await webhook.app.inject({
      method,
      url: path,
      headers,
      ...(body !== undefined && { payload: body }),
    })
    return { status: reply.statusCode, text: reply.body }
  }
  let counted = 0
  return {
    ...createCluster(backend, webhook.clock),
    webhook,
    names: () => webhook.emulator.state.records('example.com').map(({ name }) => name),
    writes() {
      const all = webhook.emulator.state.calls().filter(({ method }) => method !== 'GET').length
      const since = all - counted
      counted = all
      return since
    },
    end: () => webhook.end(),
  }
}
