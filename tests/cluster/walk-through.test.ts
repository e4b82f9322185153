// needs: curl
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type RunningEmulator,
  type RunningWebhook,
  startEmulatorProcess,
  startWebhook,
} from '../support/processes.ts'
import { zonewright } from '../support/program.ts'

const GUIDE = readFileSync(new URL('../../docs/operator.md', import.meta.url), 'utf8')
const TOKEN = 'emulator-token-for-this-machine-only-0001'

let emulator: RunningEmulator
let webhook: RunningWebhook

beforeAll(async () => {
  emulator = await startEmulatorProcess(await zonewright())
  webhook = await startWebhook(await zonewright(), {
    DATABASE_URL: 'sqlite::memory:',
    CLOUDFLARE_API_TOKEN: TOKEN,
    CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
    HMAC_DISABLED: 'true',
  })
}, 60_000)
afterAll(async () => {
  await webhook?.end()
  await emulator?.end()
})

test('the walk-through of the guide answers as it says there', async () => {
  const steps = stepsIn(GUIDE)
  expect(steps).toHaveLength(5)
  for (const { command, answer } of steps) {
    const onOurPort = command.replace('localhost:7100', `127.0.0.1:${webhook.port}`)
    const { stdout } = await promisify(execFile)('sh', ['-euc', onOurPort])
    expect(stdout.replace(/"timestamp":"[^"]+"/, '"timestamp":"…"')).toBe(answer)
  }
})

test('every file that the guide names is there', () => {
  const named = [...GUIDE.matchAll(/(?:deploy|examples)\/[\w./-]*\w/g)].map(([path]) => path)
  expect(named.length).toBeGreaterThan(5)
  for (const path of named)
    expect(() => readFileSync(new URL(`../../${path}`, import.meta.url))).not.toThrow(/ENOENT/)
})

test('with the two files of a certificate the whole program speaks HTTPS, and nothing else', async () => {
  const pem = (name: string) => fileURLToPath(new URL(`../support/loopback-${name}.pem`, import.meta.url))
  const secure = await startWebhook(await zonewright(), {
    DATABASE_URL: 'sqlite::memory:',
    CLOUDFLARE_API_TOKEN: TOKEN,
    CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
    HMAC_SECRET: 'a-secret-of-thirty-two-octets-!!',
    TLS_CERT_FILE: pem('cert'),
    TLS_KEY_FILE: pem('key'),
  })
  const request = get({
    host: '127.0.0.1',
    servername: 'localhost',
    port: secure.port,
    path: '/health',
    ca: readFileSync(pem('cert')),
    agent: false,
  })
  const [reply] = (await once(request, 'response')) as [IncomingMessage]
  reply.resume()
  expect(reply.statusCode).toBe(200)
  await expect(fetch(`http://127.0.0.1:${secure.port}/health`)).rejects.toThrow()
  expect(await secure.end()).toBe(0)
})

/** The commands of the guide's block of `sh`, each with the answer in the comment below it. */
function stepsIn(guide: string): { command: string; answer: string }[] {
  const [, block = ''] = /^```sh\n(.*?)^```/ms.exec(guide) ?? []
  return block
    .trim()
    .split('\n\n')
    .map((step) => {
      const [command = '', answer = ''] = step.split('\n# ')
      return { command: command.replace(/^curl /, 'curl --silent --show-error '), answer }
    })
}
