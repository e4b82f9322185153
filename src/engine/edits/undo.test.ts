import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RecordId } from '#dns/record.ts'
import { aName, aValue } from '#dns/testing.ts'
import type { RecordSeed } from '#emulator/emulator.ts'
import { advised } from '#onboarding/chosen.ts'
import type { Shop } from '#onboarding/input.ts'
import {
  aRecord,
  create,
  type EditWorld,
  editWorld,
  history,
  sync,
} from '../../../tests/support/edit-world.ts'
import { keyIn, nameOf, newIntent, record } from '../../../tests/support/samples.ts'
import type { StoredPlan } from './edits.ts'

const store: Shop = {
  name: aName('example.com'),
  ipv4: [aValue('A', '203.0.113.7')],
  ipv6: [],
  servesWww: true,
}
const WWW: RecordSeed = { name: 'www', type: 'A', content: '192.0.2.1', ttl: 300, comment: 'mine' }

const undo = (world: EditWorld, entry: string, who?: string) =>
  world.edits.planUndo(world.editor(who), world.zone, entry, world.asked())
const confirm = (world: EditWorld, { id, plan }: StoredPlan, selected = advised(plan), who?: string) =>
  world.edits.confirm(world.editor(who), store, { planId: id, selected }, world.asked())
const remove = (world: EditWorld, id: RecordId) =>
  world.edits.remove(world.editor(), world.zone, id, world.asked())
const update = (world: EditWorld, id: RecordId, text: string, more = {}) => {
  const { name, type, value } = aRecord(text)
  return world.edits.update(world.editor(), world.zone, id, { name, type, value, ...more }, world.asked())
}

/** All of a zone but its ids. */
const held = (world: EditWorld) =>
  world.emulator.state
    .records('example.com')
    .map(({ name, type, content, priority, ttl, proxied, comment }) =>
      [name, type, priority ?? '', content, ttl, proxied, comment ?? ''].join(' '),
    )
    .sort()

const newest = async (world: EditWorld) => (await history(world))[0]!

/** `☑ + www.example.com A 192.0.2.1`, a line a row that changes something. */
const lines = ({ plan }: StoredPlan) =>
  plan.changes
    .filter(({ action }) => action !== 'keep')
    .map((row) => {
      const sign = { add: '+', delete: '-', replace: '~', keep: '=' }[row.action]
      const value = (one: object) => ('value' in one ? one.value : '')
      const values = [
        ...('current' in row ? [value(row.current)] : []),
        ...('proposed' in row ? [value(row.proposed)] : []),
      ]
      return `${row.selected ? '☑' : '☐'} ${sign} ${row.name} ${row.type} ${values.join(' → ')}`
    })

async function syncedWorld(records: readonly RecordSeed[]): Promise<EditWorld> {
  const world = await editWorld({ records })
  await sync(world)
  return world
}

/** Makes the plan and does what it advises. */
async function undone(world: EditWorld, entry: string) {
  const made = await world.until(undo(world, entry))
  return world.until(confirm(world, made))
}

