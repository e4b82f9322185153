import { describe, expect, test } from 'vitest'
import { aName } from '#dns/testing.ts'
import type { Transport } from '#providers/cloudflare/transport.ts'
import {
  aRecord,
  create,
  type EditWorld,
  type EditWorldOptions,
  editWorld,
  history,
  shown,
  sync,
} from '../../../tests/support/edit-world.ts'
import { zoneLines } from '../../../tests/support/world.ts'

const WWW = { name: 'www', type: 'A', content: '192.0.2.1', ttl: 300 }

async function syncedWorld(options: EditWorldOptions = {}): Promise<EditWorld> {
  const world = await editWorld({ records: [WWW], ...options })
  await sync(world)
  return world
}

/** What becomes of an operation in this time (ms). */
async function operation(world: EditWorld, id: string, ms: number) {
  await world.clock.pass(ms)
  return world.edits.operation(world.editor(), id)
}

const batches = (world: EditWorld) =>
  world.emulator.state.calls().filter(({ method }) => method !== 'GET').length

describe('an edit whose answer is lost', () => {
  test.each([
    ['F8', undefined],
    ['F4', undefined],
    ['F10', 'body-part'],
    ['F9', 'error'],
  ])('an executed edit whose answer is lost is found done within seconds (%s)', async (fault, form) => {
    const world = await syncedWorld()
    world.emulator.faults.script([
      { fault, route: 'write', ...(form && { form }), ...(fault === 'F9' && { seconds: 1 }) },
    ])
    const edited = await world.until(create(world, 'shop A 192.0.2.7'))
    expect(edited).toMatchObject({ status: 'checking' })
    expect(await operation(world, edited.id, 0)).toMatchObject({ status: 'checking', records: [] })
    expect(await operation(world, edited.id, 15_000)).toMatchObject({
      status: 'done',
      records: [{ name: 'shop.example.com', value: '192.0.2.7' }],
    })
    expect(await shown(world)).toEqual(['shop.example.com A 192.0.2.7', 'www.example.com A 192.0.2.1'])
    expect(await history(world)).toMatchObject([
      {
        id: edited.id,
        actor: { kind: 'customer' },
        changes: [{ before: [], after: [{ value: '192.0.2.7' }] }],
      },
    ])
    expect(batches(world)).toBe(1)
    await world.end()
  })

  test.each(['F7', 'F3'])(
    'an edit that was never executed is failed when it can no longer arrive (%s)',
    async (fault) => {
      const world = await syncedWorld()
      world.emulator.faults.script([{ fault, phase: 'before-commit', route: 'write' }])
      const edited = await world.until(create(world, 'shop A 192.0.2.7'))
      expect(await operation(world, edited.id, 115_000)).toMatchObject({ status: 'checking' })
      expect(await operation(world, edited.id, 20_000)).toEqual({
        id: edited.id,
        kind: 'create',
        status: 'failed',
        records: [],
        error: 'Cloudflare did not make this change. Nothing was changed; try again.',
      })
      expect(await shown(world)).toEqual(['www.example.com A 192.0.2.1'])
      expect(await history(world)).toEqual([])
      await world.end()
    },
  )

  test('an edit that Cloudflare executes 90 seconds late is reported as done', async () => {
    const world = await syncedWorld()
    world.emulator.faults.script([{ fault: 'F9', route: 'write', form: 'reset', seconds: 90 }])
    const id = world.idOf('www.example.com', 'A')
    const edited = await world.until(world.edits.remove(world.editor(), world.zone, id, world.asked()))
    expect(await operation(world, edited.id, 80_000)).toMatchObject({ status: 'checking' })
    expect(zoneLines(world.emulator)).toHaveLength(1)
    expect(await operation(world, edited.id, 50_000)).toMatchObject({ status: 'done' })
    expect(await shown(world)).toEqual([])
    await world.end()
  })

  test('an edit of unknown outcome blocks its own names until it is known, and no other name', async () => {
    const world = await syncedWorld()
    world.emulator.faults.script([{ fault: 'F7', phase: 'before-commit', route: 'write' }])
    await world.until(create(world, 'shop A 192.0.2.7'))
    const refusal = await world.refusal(create(world, 'shop TXT hello'))
    expect(refusal).toMatchObject({ code: 'being-checked' })
    expect(refusal.retryAfterSeconds).toBeGreaterThanOrEqual(10)
    await sync(world, 'bob')
    expect(await world.refusal(create(world, 'shop A 192.0.2.9', {}, 'bob'))).toMatchObject({
      code: 'being-checked',
    })
    expect(await world.until(create(world, 'other A 192.0.2.7'))).toMatchObject({ status: 'done' })
    await world.clock.pass(140_000)
    expect(await world.until(create(world, 'shop A 192.0.2.7'))).toMatchObject({ status: 'done' })
    await world.end()
  })

  test('an edit of unknown outcome blocks no other name, even if it may have undone an earlier change', async () => {
    const world = await syncedWorld()
    const id = world.idOf('www.example.com', 'A')
    const change = (text: string) =>
      world.until(world.edits.update(world.editor(), world.zone, id, aRecord(text), world.asked()))
    await change('www A 192.0.2.2')
    world.emulator.faults.script([{ fault: 'F4', route: 'write' }])
    expect(await change('www A 192.0.2.3')).toMatchObject({ status: 'checking' })
    expect(await world.until(create(world, 'other A 192.0.2.7'))).toMatchObject({ status: 'done' })
    await world.end()
  })

  test('an unknown outcome is resolved though Cloudflare does not answer for another connection', async () => {
    let isHanging = false
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const zones = [{ name: 'example.com', records: [WWW] }, { name: 'example.net' }]
    const world = await syncedWorld({
      zones,
      between: (way) => async (request) => {
        if (isHanging && request.url.includes(world.zone)) await held
        return way(request)
      },
    })
    const other = world.emulator.state.zones()[1]!.id
    await world.until(world.edits.sync(world.editor('bob'), other, world.asked()))
    world.emulator.faults.script([{ fault: 'F4', route: 'write', times: 2 }])
    const hers = await world.until(create(world, 'shop A 192.0.2.7'))
    const record = { ...aRecord('shop A 192.0.2.7'), name: aName('shop.example.net') }
    const his = await world.until(world.edits.create(world.editor('bob'), other, record, world.asked()))
    expect([hers.status, his.status]).toEqual(['checking', 'checking'])
    isHanging = true
    await world.clock.pass(20_000)
    expect(await world.edits.operation(world.editor('bob'), his.id)).toMatchObject({ status: 'done' })
    expect(await operation(world, hers.id, 0)).toMatchObject({ status: 'checking' })
    isHanging = false
    letGo()
    expect(await operation(world, hers.id, 60_000)).toMatchObject({ status: 'done' })
    await world.end()
  })

  test('an edit of unknown outcome is not recorded as an outside change, and no sync settles it', async () => {
    const world = await syncedWorld()
    const id = world.idOf('www.example.com', 'A')
    const to = aRecord('www A 192.0.2.2')
    world.emulator.faults.script([{ fault: 'F4', route: 'write' }])
    const asked = world.edits.update(world.editor(), world.zone, id, to, world.asked())
    const edited = await world.until(asked)
    await sync(world)
    expect(await shown(world)).toEqual(['www.example.com A 192.0.2.1'])
    await world.clock.pass(20_000)
    await sync(world)
    expect(await shown(world)).toEqual(['www.example.com A 192.0.2.2'])
    expect(await history(world)).toMatchObject([
      { id: edited.id, changes: [{ before: [{ value: '192.0.2.1' }], after: [{ value: '192.0.2.2' }] }] },
    ])
    await world.end()
  })

  test('one list alone does not settle an edit of unknown outcome', async () => {
    const world = await syncedWorld()
    const id = world.idOf('www.example.com', 'A')
    world.emulator.faults.script([{ fault: 'F7', phase: 'before-commit', route: 'write' }])
    const asked = world.edits.remove(world.editor(), world.zone, id, world.asked())
    const edited = await world.until(asked)
    world.emulator.faults.script([{ fault: 'F20', route: 'list' }])
    expect(await operation(world, edited.id, 20_000)).toMatchObject({ status: 'checking' })
    expect(world.emulator.faults.pending()).toEqual([])
    expect(await operation(world, edited.id, 120_000)).toMatchObject({ status: 'failed' })
    expect(await shown(world)).toHaveLength(1)
    await world.end()
  })

  test('lists older than the previous change do not settle an edit of unknown outcome', async () => {
    const world = await syncedWorld()
    const id = world.idOf('www.example.com', 'A')
    const change = (text: string) =>
      world.until(
        world.edits.update(world.editor(), world.zone, id, aRecord(text, { ttl: 300 }), world.asked()),
      )
    await world.clock.pass(120_000)
    await change('www A 192.0.2.2')
    world.emulator.faults.script([{ fault: 'F7', phase: 'before-commit', route: 'write' }])
    const edited = await change('www A 192.0.2.1')
    // For twenty seconds more all lists are as before the first of both changes.
    world.emulator.faults.script([{ fault: 'F18', route: 'list', seconds: 25, times: 2 }])
    const early = await operation(world, edited.id, 14_000)
    expect(early).toMatchObject({ status: 'checking' })
    expect(world.emulator.faults.pending()).toEqual([])
    expect(await operation(world, edited.id, 140_000)).toMatchObject({ status: 'failed' })
    expect(await shown(world)).toEqual(['www.example.com A 192.0.2.2'])
    await world.end()
  })

  test('an edit of unknown outcome whose records others changed is reported as failed', async () => {
    const world = await syncedWorld()
    world.emulator.faults.script([{ fault: 'F4', route: 'write' }])
    const id = world.idOf('www.example.com', 'A')
    const to = aRecord('www A 192.0.2.2')
    const edited = await world.until(world.edits.update(world.editor(), world.zone, id, to, world.asked()))
    world.emulator.state.editRecord('example.com', id, { content: '192.0.2.3' })
    const end = await operation(world, edited.id, 140_000)
    expect(end).toMatchObject({ status: 'failed' })
    await world.end()
  })
})

