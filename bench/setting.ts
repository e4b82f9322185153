import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientRecord } from '../tests/support/operator-client.ts'
import {
  type Program,
  type RunningEmulator,
  type RunningWebhook,
  startEmulatorProcess,
  startWebhook,
} from '../tests/support/processes.ts'
import { SECRET } from './load.ts'

/** A webhook and a Cloudflare, each a process of its own, with nothing in them yet. */
export interface Setting {
  readonly emulator: RunningEmulator
  readonly webhook: RunningWebhook
  /** Calls to Cloudflare while `work` runs, and for as long after it as others follow within two seconds. */
  callsDuring(work: () => Promise<unknown>): Promise<number>
  /** Records that the zone holds. */
  records(): Promise<number>
  end(): Promise<void>
}

export const ZONE = 'example.com'
export const TOKEN = 'emulator-token-for-this-machine-only-0001'

/** As it is installed: `npm run bench` has built it, and runs in the checkout. */
export const installed: Program = { command: 'bin/zonewright', args: [] }

const QUIET_MS = 2_000

export async function createSetting({
  quota = 20_000,
  env = {},
}: {
  quota?: number
  env?: Record<string, string>
} = {}): Promise<Setting> {
  const folder = mkdtempSync(join(tmpdir(), 'zonewright-bench-'))
  const seed = join(folder, 'seed.json')
  writeFileSync(seed, JSON.stringify({ zones: [{ name: ZONE, recordQuota: 100_000 }] }))
  const options = ['--seed', seed, '--quota', String(quota), '--latency', '100']
  const emulator = await startEmulatorProcess(installed, ...options)
  const webhook = await startWebhook(installed, {
    HMAC_SECRET: SECRET,
    CLOUDFLARE_API_TOKEN: TOKEN,
    CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
    DATABASE_URL: `sqlite:${folder}/state.db`,
    ...env,
  })

  async function control<Answer>(path: string): Promise<Answer> {
    return (await (await fetch(`${emulator.controlUrl}${path}`)).json()) as Answer
  }

  async function callsMade(): Promise<readonly { at: number }[]> {
    return (await control<{ calls: { at: number }[] }>('/calls')).calls
  }

  return {
    emulator,
    webhook,
    async callsDuring(work) {
      const before = (await callsMade()).length
      await work()
      for (;;) {
        const calls = await callsMade()
        const quietMs = Date.now() - Math.max(Date.now() - QUIET_MS, calls.at(-1)?.at ?? 0)
        if (quietMs >= QUIET_MS) return calls.length - before
        await new Promise((resolve) => setTimeout(resolve, QUIET_MS - quietMs))
      }
    },
    async records() {
      const { zones } = await control<{ zones: { records: unknown[] }[] }>('/state')
      return zones[0]?.records.length ?? 0
    },
    async end() {
      await webhook.end()
      await emulator.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** So many sets, of one address each; another `version` has others. */
export function sets(count: number, version = 0): ClientRecord[] {
  return Array.from({ length: count }, (_, number) => ({
    type: 'A',
    domain: ZONE,
    subdomain: `host-${number}`,
    values: [`${version % 2 === 0 ? '192.0.2' : '198.51.100'}.${(number % 250) + 1}`],
    ttl: 300,
  }))
}
