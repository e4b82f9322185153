import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operatorClient } from '../support/operator-client.ts'
import { type RunningEmulator, start, startEmulatorProcess } from '../support/processes.ts'
import { zonewright } from '../support/program.ts'
import { containerProgram, runInside } from './container.ts'
import { buildImage, type Image } from './image.ts'
import { root } from './manifests.ts'

const FOLDER = `${root}.zonewright/tests/image-${process.pid}`
const SECRET = 'a-secret-of-thirty-two-octets-!!'
const TOKEN = 'emulator-token-for-this-machine-only-0001'

let image: Image
let emulator: RunningEmulator

beforeAll(async () => {
  image = buildImage(FOLDER)
  emulator = await startEmulatorProcess(await zonewright())
}, 120_000)
afterAll(async () => {
  await emulator?.end()
  rmSync(FOLDER, { recursive: true, force: true })
})

const container = (image: Image) => ({
  root: image.root,
  workdir: image.workdir,
  user: image.user,
  readOnlyBut: ['/var/lib/zonewright'],
})

test('it is made in two stages, opens three ports, and does not run as root', () => {
  expect(image.bases).toEqual(['node:24-bookworm-slim', 'node:24-bookworm-slim'])
  expect(image.exposed).toEqual(['7100', '3000', '9100'])
  expect(image.user).toBe('1000:1000')
})

test('it holds the program, the pages, authorities to trust, and of the packages those that cannot be bundled', () => {
  expect(readdirSync(`${image.root}/app`).sort()).toEqual(['bin', 'dist', 'node_modules', 'package.json'])
  expect(existsSync(`${image.root}/app/dist/web/index.html`)).toBe(true)
  expect(readFileSync(`${image.root}/etc/ssl/certs/ca-certificates.crt`, 'utf8')).toContain(
    'BEGIN CERTIFICATE',
  )
  expect(readdirSync(`${image.root}/app/node_modules`).sort()).toEqual(['@node-rs', 'better-sqlite3'])
})

test('nothing can be written but its state', () => {
  const { user: _, ...asRoot } = container(image)
  const write = (path: string) => runInside(asRoot, ['/bin/sh', '-c', `echo x > ${path}`])
  for (const path of ['/app/x', '/tmp/x', '/app/dist/x']) expect(() => write(path)).toThrow(/Read-only/)
  write('/var/lib/zonewright/x')
})

test('it serves as a user without rights on a root that may only be read, and is healthy', async () => {
  const { command, args } = containerProgram(container(image))
  const program = { command, args: [...args, ...image.entrypoint] }
  const webhook = start(program, image.command, {
    ...image.env,
    HOST: '127.0.0.1',
    PORT: '0',
    METRICS_HOST: '127.0.0.1',
    METRICS_PORT: '0',
    HMAC_SECRET: SECRET,
    CLOUDFLARE_API_TOKEN: TOKEN,
    CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
  })
  const listening = JSON.parse((await webhook.says(/^.*"msg":"listening".*$/m))[0])
  const status = readFileSync(`/proc/${webhook.pid}/status`, 'utf8')
  if (process.getuid?.() === 0) expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).toBe('1000')
  expect(status).not.toMatch(/^Uid:\s+0/m)

  const livez = await fetch(`http://127.0.0.1:${listening.metrics.port}/livez`)
  expect(livez.status).toBe(200)
  const asked = (port: number) =>
    runInside(container(image), image.healthcheck, { METRICS_PORT: String(port) })
  asked(listening.metrics.port)
  expect(() => asked(listening.operator.port)).toThrow()

  const client = operatorClient({ server: `http://127.0.0.1:${listening.operator.port}`, secret: SECRET })
  const upsert = { type: 'A', domain: 'example.com', subdomain: 'image', values: ['192.0.2.1'] }
  expect((await client.upsert(upsert)).json?.message).toBe('Record created successfully')
  client.close()
  expect(await webhook.end()).toBe(0)
  expect(readdirSync(`${image.root}/var/lib/zonewright`)).toContain('state.db')
})
