import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { type Config, type Face, readConfig } from '#config/config.ts'
import type { Clock } from '#platform/ports.ts'
import { systemClock, systemRandom } from '#platform/system.ts'
import type { Transport } from '#providers/cloudflare/transport.ts'
import type { Store } from '#store/store.ts'
import { operatorClient } from '../../tests/support/operator-client.ts'
import type { System } from './build-engine.ts'
import { openDatabase } from './database.ts'
import { type Running, serve } from './main.ts'

const SECRET = 'an-hmac-secret-of-32-octets-here'
const running: Running[] = []

afterEach(async () => {
  for (const one of running.splice(0)) await one.close()
})

/** Cloudflare with no zone at all. */
const empty: Transport = async () => ({
  status: 200,
  headers: {},
  body: JSON.stringify({
    success: true,
    errors: [],
    messages: [],
    result: [],
    result_info: { page: 1, per_page: 50, total_count: 0, count: 0, total_pages: 1 },
  }),
})

function system(lines: string[] = [], transport: Transport = empty): System {
  const say = (_facts: object, words: string) => void lines.push(words)
  return {
    clock: systemClock,
    random: systemRandom,
    log: { debug: say, info: say, warn: say, error: say },
    transport: Object.assign(transport.bind(undefined), { close() {} }),
  }
}

function config(database: string, change: Record<string, string> = {}, faces?: readonly Face[]): Config {
  const loopback = { HOST: '127.0.0.1', PORT: '0', METRICS_HOST: '127.0.0.1', METRICS_PORT: '0' }
  const read = readConfig(
    {
      HMAC_SECRET: SECRET,
      CLOUDFLARE_API_TOKEN: 'token',
      DATABASE_URL: `sqlite:${database}`,
      ...loopback,
      ...change,
    },
    () => '',
    faces,
  )
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  return read.value
}

async function start(change: Record<string, string> = {}, faces?: readonly Face[]): Promise<Running> {
  const one = await serve(config(':memory:', change, faces), system())
  running.push(one)
  return one
}