describe('an undo', () => {
  test('an undo restores what was deleted, with comments and tags, as one change', async () => {
    const world = await syncedWorld([
      { ...WWW, proxied: true },
      { ...WWW, name: 'ftp' },
    ])
    const before = held(world)
    await world.until(remove(world, world.idOf('www.example.com', 'A')))
    const entry = await newest(world)
    const made = await world.until(undo(world, entry.id))
    expect(lines(made)).toEqual(['☑ + www.example.com A 192.0.2.1'])
    expect(await world.until(confirm(world, made))).toMatchObject({
      status: 'done',
      kind: 'undo',
      applied: 1,
    })
    expect(held(world)).toEqual(before)
    expect(await newest(world)).toMatchObject({ kind: 'undo', actor: { kind: 'customer' } })
    await world.end()
  })

  test('an undo can be undone, and so on', async () => {
    const world = await syncedWorld([WWW])
    const before = held(world)
    await world.until(
      update(world, world.idOf('www.example.com', 'A'), 'www A 192.0.2.9', {
        comment: 'ours',
        proxied: true,
      }),
    )
    const after = held(world)
    for (const state of [before, after, before, after]) {
      await undone(world, (await newest(world)).id)
      expect(held(world)).toEqual(state)
    }
    await world.end()
  })

  test('undoing an onboarding restores every record, mail and CNAMEs too', async () => {
    const world = await syncedWorld([
      { name: '@', type: 'A', content: '198.51.100.1', ttl: 300, comment: 'theirs', proxied: true },
      { name: '@', type: 'A', content: '198.51.100.2', proxied: true },
      { name: '@', type: 'AAAA', content: '2001:db8::1' },
      { name: 'www', type: 'A', content: '198.51.100.3', ttl: 600 },
      { name: '@', type: 'MX', content: 'example.com', priority: 10 },
      { name: '@', type: 'TXT', content: '"v=spf1 -all"' },
    ])
    const before = held(world)
    const made = await world.until(world.edits.plan(world.editor(), store, world.asked()))
    await world.until(confirm(world, made))
    expect(held(world)).not.toEqual(before)
    await undone(world, (await newest(world)).id)
    expect(held(world)).toEqual(before)
    await world.end()
  })

  test('undoing an outside change restores it, and changes nothing where it is restored already', async () => {
    const world = await syncedWorld([WWW, { ...WWW, name: 'ftp' }])
    const before = held(world)
    const { state } = world.emulator
    state.editRecord('example.com', world.idOf('www.example.com', 'A'), { content: '192.0.2.66' })
    state.removeRecord('example.com', world.idOf('ftp.example.com', 'A'))
    await sync(world)
    const entry = await newest(world)
    expect(entry.actor.kind).toBe('outside')
    await undone(world, entry.id)
    expect(held(world)).toEqual(before)
    expect(lines(await world.until(undo(world, entry.id)))).toEqual([])
    await world.end()
  })

  test('undoing a set that changed again is offered unticked, with what would be lost', async () => {
    const world = await syncedWorld([WWW])
    const id = world.idOf('www.example.com', 'A')
    await world.until(update(world, id, 'www A 192.0.2.2'))
    const entry = await newest(world)
    await world.until(update(world, id, 'www A 192.0.2.3'))
    const made = await world.until(undo(world, entry.id))
    expect(lines(made)).toEqual(['☐ ~ www.example.com A 192.0.2.3 → 192.0.2.1'])
    expect(made.plan.changes[0]!.reason).toContain('changed again since')
    expect(await world.until(confirm(world, made))).toMatchObject({ applied: 0 })
    expect(await world.until(confirm(world, made, [made.plan.changes[0]!.id]))).toMatchObject({ applied: 1 })
    expect(held(world)).toEqual(['www.example.com A  192.0.2.1 300 false mine'])
    await world.end()
  })

  test('an undo keeps a TXT record that was added since', async () => {
    const world = await syncedWorld([{ name: '@', type: 'TXT', content: '"one"' }])
    await world.until(remove(world, world.idOf('example.com', 'TXT')))
    const entry = await newest(world)
    await world.until(create(world, '@ TXT two'))
    const made = await world.until(undo(world, entry.id))
    expect(lines(made)).toEqual(['☑ + example.com TXT "one"'])
    await world.until(confirm(world, made))
    expect(held(world)).toEqual(['example.com TXT  "one" 1 false ', 'example.com TXT  "two" 1 false '])
    await world.end()
  })

  test('an undo is refused with a new review when the set changed in between', async () => {
    const world = await syncedWorld([WWW])
    await world.until(remove(world, world.idOf('www.example.com', 'A')))
    const made = await world.until(undo(world, (await newest(world)).id))
    world.emulator.state.addRecord('example.com', { name: 'www', type: 'A', content: '192.0.2.50' })
    const refusal = await world.refusal(confirm(world, made))
    expect(refusal.code).toBe('plan-out-of-date')
    const fresh = refusal.details.plan as StoredPlan
    expect(lines(fresh)).toEqual(['☐ ~ www.example.com A 192.0.2.50 → 192.0.2.1'])
    expect(held(world)).toEqual(['www.example.com A  192.0.2.50 1 false '])
    expect(await world.until(confirm(world, fresh, [fresh.plan.changes[0]!.id]))).toMatchObject({
      applied: 1,
    })
    await world.end()
  })

  test('an undo deletes a record in its way only if it is ticked', async () => {
    const world = await syncedWorld([WWW])
    await world.until(remove(world, world.idOf('www.example.com', 'A')))
    const entry = await newest(world)
    await world.until(create(world, 'www CNAME shop.example.net'))
    const made = await world.until(undo(world, entry.id))
    expect(lines(made)).toEqual([
      '☐ - www.example.com CNAME shop.example.net',
      '☐ + www.example.com A 192.0.2.1',
    ])
    const ids = made.plan.changes.map(({ id }) => id)
    expect((await world.refusal(confirm(world, made, [ids[1]!]))).code).toBe('invalid')
    await world.until(confirm(world, made, ids))
    expect(held(world)).toEqual(['www.example.com A  192.0.2.1 300 false mine'])
    await world.end()
  })

  test('an undo that deletes the last mail server or much of a zone is not ticked', async () => {
    const world = await syncedWorld([])
    await world.until(create(world, '@ MX mail.example.net', { priority: 10 }))
    const mail = await newest(world)
    expect(lines(await world.until(undo(world, mail.id)))).toEqual(['☐ - example.com MX 10 mail.example.net'])
    const { state } = world.emulator
    for (let index = 0; index < 20; index += 1) {
      state.addRecord('example.com', { name: `n${index}`, type: 'A', content: '192.0.2.1' })
    }
    await sync(world)
    const made = await world.until(undo(world, (await newest(world)).id))
    expect(made.plan.changes.filter(({ action }) => action === 'delete')).toHaveLength(20)
    expect(made.plan.changes.every(({ action, selected }) => action === 'keep' || !selected)).toBe(true)
    expect(made.plan.warnings.map(({ code }) => code)).toContain('much-deleted')
    await world.end()
  })

  test('an undo names what it cannot restore, and restores the rest', async () => {
    const world = await syncedWorld([
      WWW,
      { name: '@', type: 'HTTPS', data: { priority: 1, target: '.', value: 'alpn="h2"' } },
    ])
    const { state } = world.emulator
    for (const { id } of state.records('example.com')) state.removeRecord('example.com', id)
    await sync(world)
    const made = await world.until(undo(world, (await newest(world)).id))
    expect(lines(made)).toEqual(['☑ + www.example.com A 192.0.2.1'])
    expect(made.plan.warnings).toMatchObject([{ code: 'not-restorable' }])
    await world.end()
  })

  test('an undo is only for the customer whose history it is, in its zone', async () => {
    const world = await syncedWorld([WWW])
    await world.until(remove(world, world.idOf('www.example.com', 'A')))
    const { id } = await newest(world)
    await sync(world, 'bob')
    for (const ask of [
      () => undo(world, id, 'bob'),
      () => undo(world, '0'.repeat(32)),
      () => undo(world, '../..'),
      () => world.edits.planUndo(world.editor(), 'f'.repeat(32), id, world.asked()),
    ]) {
      expect((await world.refusal(ask())).code).toBe('record-missing')
    }
    const made = await world.until(undo(world, id))
    expect((await world.refusal(confirm(world, made, undefined, 'bob'))).code).toBe('plan-out-of-date')
    await world.end()
  })
})

