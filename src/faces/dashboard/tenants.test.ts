import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aName } from '#dns/testing.ts'
import { createDashboardWorld, type DashboardWorld } from '../../../tests/support/dashboard-world.ts'
import { type Answer, type Browser, recordId, startDashboard, type TestDashboard } from './testing.ts'

const RECORDS = '/dashboard/api/dns/records'
const CHANGE = { type: 'A', name: 'www', content: '192.0.2.7' }

let dashboard: TestDashboard
let alice: Browser

beforeEach(async () => {
  dashboard = await startDashboard()
  dashboard.connect('alice')
  dashboard.connect('bob')
  alice = await dashboard.signedIn('alice')
  dashboard.asked.length = 0
})

afterEach(() => dashboard.close())

/** What a stranger can tell two answers apart by. */
function visible({ status, headers, text }: Answer): object {
  const { date: _date, 'x-request-id': _id, ...rest } = headers
  return { status, headers: rest, text }
}

test('a record of another customer is answered, to the byte, as one that does not exist', async () => {
  const changes = [
    ['PUT', CHANGE],
    ['DELETE', undefined],
  ] as const
  for (const [method, body] of changes) {
    const theirs = await alice.send(method, `${RECORDS}/${recordId(1, 'bob')}`, body)
    const nobodys = await alice.send(method, `${RECORDS}/${recordId(8)}`, body)
    expect(theirs.status).toBe(404)
    expect(visible(theirs)).toEqual(visible(nobodys))
  }
  expect(dashboard.asked).toEqual([])
})

test('an operation of another customer is answered, to the byte, as one that does not exist', async () => {
  const theirs = await alice.get('/dashboard/api/operations/operation-of-bob')
  const nobodys = await alice.get('/dashboard/api/operations/operation-of-carol')
  expect(theirs.status).toBe(404)
  expect(visible(theirs)).toEqual(visible(nobodys))
})

test('the engine and the accounts are asked for the signed-in customer alone', async () => {
  await alice.get(RECORDS)
  await alice.get('/dashboard/api/cloudflare/plan')
  await alice.post('/dashboard/cloudflare/confirm', { planId: 'plan-of-bob', selected: [] })
  await alice.send('PUT', `${RECORDS}/${recordId(1)}`, CHANGE)
  await alice.post('/dashboard/api/dns/sync')
  expect(dashboard.asked.filter((what) => !what.startsWith('alice '))).toEqual([])
  const { json } = await alice.get('/dashboard/api/dns/history')
  expect(json.entries).toMatchObject([{ id: 'edit-of-alice' }])
})

test('a malformed id is a 404, without a look-up', async () => {
  const ids = [
    '..',
    '../..',
    '%2e%2e',
    '%2f',
    '..%2f..%2fuser%2ftokens',
    '%00',
    'A'.repeat(32),
    '0'.repeat(31),
    '0'.repeat(33),
    `${'0'.repeat(32)}%0d%0aX-Evil:1`,
    `${'0'.repeat(32)}?x=1`.replace('?', '%3f'),
    '__proto__',
    'constructor',
    `'; drop table customers; --`.replaceAll(' ', '%20'),
    '0'.repeat(5_000),
  ]
  for (const id of ids) {
    for (const [method, body] of [
      ['PUT', CHANGE],
      ['DELETE', undefined],
    ] as const) {
      const { status, error } = await alice.send(method, `${RECORDS}/${id}`, body)
      expect([id, status, error?.code]).toEqual([id, 404, 'NOT_FOUND'])
    }
    const { status } = await alice.get(`/dashboard/api/operations/${id}`)
    expect([id, status]).toEqual([id, 404])
  }
  expect(dashboard.asked.filter((what) => !/asks for [\w-]+$/.test(what))).toEqual([])

  dashboard.connections.clear()
  const { status } = await alice.send('DELETE', `${RECORDS}/..`)
  expect(status).toBe(404)
})

