import { statSync } from 'node:fs'
import { type RunningProcess, start, startEmulatorProcess, startWebhook } from '../tests/support/processes.ts'
import { percentile, SECRET, sendAll, signedUpsert } from './load.ts'
import { processorTime, residentMemory } from './machine.ts'
import { atLeast, atMost, type Row, reported } from './row.ts'
import { createSetting, installed, sets, TOKEN } from './setting.ts'

const SETS = 5_000
const ROUNDS = 3
const REQUESTS = 12_000
const CONNECTIONS = 32

/** Throughput, waits and memory, with 5,000 sets that nobody changes. */
export async function speedAndMemory(): Promise<Row[]> {
  const setting = await createSetting()
  const { webhook } = setting
  const idle = residentMemory(webhook.pid)
  await sendAll(webhook.port, sets(SETS).map(signedUpsert), { connections: 200 })

  const bare = start({ command: process.execPath, args: ['.zonewright/bench/bare.js'] }, [], {
    HMAC_SECRET: SECRET,
  })
  const barePort = Number((await bare.says(/^(\d+)$/m))[1])
  const ours: Round[] = []
  const theirs: Round[] = []
  // In turn, so that whatever else the machine does happens to both.
  for (let round = 0; round < ROUNDS; round += 1) {
    theirs.push(await measured(bare, barePort))
    ours.push(await measured(webhook, webhook.port))
  }
  await bare.end()

  const steady = await sendAll(webhook.port, requests(5_000), { connections: CONNECTIONS, perSecond: 500 })
  const loaded = residentMemory(webhook.pid)
  await setting.end()

  const most = (rounds: readonly Round[]) => Math.max(...rounds.map(({ perSecond }) => perSecond))
  const least = (rounds: readonly Round[]) => Math.min(...rounds.map(({ microseconds }) => microseconds))
  const beside = (row: Row, words: string): Row => ({ ...row, beside: words })
  return [
    beside(
      atLeast(0.4, most(ours) / most(theirs), 'unchanged upserts: throughput as a share of bare node:http'),
      `${most(ours).toFixed(0)}/s and ${most(theirs).toFixed(0)}/s`,
    ),
    beside(
      atLeast(0.4, least(theirs) / least(ours), 'the same by processor time for each request'),
      `${least(ours).toFixed(0)} µs and ${least(theirs).toFixed(0)} µs`,
    ),
    reported(percentile(steady, 0.99), 'unchanged upserts at 500/s: p99', ' ms', '≤ 10 ms, quiet machine'),
    atMost(100, loaded.most, 'resident memory at most, 5,000 sets under load', ' MiB'),
    reported(loaded.now, 'resident memory after it', ' MiB'),
    reported(idle.now, 'resident memory when idle', ' MiB'),
  ]
}

/** From the start of the process until it is ready, the best of three; and how large the program is. */
export async function startAndSize(): Promise<Row[]> {
  const seconds: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now()
    const webhook = await startWebhook(installed, {
      HMAC_SECRET: SECRET,
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:9/client/v4',
      DATABASE_URL: 'sqlite::memory:',
    })
    const ready = await fetch(`http://127.0.0.1:${webhook.metricsPort}/readyz`)
    if (!ready.ok) throw new Error(`it is listening, and not ready: ${ready.status}`)
    seconds.push((performance.now() - startedAt) / 1000)
    await webhook.end()
  }
  return [
    atMost(1, Math.min(...seconds), 'start to ready', ' s'),
    atMost(1, await startOfEmulator(), 'start to ready, the emulator', ' s'),
    reported(statSync('dist/zonewright.js').size / 1024 / 1024, 'the program, without SQLite', ' MiB'),
  ]
}

/** Seconds, the best of three; its last line is out, and its first answer here. */
async function startOfEmulator(): Promise<number> {
  const seconds: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now()
    const emulator = await startEmulatorProcess(installed)
    await fetch(`${emulator.apiUrl}/zones`)
    seconds.push((performance.now() - startedAt) / 1000)
    await emulator.end()
  }
  return Math.min(...seconds)
}

interface Round {
  readonly perSecond: number
  /** Of processor time, for each request. */
  readonly microseconds: number
}

async function measured({ pid }: RunningProcess, port: number): Promise<Round> {
  const prepared = requests(REQUESTS)
  const before = processorTime(pid)
  const load = await sendAll(port, prepared, { connections: CONNECTIONS })
  const microseconds = (processorTime(pid) - before) / REQUESTS
  if (load.statuses[200] !== REQUESTS) throw new Error(`not all were done: ${JSON.stringify(load.statuses)}`)
  return { perSecond: REQUESTS / load.seconds, microseconds }
}

function requests(count: number): Buffer[] {
  const records = sets(SETS)
  return Array.from({ length: count }, (_, number) => signedUpsert(records[number % SETS]!))
}
