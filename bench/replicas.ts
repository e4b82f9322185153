import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgresStore } from '#store/postgres/open.ts'
import { openAuthority } from '../tests/replicas/authority.ts'
import { CUSTOMER, grantTo, startRacers } from '../tests/replicas/racers.ts'
import { startCluster } from '../tests/support/postgres.ts'
import { type RunningWebhook, startEmulatorProcess, startWebhook } from '../tests/support/processes.ts'
import { seededRandom } from '../tests/support/world.ts'
import { openConnection, percentile, SECRET, sendAll, signedHealth, signedUpsert } from './load.ts'
import { atLeast, atMost, type Row, reported } from './row.ts'
import { installed, sets, TOKEN, ZONE } from './setting.ts'

const SETS = 1_000
const ROUNDS = 3
const REQUESTS = 6_000
const CONNECTIONS = 16
/** Built beside this. */
const RACE_PROGRAM = '.zonewright/bench/race-program.js'
/** `REPLICAS_SHORT=1` tries them all with less. */
const isShort = process.env.REPLICAS_SHORT !== undefined
const NONCES = isShort ? 50 : 1_000
const REFRESHES = isShort ? 20 : 1_000
const BURSTS = isShort ? 5 : 100

/** Two webhooks on one PostgreSQL that keeps what it commits. */
export async function replicas(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zonewright-bench-'))
  const cluster = await startCluster({ isDurable: true })
  const { url } = await cluster.freshDatabase()
  const seed = join(folder, 'seed.json')
  writeFileSync(seed, JSON.stringify({ zones: [{ name: ZONE, recordQuota: 100_000 }] }))
  const emulator = await startEmulatorProcess(
    installed,
    '--seed',
    seed,
    '--quota',
    '20000',
    '--latency',
    '100',
  )
  const start = () =>
    startWebhook(installed, {
      HMAC_SECRET: SECRET,
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
      DATABASE_URL: url,
    })
  const both = [await start(), await start()]
  try {
    return [...(await unchangedUpserts(both)), await sameNonces(both), ...(await races(url))]
  } finally {
    for (const webhook of both) await webhook.end()
    await emulator.end()
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function unchangedUpserts(both: readonly RunningWebhook[]): Promise<Row[]> {
  const records = sets(SETS)
  await sendAll(both[0]!.port, records.map(signedUpsert), { connections: 200 })
  const rounds = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const prepared = both.map(() =>
      Array.from({ length: REQUESTS }, (_, index) => signedUpsert(records[index % SETS]!)),
    )
    const loads = await Promise.all(
      both.map(({ port }, index) => sendAll(port, prepared[index]!, { connections: CONNECTIONS })),
    )
    const done = loads.reduce((sum, { statuses }) => sum + (statuses[200] ?? 0), 0)
    if (done !== both.length * REQUESTS) throw new Error('not all were done')
    rounds.push({
      perSecond: done / Math.max(...loads.map(({ seconds }) => seconds)),
      p99: Math.max(...loads.map((load) => percentile(load, 0.99))),
    })
  }
  const best = rounds.reduce((one, other) => (other.perSecond > one.perSecond ? other : one))
  return [
    atLeast(1_000, best.perSecond, 'two replicas on PostgreSQL: unchanged upserts a second, together'),
    atMost(50, best.p99, 'the same: p99, over 32 connections', ' ms'),
  ]
}

/** Each nonce from 32 connections to each of them, all at once. */
async function sameNonces(both: readonly RunningWebhook[]): Promise<Row> {
  const connections = await Promise.all(
    both.flatMap(({ port }) => Array.from({ length: 32 }, () => openConnection(port))),
  )
  let wrong = 0
  for (let round = 0; round < NONCES; round += 1) {
    const request = signedHealth()
    const statuses = await Promise.all(connections.map(({ send }) => send(request)))
    const taken = statuses.filter((status) => status === 200).length
    const refused = statuses.filter((status) => status === 401).length
    if (taken !== 1 || refused !== connections.length - 1) wrong += 1
  }
  for (const { close } of connections) close()
  return atMost(0, wrong, `${NONCES} nonces, each 32 times to each of two replicas: not exactly one 200`)
}

/** Three processes, whose clocks are four minutes apart. */
async function races(databaseUrl: string): Promise<Row[]> {
  const store = await openPostgresStore({ url: databaseUrl, random: seededRandom(1) })
  const authority = await openAuthority({ latencyMs: 5 })
  await grantTo(store, authority.refreshToken)
  const racers = await startRacers(RACE_PROGRAM, [0, 120_000, -120_000], databaseUrl, authority.url)
  try {
    for (let round = 0; round < REFRESHES; round += 1) {
      const outcomes = await racers.all({ what: 'renew', subject: CUSTOMER, times: 1 })
      if (outcomes.some(({ succeeded }) => succeeded !== 1)) throw new Error('a grant was not renewed')
    }
    let wrong = 0
    for (let burst = 0; burst < BURSTS; burst += 1) {
      const outcomes = await racers.all({ what: 'spend', subject: `customer ${burst}`, times: 50 })
      if (outcomes.reduce((sum, { succeeded }) => sum + succeeded, 0) !== 10) wrong += 1
    }
    return [
      atMost(
        1,
        authority.mostAtOnce,
        `${REFRESHES} times three replicas renew one grant: refreshes under way at once`,
      ),
      atMost(0, authority.reuses, 'the same: refresh tokens sent twice'),
      reported(authority.refreshes, 'the same: refreshes', ''),
      atMost(0, wrong, `${BURSTS} bursts of 50 changes in each of three replicas: not exactly ten taken`),
    ]
  } finally {
    await racers.end()
    await authority.close()
    await store.close()
  }
}
