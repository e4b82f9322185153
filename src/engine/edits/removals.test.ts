import { describe, expect, test } from 'vitest'
import type { RecordId } from '#dns/record.ts'
import type { RecordSeed } from '#emulator/emulator.ts'
import { type EditWorld, editWorld, history, shown, sync } from '../../../tests/support/edit-world.ts'
import { zoneLines } from '../../../tests/support/world.ts'

const MAIL: readonly RecordSeed[] = [
  { name: '@', type: 'MX', content: 'a.example.net', priority: 10 },
  { name: '@', type: 'MX', content: 'b.example.net', priority: 20 },
]

const hosts = (count: number): RecordSeed[] =>
  Array.from({ length: count }, (_, index) => ({ name: `h${index}`, type: 'A', content: '192.0.2.1' }))

async function syncedWorld(records: readonly RecordSeed[]): Promise<EditWorld> {
  const world = await editWorld({ records })
  await sync(world)
  return world
}

const idsOf = (world: EditWorld, wanted: (record: { name: string; type: string }) => boolean): RecordId[] =>
  world.emulator.state.records('example.com').flatMap((one) => (wanted(one) ? [one.id as RecordId] : []))

type Acknowledged = Parameters<EditWorld['edits']['removeAll']>[3]

const removeAll = (
  world: EditWorld,
  ids: readonly RecordId[],
  acknowledged: Acknowledged = [],
  who?: string,
) => world.edits.removeAll(world.editor(who), world.zone, ids, acknowledged, world.asked())

const writes = (world: EditWorld) =>
  world.emulator.state.calls().filter(({ method }) => method !== 'GET').length

describe('several records', () => {
  test('several records are deleted in one request, as one entry of the history', async () => {
    const world = await syncedWorld([...hosts(10), ...MAIL])
    const ids = idsOf(world, ({ name }) => /^h[0-2]\./.test(name))
    expect(await world.until(removeAll(world, [...ids, ids[0]!]))).toMatchObject({
      status: 'done',
      applied: 3,
      records: [],
    })
    expect(writes(world)).toBe(1)
    expect(await shown(world)).toHaveLength(9)
    expect(await history(world)).toMatchObject([
      {
        kind: 'delete',
        changes: [{ name: 'h0.example.com' }, { name: 'h1.example.com' }, { name: 'h2.example.com' }],
      },
    ])
    await world.end()
  })

  test('a bulk deletion is refused whole where one record is not as it was shown', async () => {
    const world = await syncedWorld(hosts(3))
    const ids = idsOf(world, () => true)
    world.emulator.state.editRecord('example.com', ids[1]!, { content: '192.0.2.99' })
    world.emulator.state.removeRecord('example.com', ids[2]!)
    expect(await world.refusal(removeAll(world, ids))).toMatchObject({
      code: 'out-of-date',
      message: expect.stringMatching(/^2 of these records were changed or deleted/),
    })
    expect(writes(world)).toBe(0)
    expect(await shown(world)).toEqual(['h0.example.com A 192.0.2.1', 'h1.example.com A 192.0.2.99'])
    await world.end()
  })

  test('a bulk deletion is refused whole where one record is locked or was never shown', async () => {
    const world = await syncedWorld([
      ...hosts(2),
      { name: '@', type: 'CAA', data: { flags: 0, tag: 'issue', value: 'ca.example.net' } },
    ])
    const all = idsOf(world, () => true)
    expect(await world.refusal(removeAll(world, all))).toMatchObject({ code: 'locked' })
    expect(await world.refusal(removeAll(world, all.slice(0, 1), [], 'bob'))).toMatchObject({
      code: 'record-missing',
    })
    expect(await world.refusal(removeAll(world, ['0'.repeat(32) as RecordId]))).toMatchObject({
      code: 'record-missing',
    })
    expect(writes(world)).toBe(0)
    await world.end()
  })

  test.each<[string, RegExp, Acknowledged]>([
    ['the last mail servers of a name', /^example\.com$/, ['last-mx']],
    ['records of more than ten names', /^h(\d|10)\./, ['too-many-names']],
  ])('deleting %s needs that safeguard to be acknowledged', async (_title, names, brakes) => {
    const world = await syncedWorld([...hosts(40), ...MAIL])
    const ids = idsOf(world, ({ name }) => names.test(name))
    expect(await world.refusal(removeAll(world, ids))).toMatchObject({
      code: 'conflict',
      details: { brakes },
    })
    expect(writes(world)).toBe(0)
    expect(await world.until(removeAll(world, ids, brakes))).toMatchObject({ applied: ids.length })
    expect(zoneLines(world.emulator)).toHaveLength(42 - ids.length)
    await world.end()
  })

  test('a bulk deletion of unknown outcome is resolved like a single one', async () => {
    const world = await syncedWorld(hosts(3))
    world.emulator.faults.script([{ fault: 'F8', route: 'write' }])
    const edited = await world.until(
      removeAll(
        world,
        idsOf(world, () => true),
      ),
    )
    expect(edited).toMatchObject({ status: 'checking' })
    await world.clock.pass(15_000)
    expect(await world.edits.operation(world.editor(), edited.id)).toMatchObject({ status: 'done' })
    expect(await history(world)).toMatchObject([{ id: edited.id, changes: [{}, {}, {}] }])
    expect(await shown(world)).toEqual([])
    await world.end()
  })
})