test('fields that only the server sets are refused in a body', async () => {
  const extras = ['customer_id', 'customerId', 'zone_id', 'zoneId', 'id', 'editable', 'constructor', 'owned']
  for (const extra of extras) {
    const { status, error } = await alice.post(RECORDS, { ...CHANGE, [extra]: 'bob' })
    expect([status, error?.code, error?.field]).toEqual([422, 'INVALID_INPUT', extra])
    const login = await alice.post('/dashboard/api/login', { email: 'x', password: 'y', [extra]: 'z' })
    expect(login.status).toBe(422)
    const confirm = await alice.post('/dashboard/cloudflare/confirm', {
      planId: 'p',
      selected: [],
      [extra]: 1,
    })
    expect(confirm.status).toBe(422)
  }
  expect(dashboard.asked).toEqual([])
})

test('no body reaches the prototypes of our objects', async () => {
  const bodies = [
    '{"type":"A","name":"www","content":"192.0.2.1","__proto__":{"customerId":"bob"}}',
    '{"type":"A","name":"www","content":"192.0.2.1","constructor":{"prototype":{"customerId":"bob"}}}',
    '{"type":{"__proto__":1},"name":"www","content":"192.0.2.1"}',
  ]
  for (const body of bodies) {
    const { status, error } = await alice.post(RECORDS, body)
    expect([status, error?.code]).toEqual([422, 'INVALID_INPUT'])
  }
  expect(dashboard.asked).toEqual([])
})

test('a body that is no object, or not JSON, is refused in words', async () => {
  for (const body of ['[]', '"text"', 'null', '7', '{', '{"type":1}', '{"type":"A","type":', '\u0000']) {
    const { status, error } = await alice.post(RECORDS, body)
    expect([body, status, error?.code]).toEqual([body, 422, 'INVALID_INPUT'])
  }
  const large = await alice.post(RECORDS, JSON.stringify({ ...CHANGE, comment: 'x'.repeat(70_000) }))
  expect(large.status).toBe(413)
})

test('two customers of one Cloudflare account see and change nothing of each other', async () => {
  const a = (name: string) => ({ type: 'A', name, content: '192.0.2.1' })
  const world = await createDashboardWorld({
    zones: [
      { name: 'example.com', records: [a('www')] },
      { name: 'example.net', records: [a('www')] },
    ],
  })
  const [anna, ben] = [await world.connected('anna'), await world.connected('ben')]
  const namesSeenBy = async (browser: Browser) =>
    (await browser.get(RECORDS)).json.records.map(({ name }: { name: string }) => name)
  expect(await namesSeenBy(anna)).toEqual(['www.example.com'])
  expect(await namesSeenBy(ben)).toEqual(['www.example.net'])

  world.emulator.faults.script([{ route: 'batch', fault: 'F4', status: 504 }])
  const { json } = await anna.post(RECORDS, { ...CHANGE, name: 'shop' })
  const operation = `/dashboard/api/operations/${json.operation.id}`
  expect((await anna.get(operation)).status).toBe(200)
  expect(visible(await ben.get(operation))).toEqual(
    visible(await ben.get(`/dashboard/api/operations/${'0'.repeat(32)}`)),
  )

  const [record] = (await anna.get(RECORDS)).json.records
  const before = world.emulator.state.records('example.com')
  for (const [method, body] of [
    ['PUT', CHANGE],
    ['DELETE', undefined],
  ] as const) {
    const theirs = await ben.send(method, `${RECORDS}/${record.id}`, body)
    const nobodys = await ben.send(method, `${RECORDS}/${'0'.repeat(32)}`, body)
    expect(theirs.status).toBe(404)
    expect(visible(theirs)).toEqual(visible(nobodys))
  }

  const { plan } = (await anna.get('/dashboard/api/cloudflare/plan')).json
  const stolen = { planId: plan.id, selected: plan.changes.map(({ id }: { id: string }) => id) }
  const confirmed = await ben.post('/dashboard/cloudflare/confirm', stolen)
  expect([confirmed.status, confirmed.error?.code]).toEqual([409, 'PLAN_OUT_OF_DATE'])
  expect(JSON.stringify(confirmed.json)).not.toContain('example.com')
  expect((await ben.get('/dashboard/api/dns/history')).text).not.toContain('example.com')
  expect(world.emulator.state.records('example.com')).toEqual(before)
  await world.end()
})

