import { expect, test } from 'vitest'
import type { Store } from '#store/store.ts'
import { NOON, newIntent, OTHER_ZONE, ZONE } from '../../support/samples.ts'

export function visitContract(store: () => Store): void {
  const visits = async (owner: string, now = NOON) =>
    [...(await store().zonesToVisit(owner, now))].sort((a, b) => (a.zone < b.zone ? -1 : 1))
  const hold = (owner: string, zone = ZONE) => store().holdLease(zone, owner, NOON, NOON + 25_000)
  const read = { at: NOON, seen: [], gone: [], resolved: [], settled: [], drifted: [] }

  test('where nothing waits nobody is called', async () => {
    expect(await visits('one')).toEqual([])
    await hold('one')
    expect(await visits('one')).toEqual([])
    expect(await visits('two')).toEqual([])
  })

  test('a zone that nobody has ever held calls everybody when something waits there', async () => {
    const { generation } = await store().addIntent(newIntent('www A 192.0.2.1'))
    const visit = { zone: ZONE, newest: generation, isFree: true, underWay: false, readWanted: 0 }
    expect(await visits('one')).toEqual([visit])
    expect(await visits('two')).toEqual([visit])
  })

  test('what waits calls the holder of its zone, and the youngest is named', async () => {
    await hold('one')
    await hold('two', OTHER_ZONE)
    await store().addIntent(newIntent('www A 192.0.2.1'))
    const there = await store().addIntent(newIntent('www A 192.0.2.1', { zone: OTHER_ZONE }))
    const here = await store().addIntent(newIntent('ftp A 192.0.2.1'))
    expect(await visits('one')).toEqual([
      { zone: ZONE, newest: here.generation, isFree: false, underWay: false, readWanted: 0 },
    ])
    expect(await visits('two')).toEqual([
      { zone: OTHER_ZONE, newest: there.generation, isFree: false, underWay: false, readWanted: 0 },
    ])
  })

  test('what is dispatched waits no more', async () => {
    const lease = (await hold('one'))!
    const intent = await store().addIntent(newIntent('www A 192.0.2.1'))
    await store().dispatch(lease, { changes: [], intents: [intent], names: [], at: NOON }, 0)
    expect(await visits('one')).toEqual([])
  })

  test('a zone that nothing is kept in calls nobody, whoever held it', async () => {
    await hold('one')
    expect(await visits('two', NOON + 25_000)).toEqual([])
  })

  test('a zone whose lease is over, or was let go of, calls everybody', async () => {
    const lease = (await hold('one'))!
    const intent = await store().addIntent(newIntent('www A 192.0.2.1'))
    await store().dispatch(lease, { changes: [], intents: [intent], names: [], at: NOON }, 0)
    const free = [{ zone: ZONE, newest: 0, isFree: true, underWay: true, readWanted: 0 }]
    expect(await visits('two', NOON + 24_999)).toEqual([])
    expect(await visits('two', NOON + 25_000)).toEqual(free)
    await store().releaseLeases('one')
    expect(await visits('two')).toEqual(free)
  })

  test('a renewal holds on to what is held, for longer, and takes nothing', async () => {
    await hold('one')
    await store().renewLeases('one', NOON + 20_000, NOON + 45_000)
    await store().renewLeases('two', NOON + 20_000, NOON + 90_000)
    expect(await store().holdLease(ZONE, 'two', NOON + 44_999, NOON + 70_000)).toBeUndefined()
    expect(await store().holdLease(ZONE, 'one', NOON + 44_999, NOON + 70_000)).toMatchObject({ epoch: 1 })
  })

  test('a renewal that was held up shortens nothing', async () => {
    await hold('one')
    await store().renewLeases('one', NOON + 20_000, NOON + 45_000)
    await store().renewLeases('one', NOON + 5_000, NOON + 30_000)
    expect(await store().holdLease(ZONE, 'two', NOON + 30_000, NOON + 55_000)).toBeUndefined()
  })

  test('what has run out is not renewed', async () => {
    await hold('one')
    await store().renewLeases('one', NOON + 25_000, NOON + 50_000)
    expect(await store().holdLease(ZONE, 'two', NOON + 25_000, NOON + 50_000)).toMatchObject({ epoch: 2 })
  })

  test('a wish for a read calls the holder until a read is there that began then or later', async () => {
    const lease = (await hold('one'))!
    await store().wantRead(ZONE, NOON + 10)
    await store().wantRead(ZONE, NOON + 5)
    expect(await visits('one')).toEqual([
      { zone: ZONE, newest: 0, isFree: false, underWay: false, readWanted: NOON + 10 },
    ])
    expect(await visits('two')).toEqual([])
    await store().keepTrustedRead(lease, { ...read, at: NOON + 9 })
    expect(await visits('one')).toMatchObject([{ readWanted: NOON + 10 }])
    await store().keepTrustedRead(lease, { ...read, at: NOON + 10 })
    expect(await visits('one')).toEqual([])
  })
}
