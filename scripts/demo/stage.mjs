/** What the acts of the demo share: processes that end with it, free ports, words, and checks that can fail. */
import { spawn } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { createServer } from 'node:net'
import { root } from '../setup.mjs'

const children = []
let stopping = false

/** Runs `zonewright ARGS` until the demo ends. */
export function start(name, args, env) {
  const child = zonewright(args, env)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => (said = (said + text).slice(-4_000)))
  const ended = new Promise((resolve) => child.on('exit', resolve))
  children.push({ child, ended })
  child.on('exit', (code) => {
    if (!stopping) console.error(`The ${name} ended (${code}):\n${said}`)
  })
}

/** Runs `zonewright ARGS` to its end; what it printed, on one line. Rejects if it failed and `mayFail` is not set. */
export async function run(args, env, { mayFail = false } = {}) {
  const child = zonewright(args, env)
  let said = ''
  let complained = ''
  child.stdout.on('data', (text) => (said += text))
  child.stderr.on('data', (text) => (complained += text))
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0 && !mayFail)
    throw new Error(`zonewright ${args.join(' ')}: ${complained.trim() || said.trim()}`)
  return said.trim().replace(/\s*\n\s*/g, ' ')
}

function zonewright(args, env) {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined))
  return spawn(`${root}bin/zonewright`, args, { env: given, stdio: ['ignore', 'pipe', 'pipe'] })
}

export async function stopAll() {
  stopping = true
  for (const { child } of [...children].reverse()) child.kill('SIGTERM')
  await Promise.all(children.map(({ ended }) => ended))
}

/** Resolves once the address answers, with `status` if that is given. */
export async function answering(url, status) {
  const deadline = Date.now() + 15_000
  for (;;) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer && (status === undefined || answer.status === status)) return
    if (Date.now() > deadline) throw new Error(`${url} does not answer`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The port, if it is free; any other free one if not, or if it is 0. */
export function freePort(port) {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', () => (port === 0 ? reject(new Error('no free port')) : resolve(freePort(0))))
    server.listen(port, '127.0.0.1', () => {
      const { port: free } = server.address()
      server.close(() => resolve(free))
    })
  })
}

/** What the emulator's name server says. */
export function dnsAt(port) {
  const resolver = new Resolver({ timeout: 2_000, tries: 1 })
  resolver.setServers([`127.0.0.1:${port}`])
  const orWhyNot = (look) => look.catch(({ code }) => (code === 'ENOTFOUND' ? 'NXDOMAIN' : code))
  return {
    /** `192.0.2.1 192.0.2.2, TTL 300`, `NXDOMAIN` or `ENODATA`. */
    addresses: (name) =>
      orWhyNot(
        resolver.resolve4(name, { ttl: true }).then((records) => {
          const sorted = records.map(({ address }) => address).sort()
          return `${sorted.join(' ')}, TTL ${records[0].ttl}`
        }),
      ),
    /** `10 mail.example.com, 20 mx.example.com`. */
    mail: (name) =>
      orWhyNot(
        resolver.resolveMx(name).then((records) =>
          records
            .sort((a, b) => a.priority - b.priority)
            .map(({ priority, exchange }) => `${priority} ${exchange}`)
            .join(', '),
        ),
      ),
  }
}

export function expectEqual(what, actual, expected, isRight = (text) => text === expected) {
  const right = isRight(actual)
  say(`  ${what}: ${actual}${right ? '' : `   ✗ expected ${expected}`}`)
  if (!right) throw new Error(`${what} was "${actual}"`)
}

export function title(text) {
  say(`\n${text}`)
}

export function say(text) {
  console.log(text)
}
