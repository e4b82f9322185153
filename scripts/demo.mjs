/**
 * The main job, once, before your eyes: a signed upsert becomes records at Cloudflare (the emulator) and an answer in
 * DNS. Everything runs on loopback. `--once` ends afterwards, with 1 if anything was not as it should be.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { prepare, root } from './setup.mjs'

const once = process.argv.includes('--once')
const NAME = 'www.example.com'
const folder = `${root}.zonewright/demo`
const children = []
let stopping = false

prepare()
try {
  await demo()
  if (!once) await untilInterrupted()
} catch (error) {
  console.error(`\nThe demo failed: ${error.message}`)
  process.exitCode = 1
} finally {
  await stopAll()
}

async function demo() {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const ports = {
    api: await freePort(8787),
    dns: await freePort(5353),
    webhook: await freePort(7100),
    metrics: await freePort(9100),
  }
  const secretFile = `${folder}/hmac-secret`
  writeFileSync(secretFile, randomBytes(32).toString('hex'), { mode: 0o600 })
  const env = {
    PATH: process.env.PATH,
    PORT: String(ports.webhook),
    HOST: '127.0.0.1',
    METRICS_PORT: String(ports.metrics),
    METRICS_HOST: '127.0.0.1',
    DATABASE_URL: `sqlite:${folder}/zonewright.db`,
    HMAC_SECRET_FILE: secretFile,
    CLOUDFLARE_API_TOKEN: 'emulator-token-for-this-machine-only-0001',
    CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${ports.api}/client/v4`,
  }

  start('emulator', ['emulator', '--port', String(ports.api), '--dns-port', String(ports.dns)], env)
  await answering(`http://127.0.0.1:${ports.api}/client/v4/zones`)
  start('webhook', ['serve', 'operator'], env)
  await answering(`http://127.0.0.1:${ports.metrics}/readyz`, 200)

  say(`
Zonewright, on this machine only:

  webhook of the DNS Operator   http://127.0.0.1:${ports.webhook}
  Cloudflare (the emulator)     http://127.0.0.1:${ports.api}/client/v4
  its authoritative DNS         127.0.0.1:${ports.dns}
  metrics                       http://127.0.0.1:${ports.metrics}/metrics
  database                      .zonewright/demo/zonewright.db`)

  const resolver = new Resolver({ timeout: 2_000, tries: 1 })
  resolver.setServers([`127.0.0.1:${ports.dns}`])
  const record = {
    type: 'A',
    domain: 'example.com',
    subdomain: 'www',
    values: ['192.0.2.10', '192.0.2.11'],
    ttl: 600,
  }
  const upsert = () =>
    request(env, ['POST', '/records', '--data', JSON.stringify({ record, operation: 'upsert' })])
  const callsDuring = async (work) => {
    const before = await callsMade(ports.metrics)
    const result = await work()
    return { result, calls: difference(await callsMade(ports.metrics), before) }
  }

  title('1. Before')
  expectEqual('DNS', await addresses(resolver), 'NXDOMAIN')

  title('2. A signed upsert, as the operator sends it')
  say(`  POST /records ${JSON.stringify({ record, operation: 'upsert' })}`)
  const created = await callsDuring(upsert)
  say(`  ${created.result}`)
  expectEqual('status', created.result.split(' ')[0], '200')
  expectEqual(
    'calls to Cloudflare',
    describe(created.calls),
    'one batch, and what it took to know the zone',
    (text) => text.includes('records.batch 1'),
  )
  expectEqual('DNS', await addresses(resolver), '192.0.2.10 192.0.2.11, TTL 600')

  title('3. The same again: nothing to do, so nothing is asked of Cloudflare')
  const unchanged = await callsDuring(upsert)
  say(`  ${unchanged.result}`)
  expectEqual('calls to Cloudflare', describe(unchanged.calls), 'none')

  title('4. One address changes: one call, and the other record stays as it was')
  record.values = ['192.0.2.10', '192.0.2.12']
  const changed = await callsDuring(upsert)
  say(`  ${changed.result}`)
  expectEqual('calls to Cloudflare', describe(changed.calls), 'records.batch 1')
  expectEqual('DNS', await addresses(resolver), '192.0.2.10 192.0.2.12, TTL 600')

  title('5. A request whose signature is not ours')
  const forged = await request(
    { ...env, HMAC_SECRET_FILE: undefined, HMAC_SECRET: 'not-the-secret-but-just-as-long-as-one' },
    ['DELETE', '/records/A/example.com/www'],
  )
  say(`  ${forged}`)
  expectEqual('status', forged.split(' ')[0], '401')

  title('6. A signed delete')
  const removed = await request(env, ['DELETE', '/records/A/example.com/www'])
  say(`  ${removed}`)
  expectEqual('DNS', await addresses(resolver), 'NXDOMAIN')

  if (!once) {
    say(`
It goes on running; Ctrl-C ends it. Try it yourself, in another terminal:

  HMAC_SECRET_FILE=.zonewright/demo/hmac-secret PORT=${ports.webhook} bin/zonewright request POST /records \\
    --data '{"record":{"type":"TXT","domain":"example.com","subdomain":"@","values":["v=spf1 -all"]},"operation":"upsert"}'
  dig @127.0.0.1 -p ${ports.dns} example.com TXT +short`)
  }
}

/** One run of `zonewright request`: its status and body on one line. */
async function request(env, args) {
  const child = spawn(`${root}bin/zonewright`, ['request', ...args], {
    env: withoutUndefined(env),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (text) => (said += text))
  await new Promise((resolve) => child.on('close', resolve))
  return said.trim().replace(/\s*\n\s*/g, ' ')
}

function start(name, args, env) {
  const child = spawn(`${root}bin/zonewright`, args, {
    env: withoutUndefined(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => (said = (said + text).slice(-4_000)))
  const ended = new Promise((resolve) => child.on('exit', resolve))
  children.push({ name, child, ended })
  child.on('exit', (code) => {
    if (!stopping) console.error(`The ${name} ended (${code}):\n${said}`)
  })
}

async function stopAll() {
  stopping = true
  for (const { child } of [...children].reverse()) child.kill('SIGTERM')
  await Promise.all(children.map(({ ended }) => ended))
}

async function addresses(resolver) {
  try {
    const records = await resolver.resolve4(NAME, { ttl: true })
    return `${records
      .map(({ address }) => address)
      .sort()
      .join(' ')}, TTL ${records[0].ttl}`
  } catch (error) {
    return error.code === 'ENOTFOUND' ? 'NXDOMAIN' : error.code
  }
}

/** Calls to Cloudflare by endpoint, as the webhook counts them. */
async function callsMade(port) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const calls = {}
  for (const [, labels, count] of text.matchAll(/^zonewright_cloudflare_requests_total\{(.*)\} (\d+)$/gm)) {
    const endpoint = /endpoint="([^"]+)"/.exec(labels)[1]
    calls[endpoint] = (calls[endpoint] ?? 0) + Number(count)
  }
  return calls
}

