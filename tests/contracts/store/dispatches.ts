import { beforeEach, expect, test } from 'vitest'
import type { Lease } from '#store/coordination.ts'
import type { Intent } from '#store/declared.ts'
import type { Dispatch, Settlement } from '#store/operations.ts'
import type { Store } from '#store/store.ts'
import { keyIn, NOON, newIntent, post, record, unwritable, ZONE } from '../../support/samples.ts'

export function dispatchContract(store: () => Store): void {
  const www = keyIn('www A')
  const created = record('r1 www A 192.0.2.1', { comment: 'zonewright:default' })
  const no = { code: 'refused', message: 'Record quota exceeded.', details: {} } as const
  let lease: Lease
  let intent: Intent

  beforeEach(async () => {
    lease = (await store().holdLease(ZONE, 'me', NOON, NOON + 25_000))!
    intent = await store().addIntent(newIntent('www A 192.0.2.1'))
  })

  const batchOf = (...intents: readonly Intent[]) => ({
    changes: [post(created)],
    intents,
    names: intents.map(({ key }) => key.name),
    at: NOON,
  })
  const dispatched = async (...intents: readonly Intent[]) =>
    (await store().dispatch(lease, batchOf(...intents), 11_000))!
  const done = (sets: Settlement['sets'] = [{ intent, before: [], after: [created] }]): Settlement => ({
    at: NOON + 200,
    deleted: [],
    patched: [],
    created: [created],
    sets,
  })
  const loseTheZone = () => store().holdLease(ZONE, 'another', lease.until, lease.until + 25_000)
  const dispatches = async () => (await store().zoneState(ZONE)).dispatches

  test('what is dispatched no longer waits, and is told with the zone', async () => {
    const dispatch = await dispatched(intent)
    const known: Dispatch = {
      ...batchOf(intent),
      id: dispatch.id,
      epoch: lease.epoch,
      state: 'sent',
      unknownSince: null,
      fenceUntil: 0,
    }
    expect(dispatch).toEqual(known)
    expect(await dispatches()).toEqual([known])
    expect(await store().waitingIntents(ZONE)).toEqual([])
  })

  test('nothing is dispatched once another holds the zone', async () => {
    await loseTheZone()
    expect(await store().dispatch(lease, batchOf(intent), 0)).toBeUndefined()
    expect(await store().waitingIntents(ZONE)).toEqual([intent])
    expect(await dispatches()).toEqual([])
  })

  test('nothing is dispatched in an earlier epoch of the same holder', async () => {
    const again = (await store().holdLease(ZONE, 'me', lease.until, lease.until + 25_000))!
    const late = { ...batchOf(intent), at: lease.until }
    expect(await store().dispatch(lease, late, 0)).toBeUndefined()
    expect(await store().dispatch(again, late, 0)).toBeDefined()
  })

  test('a dispatch needs enough of its lease left, to the millisecond', async () => {
    const tooLate = { ...batchOf(intent), at: lease.until - 11_000 + 1 }
    expect(await store().dispatch(lease, tooLate, 11_000)).toBeUndefined()
    expect(await store().waitingIntents(ZONE)).toEqual([intent])
    const inTime = { ...batchOf(intent), at: lease.until - 11_000 }
    expect(await store().dispatch(lease, inTime, 11_000)).toBeDefined()
  })

  test('one intent withdrawn, and none of the batch is dispatched', async () => {
    const other = await store().addIntent(newIntent('ftp A 192.0.2.1'))
    await store().withdrawIntent(other.generation)
    expect(await store().dispatch(lease, batchOf(intent, other), 0)).toBeUndefined()
    expect(await store().waitingIntents(ZONE)).toEqual([intent])
    expect(await dispatches()).toEqual([])
  })

  test('one intent dispatched already, and none of the batch is dispatched again', async () => {
    const other = await store().addIntent(newIntent('ftp A 192.0.2.1'))
    const first = await dispatched(other)
    expect(await store().dispatch(lease, batchOf(intent, other), 0)).toBeUndefined()
    expect(await store().waitingIntents(ZONE)).toEqual([intent])
    expect(await dispatches()).toEqual([first])
  })

  test('of two dispatches of one intent at once, one is made', async () => {
    const both = await Promise.all([1, 2].map(() => store().dispatch(lease, batchOf(intent), 0)))
    expect(both.filter((dispatch) => dispatch !== undefined)).toHaveLength(1)
    expect(await dispatches()).toHaveLength(1)
  })

  test('a batch that cannot be written down is not dispatched', async () => {
    const broken = { ...batchOf(intent), changes: unwritable([post(created)]) }
    await expect(store().dispatch(lease, broken, 0)).rejects.toThrow()
    expect(await store().waitingIntents(ZONE)).toEqual([intent])
    expect(await dispatches()).toEqual([])
  })

  test('what is settled is managed, mirrored and in the history, and done with', async () => {
    const dispatch = await dispatched(intent)
    expect(await store().settle(lease, dispatch, done())).toBe(true)

    expect(await dispatches()).toEqual([])
    const managed = { wanted: intent.wanted, generation: intent.generation, settled: true, since: NOON + 200 }
    expect(await store().setState(ZONE, www)).toMatchObject({ managed, pending: undefined })
    expect(await store().recordsOf(ZONE)).toEqual([
      { record: created, confirmedAt: NOON + 200, goneAt: null },
    ])
    expect(await store().sizeOf(ZONE)).toBe(1)
    expect(await store().history({ limit: 9 })).toMatchObject([
      { key: www, before: [], after: [created], outcome: 'done' },
    ])
  })

  test('a settlement says what was deleted, patched and created', async () => {
    const old = [record('r1 www A 192.0.2.1'), record('r2 www A 192.0.2.2')]
    await store().keepTrustedRead(lease, {
      at: NOON,
      seen: old,
      gone: [],
      resolved: [],
      settled: [],
      drifted: [],
    })
    const patched = record('r2 www A 192.0.2.7')
    const added = record('r3 www A 192.0.2.8')
    const dispatch = await dispatched(intent)
    await store().settle(lease, dispatch, {
      at: NOON + 200,
      deleted: [old[0]!.id],
      patched: [patched],
      created: [added],
      sets: [{ intent, before: old, after: [patched, added] }],
    })
    expect(await store().recordsOf(ZONE)).toEqual(
      expect.arrayContaining([
        { record: old[0], confirmedAt: NOON + 200, goneAt: NOON + 200 },
        { record: patched, confirmedAt: NOON + 200, goneAt: null },
        { record: added, confirmedAt: NOON + 200, goneAt: null },
      ]),
    )
    expect(await store().history({ limit: 1 })).toMatchObject([{ before: old, after: [patched, added] }])
  })

  test('a set that was deleted is managed no more', async () => {
    await store().settle(lease, await dispatched(intent), done())
    const gone = await store().addIntent(newIntent('www A -'))
    const dispatch = await dispatched(gone)
    const sets = [{ intent: gone, before: [created], after: [] }]
    await store().settle(lease, dispatch, {
      at: NOON + 300,
      deleted: [created.id],
      patched: [],
      created: [],
      sets,
    })
    expect(await store().managedSets(ZONE)).toEqual([])
    expect((await store().setState(ZONE, www)).managed).toBeUndefined()
  })

  test('what Cloudflare keeps differently is refused, and the mirror shows what it keeps', async () => {
    const dispatch = await dispatched(intent)
    await store().settle(lease, dispatch, done([{ intent, before: [], after: [created], refusal: no }]))
    const state = await store().setState(ZONE, www)
    expect(state).toMatchObject({ managed: undefined, pending: undefined, refusal: { message: no.message } })
    expect(await store().recordsOf(ZONE)).toMatchObject([{ record: created }])
  })

  test('a dispatch has one outcome: the first that is kept', async () => {
    const outcomes = {
      settle: (dispatch: Dispatch) => store().settle(lease, dispatch, done([])),
      requeue: (dispatch: Dispatch) => store().requeue(lease, dispatch, [], NOON),
      markUnknown: (dispatch: Dispatch) => store().markUnknown(lease, dispatch, NOON, NOON + 120_000),
    }
    for (const first of Object.values(outcomes)) {
      for (const second of Object.values(outcomes)) {
        const one = await store().addIntent(newIntent('x A 192.0.2.1'))
        const dispatch = await dispatched(one)
        expect(await first(dispatch)).toBe(true)
        expect(await second(dispatch)).toBe(false)
      }
    }
  })

  test('of all outcomes claimed at once, one is kept', async () => {
    const dispatch = await dispatched(intent)
    const kept = await Promise.all([
      store().markUnknown(lease, dispatch, NOON, NOON + 120_000),
      store().settle(lease, dispatch, done()),
      store().requeue(lease, dispatch, [], NOON),
      store().settle(lease, dispatch, done()),
    ])
    expect(kept.filter(Boolean)).toHaveLength(1)
  })

  test('an outcome is kept after the lease has run out, but not once another holds the zone', async () => {
    const [one, two] = [
      await dispatched(intent),
      await dispatched(await store().addIntent(newIntent('x A 192.0.2.1'))),
    ]
    expect(await store().settle(lease, one, { ...done(), at: lease.until + 1 })).toBe(true)
    await loseTheZone()
    expect(await store().settle(lease, two, done([]))).toBe(false)
    expect(await store().requeue(lease, two, [], NOON)).toBe(false)
    expect(await store().markUnknown(lease, two, NOON, NOON)).toBe(false)
    expect(await dispatches()).toMatchObject([{ id: two.id, state: 'sent' }])
  })

  test('a settlement that fails in its middle leaves everything as it was', async () => {
    const other = await store().addIntent(newIntent('ftp A 192.0.2.1'))
    const dispatch = await dispatched(intent, other)
    const broken = done([
      { intent, before: [], after: [created] },
      { intent: other, before: unwritable([created]), after: [] },
    ])
    await expect(store().settle(lease, dispatch, broken)).rejects.toThrow()
    expect(await dispatches()).toEqual([dispatch])
    expect(await store().recordsOf(ZONE)).toEqual([])
    expect(await store().managedSets(ZONE)).toEqual([])
    expect(await store().history({ limit: 9 })).toEqual([])
    expect(await store().settle(lease, dispatch, done([]))).toBe(true)
  })

  test('what Cloudflare did not do waits again, but for what it refused for good', async () => {
    const bad = await store().addIntent(newIntent('bad A 192.0.2.1', { waitsUntil: NOON + 25_000 }))
    const dispatch = await dispatched(intent, bad)
    expect(await store().requeue(lease, dispatch, [{ intent: bad, refusal: no }], NOON + 1)).toBe(true)
    expect(await store().waitingIntents(ZONE)).toEqual([intent])
    expect(await dispatches()).toEqual([])
    expect(await store().setState(ZONE, bad.key)).toMatchObject({
      pending: undefined,
      refusal: { ...no, wanted: bad.wanted, told: true },
    })
  })

  test('a refusal that cannot be written down leaves the dispatch as it was', async () => {
    const dispatch = await dispatched(intent)
    const refused = [{ intent, refusal: { ...no, details: unwritable({}) } }]
    await expect(store().requeue(lease, dispatch, refused, NOON)).rejects.toThrow()
    expect(await dispatches()).toEqual([dispatch])
  })

  test('in doubt are the names of the dispatch, whatever the type, and no others', async () => {
    const dispatch = await dispatched(intent)
    expect((await store().setState(ZONE, www)).hasUnknownOutcome).toBe(false)
    expect(await store().markUnknown(lease, dispatch, NOON + 7, NOON + 120_000)).toBe(true)

    expect((await store().setState(ZONE, www)).hasUnknownOutcome).toBe(true)
    expect((await store().setState(ZONE, keyIn('www TXT'))).hasUnknownOutcome).toBe(true)
    expect((await store().setState(ZONE, keyIn('ftp A'))).hasUnknownOutcome).toBe(false)
    expect((await store().setState(ZONE, keyIn('@ A'))).hasUnknownOutcome).toBe(false)
    const doubtful = { ...dispatch, state: 'doubtful', unknownSince: NOON + 7, fenceUntil: NOON + 120_000 }
    expect(await dispatches()).toEqual([doubtful])
  })

  test('an older generation that is settled late does not undo a newer one', async () => {
    const remove = await store().addIntent(newIntent('www A -'))
    const newest = await store().addIntent(newIntent('www A 192.0.2.2'))
    const [first, second, third] = [
      await dispatched(intent),
      await dispatched(remove),
      await dispatched(newest),
    ]
    const kept = { wanted: newest.wanted, generation: newest.generation }
    await store().settle(lease, third!, done([{ intent: newest, before: [], after: [] }]))
    await store().settle(lease, second!, done([{ intent: remove, before: [], after: [] }]))
    expect((await store().setState(ZONE, www)).managed).toMatchObject(kept)
    await store().settle(lease, first!, done())
    expect((await store().setState(ZONE, www)).managed).toMatchObject(kept)
  })

  test('a zone is full until then, and managing while there is a set to keep', async () => {
    expect(await store().zoneState(ZONE)).toEqual({
      readAt: null,
      fullUntil: 0,
      managing: false,
      dispatches: [],
    })
    await store().markFull(ZONE, NOON + 600_000)
    await store().endIntents(lease, [{ intent, outcome: 'already-so' }], NOON)
    expect(await store().zoneState(ZONE)).toMatchObject({ fullUntil: NOON + 600_000, managing: true })
    expect(await store().zoneState('0d'.repeat(16))).toMatchObject({ readAt: null, managing: false })
  })
}
