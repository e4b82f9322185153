import { expect, test } from 'vitest'
import type { Store } from '#store/store.ts'
import { NOON, OTHER_ZONE, ZONE } from '../../support/samples.ts'

export function leaseContract(store: () => Store): void {
  const hold = (owner: string, now = NOON, zone = ZONE) => store().holdLease(zone, owner, now, now + 25_000)

  test('a zone has one holder', async () => {
    expect(await hold('one')).toEqual({ zone: ZONE, owner: 'one', epoch: 1, until: NOON + 25_000 })
    expect(await hold('two')).toBeUndefined()
    expect(await hold('two', NOON + 24_999)).toBeUndefined()
  })

  test('of forty who want a zone at once, one gets it', async () => {
    const held = await Promise.all(Array.from({ length: 40 }, (_, index) => hold(`owner-${index}`)))
    expect(held.filter((lease) => lease !== undefined)).toHaveLength(1)
  })

  test('the holder goes on holding it, for longer, in the same epoch', async () => {
    const first = (await hold('one'))!
    const renewed = await hold('one', NOON + 20_000)
    expect(renewed).toEqual({ ...first, until: NOON + 45_000 })
    expect(await hold('two', NOON + 44_999)).toBeUndefined()
  })

  test('when it is over another takes the zone, and the epoch grows', async () => {
    const first = (await hold('one'))!
    const second = (await hold('two', first.until))!
    expect(second.epoch).toBeGreaterThan(first.epoch)
    expect(await hold('one', first.until)).toBeUndefined()
  })

  test('who lets a lease run out comes back in a new epoch', async () => {
    const first = (await hold('one'))!
    const second = (await hold('one', first.until))!
    expect(second.epoch).toBeGreaterThan(first.epoch)
  })

  test('each zone has a lease of its own', async () => {
    expect(await hold('one', NOON, ZONE)).toBeDefined()
    expect(await hold('two', NOON, OTHER_ZONE)).toBeDefined()
  })

  test('who leaves lets go of all that it holds, and of nothing else', async () => {
    const mine = (await hold('one', NOON, ZONE))!
    await hold('two', NOON, OTHER_ZONE)
    await store().releaseLeases('one')
    const next = (await hold('three', NOON, ZONE))!
    expect(next.epoch).toBeGreaterThan(mine.epoch)
    expect(await hold('three', NOON, OTHER_ZONE)).toBeUndefined()
  })

  test('every lease can be ended at once, and what was begun under one is not finished', async () => {
    const mine = (await hold('one', NOON, ZONE))!
    await hold('two', NOON, OTHER_ZONE)
    await store().freeAllLeases()
    const read = { at: NOON, seen: [], gone: [], resolved: [], settled: [], drifted: [] }
    expect(await store().keepTrustedRead(mine, read)).toBe(false)
    expect(await hold('three', NOON, ZONE)).toMatchObject({ epoch: mine.epoch + 1 })
    expect(await hold('three', NOON, OTHER_ZONE)).toBeDefined()
  })
}
