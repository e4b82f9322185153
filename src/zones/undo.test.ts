import { describe, expect, test } from 'vitest'
import { zoneWorld } from '../../tests/support/zone-world.ts'
import { planUndo } from './undo.ts'

describe('undoing a creation', () => {
  test('takes away what was created, unasked', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 A 192.0.2.1')
    const [entry] = await world.store.history({ limit: 1 })
    expect(await planUndo(world.store, entry!.id)).toMatchObject({ towards: null, brakes: [] })
    await world.end()
  })

  test('asks first where somebody has made something else of it since', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 A 192.0.2.1')
    const [creation] = await world.store.history({ limit: 1 })
    await world.upsert('www.example.com 300 A 192.0.2.2')
    const [change] = await world.store.history({ limit: 1 })
    expect((await planUndo(world.store, creation!.id))?.brakes).toEqual(['changed-since'])
    expect((await planUndo(world.store, change!.id))?.brakes).toEqual([])
    await world.end()
  })

  test('asks nothing where it would change nothing', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 A 192.0.2.1')
    const [creation] = await world.store.history({ limit: 1 })
    await world.remove('www.example.com A')
    expect((await planUndo(world.store, creation!.id))?.brakes).toEqual([])
    await world.end()
  })
})
