import { beforeEach, expect, test } from 'vitest'
import type { Lease } from '#store/coordination.ts'
import type { Intent, NewIntent } from '#store/declared.ts'
import type { Store } from '#store/store.ts'
import { keyIn, NOON, newIntent, OTHER_ZONE, record, ZONE } from '../../support/samples.ts'

export function historyContract(store: () => Store): void {
  const before = [record('r1 www A 192.0.2.1', { comment: 'by hand' })]
  const after = [record('r1 www A 192.0.2.2', { comment: 'by hand' })]
  let lease: Lease
  let otherLease: Lease

  beforeEach(async () => {
    lease = (await store().holdLease(ZONE, 'me', NOON, NOON + 25_000))!
    otherLease = (await store().holdLease(OTHER_ZONE, 'me', NOON, NOON + 25_000))!
  })

  async function carriedOut(text: string, more: Partial<NewIntent> = {}, at = NOON): Promise<Intent> {
    const intent = await store().addIntent(newIntent(text, more))
    const held = intent.zone === ZONE ? lease : otherLease
    const batch = { changes: [], intents: [intent], names: [intent.key.name], at: NOON }
    const dispatch = (await store().dispatch(held, batch, 0))!
    const sets = [{ intent, before, after }]
    await store().settle(held, dispatch, { at, deleted: [], patched: [], created: [], sets })
    return intent
  }
  /** So many sets of a customer's zone, by somebody else, found by one read. */
  async function changedElsewhere(customerId: string, sets: number, at: number): Promise<void> {
    const outside = Array.from({ length: sets }, (_, index) => ({
      ...keyIn(`n${index} A`),
      before: [],
      after: [record(`r${index} n${index} A 192.0.2.1`)],
    }))
    const holder = { customerId, connectionId: `${customerId}-1` }
    await store().edits.keepList(holder, ZONE, { at, seen: [], gone: [], outside })
  }
  const requestIds = async (query: Parameters<Store['history']>[0]) =>
    (await store().history(query)).map(({ requestId }) => requestId)

  test('an entry says what was before and after, who asked, when and with which request', async () => {
    await carriedOut('www A 192.0.2.2', { caller: 'shop', requestId: 'request-7' }, NOON + 1)
    expect(await store().history({ limit: 10 })).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        zone: ZONE,
        at: NOON + 1,
        actor: { kind: 'caller', label: 'shop' },
        requestId: 'request-7',
        key: keyIn('www A'),
        before,
        after,
        outcome: 'done',
        reason: null,
      },
    ])
  })

  test('an entry is found by its id', async () => {
    await carriedOut('www A 192.0.2.2', { requestId: '1' })
    await carriedOut('www A 192.0.2.3', { requestId: '2' })
    const [newest] = await store().history({ limit: 1 })
    expect(await store().historyEntry(newest!.id)).toEqual(newest)
    expect(await store().historyEntry('0'.repeat(32))).toBeUndefined()
  })

  test('what nobody asked for is done by the system', async () => {
    for (const origin of ['drift', 'undo'] as const) {
      await carriedOut('www A 192.0.2.2', { origin })
      expect(await store().history({ limit: 1 })).toMatchObject([
        { actor: { kind: 'system', label: origin } },
      ])
    }
  })

  test('the newest comes first, by zone and by set, so many as asked for', async () => {
    await carriedOut('www A 192.0.2.2', { requestId: '1' }, NOON + 1)
    await carriedOut('ftp A 192.0.2.2', { requestId: '2' }, NOON + 2)
    await carriedOut('www A 192.0.2.2', { requestId: '3', zone: OTHER_ZONE }, NOON + 3)
    await carriedOut('www A 192.0.2.3', { requestId: '4' }, NOON + 4)
    expect(await requestIds({ limit: 10 })).toEqual(['4', '3', '2', '1'])
    expect(await requestIds({ limit: 2 })).toEqual(['4', '3'])
    expect(await requestIds({ limit: 10, zone: ZONE })).toEqual(['4', '2', '1'])
    expect(await requestIds({ limit: 10, zone: ZONE, key: keyIn('www A') })).toEqual(['4', '1'])
    expect(await requestIds({ limit: 10, key: keyIn('www A') })).toEqual(['4', '3', '1'])
    expect(await requestIds({ limit: 10, key: keyIn('www AAAA') })).toEqual([])
  })

  test('what is older than a time is forgotten, the rest stays', async () => {
    for (const later of [1, 2, 3])
      await carriedOut('www A 192.0.2.2', { requestId: `${later}` }, NOON + later)
    expect([await store().forgetHistory(NOON + 3), await store().forgetHistory(NOON + 3)]).toEqual([2, 0])
    expect(await requestIds({ limit: 10 })).toEqual(['3'])
  })

  test('it is forgotten some hundreds at a time, so that nobody waits long', async () => {
    await changedElsewhere('ann', 2_500, NOON)
    const forgotten: number[] = []
    do forgotten.push(await store().forgetHistory(NOON + 1))
    while (forgotten.at(-1)! > 0)
    expect(forgotten.length).toBeGreaterThan(3)
    expect(forgotten.reduce((sum, count) => sum + count)).toBe(2_500)
  })

  test('of one customer so many entries are kept, the newest, and what is of one time stays together', async () => {
    await carriedOut('www A 192.0.2.2')
    for (const who of ['ann', 'bob']) {
      for (const later of [1, 2, 3]) await changedElsewhere(who, 3, NOON + later)
    }
    const forget = (who: string, most: number) => store().forgetHistoryBeyond(who, most)
    expect([await forget('ann', 9), await forget('ann', 4), await forget('ann', 4)]).toEqual([0, 3, 0])
    expect([await forget('bob', 100), await forget('bob', 1)]).toEqual([0, 6])
    expect(await requestIds({ limit: 10 })).toHaveLength(1)
  })

  test('the newest comes first also within one millisecond', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `request-${index}`)
    for (const requestId of ids) await carriedOut('www A 192.0.2.2', { requestId })
    expect(await requestIds({ limit: 20 })).toEqual(ids.reverse())
  })
}