describe('a certificate', () => {
  const env = (cert: string) => ({
    HMAC_SECRET: SECRET,
    CLOUDFLARE_API_TOKEN: 'token',
    DATABASE_URL: 'sqlite::memory:',
    HOST: '127.0.0.1',
    PORT: '0',
    METRICS_HOST: '127.0.0.1',
    METRICS_PORT: '0',
    TLS_CERT_FILE: cert,
    TLS_KEY_FILE: 'loopback-key.pem',
  })
  const readEnv = (cert: string) =>
    readConfig(env(cert), (name) =>
      readFileSync(new URL(`../../tests/support/${name}`, import.meta.url), 'utf8'),
    )
  const shownBy = async (one: Running) => {
    const socket = connect({ port: one.operator!.port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const { valid_from } = socket.getPeerCertificate()
    socket.destroy()
    return valid_from
  }

  test('that was renewed is shown to whoever connects after it was read anew; one that is none is refused', async () => {
    const read = readEnv('loopback-cert.pem')
    if (!read.ok) throw new Error(JSON.stringify(read.faults))
    const lines: string[] = []
    const one = await serve(read.value, system(lines))
    running.push(one)
    const first = await shownBy(one)
    await one.reload(readEnv('loopback-cert-renewed.pem'))
    const renewed = await shownBy(one)
    expect(renewed).not.toBe(first)
    await one.reload(readEnv('loopback-key.pem'))
    expect(lines.at(-1)).toBe('configuration refused; keeping the previous configuration')
    expect(await shownBy(one)).toBe(renewed)
  })
})

const admin = async (one: Running, path: string, method = 'GET') => {
  const reply = await fetch(`http://127.0.0.1:${one.metrics.port}${path}`, { method })
  return { status: reply.status, text: await reply.text() }
}

test('the rooms together answer a signed request', async () => {
  const one = await start()
  const client = operatorClient({ server: `http://127.0.0.1:${one.operator?.port}`, secret: SECRET })
  expect((await client.health()).json?.status).toBe('healthy')
  const reply = await client.upsert({
    type: 'A',
    domain: 'example.com',
    subdomain: 'www',
    values: ['192.0.2.1'],
  })
  expect([reply.status, reply.json?.error?.code]).toEqual([400, 'INVALID_DOMAIN'])
  client.close()
})

describe('the dashboard', () => {
  const dashboard = {
    SECRET_KEY: 'a-secret-key-of-thirty-two-octets',
    DASHBOARD_HOST: '127.0.0.1',
    DASHBOARD_PORT: '0',
  }

  test('is served beside the webhook', async () => {
    const one = await start(dashboard, ['operator', 'dashboard'])
    const session = await fetch(`http://127.0.0.1:${one.dashboard?.port}/dashboard/api/session`)
    expect(await session.json()).toMatchObject({
      customer: null,
      features: { oauth: false, token: true, sso: false, cloudflareDashUrl: 'https://dash.cloudflare.com' },
    })
    expect((await fetch(`http://127.0.0.1:${one.operator?.port}/health`)).status).toBe(200)
    expect((await admin(one, '/metrics')).text).toContain(
      'zonewright_http_requests_total{face="dashboard",route="/dashboard/api/session",status="200"} 1',
    )
  })

  test('is served alone', async () => {
    const one = await start(dashboard, ['dashboard'])
    expect(one.operator).toBeUndefined()
    expect((await fetch(`http://127.0.0.1:${one.dashboard?.port}/dashboard/api/session`)).status).toBe(200)
    expect((await admin(one, '/readyz')).status).toBe(200)
  })
})

test('alive, ready and metrics are on a port of their own, and nothing else is', async () => {
  const one = await start()
  expect(await admin(one, '/livez')).toEqual({ status: 200, text: 'alive\n' })
  expect(await admin(one, '/readyz')).toEqual({ status: 200, text: 'ready\n' })
  expect((await admin(one, '/metrics')).text).toContain('zonewright_cloudflare_budget_remaining{credential="')
  expect((await admin(one, '/records')).status).toBe(404)
  expect((await admin(one, '/livez', 'POST')).status).toBe(405)
})

test('who is draining is alive and not ready, and finishes what is under way', async () => {
  const { promise: gate, resolve: release } = Promise.withResolvers<void>()
  const slow: Transport = async (request) => {
    await gate
    return empty(request)
  }
  // An id is made for each request that arrives.
  let ids = 0
  const hex = (bytes: number) => {
    ids += 1
    return systemRandom.hex(bytes)
  }
  const one = await serve(config(':memory:'), { ...system([], slow), random: { ...systemRandom, hex } })
  const client = operatorClient({ server: `http://127.0.0.1:${one.operator?.port}`, secret: SECRET })
  const before = ids
  const underWay = client.upsert({
    type: 'A',
    domain: 'example.com',
    subdomain: 'www',
    values: ['192.0.2.1'],
  })
  await expect.poll(() => ids).toBeGreaterThan(before)
  const closed = one.close()
  expect((await admin(one, '/readyz')).status).toBe(503)
  expect((await admin(one, '/livez')).status).toBe(200)
  release()
  expect((await underWay).status).toBe(400)
  await closed
  client.close()
})

test('who is to end in a while is not ready, still answers, and keeps no connection open', async () => {
  const delayed = config(':memory:', { SHUTDOWN_DELAY_SECONDS: '59' })
  let pass = () => {}
  const sleep: Clock['sleep'] = (ms, signal) =>
    ms === 59_000 ? new Promise<void>((resolve) => (pass = resolve)) : systemClock.sleep(ms, signal)
  const one = await serve(delayed, { ...system(), clock: { ...systemClock, sleep } })
  const client = operatorClient({ server: `http://127.0.0.1:${one.operator?.port}`, secret: SECRET })
  expect((await client.health()).headers.connection).toBe('keep-alive')
  const closed = one.close()
  expect((await admin(one, '/readyz')).status).toBe(503)
  for (const _ of [1, 2]) {
    expect(await client.health()).toMatchObject({ status: 200, headers: { connection: 'close' } })
  }
  pass()
  await closed
  await expect(client.health()).rejects.toThrow('ECONNREFUSED')
  client.close()
})

test('a replay is refused after a restart too', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'zonewright-')), 'state.db')
  const [nonce, now] = ['one-and-the-same-nonce', Date.now()]
  const ask = async () => {
    const one = await serve(config(file), system())
    const server = `http://127.0.0.1:${one.operator?.port}`
    const client = operatorClient({ server, secret: SECRET, nonce: () => nonce, now: () => now })
    const reply = await client.health()
    client.close()
    await one.close()
    return reply
  }
  expect((await ask()).status).toBe(200)
  expect((await ask()).json?.error?.code).toBe('NONCE_REUSED')
})

test('what has been kept for long enough is deleted while it serves', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'zonewright-')), 'state.db')
  const state = { stateHash: 'expired', customerId: 'ann', sessionHash: '', verifier: '', expiresAt: 1 }
  const withStore = async <T>(work: (store: Store) => Promise<T>): Promise<T> => {
    const { store, close } = await openDatabase(config(file).database, system(), { serving: false })
    return work(store).finally(close)
  }
  await withStore((store) => store.accounts.addOAuthState(state, 0))
  const one = await serve(config(file), system())
  await one.close()
  expect(await withStore((store) => store.accounts.takeOAuthState('expired'))).toBeUndefined()
})

test('a port that is taken is an error, and leaves nothing open', async () => {
  const one = await start()
  const file = join(mkdtempSync(join(tmpdir(), 'zonewright-')), 'state.db')
  await expect(serve(config(file, { PORT: `${one.operator?.port}` }), system())).rejects.toThrow('EADDRINUSE')
  await expect(serve(config(file, { METRICS_PORT: `${one.metrics.port}` }), system())).rejects.toThrow(
    'EADDRINUSE',
  )
  const after = await serve(config(file), system())
  await after.close()
})

test('what is weak in the configuration is said when it starts', async () => {
  const lines: string[] = []
  running.push(await serve(config(':memory:', { HMAC_SECRET: 'short' }), system(lines)))
  expect(lines).toContainEqual(expect.stringMatching(/^HMAC_SECRET has fewer than 32 octets/))
})
