import { describe, expect, test } from 'vitest'
import { aRecord, create, editWorld, shown, sync } from '../../tests/support/edit-world.ts'
import { zoneLines } from '../../tests/support/world.ts'

describe('a record', () => {
  test('is created, changed and deleted, and the cache and the history tell it', async () => {
    const world = await editWorld({
      records: [{ name: 'www', type: 'A', content: '192.0.2.1', comment: 'mine' }],
    })
    const first = await sync(world)
    expect(first).toMatchObject({ zone: { name: 'example.com' }, syncedAt: expect.any(Number) })

    const created = await world.until(create(world, 'shop A 192.0.2.7', { proxied: true }))
    expect(created).toMatchObject({
      status: 'done',
      applied: 1,
      records: [{ name: 'shop.example.com', value: '192.0.2.7', proxied: true, ttl: 1 }],
    })
    const id = world.idOf('www.example.com', 'A')
    const to = aRecord('www A 192.0.2.2')
    const { edits } = world
    const edited = await world.until(
      edits.update(
        world.editor(),
        world.zone,
        id,
        { name: to.name, type: 'A', value: to.value },
        world.asked(),
      ),
    )
    expect(edited).toMatchObject({ status: 'done', records: [{ id, value: '192.0.2.2', comment: 'mine' }] })
    expect(await shown(world)).toEqual(['shop.example.com A 192.0.2.7', 'www.example.com A 192.0.2.2'])

    const gone = world.idOf('shop.example.com', 'A')
    await world.until(edits.remove(world.editor(), world.zone, gone, world.asked()))
    expect(zoneLines(world.emulator)).toEqual(['www.example.com 1 A  192.0.2.2'.replace('  ', ' ')])
    expect(await shown(world)).toEqual(['www.example.com A 192.0.2.2'])

    const history = await edits.history(world.editor(), world.zone, 10)
    expect(history).toMatchObject([
      {
        actor: { kind: 'customer', label: 'ann@example.org' },
        changes: [{ type: 'A', name: 'shop.example.com', before: [{ value: '192.0.2.7' }], after: [] }],
      },
      {
        changes: [
          { name: 'www.example.com', before: [{ value: '192.0.2.1' }], after: [{ value: '192.0.2.2' }] },
        ],
      },
      { changes: [{ name: 'shop.example.com', before: [], after: [{ value: '192.0.2.7' }] }] },
    ])
    expect(await edits.history(world.editor('bob'), world.zone, 10)).toEqual([])
    await world.end()
  })
})
