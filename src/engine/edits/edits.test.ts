import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RecordId } from '#dns/record.ts'
import type { RecordSeed } from '#emulator/emulator.ts'
import { StoreError } from '#store/store.ts'
import {
  aRecord,
  create,
  type EditWorld,
  editWorld,
  history,
  shown,
  sync,
} from '../../../tests/support/edit-world.ts'
import { set, silent, zoneLines } from '../../../tests/support/world.ts'
import { createEngine } from '../engine.ts'

const WWW = { name: 'www', type: 'A', content: '192.0.2.1', ttl: 300, comment: 'mine' }

async function syncedWorld(records: readonly RecordSeed[] = [WWW]): Promise<EditWorld> {
  const world = await editWorld({ records })
  await sync(world)
  return world
}

function update(
  world: EditWorld,
  id: RecordId,
  text: string,
  more: { proxied?: boolean; comment?: string } = {},
) {
  const { name, type, value } = aRecord(text)
  return world.edits.update(world.editor(), world.zone, id, { name, type, value, ...more }, world.asked())
}

const remove = (world: EditWorld, id: RecordId, who?: string) =>
  world.edits.remove(world.editor(who), world.zone, id, world.asked())
const writes = (world: EditWorld) =>
  world.emulator.state.calls().filter(({ method }) => method !== 'GET').length