/** Of an edit that was made, and whose records were changed by others before anybody could look. */
test.each([
  ['its TTL', { ttl: 600 }],
  ['its value', { content: '198.51.100.7' }],
])('an edit is not called undone when others have changed %s since', async (_what, change) => {
  const world = await syncedWorld()
  world.emulator.faults.script([{ fault: 'F8', route: 'write' }])
  const edited = await world.until(create(world, 'shop A 192.0.2.7'))
  world.emulator.state.editRecord('example.com', world.idOf('shop.example.com', 'A'), change)
  expect(await operation(world, edited.id, 135_000)).toMatchObject({
    status: 'failed',
    error: 'These records were changed elsewhere at the same time; look at them before you try again.',
  })
  await world.end()
})

describe('a process that dies', () => {
  /** A way that is never answered once it is cut, though what is sent arrives. */
  function deadEnd() {
    const way = { isCut: false }
    const between =
      (carry: Transport): Transport =>
      async (request) => {
        const reply = carry(request)
        return way.isCut && request.method === 'POST' ? reply.then(() => new Promise(() => {})) : reply
      }
    return { way, between }
  }

  test('an edit of a process that died after sending is resolved by its successor', async () => {
    const { way, between } = deadEnd()
    const world = await syncedWorld({ between })
    way.isCut = true
    const asked = create(world, 'shop A 192.0.2.7')
    asked.catch(() => {})
    await world.clock.pass(5_000)
    expect(zoneLines(world.emulator)).toHaveLength(2)

    way.isCut = false
    const next = world.restarted()
    const [edit] = await next.store.edits.unsettledEdits()
    expect(await next.edits.operation(next.editor(), edit!.id)).toMatchObject({ status: 'checking' })
    expect(await operation(next, edit!.id, 90_000)).toMatchObject({
      status: 'done',
      records: [{ value: '192.0.2.7' }],
    })
    expect(await shown(next)).toEqual(['shop.example.com A 192.0.2.7', 'www.example.com A 192.0.2.1'])
    await next.end()
  })

  test('the lease of a dead process expires, and another takes its zone', async () => {
    const { way, between } = deadEnd()
    const world = await syncedWorld({ between })
    way.isCut = true
    create(world, 'shop A 192.0.2.7').catch(() => {})
    await world.clock.pass(5_000)
    way.isCut = false
    const next = world.restarted()
    expect(await next.until(create(next, 'other A 192.0.2.8'))).toMatchObject({ status: 'done' })
    await next.end()
  })

  test('an edit of unknown outcome whose connection is gone is reported as not verifiable', async () => {
    let isConnected = true
    const world = await syncedWorld({ isConnected: () => isConnected })
    world.emulator.faults.script([{ fault: 'F7', phase: 'before-commit', route: 'write' }])
    const edited = await world.until(create(world, 'shop A 192.0.2.7'))
    const next = world.restarted()
    isConnected = false
    expect(await operation(next, edited.id, 20_000)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('connection'),
    })
    await next.end()
  })
})

