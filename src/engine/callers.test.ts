import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCloudflareClient } from '#providers/cloudflare/client.ts'
import { createRateLimiter } from '#providers/cloudflare/rate-limiter.ts'
import { EMULATOR_URL, emulatorTransport } from '../../tests/support/emulator-transport.ts'
import { createWorld, key, seededRandom, set, type World, zoneLines } from '../../tests/support/world.ts'
import { parseNameGlob } from './declared/name-glob.ts'
import { DnsError } from './errors.ts'
import type { Caller } from './zones.ts'

const FIRST = 'token-of-the-tests-0123456789-0123456789'
const SECOND = 'token-of-the-second-0123456789-0123456789'

let world: World
let second: Caller

beforeEach(async () => {
  world = await createWorld({
    caller: { id: 'first' },
    credentials: [
      { kind: 'token', token: FIRST },
      { kind: 'token', token: SECOND },
    ],
  })
  const { clock, emulator, store } = world
  const random = seededRandom(2)
  const cloudflare = createCloudflareClient({
    transport: emulatorTransport(emulator, clock),
    rateLimiter: createRateLimiter({ credential: 'second', ledger: store, clock, random }),
    credential: { kind: 'token', token: SECOND },
    credentialName: 'second',
    baseUrl: EMULATOR_URL,
    now: clock.now,
  })
  second = { id: 'second', cloudflare, ownership: 'adopt', ack: 'cloudflare' }
  await clock.until(world.engine.setCallers([world.caller, second]))
})
afterEach(() => world.end())

const upsert = (caller: Caller, text: string) =>
  world.clock.until(world.engine.upsert(caller, set(text), world.asked()))
const remove = (caller: Caller, text: string) =>
  world.clock.until(world.engine.remove(caller, key(text), world.asked()))
/** It may touch what is below c.example.com from now on. */
const confined = (caller: Caller): Caller => ({
  ...caller,
  allowed: { names: [parseNameGlob('**.c.example.com')!] },
})
/** Somebody changes it at Cloudflare. */
function drift(): void {
  const { state } = world.emulator
  const record = state.records('example.com').find(({ name }) => name === 'b.example.com')
  state.editRecord('example.com', record!.id, { content: '192.0.2.66' })
}
const used = (token: string, route: string) =>
  world.emulator.state.calls(token).filter((call) => call.route === route && call.status === 200).length

test('a zone that two credentials see is read by one of them, and written to by each for its callers', async () => {
  await Promise.all([
    upsert(world.caller, 'a.example.com 300 A 192.0.2.1'),
    upsert(second, 'b.example.com 300 A 192.0.2.2'),
  ])
  expect([used(FIRST, 'batch'), used(SECOND, 'batch')]).toEqual([1, 1])
  expect(zoneLines(world.emulator)).toEqual([
    'a.example.com 300 A 192.0.2.1',
    'b.example.com 300 A 192.0.2.2',
  ])
  const reads = used(FIRST, 'records.list') + used(SECOND, 'records.list')
  expect(reads).toBeLessThanOrEqual(2)
})

test('a refused credential stops neither other callers nor the reading of the zone', async () => {
  await upsert(world.caller, 'a.example.com 300 A 192.0.2.1')
  world.emulator.state.changeCredential(FIRST, { status: 'revoked' })
  const failing = upsert(world.caller, 'a.example.com 300 A 192.0.2.9').catch((error: unknown) => error)
  expect(await upsert(second, 'b.example.com 300 A 192.0.2.2')).toMatchObject({ outcome: 'created' })
  expect(await failing).toMatchObject({ code: 'credential-refused' })
  drift()
  await world.clock.pass(700_000)
  expect(zoneLines(world.emulator)).toContain('b.example.com 300 A 192.0.2.2')
})

test('NS is refused above names of another caller, and at the apex of a zone', async () => {
  await upsert(second, 'a.sub.example.com 300 A 192.0.2.2')
  await expect(upsert(world.caller, 'sub.example.com 300 NS ns1.example.net')).rejects.toMatchObject({
    code: 'name-taken',
    message: expect.stringContaining('sub.example.com, or a name below it, belongs to the caller "second"'),
  })
  expect(await upsert(world.caller, 'example.com 300 NS ns1.example.net')).toMatchObject({
    outcome: 'created',
  })
  await remove(second, 'a.sub.example.com A')
  expect(await upsert(world.caller, 'sub.example.com 300 NS ns1.example.net')).toMatchObject({
    outcome: 'created',
  })
})

test('a set without a caller is deleted only by a caller that may touch it', async () => {
  await upsert(world.caller, 'a.example.com 300 A 192.0.2.1')
  const [zone] = await world.store.knownZones()
  await world.store.addIntent({
    zone: zone!.id,
    key: key('b.example.com A'),
    wanted: set('b.example.com 300 A 192.0.2.2'),
    caller: 'undo',
    origin: 'undo',
    requestId: 'undo',
    at: world.clock.now(),
    waitsUntil: null,
    adopts: true,
  })
  await upsert(world.caller, 'a.example.com 300 A 192.0.2.9')
  expect(await remove(confined(second), 'b.example.com A')).toEqual({ outcome: 'not-yours' })
  expect(zoneLines(world.emulator)).toContain('b.example.com 300 A 192.0.2.2')
  expect(await remove(second, 'b.example.com A')).toEqual({ outcome: 'deleted' })
})

test('a caller or its heir may delete what it declared, whatever it may touch since', async () => {
  await upsert(second, 'a.example.com 300 A 192.0.2.1')
  await upsert(second, 'b.example.com 300 A 192.0.2.2')
  expect(await remove(confined(second), 'a.example.com A')).toEqual({ outcome: 'deleted' })
  const heir = { ...confined(world.caller), heirOf: ['second'] }
  expect(await remove(heir, 'b.example.com A')).toEqual({ outcome: 'deleted' })
})

test('the sets of a removed caller are kept by whoever sees the zone, and belong to nobody else', async () => {
  await upsert(second, 'b.example.com 300 A 192.0.2.2')
  await world.clock.until(world.engine.setCallers([world.caller]))
  drift()
  await world.clock.pass(700_000)
  expect(zoneLines(world.emulator)).toContain('b.example.com 300 A 192.0.2.2')
  await expect(upsert(world.caller, 'b.example.com 300 A 192.0.2.1')).rejects.toThrow(DnsError)

  const heir = { ...world.caller, heirOf: ['second'] }
  world.calls()
  expect(await upsert(heir, 'b.example.com 300 A 192.0.2.2')).toMatchObject({ outcome: 'unchanged' })
  expect(world.calls()).toBe(0)
  const { managed } = await world.store.setState(
    (await world.store.knownZones())[0]!.id,
    key('b.example.com A'),
  )
  expect(managed?.caller).toBe('first')
})
