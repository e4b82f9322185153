import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operatorClient } from '../support/operator-client.ts'
import {
  type RunningEmulator,
  type RunningWebhook,
  startEmulatorProcess,
  startWebhook,
} from '../support/processes.ts'
import { zonewright } from '../support/program.ts'

const SECRET = 'a-secret-of-thirty-two-octets-!!'
const TOKEN = 'emulator-token-for-this-machine-only-0001'
const WWW = { type: 'A', domain: 'example.com', subdomain: 'www', values: ['192.0.2.1'], ttl: 300 }

let folder: string
let emulator: RunningEmulator
let webhook: RunningWebhook
let scraped: string
let calls: readonly unknown[]

/** Traffic of which it is known what it has to be counted as. */
beforeAll(async () => {
  const program = await zonewright()
  folder = mkdtempSync(join(tmpdir(), 'zonewright-observed-'))
  writeFileSync(join(folder, 'seed.json'), JSON.stringify({ zones: [{ name: 'example.com' }] }))
  emulator = await startEmulatorProcess(program, '--seed', join(folder, 'seed.json'))
  webhook = await startWebhook(program, {
    HMAC_SECRET: SECRET,
    CLOUDFLARE_API_TOKEN: TOKEN,
    CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
    DATABASE_URL: `sqlite:${folder}/state.db`,
  })
  const server = `http://127.0.0.1:${webhook.port}`
  const caller = operatorClient({ server, secret: SECRET })
  for (const record of [WWW, WWW, { ...WWW, ttl: 600 }]) await caller.upsert(record)
  await caller.get('A', 'example.com', 'www')
  await caller.delete('A', 'example.com', 'www')
  await caller.get('A', 'example.com', 'www')
  await caller.upsert({ ...WWW, values: ['not an address'] })

  const late = operatorClient({ server, secret: SECRET, now: () => Date.now() - 3_600_000 })
  await late.upsert(WWW)
  const again = operatorClient({ server, secret: SECRET, nonce: () => 'one-and-the-same' })
  for (const _time of [1, 2]) await again.health()
  const stranger = operatorClient({ server })
  await stranger.upsert(WWW)
  await stranger.health()
  for (const client of [caller, late, again, stranger]) client.close()

  scraped = await (await fetch(`http://127.0.0.1:${webhook.metricsPort}/metrics`)).text()
  calls = ((await (await fetch(`${emulator.controlUrl}/calls`)).json()) as { calls: typeof calls }).calls
}, 60_000)
afterAll(async () => {
  await webhook.end()
  await emulator.end()
  rmSync(folder, { recursive: true, force: true })
})

const credential = createHash('sha256').update(TOKEN).digest('hex').slice(0, 8)

test.each([
  'http_requests_total{face="operator",route="records",status="200"} 3',
  'http_requests_total{face="operator",route="records",status="400"} 1',
  'http_requests_total{face="operator",route="records",status="401"} 2',
  'http_requests_total{face="operator",route="record",status="200"} 2',
  'http_requests_total{face="operator",route="record",status="404"} 1',
  'http_requests_total{face="operator",route="health",status="200"} 2',
  'http_requests_total{face="operator",route="health",status="401"} 1',
  'http_request_duration_seconds_count{face="operator",route="records",status="200"} 3',
  'changes_total{kind="created",outcome="done"} 1',
  'changes_total{kind="updated",outcome="done"} 1',
  'changes_total{kind="deleted",outcome="done"} 1',
  'noop_upserts_total 1',
  'batch_operations_count 3',
  'queue_depth 0',
  'drift_detected_total 0',
  'signature_failures_total{code="AUTH_FAILED"} 1',
  'signature_failures_total{code="TIMESTAMP_STALE"} 1',
  'signature_failures_total{code="NONCE_REUSED"} 1',
])('the metrics count %s', (line) => {
  expect(scraped.split('\n')).toContain(`zonewright_${line}`)
})

test('every call to Cloudflare is counted and timed, by its endpoint and status', () => {
  expect(sumOf('cloudflare_requests_total')).toBe(calls.length)
  expect(sumOf('cloudflare_request_duration_seconds_count')).toBe(calls.length)
  expect(scraped).toMatch(/^zonewright_cloudflare_requests_total\{endpoint="[\w.]+",status="200"\} \d+$/m)
})

test('the gauges of call budget and mirror age show the present values', () => {
  const left = sumOf(`cloudflare_budget_remaining{credential="${credential}"}`)
  expect(left).toBeGreaterThan(0)
  const age = sumOf('zone_mirror_age_seconds')
  expect(age).toBeGreaterThan(0)
  expect(age).toBeLessThan(60)
})

test('metrics that nothing has counted yet are present', () => {
  expect(scraped).toContain('# TYPE zonewright_oauth_refreshes_total counter')
})

test('no label holds a name, a value or a secret', () => {
  for (const word of ['example', '192.0.2', 'www', TOKEN, SECRET]) expect(scraped).not.toContain(word)
})

test('an upsert that changes nothing is counted, and not logged', () => {
  const outcomes = [...webhook.printed().matchAll(/"route":"records",.*"outcome":"(\w+)"/g)].map(
    ([, outcome]) => outcome,
  )
  expect(outcomes).toEqual(['created', 'updated', 'INVALID_VALUE', 'TIMESTAMP_STALE', 'AUTH_FAILED'])
})

/** Of all samples whose line begins so. */
function sumOf(name: string): number {
  const lines = scraped.split('\n').filter((line) => line.startsWith(`zonewright_${name}`))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}