function difference(after, before) {
  return Object.fromEntries(
    Object.entries(after)
      .map(([endpoint, count]) => [endpoint, count - (before[endpoint] ?? 0)])
      .filter(([, count]) => count > 0),
  )
}

function describe(calls) {
  return (
    Object.entries(calls)
      .map(([endpoint, count]) => `${endpoint} ${count}`)
      .join(', ') || 'none'
  )
}

async function answering(url, status) {
  const deadline = Date.now() + 15_000
  for (;;) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer && (status === undefined || answer.status === status)) return
    if (Date.now() > deadline) throw new Error(`${url} does not answer`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The port, if it is free; any other free one if not. */
function freePort(port) {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', () => (port === 0 ? reject(new Error('no free port')) : resolve(freePort(0))))
    server.listen(once ? 0 : port, '127.0.0.1', () => {
      const { port: free } = server.address()
      server.close(() => resolve(free))
    })
  })
}

function untilInterrupted() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve)
  })
}

function expectEqual(what, actual, expected, isRight = (text) => text === expected) {
  const right = isRight(actual)
  say(`  ${what}: ${actual}${right ? '' : `   ✗ expected ${expected}`}`)
  if (!right) throw new Error(`${what} was "${actual}"`)
}

function withoutUndefined(env) {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined))
}

function title(text) {
  say(`\n${text}`)
}

function say(text) {
  console.log(text)
}
