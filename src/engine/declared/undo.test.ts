import { describe, expect, test } from 'vitest'
import { zoneWorld } from '../../../tests/support/zone-world.ts'
import { planUndo } from './undo.ts'

describe('undoing a change', () => {
  for (const proxied of ['192.0.2.10', '192.0.2.11']) {
    test(`undoing a change leaves a name proxied of whose two records one was: ${proxied}`, async () => {
      const web = { name: 'web', type: 'A' } as const
      const records = ['192.0.2.10', '192.0.2.11'].map((content) =>
        content === proxied ? { ...web, content, ttl: 1, proxied: true } : { ...web, content, ttl: 300 },
      )
      const world = await zoneWorld({ records })
      await world.upsert('web.example.com 300 A 192.0.2.12')
      const [entry] = await world.store.history({ limit: 1 })
      expect((await planUndo(world.store, entry!.id))?.towards).toMatchObject({
        values: ['192.0.2.10', '192.0.2.11'],
        proxied: true,
      })
      await world.end()
    })
  }
})

describe('undoing a creation', () => {
  test('undoing a creation deletes what was created, without asking', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 A 192.0.2.1')
    const [entry] = await world.store.history({ limit: 1 })
    expect(await planUndo(world.store, entry!.id)).toMatchObject({ towards: null, brakes: [] })
    await world.end()
  })

  test('undoing a creation asks first where the set has changed since', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 A 192.0.2.1')
    const [creation] = await world.store.history({ limit: 1 })
    await world.upsert('www.example.com 300 A 192.0.2.2')
    const [change] = await world.store.history({ limit: 1 })
    expect((await planUndo(world.store, creation!.id))?.brakes).toEqual(['changed-since'])
    expect((await planUndo(world.store, change!.id))?.brakes).toEqual([])
    await world.end()
  })

  test('undoing a creation asks nothing where it would change nothing', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 A 192.0.2.1')
    const [creation] = await world.store.history({ limit: 1 })
    await world.remove('www.example.com A')
    expect((await planUndo(world.store, creation!.id))?.brakes).toEqual([])
    await world.end()
  })
})
