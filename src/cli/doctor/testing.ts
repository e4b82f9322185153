import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { type Face, readConfig, type Variables } from '#config/config.ts'
import type { EmulatorOptions } from '#emulator/emulator.ts'
import { type RunningEmulator, startEmulator } from '#emulator/serve.ts'
import { realSystem, serve } from '#server/main.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import { seededRandom } from '../../../tests/support/world.ts'
import { run } from '../run.ts'

export const TOKEN = 'token-of-the-tests-0123456789-0123456789'
export const KEY = '0123456789abcdef0123456789abcdef01234'
const SECRET = 'an-hmac-secret-of-32-octets-here'
const SECRET_KEY = 'a-secret-key-of-thirty-two-octets'
const CLIENT_SECRET = 'the-secret-of-the-oauth-client'
const CALLBACK = 'http://localhost:3000/dashboard/cloudflare/callback'

export interface Practice {
  readonly emulator: RunningEmulator
  readonly env: Variables
  /** Of the database, which is not made yet. */
  readonly path: string
  /** Another Cloudflare, with these options in place of a good token for two good zones. */
  startCloudflare(options: EmulatorOptions): Promise<void>
  /** What the command says; never a secret. `wrong`: the lines that are not `✓`. */
  doctor(change?: Variables, ...argv: readonly string[]): Promise<Examined>
  /** Starts a real server, whose clock is so far ahead; to be added to the environment. */
  serving(change?: Variables, faces?: readonly Face[], aheadMs?: number): Promise<Variables>
  /** What the dashboard and its OAuth need besides. */
  dashboard(): Variables
  migrate(): Promise<void>
  /** Starts a program that answers everything in one way; its port. */
  other(status: number, body: string): Promise<number>
  /** Runs when the test is over. */
  atEnd(end: () => Promise<unknown>): void
}

export interface Examined {
  readonly code: number
  readonly lines: readonly string[]
  readonly wrong: readonly string[]
}

/** An emulated Cloudflare and an environment for each test, both gone after it. */
export function openPractice(): Practice {
  let emulator: RunningEmulator
  let env: Variables
  let path: string
  const ending: (() => Promise<unknown>)[] = []

  beforeEach(() => startCloudflare({}))

  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end()
  })

  async function startCloudflare(options: EmulatorOptions): Promise<void> {
    emulator = await startEmulator({
      port: 0,
      zones: [{ name: 'example.com' }, { name: 'example.net' }],
      credentials: [
        { kind: 'token', token: TOKEN },
        { kind: 'key', key: KEY, email: 'owner@example.com' },
      ],
      oauthClients: [{ id: 'shop', secret: CLIENT_SECRET, name: 'Shop', redirectUris: [CALLBACK] }],
      ...options,
    })
    ending.push(emulator.close)
    path = join(mkdtempSync(join(tmpdir(), 'zonewright-')), 'state.db')
    env = {
      HMAC_SECRET: SECRET,
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
      DATABASE_URL: `sqlite:${path}`,
      LOG_LEVEL: 'silent',
      HOST: '127.0.0.1',
      METRICS_HOST: '127.0.0.1',
      // Where nobody listens, so that no server of this machine is taken for ours.
      METRICS_PORT: '1',
    }
  }

  async function doctor(change: Variables = {}, ...argv: readonly string[]): Promise<Examined> {
    const [lines, err]: [string[], string[]] = [[], []]
    const code = await run(['doctor', ...argv], {
      stdout: (line) => void lines.push(line),
      stderr: (line) => void err.push(line),
      env: { ...env, ...change },
      readFile: (file) => readFileSync(file, 'utf8'),
      untilAskedToEnd: async () => {},
      whenAskedToReload: () => {},
    })
    const told = [...lines, ...err].join('\n')
    for (const secret of [SECRET, TOKEN, KEY, SECRET_KEY, CLIENT_SECRET]) expect(told).not.toContain(secret)
    return { code, lines, wrong: lines.filter((line) => !line.startsWith('✓')) }
  }

  async function serving(
    change: Variables = {},
    faces: readonly Face[] = ['operator'],
    aheadMs = 0,
  ): Promise<Variables> {
    const ports = { PORT: '0', METRICS_PORT: '0', DASHBOARD_PORT: '0' }
    const config = readConfig({ ...env, ...change, ...ports }, (file) => readFileSync(file, 'utf8'), faces)
    if (!config.ok) throw new Error(JSON.stringify(config.faults))
    const system = realSystem(config.value)
    const clock = { ...system.clock, now: () => Date.now() + aheadMs }
    const server = await serve(config.value, { ...system, clock })
    ending.push(() => server.close())
    return {
      ...change,
      METRICS_PORT: `${server.metrics.port}`,
      ...(server.operator && { PORT: `${server.operator.port}` }),
      ...(server.dashboard && { DASHBOARD_PORT: `${server.dashboard.port}` }),
    }
  }

  return {
    get emulator() {
      return emulator
    },
    get env() {
      return env
    },
    get path() {
      return path
    },
    startCloudflare,
    doctor,
    serving,
    dashboard: () => ({
      SECRET_KEY,
      DASHBOARD_HOST: '127.0.0.1',
      CLOUDFLARE_OAUTH_CLIENT_ID: 'shop',
      CLOUDFLARE_OAUTH_CLIENT_SECRET: CLIENT_SECRET,
      CLOUDFLARE_OAUTH_AUTHORIZE_URL: `${emulator.siteUrl}/oauth2/auth`,
      CLOUDFLARE_OAUTH_TOKEN_URL: `${emulator.siteUrl}/oauth2/token`,
      CLOUDFLARE_OAUTH_REVOKE_URL: `${emulator.siteUrl}/oauth2/revoke`,
    }),
    async migrate() {
      await (await openSqliteStore({ path, random: seededRandom(1), now: Date.now })).close()
    },
    async other(status, body) {
      const server = createServer((_request, response) => response.writeHead(status).end(body))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      ending.push(async () => void server.close())
      return (server.address() as AddressInfo).port
    },
    atEnd: (end) => void ending.push(end),
  }
}
