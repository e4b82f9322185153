import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { operatorClient } from '../support/operator-client.ts'
import { startEmulatorProcess, startWebhook } from '../support/processes.ts'
import { zonewright } from '../support/program.ts'
import { fillDatabase, fillEmulator, type LargeDatabase } from './large-database.ts'

const SECRET = 'a-secret-of-thirty-two-octets-!!'
const TOKEN = 'emulator-token-for-this-machine-only-0001'
const isFull = process.env.ZONEWRIGHT_BACKLOG === 'full'
/** As a cgroup of 128 MiB gives it; and at length as a machine does. */
const HEAPS = ['--max-old-space-size=64 --max-semi-space-size=2', ...(isFull ? [''] : [])]
const SIZES: readonly LargeDatabase[] = isFull
  ? [
      { zones: 4_000, sets: 10 },
      { zones: 5, sets: 20_000 },
    ]
  : [
      { zones: 600, sets: 10 },
      { zones: 3, sets: 10_000 },
    ]

test.each(HEAPS.flatMap((heap) => SIZES.map((size) => ({ ...size, heap }))))(
  '$zones zones of $sets sets are kept with a heap of "$heap": ready, read anew, and answering',
  async ({ heap, ...size }) => {
    const program = await zonewright()
    const folder = mkdtempSync(join(tmpdir(), 'zonewright-large-'))
    writeFileSync(join(folder, 'seed.json'), JSON.stringify({ zones: [{ name: 'example.net' }] }))
    const seed = ['--seed', join(folder, 'seed.json'), '--quota', '100000']
    const emulator = await startEmulatorProcess(program, ...seed)
    await fillEmulator(emulator.controlUrl, size)
    await fillDatabase(join(folder, 'state.db'), emulator.controlUrl, TOKEN)

    const webhook = await startWebhook(program, {
      HMAC_SECRET: SECRET,
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
      DATABASE_URL: `sqlite:${folder}/state.db`,
      NODE_OPTIONS: heap,
    })
    expect((await fetch(`http://127.0.0.1:${webhook.metricsPort}/readyz`)).status).toBe(200)
    const wanted = Math.min(size.zones, 30)
    await expect
      .poll(() => zonesRead(emulator.controlUrl), { timeout: 240_000, interval: 1_000 })
      .toBeGreaterThanOrEqual(wanted)

    const caller = operatorClient({ server: `http://127.0.0.1:${webhook.port}`, secret: SECRET })
    const record = { type: 'A', domain: 'z0.example.com', subdomain: 'new', values: ['192.0.2.9'], ttl: 300 }
    expect((await caller.upsert(record)).status).toBe(200)
    // Some 55 MiB of it are the code of Node.js.
    expect(mostResident(webhook.pid)).toBeLessThan(heap === '' ? 320 : 180)
    caller.close()
    expect(await webhook.end()).toBe(0)
    await emulator.end()
    rmSync(folder, { recursive: true, force: true })
  },
  400_000,
)

/** Of how many zones a list was begun. */
async function zonesRead(controlUrl: string): Promise<number> {
  const { calls } = (await (await fetch(`${controlUrl}/calls`)).json()) as {
    calls: { target: string; status: number }[]
  }
  const lists = calls.filter(({ target, status }) => status === 200 && target.includes('/dns_records?'))
  return new Set(lists.map(({ target }) => target.split('?')[0])).size
}

/** In MiB. */
function mostResident(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}
