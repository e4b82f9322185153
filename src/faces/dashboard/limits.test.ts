import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDashboardWorld, type DashboardWorld } from '../../../tests/support/dashboard-world.ts'
import type { Browser } from './testing.ts'

const RECORDS = '/dashboard/api/dns/records'

let world: DashboardWorld
let anna: Browser

beforeEach(async () => {
  world = await createDashboardWorld()
  anna = await world.connected('anna')
  // The review was a change, too.
  await world.clock.pass(60_000)
})

afterEach(() => world.end())

async function add(label: string): Promise<number> {
  const { status } = await anna.post(RECORDS, { type: 'A', name: label, content: '192.0.2.1' })
  return status
}

test('the eleventh change in a minute is refused, with how long to wait', async () => {
  const began = world.clock.now()
  const statuses: number[] = []
  for (let change = 1; change <= 10; change += 1) statuses.push(await add(`n${change}`))
  expect(statuses).toEqual(Array(10).fill(201))
  const { status, error, headers } = await anna.post(RECORDS, {
    type: 'A',
    name: 'n11',
    content: '192.0.2.1',
  })
  const wait = Number(headers['retry-after'])
  expect([status, error?.code]).toEqual([429, 'RATE_LIMITED'])
  expect(error?.message).toContain(`${wait} seconds`)
  expect(wait).toBe(Math.ceil((began + 60_000 - world.clock.now()) / 1_000))
  await world.clock.pass(wait * 1_000)
  expect(await add('n11')).toBe(201)
})

test('an invalid or missing record does not count against the limit, and one that Cloudflare refuses does', async () => {
  for (let change = 1; change <= 20; change += 1) expect(await add('not a name')).toBe(422)
  for (let change = 1; change <= 20; change += 1) {
    expect((await anna.send('DELETE', `${RECORDS}/${'0'.repeat(32)}`)).status).toBe(404)
  }
  const name = 'refused.example.com'
  world.emulator.faults.script([{ route: 'batch', fault: 'F14', name, times: Number.POSITIVE_INFINITY }])
  for (let change = 1; change <= 10; change += 1) expect(await add('refused')).toBe(422)
  expect(await add('refused')).toBe(429)
})

test('a second sync within a minute is refused, and reading the list is not', async () => {
  const sync = async () => (await anna.post('/dashboard/api/dns/sync')).status
  expect([await sync(), await sync()]).toEqual([200, 429])
  for (let read = 1; read <= 30; read += 1) expect((await anna.get(RECORDS)).status).toBe(200)
  await world.clock.pass(60_000)
  expect(await sync()).toBe(200)
})