describe('two customers who have one domain', () => {
  const WWW = { type: 'A', name: 'www', content: '192.0.2.1' }
  const named = (name: string, content: string) => ({ type: 'A', name, content })
  let world: DashboardWorld
  let anna: Browser
  let ben: Browser

  beforeEach(async () => {
    world = await createDashboardWorld({ zones: [{ name: 'example.com', records: [WWW] }] })
    const row = (await world.store.accounts.customer('ben'))!
    await world.store.accounts.changeCustomer({ ...row, domain: aName('example.com') })
    anna = await world.connected('anna')
    ben = await world.connected('ben')
    await world.clock.pass(60_000)
  })
  afterEach(() => world.end())

  /** What each of them asks for at the same time. */
  const atOnce = (...asked: Promise<Answer>[]) => Promise.all(asked)
  const held = () =>
    world.emulator.state
      .records('example.com')
      .map(({ name, content }) => `${name} ${content}`)
      .sort()
  const recordsOf = async (browser: Browser) => (await browser.get(RECORDS)).json.records
  const idOf = async (browser: Browser) => (await recordsOf(browser))[0].id

  test('two customers of one domain change different records at the same time, and nothing is lost', async () => {
    const names = ['a', 'b', 'c', 'd']
    const answers = await atOnce(
      ...names.map((name) => anna.post(RECORDS, named(`anna-${name}`, '192.0.2.7'))),
      ...names.map((name) => ben.post(RECORDS, named(`ben-${name}`, '192.0.2.8'))),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201))
    expect(held()).toEqual([
      ...names.map((name) => `anna-${name}.example.com 192.0.2.7`),
      ...names.map((name) => `ben-${name}.example.com 192.0.2.8`),
      'www.example.com 192.0.2.1',
    ])
  })

  test('of two customers who change one record at the same time, the later gets the current record', async () => {
    const path = `${RECORDS}/${await idOf(anna)}`
    const answers = await atOnce(
      anna.send('PUT', path, named('www', '192.0.2.7')),
      ben.send('PUT', path, named('www', '192.0.2.8')),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const late = answers.find(({ status }) => status === 409)!
    const [now] = held()
    expect([late.error?.code, now]).toEqual([
      'CONFLICT',
      `www.example.com ${late.json.error.details.current.content}`,
    ])
  })

  test('of two pages of one customer that change one record, the later gets the current record', async () => {
    const [record] = await recordsOf(anna)
    const { type, name, content, priority, proxied, ttl, comment } = record
    const was = { type, name, content, priority, proxied, ttl, comment }
    const path = `${RECORDS}/${record.id}`
    const save = (value: string, seen: object) =>
      anna.send('PUT', path, { ...named('www', value), was: seen })
    const answers = await atOnce(save('192.0.2.7', was), save('192.0.2.8', was))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const { current } = answers.find(({ status }) => status === 409)!.json.error.details
    expect(held()).toEqual([`www.example.com ${current.content}`])
    expect((await save('192.0.2.9', { ...was, content: current.content })).status).toBe(200)
    expect((await save('192.0.2.9', { ...was, owner: 'anna' })).status).toBe(422)
  })

  test('of two CNAMEs created at one name at the same time, one is refused', async () => {
    const alias = (content: string) => ({ type: 'CNAME', name: 'shop', content })
    const answers = await atOnce(
      anna.post(RECORDS, alias('one.example.net')),
      ben.post(RECORDS, alias('two.example.net')),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    expect(held().filter((line) => line.startsWith('shop'))).toHaveLength(1)
  })

  test('a change of the other customer shows as one from outside, and makes an earlier review out of date', async () => {
    const plan = (await ben.get('/dashboard/api/cloudflare/plan')).json.plan
    await anna.send('DELETE', `${RECORDS}/${await idOf(anna)}`)
    const advised = plan.changes.flatMap((row: { id: string; selected: boolean }) =>
      row.selected ? [row.id] : [],
    )
    await anna.post(RECORDS, named('@', '198.51.100.7'))
    const confirmed = await ben.post('/dashboard/cloudflare/confirm', { planId: plan.id, selected: advised })
    expect([confirmed.status, confirmed.error?.code]).toEqual([409, 'PLAN_OUT_OF_DATE'])
    await ben.post('/dashboard/api/dns/sync')
    const { entries } = (await ben.get('/dashboard/api/dns/history')).json
    expect(entries[0]).toMatchObject({ actor: { kind: 'outside' } })
    expect(JSON.stringify(entries)).not.toContain('anna')
    expect((await recordsOf(ben)).map(({ name }: { name: string }) => name)).toEqual(['example.com'])
  })
})