test('changes of webhook callers are in the history as theirs, and cannot be undone there', async () => {
  const world = await syncedWorld([WWW])
  const { state } = world.emulator
  await world.clock.pass(120_000)
  const lease = (await world.store.holdLease(world.zone, 'engine', world.clock.now(), world.clock.now() + 1))!
  const intent = await world.store.addIntent(newIntent('kept A 192.0.2.5', { zone: world.zone }))
  const names = [nameOf('kept')]
  const batch = { changes: [], intents: [intent], names, at: world.clock.now() }
  const dispatch = (await world.store.dispatch(lease, batch, 0))!
  state.addRecord('example.com', { name: 'kept', type: 'A', content: '192.0.2.5', ttl: 300 })
  const after = [record(`${world.idOf('kept.example.com', 'A')} kept A 192.0.2.5`)]
  const at = world.clock.now()
  const sets = [{ intent, before: [], after }]
  await world.store.settle(lease, dispatch, { at, deleted: [], patched: [], created: after, sets })
  state.addRecord('example.com', { name: 'other', type: 'A', content: '192.0.2.6', ttl: 300 })
  await world.clock.pass(1_000)
  await sync(world)

  const page = { zone: world.zone, limit: 9, callersSince: 0 }
  const { entries } = await world.edits.history(world.editor(), page)
  expect(
    entries.map(({ actor, changes }) => [actor.kind, ...changes.map(({ name }) => name)].join(' ')),
  ).toEqual(['outside other.example.com', 'caller kept.example.com'])
  expect((await world.refusal(undo(world, entries[1]!.id))).code).toBe('record-missing')

  // Somebody takes it away at Cloudflare; it is kept, and so not for customers to put back.
  expect(intent.key).toEqual(keyIn('kept A'))
  state.removeRecord('example.com', world.idOf('kept.example.com', 'A'))
  await world.clock.pass(120_000)
  await sync(world)
  expect((await history(world)).map(({ actor }) => actor.kind)).toEqual(['outside'])
  await world.end()
})