describe('a definite no', () => {
  test('a refusal of Cloudflare is reported in its own words, and nothing is changed', async () => {
    const world = await syncedWorld()
    world.emulator.faults.script([{ fault: 'F14', route: 'write', name: 'shop.example.com' }])
    const refusal = await world.refusal(create(world, 'shop A 192.0.2.7'))
    expect(refusal).toMatchObject({ code: 'refused', details: { cloudflareCode: expect.any(Number) } })
    expect(refusal.message.length).toBeGreaterThan(10)
    expect(zoneLines(world.emulator)).toHaveLength(1)
    expect(await world.store.edits.unsettledEdits()).toEqual([])
    await world.end()
  })

  test('an edit in a full zone is refused with that reason', async () => {
    const world = await syncedWorld({ recordQuota: 1 })
    expect(await world.refusal(create(world, 'shop A 192.0.2.7'))).toMatchObject({ code: 'quota-exceeded' })
    await world.end()
  })

  test('a rate limit of Cloudflare is passed on, with how long to wait', async () => {
    const world = await syncedWorld()
    world.emulator.faults.script([{ fault: 'F1', route: 'write', seconds: 40 }])
    const refusal = await world.refusal(create(world, 'shop A 192.0.2.7'))
    expect(refusal).toMatchObject({ code: 'rate-limited', retryAfterSeconds: 40 })
    expect(await world.store.edits.unsettledEdits()).toEqual([])
    await world.end()
  })

  test('an edit of a record deleted just before is refused after a second read', async () => {
    const world = await syncedWorld()
    world.emulator.faults.script([{ fault: 'F15', route: 'write' }])
    const id = world.idOf('www.example.com', 'A')
    const to = aRecord('www A 192.0.2.2')
    const refusal = await world.refusal(world.edits.update(world.editor(), world.zone, id, to, world.asked()))
    expect(refusal).toMatchObject({ code: 'conflict' })
    await world.end()
  })

  test.each(['first', 'second'])(
    'of a request that was delivered twice is no no (answer: %s)',
    async (form) => {
      const world = await syncedWorld()
      world.emulator.faults.script([{ fault: 'F36', form, route: 'write' }])
      expect(await world.until(create(world, 'shop A 192.0.2.7'))).toMatchObject({
        status: 'done',
        records: [{ value: '192.0.2.7' }],
      })
      expect(await shown(world)).toContain('shop.example.com A 192.0.2.7')
      await world.end()
    },
  )

  test('a refused credential asks for a new connection', async () => {
    const world = await syncedWorld()
    world.emulator.faults.script([{ fault: 'F23', route: 'write' }])
    const refusal = await world.refusal(create(world, 'shop A 192.0.2.7'))
    expect(refusal).toMatchObject({
      code: 'credential-refused',
      message: expect.stringContaining('Reconnect Cloudflare'),
    })
    await world.end()
  })
})

