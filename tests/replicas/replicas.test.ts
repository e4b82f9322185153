import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ZONE } from '../crash/setting.ts'
import { createSetting, type Replica, type Setting } from './setting.ts'

/** From a kill of the holder until a survivor has carried out a change (ms). */
const TAKEOVER_MS = 30_000

const upsert = (subdomain: string, address: string) => ({
  type: 'A',
  domain: ZONE,
  subdomain,
  values: [address],
  ttl: 300,
})

describe('two replicas, whose clocks are four minutes apart', () => {
  let setting: Setting
  let holder: Replica
  let other: Replica

  beforeAll(async () => {
    setting = await createSetting()
    holder = await setting.start({ skewMs: 120_000 })
    const client = holder.client()
    expect(await client.upsert(upsert('first', '192.0.2.1'))).toMatchObject({ status: 200 })
    client.close()
    other = await setting.start({ skewMs: -120_000 })
  }, 60_000)
  afterAll(() => setting.end())

  test('replicas log that their clocks are wrong', async () => {
    await holder.webhook.says(/"skewMs":1[12]\d{4}.*using the database clock/)
    await other.webhook.says(/"skewMs":-1[12]\d{4}.*using the database clock/)
  })

  test('replicas answer each other’s requests within seconds, and agree on the state', async () => {
    const client = other.client()
    const startedAt = performance.now()
    expect(await client.upsert(upsert('www', '192.0.2.1'))).toMatchObject({ status: 200 })
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    const calls = setting.emulator.emulator.state.calls().length
    expect((await client.upsert(upsert('www', '192.0.2.1'))).status).toBe(200)
    expect((await other.client().get('A', ZONE, 'www')).json?.record?.values).toEqual(['192.0.2.1'])
    expect(setting.emulator.emulator.state.calls().length).toBe(calls)
    expect(await client.upsert(upsert('www', '192.0.2.2'))).toMatchObject({ status: 200 })
    expect((await client.delete('A', ZONE, 'www')).status).toBe(200)
    expect(setting.emulator.emulator.state.records(ZONE).map(({ name }) => name)).toEqual([`first.${ZONE}`])
    client.close()
  })

  test('replicas report a refusal in Cloudflare’s words, whichever of them was refused', async () => {
    const client = other.client()
    await client.upsert(upsert('alias', '192.0.2.1'))
    const cname = { type: 'CNAME', domain: ZONE, subdomain: 'alias', values: ['www.example.net'], ttl: 300 }
    const reply = await client.upsert(cname)
    expect(reply).toMatchObject({ status: 400, json: { error: { details: { reason: 'CONFLICT' } } } })
    client.close()
  })

  test('replicas accept a signed request once, whichever of them 32 clients ask', async () => {
    const stamp = { nonce: '', now: 0 }
    const clients = [holder, other].flatMap((replica) =>
      Array.from({ length: 32 }, () => replica.client(stamp)),
    )
    for (let round = 0; round < 20; round += 1) {
      Object.assign(stamp, { nonce: `nonce-of-round-${round}`, now: Date.now() })
      const statuses = await Promise.all(clients.map(async (client) => (await client.health()).status))
      expect(statuses.filter((status) => status === 200)).toHaveLength(1)
      expect(statuses.filter((status) => status === 401)).toHaveLength(clients.length - 1)
    }
    for (const client of clients) client.close()
  }, 60_000)

  test('replicas share one call budget', async () => {
    const startedAt = performance.now()
    const before = setting.emulator.emulator.state.calls().length
    const clients = [holder.client(), other.client()]
    // One after the other, so that each takes a call of its own.
    await Promise.all(
      clients.map(async (client, index) => {
        for (let n = 0; n < 40; n += 1) {
          await client.upsert(upsert(`budget-${index}`, `192.0.2.${n + 1}`))
          if (performance.now() - startedAt > 12_000) return
        }
      }),
    )
    const calls = setting.emulator.emulator.state.calls().length - before
    const seconds = (performance.now() - startedAt) / 1000
    expect(calls).toBeLessThanOrEqual(60 + 3 * seconds + 1)
    for (const client of clients) client.close()
  }, 40_000)

  test('a replica releases its zones when it stops', async () => {
    expect(await holder.webhook.end('SIGTERM')).toBe(0)
    const client = other.client()
    const startedAt = performance.now()
    expect((await client.upsert(upsert('after', '192.0.2.1'))).status).toBe(200)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    holder = await setting.start()
    client.close()
  }, 40_000)

  test('a replica takes over from a killed one within half a minute', async () => {
    const client = holder.client()
    await other.webhook.end('SIGKILL')
    const startedAt = performance.now()
    let status = 0
    while (status !== 200) status = (await client.upsert(upsert('taken-over', '192.0.2.1'))).status
    expect(performance.now() - startedAt).toBeLessThan(TAKEOVER_MS)
    client.close()
  }, 60_000)
})