describe('a record', () => {
  test('creating, changing and deleting a record shows in the cache and the history', async () => {
    const world = await syncedWorld()
    const created = await world.until(create(world, 'shop A 192.0.2.7', { proxied: true }))
    expect(created).toMatchObject({
      status: 'done',
      applied: 1,
      records: [{ name: 'shop.example.com', value: '192.0.2.7', proxied: true, ttl: 1 }],
    })
    const id = world.idOf('www.example.com', 'A')
    expect(await world.until(update(world, id, 'www A 192.0.2.2'))).toMatchObject({
      status: 'done',
      records: [{ id, value: '192.0.2.2', comment: 'mine', ttl: 300 }],
    })
    expect(await shown(world)).toEqual(['shop.example.com A 192.0.2.7', 'www.example.com A 192.0.2.2'])

    await world.until(remove(world, world.idOf('shop.example.com', 'A')))
    expect(zoneLines(world.emulator)).toEqual(['www.example.com 300 A 192.0.2.2'])
    expect(await shown(world)).toEqual(['www.example.com A 192.0.2.2'])
    expect(await history(world)).toMatchObject([
      {
        actor: { kind: 'customer', label: 'ann@example.org' },
        changes: [{ type: 'A', name: 'shop.example.com', before: [{ value: '192.0.2.7' }], after: [] }],
      },
      { changes: [{ before: [{ value: '192.0.2.1' }], after: [{ value: '192.0.2.2', comment: 'mine' }] }] },
      { changes: [{ name: 'shop.example.com', before: [], after: [{ value: '192.0.2.7' }] }] },
    ])
    await world.end()
  })

  test('a record is renamed, proxied and commented in place, and keeps what is not named', async () => {
    const world = await syncedWorld()
    const id = world.idOf('www.example.com', 'A')
    expect(await world.until(update(world, id, 'shop A 192.0.2.1'))).toMatchObject({
      records: [{ id, name: 'shop.example.com', ttl: 300, comment: 'mine' }],
    })
    expect((await history(world))[0]).toMatchObject({
      changes: [{ name: 'shop.example.com' }, { name: 'www.example.com', after: [] }],
    })
    await world.until(update(world, id, 'shop A 192.0.2.1', { proxied: true, comment: 'ours' }))
    expect(world.emulator.state.records('example.com')).toMatchObject([
      { id, name: 'shop.example.com', proxied: true, ttl: 1, comment: 'ours' },
    ])
    await world.until(update(world, id, 'shop A 192.0.2.9'))
    expect(world.emulator.state.records('example.com')).toMatchObject([
      { id, content: '192.0.2.9', proxied: true, ttl: 1, comment: 'ours' },
    ])
    await world.end()
  })

  test('an edit that changes nothing is not sent', async () => {
    const world = await syncedWorld()
    const id = world.idOf('www.example.com', 'A')
    expect(await world.until(update(world, id, 'www A 192.0.2.1'))).toMatchObject({
      status: 'done',
      applied: 0,
      records: [{ id }],
    })
    expect(writes(world)).toBe(0)
    expect(await history(world)).toEqual([])
    await world.end()
  })

  test('a TXT record of 4,000 characters comes back whole', async () => {
    const world = await syncedWorld()
    const long = 'ü'.repeat(1_000) + '"\\'.repeat(500)
    await world.until(create(world, `_dkim TXT ${long}`))
    const { records } = await sync(world)
    const [text] = records.filter(({ record }) => record.type === 'TXT')
    expect(text?.record).toMatchObject({ value: aRecord(`_dkim TXT ${long}`).value })
    await world.end()
  })

  test.each([
    ['www A 192.0.2.1', 'conflict', /already has this A record/],
    ['www CNAME host.example.net', 'conflict', /delete the A set first/],
    ['alias CNAME other.example.net', 'conflict', /only one/],
    ['alias A 192.0.2.1', 'conflict', /delete the CNAME set first/],
    ['sub A 192.0.2.1', 'conflict', /delete the NS set first/],
  ])('%s is refused beside the existing records, without a write', async (text, code, message) => {
    const world = await syncedWorld([
      WWW,
      { name: 'alias', type: 'CNAME', content: 'host.example.net' },
      { name: 'sub', type: 'NS', content: 'ns1.example.net' },
    ])
    expect(await world.refusal(create(world, text))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
    expect(writes(world)).toBe(0)
    await world.end()
  })

  test('a record of another type at the name is another record', async () => {
    const world = await syncedWorld()
    const refusal = await world.refusal(update(world, world.idOf('www.example.com', 'A'), 'www TXT hello'))
    expect(refusal).toMatchObject({ code: 'invalid', details: { field: 'type' } })
    await world.end()
  })

  test('a proxied record cannot be changed to a private address', async () => {
    const world = await syncedWorld([{ ...WWW, proxied: true }])
    const refusal = await world.refusal(update(world, world.idOf('www.example.com', 'A'), 'www A 10.0.0.1'))
    expect(refusal).toMatchObject({
      code: 'invalid',
      problems: [{ code: 'address-private', path: 'proxied' }],
    })
    await world.end()
  })
})

describe('what is locked', () => {
  test('a locked record is shown with the reason, and neither changed nor deleted', async () => {
    const world = await syncedWorld([
      { ...WWW, meta: { read_only: true } },
      { name: '@', type: 'CAA', data: { flags: 0, tag: 'issue', value: 'letsencrypt.org' } },
      { name: '@', type: 'HTTPS', data: { priority: 1, target: '.', value: 'alpn=h2' } },
    ])
    const { records } = await world.edits.records(world.editor(), world.zone)
    expect(records.map(({ locked }) => locked)).toEqual([
      expect.stringMatching(/Cloudflare/),
      expect.stringMatching(/Cloudflare/),
      expect.stringMatching(/Cloudflare/),
    ])
    for (const { record } of records) {
      expect(await world.refusal(remove(world, record.id))).toMatchObject({ code: 'locked' })
    }
    const id = world.idOf('www.example.com', 'A')
    expect(await world.refusal(update(world, id, 'www A 192.0.2.2'))).toMatchObject({ code: 'locked' })
    expect(writes(world)).toBe(0)
    await world.end()
  })

  test('sets that a caller declared are locked, and so is adding to them', async () => {
    const world = await syncedWorld()
    const { clock, store, zoneLock } = world
    const caller = {
      id: 'shop',
      cloudflare: world.editor().cloudflare,
      ownership: 'adopt',
      ack: 'cloudflare',
    } as const
    const engine = createEngine({
      store,
      callers: [caller],
      clock,
      random: { fraction: () => 0.5, hex: (bytes) => 'ab'.repeat(bytes) },
      log: silent,
      events: {
        unchanged() {},
        change() {},
        batch() {},
        read() {},
        unknownOutcome() {},
        queue() {},
        drift() {},
      },
      refreshMs: 300_000,
      drift: 'correct',
      zoneLock,
    })
    await engine.start()
    await world.until(engine.upsert(caller, set('www.example.com 300 A 192.0.2.5'), world.asked()))
    await sync(world)
    const { records } = await world.edits.records(world.editor(), world.zone)
    expect(records).toMatchObject([{ locked: expect.stringContaining('kept by shop') }])
    const id = world.idOf('www.example.com', 'A')
    expect(await world.refusal(remove(world, id))).toMatchObject({
      code: 'locked',
      message: expect.stringContaining('kept by shop'),
    })
    expect(await world.refusal(create(world, 'www A 192.0.2.9'))).toMatchObject({ code: 'locked' })

    // And both go on in one zone, in turns, under one lease.
    const both = await world.until(
      Promise.all([
        create(world, 'a A 192.0.2.7'),
        engine.upsert(caller, set('b.example.com 300 A 192.0.2.7'), world.asked()),
        create(world, 'c A 192.0.2.7'),
        engine.upsert(caller, set('d.example.com 300 A 192.0.2.7'), world.asked()),
      ]),
    )
    expect(both).toMatchObject([
      { status: 'done' },
      { outcome: 'created' },
      { status: 'done' },
      { outcome: 'created' },
    ])
    expect(zoneLines(world.emulator)).toHaveLength(5)
    await world.until(engine.stop())
    await world.end()
  })
})

describe('a record that was changed elsewhere', () => {
  test('a record that was changed elsewhere is not changed before its owner has seen that', async () => {
    const world = await syncedWorld()
    const id = world.idOf('www.example.com', 'A')
    world.emulator.state.editRecord('example.com', id, { content: '192.0.2.99' })
    const refusal = await world.refusal(update(world, id, 'www A 192.0.2.2'))
    expect(refusal).toMatchObject({ code: 'out-of-date', details: { current: { id, value: '192.0.2.99' } } })
    expect(writes(world)).toBe(0)
    expect(await shown(world)).toEqual(['www.example.com A 192.0.2.99'])
    expect(await history(world)).toMatchObject([
      {
        actor: { kind: 'outside' },
        changes: [{ before: [{ value: '192.0.2.1' }], after: [{ value: '192.0.2.99' }] }],
      },
    ])
    expect(await world.until(update(world, id, 'www A 192.0.2.2'))).toMatchObject({ status: 'done' })
    await world.end()
  })

  test('a record is not changed when the request was based on another state than the cache has', async () => {
    const world = await syncedWorld()
    const id = world.idOf('www.example.com', 'A')
    const saw = (value: string) =>
      world.edits.update(
        world.editor(),
        world.zone,
        id,
        aRecord('www A 192.0.2.2'),
        world.asked(),
        (record) => 'value' in record && record.value === value,
      )
    const refusal = await world.refusal(saw('192.0.2.99'))
    expect(refusal).toMatchObject({ code: 'out-of-date', details: { current: { id, value: '192.0.2.1' } } })
    expect(writes(world)).toBe(0)
    expect(await world.until(saw('192.0.2.1'))).toMatchObject({ status: 'done' })
    await world.end()
  })

  test('a record that was deleted elsewhere is reported as gone', async () => {
    const world = await syncedWorld([WWW, { ...WWW, name: 'a' }])
    const id = world.idOf('www.example.com', 'A')
    world.emulator.state.removeRecord('example.com', id)
    expect(await world.refusal(remove(world, id))).toMatchObject({
      code: 'out-of-date',
      details: { current: null },
    })
    expect(await world.refusal(remove(world, id))).toMatchObject({ code: 'record-missing' })
    await world.end()
  })

  test('of two editors of one record the second is refused as out of date', async () => {
    const world = await syncedWorld()
    await sync(world, 'bob')
    const id = world.idOf('www.example.com', 'A')
    const asked = [update(world, id, 'www A 192.0.2.2'), remove(world, id, 'bob')]
    const ends = await world.until(Promise.allSettled(asked))
    expect(ends).toMatchObject([
      { status: 'fulfilled', value: { status: 'done' } },
      { status: 'rejected', reason: { code: 'out-of-date' } },
    ])
    expect(zoneLines(world.emulator)).toEqual(['www.example.com 300 A 192.0.2.2'])
    await world.end()
  })
})

test('a cache is whole or empty, even when an edit comes before the first sync', async () => {
  const world = await editWorld({ records: [WWW] })
  await world.until(create(world, 'shop A 192.0.2.7'))
  expect(await shown(world)).toEqual(['shop.example.com A 192.0.2.7', 'www.example.com A 192.0.2.1'])
  await sync(world)
  expect((await history(world)).map(({ actor }) => actor.kind)).toEqual(['customer'])
  await world.end()
})

describe('a sync', () => {
  test('the first sync records no change, and later ones record outside changes as one entry', async () => {
    const world = await editWorld({ records: [WWW, { ...WWW, name: 'a' }] })
    await sync(world)
    expect(await history(world)).toEqual([])
    const { state } = world.emulator
    state.editRecord('example.com', world.idOf('www.example.com', 'A'), { comment: 'theirs' })
    state.removeRecord('example.com', world.idOf('a.example.com', 'A'))
    state.addRecord('example.com', { name: 'b', type: 'MX', content: 'mail.example.com', priority: 10 })
    const { syncedAt } = await sync(world)
    expect(await history(world)).toMatchObject([
      {
        actor: { kind: 'outside' },
        changes: [
          { name: 'a.example.com', after: [] },
          { name: 'b.example.com', type: 'MX', before: [] },
          { name: 'www.example.com', before: [{ comment: 'mine' }], after: [{ comment: 'theirs' }] },
        ],
      },
    ])
    await sync(world)
    expect(await history(world)).toHaveLength(1)
    expect((await world.edits.records(world.editor(), world.zone)).syncedAt).toBeGreaterThan(syncedAt!)
    await world.end()
  })

  test('a sync reads 3,500 records in four pages, and an edit among them is one batch', async () => {
    const records = Array.from({ length: 3_500 }, (_, index) => ({ ...WWW, name: `n${index}` }))
    const world = await editWorld({
      records,
      between: (way) => (request) => way({ ...request, url: request.url.replace('=5000', '=1000') }),
    })
    const { records: listed } = await sync(world)
    expect(listed).toHaveLength(3_500)
    const pages = world.emulator.state.calls().filter(({ route }) => route === 'list')
    expect(pages).toHaveLength(4)
    const id = world.idOf('n77.example.com', 'A')
    expect(await world.until(update(world, id, 'n77 A 192.0.2.2'))).toMatchObject({ applied: 1 })
    expect(writes(world)).toBe(1)
    expect(await shown(world)).toHaveLength(3_500)
    await world.end()
  })
})

describe('somebody else', () => {
  test('another customer sees no record, history, operation or cache of mine, whatever ids they know', async () => {
    const world = await syncedWorld()
    const made = await world.until(create(world, 'shop A 192.0.2.7'))
    const id = world.idOf('www.example.com', 'A')
    const bob = world.editor('bob')
    expect(await world.refusal(world.edits.records(bob, world.zone))).toMatchObject({
      code: 'zone-not-found',
    })
    const strange = await world.refusal(remove(world, id, 'bob'))
    const unknown = await world.refusal(remove(world, '0'.repeat(32) as RecordId, 'bob'))
    expect([strange.code, strange.message]).toEqual([unknown.code, unknown.message])
    expect(strange.code).toBe('record-missing')
    expect(await world.edits.operation(bob, made.id)).toBeUndefined()
    expect(await world.edits.operation(world.editor(), made.id)).toMatchObject({ status: 'done' })
    expect(await history(world, 'bob')).toEqual([])
    expect(zoneLines(world.emulator)).toHaveLength(2)
    await world.end()
  })

  test.each(['..', '../zones', 'R'.repeat(32), '0'.repeat(31), `${'0'.repeat(32)}?`, ''])(
    'asks for %j, and no call is made for it',
    async (id) => {
      const world = await syncedWorld()
      const calls = world.emulator.state.calls().length
      expect(await world.refusal(remove(world, id as RecordId))).toMatchObject({ code: 'record-missing' })
      const { edits } = world
      expect(
        await world.refusal(edits.create(world.editor(), id, aRecord('a A 192.0.2.1'), world.asked())),
      ).toMatchObject({ code: 'zone-not-found' })
      expect(await edits.operation(world.editor(), id)).toBeUndefined()
      const undo = edits.planUndo(world.editor(), world.zone, id, world.asked())
      expect(await world.refusal(undo)).toMatchObject({ code: 'record-missing' })
      expect(world.emulator.state.calls()).toHaveLength(calls)
      await world.end()
    },
  )
})

test('an edit that cannot begin in time changes nothing, then or later', async () => {
  const world = await syncedWorld()
  world.emulator.faults.script([{ fault: 'F7', phase: 'before-auth', route: 'list', times: 3 }])
  const start = world.clock.now()
  const refusal = await world.refusal(create(world, 'shop A 192.0.2.7'))
  expect(refusal.retryAfterSeconds).toBeGreaterThan(0)
  expect(world.clock.now() - start).toBeLessThanOrEqual(25_000)
  await world.clock.pass(300_000)
  expect(writes(world)).toBe(0)
  await world.end()
})

test('an edit that was written down too late for whoever asked is not sent any more', async () => {
  const world = await editWorld({
    records: [WWW],
    keptBy: (store, clock) => ({
      ...store,
      async dispatch(...begun) {
        await clock.sleep(24_800)
        return store.dispatch(...begun)
      },
    }),
  })
  await sync(world)
  expect(await world.refusal(create(world, 'shop A 192.0.2.7'))).toMatchObject({ code: 'deadline' })
  await world.clock.pass(300_000)
  expect(writes(world)).toBe(0)
  expect(await world.store.edits.unsettledEdits()).toEqual([])
  await world.end()
})

test('an edit that was executed but not stored is found to be done', async () => {
  let isBroken = true
  const world = await editWorld({
    records: [WWW],
    keptBy: (store) => ({
      ...store,
      settle: (...end) => (isBroken ? Promise.reject(new StoreError('gone')) : store.settle(...end)),
    }),
  })
  await sync(world)
  const edited = await world.until(create(world, 'shop A 192.0.2.7'))
  expect(edited).toMatchObject({ status: 'checking' })
  isBroken = false
  await world.clock.pass(90_000)
  expect(await world.edits.operation(world.editor(), edited.id)).toMatchObject({ status: 'done' })
  expect(await shown(world)).toHaveLength(2)
  await world.end()
})

test('a database that does not answer is a temporary error, and nothing is sent', async () => {
  const world = await editWorld({
    records: [WWW],
    keptBy: (store) => ({
      ...store,
      dispatch: () => Promise.reject(new StoreError('gone')),
    }),
  })
  await sync(world)
  expect(await world.refusal(create(world, 'shop A 192.0.2.7'))).toMatchObject({
    code: 'store-unavailable',
    retryAfterSeconds: 5,
  })
  expect(writes(world)).toBe(0)
  await world.end()
})

test('edits by hand leave every other record as it is, byte for byte', async () => {
  const names = ['a', 'b', 'c', '@']
  const seed = fc.record({
    name: fc.constantFrom(...names),
    type: fc.constantFrom('A', 'TXT', 'MX'),
    index: fc.integer({ min: 1, max: 6 }),
    proxied: fc.boolean(),
    comment: fc.constantFrom('', 'kept by hand', 'ü'),
  })
  const seedRecord = ({
    name,
    type,
    index,
    proxied,
    comment,
  }: {
    name: string
    type: string
    index: number
    proxied: boolean
    comment: string
  }): RecordSeed => ({
    name,
    type,
    content:
      type === 'A' ? `192.0.2.${index}` : type === 'TXT' ? `"text ${index}"` : `mail${index}.example.com`,
    ttl: 300,
    comment,
    ...(type === 'MX' && { priority: index }),
    ...(type === 'A' && { proxied }),
  })
  const step = fc.record({
    kind: fc.constantFrom('create', 'update', 'remove'),
    pick: fc.nat(),
    to: fc.integer({ min: 7, max: 12 }),
  })
  const seeds = fc.uniqueArray(seed, {
    maxLength: 8,
    selector: ({ name, type, index }) => `${name} ${type} ${index}`,
  })
  await fc.assert(
    fc.asyncProperty(seeds, fc.array(step, { minLength: 1, maxLength: 4 }), async (held, steps) => {
      const world = await syncedWorld(held.map(seedRecord))
      for (const { kind, pick, to } of steps) {
        const before = world.emulator.state.records('example.com')
        const target = before.filter(({ type }) => type === 'A')[pick % 3]
        const edit =
          kind === 'create' || target === undefined
            ? create(world, `${names[pick % 4]} A 198.51.100.${to}`)
            : kind === 'remove'
              ? remove(world, target.id as RecordId)
              : update(world, target.id as RecordId, `${target.name} A 198.51.100.${to}`)
        await world.until(edit.catch(() => undefined))
        const bystanders = before.filter(({ id }) => id !== target?.id)
        const after = world.emulator.state.records('example.com')
        expect(after.filter(({ id }) => bystanders.some((one) => one.id === id))).toEqual(bystanders)
        expect(await shown(world)).toHaveLength(after.length)
      }
      await world.end()
    }),
    { numRuns: 30 },
  )
})
