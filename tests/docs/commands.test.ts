// needs: program, pages, curl, bind9-dnsutils
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { root } from '../support/imports.ts'
import { startEmulatorProcess, startWebhook } from '../support/processes.ts'
import { zonewright } from '../support/program.ts'
import { type Block, blocksOf, pages } from './blocks.ts'

/** Who runs a block: we do, another test does, or nobody can, and why. */
type Scene =
  | { readonly runs: (text: string) => Promise<void> }
  | { readonly elsewhere: string }
  | { readonly cannot: string }

/** By page and first words. */
const SCENES: Readonly<Record<string, Scene>> = {
  'README.md npm run demo': { runs: theDemo },
  'README.md npm ci && npm run build': { runs: aServer },
  'README.md bin/zonewright emulator': { runs: anEmulator },
  'docs/customers.md zonewright customer add': { runs: customers },
  'docs/dashboard.md npm ci && npm run build': { runs: theDashboard },
  'docs/emulator.md bin/zonewright emulator --port 0': { elsewhere: 'tests/clients/recipes.nightly.test.ts' },
  'docs/emulator.md bin/zonewright emulator': { runs: anEmulator },
  'docs/emulator.md CLOUDFLARE_TEST_TOKEN=': { cannot: 'It needs a token and a zone of Cloudflare itself.' },
  'docs/emulator.md TOKEN=': { runs: requestsToTheEmulator },
  'docs/emulator.md curl 127.0.0.1:8788': {
    cannot: 'It is a list of shapes with … in them; emulator/control.test.ts asks each of them.',
  },
  'docs/operations.md createdb': {
    cannot: 'It names a database server of its own; tests/contracts moves a store so.',
  },
  'docs/operations.md kubectl': {
    cannot: 'It needs a cluster; tests/deploy holds the Job to both variants.',
  },
  'docs/operator-webhook.md curl': { runs: aRequest },
  'docs/operator.md docker build': {
    cannot: 'It pushes to a registry; tests/deploy builds and starts the image.',
  },
  'docs/operator.md kubectl': {
    cannot: 'It needs a cluster; tests/deploy holds the manifests to Kubernetes’ types.',
  },
  'docs/operator.md secret()': { cannot: 'It needs a cluster.' },
  'docs/operator.md npm ci && npm run build': { elsewhere: 'tests/cluster/walk-through.test.ts' },
  'docs/operator.md curl': { elsewhere: 'tests/cluster/walk-through.test.ts' },
}

const blocks = pages.flatMap(blocksOf)

/** The longest that fits: `bin/zonewright emulator --port 0` is another one than `bin/zonewright emulator`. */
function keyOf({ page, text }: Block): string | undefined {
  return Object.keys(SCENES)
    .filter((key) => `${page} ${text}`.startsWith(key))
    .sort((a, b) => b.length - a.length)[0]
}

test('every command of the pages is run by somebody, or it is said why not', () => {
  const unknown = blocks.filter((block) => keyOf(block) === undefined)
  expect(unknown.map(({ page, text }) => `${page}: ${text.split('\n')[0]}`)).toEqual([])
  const keys = blocks.map(keyOf)
  expect(Object.keys(SCENES).filter((key) => !keys.includes(key))).toEqual([])
  expect(blocks.length).toBeGreaterThan(15)
})

const ours = blocks.flatMap((block) => {
  const scene = SCENES[keyOf(block) ?? '']
  return scene !== undefined && 'runs' in scene ? [{ key: keyOf(block), ...block, ...scene }] : []
})

test.each(ours)('$key', ({ text, runs }) => runs(text), 240_000)

let folder: string
const groups: number[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zonewright-pages-'))
  mkdirSync(join(folder, 'bin'))
  const { command, args } = await zonewright()
  const script = join(folder, 'bin/zonewright')
  writeFileSync(script, `#!/bin/sh\nexec ${[command, ...args].map((each) => `'${each}'`).join(' ')} "$@"\n`)
  chmodSync(script, 0o755)
  symlinkSync(join(root, 'dist'), join(folder, 'dist'))
})
afterEach(() => {
  for (const group of groups.splice(0)) endGroup(group)
  rmSync(folder, { recursive: true })
})

async function theDemo(text: string): Promise<void> {
  expect(text).toContain('npm run demo ')
  const demo = shell(`cd '${root}' && node scripts/demo.mjs --once`)
  expect(await demo.over(), demo.printed()).toBe(0)
  expect(demo.printed()).toContain('DNS of example.net: 203.0.113.10')
}

async function anEmulator(text: string): Promise<void> {
  expect(text.split(' #')[0]!.trim()).toBe('bin/zonewright emulator')
  const emulator = shell('bin/zonewright emulator --port 0 --dns-port 0 --control-port 0')
  await emulator.says(/token +\S+/)
}