test('any changes undone newest first leave the zone as it was but for ids', async () => {
  const names = ['a', 'b', '@']
  const seed = fc.record({
    name: fc.constantFrom(...names),
    type: fc.constantFrom('A', 'TXT', 'MX', 'CAA'),
    index: fc.integer({ min: 1, max: 5 }),
    proxied: fc.boolean(),
    comment: fc.constantFrom('', 'kept by hand', 'ü'),
    ttl: fc.constantFrom(1, 60, 300),
  })
  const step = fc.record({
    kind: fc.constantFrom('create', 'update', 'remove', 'takeover', 'outside'),
    pick: fc.nat(100),
    to: fc.integer({ min: 7, max: 12 }),
  })
  const seeds = fc.uniqueArray(seed, {
    maxLength: 8,
    selector: ({ name, type, index }) => `${name} ${type} ${index}`,
  })
  await fc.assert(
    fc.asyncProperty(seeds, fc.array(step, { minLength: 1, maxLength: 4 }), async (records, steps) => {
      // What comes into a zone that was found empty is not in the history: it looks like one that was never read.
      const world = await syncedWorld([...records, STAYS].map(seedRecord))
      const states: string[][] = []
      for (const { kind, pick, to } of steps) {
        const before = held(world)
        const count = (await history(world)).length
        await doStep(world, kind, { pick, to, name: names[pick % names.length]! })
        if ((await history(world)).length > count) states.push(before)
      }
      const entries = (await history(world)).slice(0, states.length)
      for (const [index, { id }] of entries.entries()) {
        const made = await world.until(undo(world, id))
        // All of it, also what a brake leaves unticked.
        const all = made.plan.changes.filter(({ action }) => action !== 'keep').map((row) => row.id)
        await world.until(confirm(world, made, all))
        expect(held(world)).toEqual(states.at(-1 - index))
      }
      await world.end()
    }),
    { numRuns: 25 },
  )
})

/** No step takes CAA away. */
const STAYS = { name: '@', type: 'CAA', index: 6, proxied: false, comment: '', ttl: 300 }

type Step = { readonly pick: number; readonly to: number; readonly name: string }

async function doStep(world: EditWorld, kind: string, { pick, to, name }: Step): Promise<void> {
  const { state } = world.emulator
  const editable = state.records('example.com').filter(({ type }) => type !== 'CAA')
  const target = editable[pick % Math.max(1, editable.length)]
  const id = target?.id as RecordId
  const text = (at: string, type: string) =>
    ({
      A: `${at} A 198.51.100.${to}`,
      CNAME: `${at} CNAME target${to}.example.net`,
      TXT: `${at} TXT text-${to}`,
      MX: `${at} MX mail${to}.example.net`,
    })[type]!
  const attempt = (work: Promise<unknown>) => world.until(work.catch(() => undefined))
  if (kind === 'takeover') {
    const made = await world.until(world.edits.plan(world.editor(), store, world.asked()))
    await attempt(confirm(world, made))
  } else if (kind === 'outside') {
    if (target !== undefined && pick % 2 === 0) state.removeRecord('example.com', target.id)
    else state.addRecord('example.com', { name, type: 'A', content: `203.0.113.${100 + to + pick}` })
    await world.clock.pass(61_000)
    await sync(world)
  } else if (target === undefined || kind === 'create') {
    await attempt(create(world, text(name, ['A', 'TXT', 'MX'][pick % 3]!)))
  } else if (kind === 'remove') await attempt(remove(world, id))
  else await attempt(update(world, id, text(target.name, target.type), { comment: `changed ${to}` }))
}

function seedRecord({
  name,
  type,
  index,
  proxied,
  comment,
  ttl,
}: {
  name: string
  type: string
  index: number
  proxied: boolean
  comment: string
  ttl: number
}): RecordSeed {
  const content = {
    A: `192.0.2.${index}`,
    TXT: `"text ${index}"`,
    MX: `mail${index}.example.com`,
    CAA: '',
  }[type]!
  return {
    name,
    type,
    ttl,
    comment,
    ...(type === 'CAA' ? { data: { flags: 0, tag: 'issue', value: `ca${index}.example.net` } } : { content }),
    ...(type === 'MX' && { priority: index }),
    ...(type === 'A' && { proxied }),
  }
}