describe('a list that is not to be believed', () => {
  test('a list older than a confirmed change is read again', async () => {
    const world = await syncedWorld()
    await world.clock.pass(120_000)
    await world.until(create(world, 'shop A 192.0.2.7'))
    world.emulator.faults.script([{ fault: 'F18', route: 'list', seconds: 20, times: 3 }])
    await sync(world)
    expect(world.emulator.faults.pending()).toEqual([])
    expect(await shown(world)).toHaveLength(2)
    const told = await history(world)
    expect(told.map(({ actor }) => actor.kind)).toEqual(['customer'])
    await world.end()
  })

  test('old lists until the deadline are answered with "try again", and nothing is changed', async () => {
    const world = await syncedWorld()
    await world.clock.pass(120_000)
    await world.until(create(world, 'shop A 192.0.2.7'))
    world.emulator.faults.script([{ fault: 'F18', route: 'list', seconds: 50, times: 100 }])
    const refusal = await world.refusal(create(world, 'other A 192.0.2.8'))
    expect(refusal).toMatchObject({ code: 'stale-view', retryAfterSeconds: 10 })
    expect(zoneLines(world.emulator)).toHaveLength(2)
    await world.end()
  })

  test('whatever Cloudflare takes to answer, whoever asks is answered by their deadline', async () => {
    let isSlow = false
    const world = await syncedWorld({
      between: (way, clock) => async (request) => {
        if (isSlow) await clock.sleep(60_000)
        return way(request)
      },
    })
    isSlow = true
    const editor = world.editor()
    const asked = world.asked()
    const shop = { name: aName('example.com'), ipv4: [], ipv6: [], servesWww: false }
    const all = [
      world.edits.zonesFor(editor, aName('example.com'), asked),
      world.edits.sync(editor, world.zone, asked),
      world.edits.plan(editor, shop, asked),
      world.edits.planSets(editor, world.zone, { kind: 'import', wanted: [], notes: [] }, asked),
      world.edits.create(editor, world.zone, aRecord('shop A 192.0.2.7'), asked),
    ]
    for (const one of all) expect(await world.refusal(one)).toMatchObject({ code: 'deadline' })
    expect(world.clock.now()).toBe(asked.deadline)
    await world.end()
  })

  test('an empty list of a zone with records is not kept', async () => {
    const world = await syncedWorld()
    world.emulator.faults.script([{ fault: 'F20', route: 'list', times: 1 }])
    await sync(world)
    expect(await shown(world)).toEqual(['www.example.com A 192.0.2.1'])
    await world.end()
  })

  test('a list that lacks half of the zone is trusted when a second one agrees', async () => {
    const world = await syncedWorld({
      records: [WWW, { ...WWW, name: 'a' }, { ...WWW, name: 'b' }],
    })
    for (const name of ['a.example.com', 'b.example.com']) {
      world.emulator.state.removeRecord('example.com', world.idOf(name, 'A'))
    }
    const before = world.clock.now()
    await sync(world)
    expect(world.clock.now() - before).toBeGreaterThanOrEqual(5_000)
    expect(await shown(world)).toEqual(['www.example.com A 192.0.2.1'])
    await world.end()
  })

  test('a list whose pages do not add up is read again, and the cache stays', async () => {
    const world = await syncedWorld()
    world.emulator.faults.script([{ fault: 'F19', form: 'count', route: 'list', times: 1 }])
    await sync(world)
    world.emulator.faults.script([{ fault: 'F5', route: 'list', times: 100 }])
    const refusal = await world.refusal(world.edits.sync(world.editor(), world.zone, world.asked()))
    expect(refusal).toMatchObject({ code: 'cloudflare-unavailable' })
    expect(await shown(world)).toEqual(['www.example.com A 192.0.2.1'])
    await world.end()
  })
})
