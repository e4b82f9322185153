import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { goTimestamp, type OperatorClient, operatorClient } from '../support/operator-client.ts'
import {
  type RunningEmulator,
  type RunningWebhook,
  startEmulatorProcess,
  startWebhook,
} from '../support/processes.ts'
import { zonewright } from '../support/program.ts'
import { type FloodKind, flood } from './flood.ts'

const SECRET = 'a-secret-of-thirty-two-octets-!!'

let folder: string
let emulator: RunningEmulator
let webhook: RunningWebhook
let caller: OperatorClient
let asked = 0

beforeAll(async () => {
  const program = await zonewright()
  folder = mkdtempSync(join(tmpdir(), 'zonewright-floods-'))
  writeFileSync(join(folder, 'seed.json'), JSON.stringify({ zones: [{ name: 'example.com' }] }))
  emulator = await startEmulatorProcess(program, '--seed', join(folder, 'seed.json'))
  webhook = await startWebhook(program, {
    HMAC_SECRET: SECRET,
    CLOUDFLARE_API_TOKEN: 'emulator-token-for-this-machine-only-0001',
    CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
    DATABASE_URL: `sqlite:${folder}/state.db`,
  })
  caller = operatorClient({ server: `http://127.0.0.1:${webhook.port}`, secret: SECRET })
  expect(await upsert()).toBe(200)
})
afterAll(async () => {
  caller.close()
  await webhook.end()
  await emulator.end()
  rmSync(folder, { recursive: true, force: true })
})

test.each<[FloodKind, number]>([
  ['unsigned', 3_000],
  ['forged', 3_000],
  ['connecting', 2_000],
])(
  'of a flood that is %s nothing is left, and a caller beside it is answered',
  async (kind, many) => {
    const [calls, failures] = [await callsMade(), await signatureFailures()]
    await flood(webhook.port, { kind }, (sent) => sent >= many / 2)
    const before = residentMemory()

    let isOver = false
    const beside = answersUntil(() => isOver)
    const { statuses } = await flood(webhook.port, { kind }, (sent) => sent >= many / 2)
    isOver = true

    expect(statuses).toEqual({ 401: many / 2 })
    const answers = await beside
    expect(new Set(answers)).toEqual(new Set([200]))
    expect(await signatureFailures()).toBe(failures + many)
    expect(await callsMade()).toBe(calls)
    expect(nonces()).toBe(asked)
    expect(residentMemory() - before).toBeLessThan(16)
  },
  120_000,
)

test('who refuses so many says so in a few lines', () => {
  const refused = webhook.printed().match(/^.*"outcome":"AUTH_FAILED".*$/gm) ?? []
  expect(refused.length).toBeGreaterThan(0)
  expect(webhook.printed()).toMatch(/"unsaid":\d+,"msg":"more like these were not logged"/)
})

test('bodies that are announced, and do not come, share eight megabytes', async () => {
  const before = residentMemory()
  const many = 1_000
  const most = 60_000
  const head = `POST /records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 65536\r\n`
  const stamp = `X-DNS-Timestamp: ${goTimestamp(Date.now())}\r\nX-DNS-Nonce: not-taken\r\nX-DNS-Signature: ${'0'.repeat(64)}\r\n`
  const strangers: Socket[] = []
  const replies: string[] = []
  for (let number = 0; number < many; number += 1) {
    const socket = connect(webhook.port, '127.0.0.1').setEncoding('latin1')
    socket.on('error', () => {}).on('data', (reply: string) => replies.push(reply))
    await once(socket, 'connect')
    socket.write(`${head}${stamp}\r\n${'x'.repeat(most)}`)
    strangers.push(socket)
    if (number % 50 === 0) expect(await upsert()).toBe(200)
  }
  // 128 bodies of 64 KiB are eight megabytes.
  await expect.poll(() => strangers.filter((socket) => !socket.closed).length, { timeout: 10_000 }).toBe(128)
  expect(new Set(replies.map((reply) => reply.slice(9, 12)))).toEqual(new Set(['503']))
  expect(residentMemory() - before).toBeLessThan(40)
  expect(await upsert()).toBe(200)
  for (const socket of strangers) socket.destroy()
}, 120_000)

async function upsert(): Promise<number> {
  asked += 1
  const record = {
    type: 'A',
    domain: 'example.com',
    subdomain: 'www',
    values: ['192.0.2.1'],
    ttl: 300,
  }
  return (await caller.upsert(record)).status
}

/** One after another, and at least ten of them. */
async function answersUntil(isOver: () => boolean): Promise<number[]> {
  const statuses: number[] = []
  while (!isOver() || statuses.length < 10) statuses.push(await upsert())
  return statuses
}

async function callsMade(): Promise<number> {
  const { calls } = (await (await fetch(`${emulator.controlUrl}/calls`)).json()) as { calls: unknown[] }
  return calls.length
}

async function signatureFailures(): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${webhook.metricsPort}/metrics`)).text()
  return Number(/^zonewright_signature_failures_total\{code="AUTH_FAILED"\} (\d+)$/m.exec(text)?.[1] ?? 0)
}

function nonces(): number {
  const database = new Database(join(folder, 'state.db'), { readonly: true })
  try {
    return database.prepare('SELECT count(*) FROM nonces').pluck().get() as number
  } finally {
    database.close()
  }
}

/** In MiB. */
function residentMemory(): number {
  const status = readFileSync(`/proc/${webhook.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}