async function requestsToTheEmulator(text: string): Promise<void> {
  const [api, dns] = [await freePort(), await freePort()]
  const ports = `--port ${api} --dns-port ${dns} --control-port 0`
  const emulator = shell(`bin/zonewright emulator ${ports}`)
  await emulator.says(/token +\S+/)
  const requests = shell(text.replace(':8787', `:${api}`).replace('-p 5353', `-p ${dns} +tcp`))
  expect(await requests.over(), requests.printed()).toBe(0)
  expect(requests.printed()).toContain('"name":"example.com"')
  expect(requests.printed()).toContain('status: NXDOMAIN')
}

async function aServer(text: string): Promise<void> {
  const emulator = await startEmulatorProcess(await zonewright())
  writeFileSync(join(folder, 'cloudflare-token'), 'emulator-token-for-this-machine-only-0001')
  writeFileSync(join(folder, 'hmac-secret'), 'a-secret-of-thirty-two-octets-!!')
  const server = shell(built(text).replaceAll('/run/secrets', folder), {
    CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
    PORT: '0',
    METRICS_PORT: '0',
  })
  await server.says(/"msg":"listening"/)
  await emulator.end()
}

async function customers(text: string): Promise<void> {
  writeFileSync(join(folder, 'password'), 'a-long-password')
  const commands = shell(text, { PATH: `${folder}/bin:${process.env.PATH}`, SECRET_KEY: 'k'.repeat(40) })
  expect(await commands.over(), commands.printed()).toBe(0)
  expect(commands.printed()).toContain('anna@example.com')
}

async function theDashboard(text: string): Promise<void> {
  const [api, dashboard, metrics] = [await freePort(), await freePort(), await freePort()]
  const onOurPorts = built(text)
    .replaceAll(':8787', `:${api}`)
    .replace('zonewright emulator &', `zonewright emulator --port ${api} --dns-port 0 --control-port 0 &`)
  const url = `http://localhost:${dashboard}`
  const server = shell(onOurPorts, {
    DASHBOARD_PORT: `${dashboard}`,
    METRICS_PORT: `${metrics}`,
    PUBLIC_URL: url,
  })
  await server.says(/"msg":"listening"/)
  const session = await fetch(`${url}/dashboard/api/session`)
  const { csrfToken } = (await session.json()) as { csrfToken: string }
  const login = await fetch(`${url}/dashboard/api/login`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-csrf-token': csrfToken,
      'sec-fetch-site': 'same-origin',
      cookie: session.headers
        .getSetCookie()
        .map((each) => each.split(';')[0])
        .join('; '),
    },
    body: JSON.stringify({ email: 'anna@example.com', password: 'a-password' }),
  })
  expect(login.status).toBe(200)
}

async function aRequest(text: string): Promise<void> {
  const emulator = await startEmulatorProcess(await zonewright())
  const webhook = await startWebhook(await zonewright(), {
    DATABASE_URL: 'sqlite::memory:',
    CLOUDFLARE_API_TOKEN: 'emulator-token-for-this-machine-only-0001',
    CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
    HMAC_DISABLED: 'true',
  })
  const request = shell(text.replace('localhost:7100', `127.0.0.1:${webhook.port}`))
  expect(await request.over(), request.printed()).toBe(0)
  expect(request.printed()).toContain('"success":true')
  await webhook.end()
  await emulator.end()
}

/** What is installed and built was so before the tests began. */
function built(text: string): string {
  expect(text).toMatch(/^npm ci && npm run build\n/)
  return text.replace(/^.*\n/, '')
}

/** Runs a block as somebody who typed it in a checkout; what it starts ends with the test. */
function shell(text: string, env: Readonly<Record<string, string>> = {}) {
  const child = spawn('sh', ['-euc', text], {
    cwd: folder,
    detached: true,
    env: { PATH: process.env.PATH ?? '', HOME: folder, HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  groups.push(child.pid!)
  let printed = ''
  let code: number | null | undefined
  const over = once(child, 'close').then(([ended]) => {
    code = ended as number | null
    child.emit('said')
    return code
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (words: string) => {
      printed += words
      child.emit('said')
    })
  }
  return {
    over: () => over,
    printed: () => printed,
    async says(pattern: RegExp) {
      const patience = AbortSignal.timeout(60_000)
      while (!pattern.test(printed)) {
        if (code !== undefined || patience.aborted)
          throw new Error(`it never said ${pattern}, but:\n${printed}`)
        await once(child, 'said', { signal: patience }).catch(() => {})
      }
    },
  }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== 'ESRCH') throw problem
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a server on a port has one')
  return address.port
}
