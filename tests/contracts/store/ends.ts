import { beforeEach, expect, test } from 'vitest'
import type { Lease } from '#store/coordination.ts'
import type { Intent, IntentEnd } from '#store/declared.ts'
import type { SettledSet } from '#store/operations.ts'
import type { Store } from '#store/store.ts'
import { NOON, newIntent, record, ZONE } from '../../support/samples.ts'

export function endContract(store: () => Store): void {
  const no = { code: 'refused', message: 'no', details: { cloudflareCode: 9005 } } as const
  const www = record('r1 www A 192.0.2.1')
  let lease: Lease

  beforeEach(async () => {
    lease = (await store().holdLease(ZONE, 'me', NOON, NOON + 25_000))!
  })

  const waitedFor = (text: string) => store().addIntent(newIntent(text, { waitsUntil: NOON + 25_000 }))
  const dispatched = async (...intents: readonly Intent[]) => {
    const names = intents.map(({ key }) => key.name)
    return (await store().dispatch(lease, { changes: [], intents, names, at: NOON }, 0))!
  }
  const settled = async (...sets: readonly SettledSet[]) => {
    const dispatch = await dispatched(...sets.map(({ intent }) => intent))
    await store().settle(lease, dispatch, { at: NOON, deleted: [], patched: [], created: [], sets })
  }
  const endOf = async (intent: Intent): Promise<IntentEnd['outcome'] | undefined> =>
    (await store().endsOf([intent.generation]))[0]?.outcome

  test('how an intent ended is told as Cloudflare answered it', async () => {
    const [made, changed, gone, refused] = [
      await waitedFor('a A 192.0.2.1'),
      await waitedFor('b A 192.0.2.1'),
      await waitedFor('c A -'),
      await waitedFor('d A 192.0.2.1'),
    ]
    await settled(
      { intent: made, before: [], after: [www] },
      { intent: changed, before: [www], after: [www] },
      { intent: gone, before: [www], after: [] },
      { intent: refused, before: [], after: [], refusal: no },
    )
    const ends = await store().endsOf([made, changed, gone, refused].map(({ generation }) => generation))
    const outcomes = new Map(ends.map(({ generation, outcome }) => [generation, outcome]))
    expect([made, changed, gone, refused].map(({ generation }) => outcomes.get(generation))).toEqual([
      'created',
      'updated',
      'deleted',
      no,
    ])
  })

  test('how an intent ended without a call is told too', async () => {
    const [same, absent, old, bad] = [
      await waitedFor('a A 192.0.2.1'),
      await waitedFor('b A -'),
      await waitedFor('c A 192.0.2.1'),
      await waitedFor('d A 192.0.2.1'),
    ]
    const ended = [
      { intent: same, outcome: 'already-so' as const },
      { intent: absent, outcome: 'already-so' as const },
      { intent: old, outcome: 'superseded' as const },
      { intent: bad, outcome: no },
    ]
    await store().endIntents(lease, ended, NOON)
    expect(await Promise.all([same, absent, old, bad].map(endOf))).toEqual([
      'unchanged',
      'deleted',
      'superseded',
      no,
    ])
  })

  test('what Cloudflare refused of a batch that it did not do is told, the rest is not over', async () => {
    const [bad, good] = [await waitedFor('a A 192.0.2.1'), await waitedFor('b A 192.0.2.1')]
    await store().requeue(lease, await dispatched(bad, good), [{ intent: bad, refusal: no }], NOON)
    expect([await endOf(bad), await endOf(good)]).toEqual([no, undefined])
  })

  test('what a read has shown to be done is told', async () => {
    const intent = await waitedFor('www A 192.0.2.1')
    const dispatch = await dispatched(intent)
    await store().markUnknown(lease, dispatch, NOON, NOON + 120_000)
    expect(await endOf(intent)).toBeUndefined()
    const ended = [{ intent, before: [], after: [www] }]
    const resolved = [{ dispatch, ended, again: [] }]
    await store().keepTrustedRead(lease, {
      at: NOON,
      seen: [www],
      gone: [],
      resolved,
      settled: [],
      drifted: [],
    })
    expect(await endOf(intent)).toBe('created')
  })

  test('nothing is told of what waits, is under way, was taken back, or was waited for by nobody', async () => {
    const [waiting, sent, taken] = [
      await waitedFor('a A 192.0.2.1'),
      await waitedFor('b A 192.0.2.1'),
      await waitedFor('c A 192.0.2.1'),
    ]
    await dispatched(sent)
    await store().withdrawIntent(taken.generation)
    const unheard = await store().addIntent(newIntent('d A 192.0.2.1'))
    await settled({ intent: unheard, before: [], after: [www] })
    expect(await Promise.all([waiting, sent, taken, unheard].map(endOf))).toEqual(Array(4).fill(undefined))
    expect(await store().endsOf([])).toEqual([])
  })

  test('what is to be told once a read has shown it is told then', async () => {
    const intent = await waitedFor('www A 192.0.2.1')
    await settled({ intent, before: [], after: [www], onceShown: true })
    expect(await endOf(intent)).toBeUndefined()
    await store().showEnds([intent.generation])
    expect(await endOf(intent)).toBe('created')
  })

  test('whoever lost the zone leaves no word', async () => {
    const intent = await waitedFor('www A 192.0.2.1')
    const dispatch = await dispatched(intent)
    await store().holdLease(ZONE, 'another', lease.until, lease.until + 25_000)
    const sets = [{ intent, before: [], after: [www] }]
    await store().settle(lease, dispatch, { at: NOON, deleted: [], patched: [], created: [], sets })
    expect(await endOf(intent)).toBeUndefined()
  })

  test('ends are forgotten by their age', async () => {
    const intent = await waitedFor('www A 192.0.2.1')
    await settled({ intent, before: [], after: [www] })
    await store().forgetEnds(NOON)
    expect(await endOf(intent)).toBe('created')
    await store().forgetEnds(NOON + 1)
    expect(await endOf(intent)).toBeUndefined()
  })
}
