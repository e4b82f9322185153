import { beforeEach, describe, expect, test } from 'vitest'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import type { Value } from '#dns/value.ts'
import type { Lease } from '#store/coordination.ts'
import type { Edit, EditedSet, EditPage, EditSettlement, KeptList, KeptPlan, SentEdit } from '#store/edits.ts'
import type { Store } from '#store/store.ts'
import {
  foreign,
  keyIn,
  NOON,
  newIntent,
  OTHER_ZONE,
  post,
  record,
  unwritable,
  ZONE,
} from '../../support/samples.ts'

const ann = { customerId: 'ann', connectionId: 'ann-1' }
const bob = { customerId: 'bob', connectionId: 'bob-1' }
const MINUTE = 60_000

export function editContract(store: () => Store): void {
  const edits = () => store().edits
  const www = record('r1 www A 192.0.2.1', { comment: 'by hand' })
  const shop = record('r2 shop A 192.0.2.7', { proxied: true, ttl: 1 })

  const list = (seen: KeptList['seen'], more: Partial<KeptList> = {}): KeptList => ({
    at: NOON,
    seen,
    gone: [],
    outside: [],
    ...more,
  })
  const newEdit = (id: string, more: Partial<Edit> = {}): Edit => ({
    ...ann,
    id,
    zone: ZONE,
    kind: 'create',
    requestId: 'request-1',
    actor: 'ann@example.org',
    before: [],
    hasEnded: false,
    error: null,
    ...more,
  })
  const batchOf = (id: string, { at = NOON, ...more }: Partial<Edit> & { at?: number } = {}) => ({
    changes: [post(shop)],
    intents: [],
    names: [shop.name],
    at,
    edit: newEdit(id, more),
  })
  const settlement = (more: Partial<EditSettlement> = {}): EditSettlement => ({
    at: NOON + 100,
    deleted: [],
    held: [shop],
    records: [shop],
    sets: [{ name: shop.name, type: 'A', before: [], after: [shop] }],
    ...more,
  })
  const cached = async (holder = ann, zone = ZONE) => {
    const { records } = await edits().cached(holder, zone)
    return [...records].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  const told = async (customerId: string, limit: number, more: Partial<EditPage> = {}) =>
    (await edits().editHistory(customerId, { zone: ZONE, limit, ...more })).entries

  describe('the cache', () => {
    test('gives records of every type back as they were listed', async () => {
      const seen = [www, shop, foreign('r3 www LOC 51 30 12.748 N'), record('r4 @ MX 10 mail.example.com')]
      await edits().keepList(ann, ZONE, list(seen))
      expect(await cached()).toEqual(seen)
      expect(await edits().cachedRecord(ann, ZONE, www.id)).toEqual(www)
      expect(await edits().cachedRecord(ann, ZONE, 'r9' as RecordId)).toBeUndefined()
    })

    test('is each connection’s own, though all see the same records', async () => {
      await edits().keepList(ann, ZONE, list([www]))
      await edits().keepList(bob, ZONE, list([{ ...www, comment: 'seen by bob' }]))
      await edits().keepList(ann, OTHER_ZONE, list([shop]))
      expect(await cached()).toEqual([www])
      expect(await cached(bob)).toMatchObject([{ comment: 'seen by bob' }])
      expect(await edits().cachedRecord(bob, ZONE, shop.id)).toBeUndefined()
      expect(await cached({ customerId: 'bob', connectionId: 'ann-1' })).toEqual([])
      await edits().keepList(bob, ZONE, list([], { gone: [www.id] }))
      expect(await cached()).toEqual([www])
      expect(await cached(bob)).toEqual([])
    })

    test('does not show in the mirror of the sets that we keep, nor the other way round', async () => {
      const lease = (await store().holdLease(ZONE, 'me', NOON, NOON + 25_000))!
      await edits().keepList(ann, ZONE, list([www]))
      expect(await store().recordsOf(ZONE)).toEqual([])
      const read = { at: NOON, gone: [], resolved: [], settled: [], drifted: [] }
      await store().keepTrustedRead(lease, { ...read, seen: [shop] })
      expect(await cached()).toEqual([www])
    })

    test('says when all of it was last listed', async () => {
      expect(await edits().cached(ann, ZONE)).toEqual({ records: [], syncedAt: null })
      await edits().keepList(ann, ZONE, list([www, shop]))
      await edits().keepList(ann, ZONE, list([], { at: NOON + MINUTE }))
      expect(await edits().cached(ann, ZONE)).toMatchObject({ syncedAt: NOON + MINUTE })
    })

    test('is whole again after a list that could not be kept', async () => {
      await edits().keepList(ann, ZONE, list([www]))
      const sets = [{ name: www.name, type: 'A', before: unwritable([www]), after: [] }]
      const half = list([shop], { gone: [www.id], outside: sets, at: NOON + MINUTE })
      await expect(edits().keepList(ann, ZONE, half)).rejects.toThrow()
      expect(await edits().cached(ann, ZONE)).toEqual({ records: [www], syncedAt: NOON })
    })

    test('takes thousands of records at once', async () => {
      const many = Array.from({ length: 3_500 }, (_, index) => record(`r${index} n${index} A 192.0.2.1`))
      await edits().keepList(ann, ZONE, list(many))
      expect(await cached()).toHaveLength(3_500)
      await edits().keepList(ann, ZONE, list([], { gone: many.slice(1).map(({ id }) => id), at: NOON + 1 }))
      expect(await cached()).toHaveLength(1)
    })
  })

  describe('an edit', () => {
    let lease: Lease
    beforeEach(async () => {
      lease = (await store().holdLease(ZONE, 'me', NOON, NOON + 25_000))!
    })

    const begin = async (id: string, more: Parameters<typeof batchOf>[1] = {}) =>
      (await store().dispatch(lease, batchOf(id, more), 0)) as SentEdit
    const dispatches = async () => (await store().zoneState(ZONE)).dispatches

    test('is begun only while the lease goes on for long enough', async () => {
      const late = batchOf('e1', { at: NOON + 20_000 })
      expect(await store().dispatch(lease, late, 11_000)).toBeUndefined()
      expect(await store().dispatch({ ...lease, epoch: lease.epoch + 1 }, batchOf('e1'), 0)).toBeUndefined()
      expect(await edits().editOf(ann, 'e1')).toBeUndefined()
      expect(await dispatches()).toEqual([])
      const sent = {
        ...batchOf('e1'),
        id: 'e1',
        epoch: lease.epoch,
        state: 'sent',
        unknownSince: null,
        fenceUntil: 0,
      }
      expect(await store().dispatch(lease, batchOf('e1'), 11_000)).toEqual(sent)
      expect(await edits().editOf(ann, 'e1')).toMatchObject({ status: 'checking' })
      expect(await dispatches()).toEqual([sent])
      expect((await store().zoneState(OTHER_ZONE)).dispatches).toEqual([])
      expect(await edits().unsettledEdits()).toEqual([sent])
    })

    test('is nothing that a zone is kept for', async () => {
      await begin('e1')
      expect(await store().zonesInUse()).toEqual([])
      expect(await store().zonesToVisit('another', NOON + 60_000)).toEqual([])
    })

    test('of unknown outcome is in doubt to whoever keeps sets in its zone, until it can no longer arrive', async () => {
      const hasUnknownOutcome = async (text: string) =>
        (await store().setState(ZONE, keyIn(text))).hasUnknownOutcome
      const read = { seen: [], gone: [], resolved: [], settled: [], drifted: [] }
      const sent = await begin('e1')
      expect(await hasUnknownOutcome('shop TXT')).toBe(false)

      await store().markUnknown(lease, sent, NOON + 7, NOON + 120_000)
      const doubtful = { ...sent, state: 'doubtful', unknownSince: NOON + 7, fenceUntil: NOON + 120_000 }
      expect(await dispatches()).toEqual([doubtful])
      expect(await hasUnknownOutcome('shop TXT')).toBe(true)
      expect(await hasUnknownOutcome('www A')).toBe(false)

      const resolved = [{ dispatch: sent, ended: [], again: [] }]
      await store().keepTrustedRead(lease, { ...read, at: NOON + 100, resolved })
      expect(await dispatches()).toEqual([{ ...doubtful, state: 'fenced' }])
      expect(await hasUnknownOutcome('shop A')).toBe(true)
      await store().keepTrustedRead(lease, { ...read, at: NOON + 150_000 })
      expect(await edits().unsettledEdits()).toMatchObject([{ id: 'e1' }])
      await edits().failEdit(sent, 'not carried out', NOON + 150_000)
      await store().keepTrustedRead(lease, { ...read, at: NOON + 150_001 })
      expect(await dispatches()).toEqual([])
      expect(await hasUnknownOutcome('shop A')).toBe(false)
    })

    test('that was found to be done, or at last not to be, is known to whoever keeps sets in its zone', async () => {
      const ids = ['done', 'failed', 'given-up']
      const [done, failed, givenUp] = await Promise.all(ids.map((id) => begin(id)))
      for (const sent of [done, failed, givenUp])
        await store().markUnknown(lease, sent!, NOON, NOON + 120_000)
      await edits().settleEdit(done!, settlement())
      await edits().failEdit(failed!, 'not carried out', NOON + 120_000)
      await edits().failEdit(givenUp!, 'nobody can look', NOON + 119_999)
      expect(new Map((await dispatches()).map(({ id, state }) => [id, state]))).toEqual(
        new Map([
          ['done', 'fenced'],
          ['failed', 'fenced'],
          ['given-up', 'doubtful'],
        ]),
      )
      expect((await dispatches()).map(({ edit }) => edit?.hasEnded)).toEqual([true, true, true])
    })

    test('whose process is long dead can be put in doubt by whoever finds it', async () => {
      const sent = await begin('e1')
      await store().holdLease(ZONE, 'another', lease.until, lease.until + 25_000)
      expect(await store().markUnknown(lease, sent, NOON, NOON)).toBe(false)
      expect(await store().markUnknown(undefined, sent, NOON, NOON)).toBe(true)
    })

    test('that is settled is in the cache and in the history at once', async () => {
      await edits().keepList(ann, ZONE, list([www]))
      const sent = await begin('e1', { before: [www] })
      const moved = settlement({
        deleted: [www],
        sets: [
          { name: shop.name, type: 'A', before: [], after: [shop] },
          { name: www.name, type: 'A', before: [www], after: [] },
        ],
      })
      expect(await edits().settleEdit(sent, moved)).toBe(true)
      expect(await cached()).toEqual([shop])
      const end = { id: 'e1', kind: 'create', status: 'done', records: [shop], error: null }
      expect(await edits().editOf(ann, 'e1')).toEqual(end)
      expect(await edits().unsettledEdits()).toEqual([])
      expect(await dispatches()).toEqual([])
      expect(await told('ann', 10)).toEqual([
        {
          id: 'e1',
          zone: ZONE,
          at: NOON + 100,
          actor: { kind: 'customer', label: 'ann@example.org' },
          kind: 'create',
          changes: moved.sets,
        },
      ])
    })

    test('that was done for certain is known to its customer, and to whoever keeps sets in the zone', async () => {
      const read = { seen: [www], gone: [], resolved: [], settled: [], drifted: [] }
      await edits().keepList(ann, ZONE, list([www]))
      const done = { at: NOON + 100, deleted: [www.id], patched: [], created: [shop], sets: [] }
      const edited = [{ name: shop.name, type: 'A', before: [], after: [shop] }]
      const unkept = await begin('e1', { before: [www] })
      expect(await store().settle(lease, unkept, { ...done, edited })).toBe(true)
      expect(await cached()).toEqual([shop])
      expect(await edits().editOf(ann, 'e1')).toMatchObject({ status: 'done', records: [shop] })
      expect(await told('ann', 10)).toMatchObject([{ id: 'e1', changes: edited }])
      expect(await store().history({ limit: 9 })).toEqual([])
      expect(await store().recordsOf(ZONE)).toEqual([])

      await store().keepTrustedRead(lease, { ...read, at: NOON })
      const kept = await begin('e2', { before: [www] })
      expect(await store().settle(lease, kept, { ...done, edited })).toBe(true)
      expect(await store().settle(lease, kept, { ...done, edited })).toBe(false)
      expect(await store().recordsOf(ZONE)).toEqual(
        expect.arrayContaining([
          { record: www, confirmedAt: NOON + 100, goneAt: NOON + 100 },
          { record: shop, confirmedAt: NOON + 100, goneAt: null },
        ]),
      )
    })

    test('that cannot be settled whole is not settled at all', async () => {
      const sent = await begin('e1')
      const sets = [{ name: shop.name, type: 'A', before: [], after: unwritable([shop]) }]
      await expect(edits().settleEdit(sent, settlement({ sets }))).rejects.toThrow()
      expect(await edits().editOf(ann, 'e1')).toMatchObject({ status: 'checking' })
      expect(await dispatches()).toEqual([sent])
      expect(await cached()).toEqual([])
    })

    test('ends once, whoever ends it', async () => {
      const sent = await begin('e1')
      const ends = await Promise.all([
        edits().settleEdit(sent, settlement()),
        edits().settleEdit(sent, settlement()),
        edits().settleEdit(sent, settlement()),
      ])
      expect(ends.filter(Boolean)).toHaveLength(1)
      expect(await edits().failEdit(sent, 'no', NOON)).toBe(false)
      expect(await store().markUnknown(lease, sent, NOON, NOON)).toBe(false)
      expect(await told('ann', 10)).toHaveLength(1)
    })

    test('of unknown outcome is found until it ends, and can still end either way', async () => {
      const both = [await begin('e1'), await begin('e2')]
      for (const sent of both) {
        expect(await store().markUnknown(lease, sent, NOON + 1, NOON + 2, 'said no')).toBe(true)
        expect(await store().markUnknown(lease, sent, NOON + 9, NOON + 9)).toBe(false)
      }
      expect(await edits().unsettledEdits()).toMatchObject([
        {
          id: 'e1',
          state: 'doubtful',
          unknownSince: NOON + 1,
          fenceUntil: NOON + 2,
          edit: { error: 'said no' },
        },
        { id: 'e2', state: 'doubtful' },
      ])
      expect(await edits().settleEdit(both[0]!, settlement())).toBe(true)
      expect(await edits().failEdit(both[1]!, 'never', NOON + 3)).toBe(true)
      expect(await edits().editOf(ann, 'e1')).toMatchObject({ status: 'done', error: null })
      expect(await edits().editOf(ann, 'e2')).toMatchObject({ status: 'failed', error: 'never', records: [] })
    })

    test('is forgotten some time after it has ended, and no sooner, and its history stays', async () => {
      const [sent] = [await begin('e1'), await begin('e2')]
      await store().markUnknown(lease, sent, NOON, NOON + 120_000)
      await edits().settleEdit(sent, settlement())
      await edits().forgetEdits(NOON + 100)
      expect(await edits().editOf(ann, 'e1')).toMatchObject({ status: 'done' })
      await edits().forgetEdits(NOON + 101)
      expect(await edits().editOf(ann, 'e1')).toBeUndefined()
      expect(await edits().unsettledEdits()).toMatchObject([{ id: 'e2' }])
      expect(await dispatches()).toMatchObject([{ id: 'e2' }])
      expect(await told('ann', 10)).toHaveLength(1)
    })

    test('is nobody else’s', async () => {
      await edits().settleEdit(await begin('e1'), settlement())
      expect(await edits().editOf(bob, 'e1')).toBeUndefined()
      expect(await edits().editOf({ ...bob, connectionId: 'ann-1' }, 'e1')).toBeUndefined()
      expect(await told('bob', 10)).toEqual([])
      expect(await cached(bob)).toEqual([])
    })

    test('is not among what the operator asks for, and cannot be undone from there', async () => {
      await edits().settleEdit(await begin('e1'), settlement())
      expect(await store().history({ limit: 10 })).toEqual([])
      expect(await store().history({ zone: ZONE, limit: 10 })).toEqual([])
    })

    test('keeps what it told from a list that began before, and from no list after', async () => {
      await edits().keepList(ann, ZONE, list([www]))
      await edits().settleEdit(await begin('e1', { before: [www] }), settlement({ deleted: [www] }))
      await edits().keepList(ann, ZONE, list([www], { gone: [shop.id], at: NOON + 50 }))
      expect(await cached()).toEqual([shop])
      await edits().keepList(ann, ZONE, list([www], { gone: [shop.id], at: NOON + 150 }))
      expect(await cached()).toEqual([www])
    })

    test('tells everybody in the zone what was last told of each record', async () => {
      await edits().settleEdit(await begin('e1', { before: [www] }), settlement({ deleted: [www] }))
      const told = await edits().confirmedSince(ZONE, NOON)
      expect([...told].sort((a, b) => (a.record.id < b.record.id ? -1 : 1))).toEqual([
        { record: www, confirmedAt: NOON + 100, goneAt: NOON + 100 },
        { record: shop, confirmedAt: NOON + 100, goneAt: null },
      ])
      const again = await begin('e2', { ...bob, before: [shop], at: NOON + 200 })
      const changed = { ...shop, value: www.value }
      await edits().settleEdit(again, settlement({ at: NOON + 300, held: [changed] }))
      expect(await edits().confirmedSince(ZONE, NOON + 200)).toMatchObject([{ record: changed }])
      expect(
        (await edits().confirmedSince(ZONE, NOON)).filter(({ record }) => record.id === shop.id),
      ).toEqual([{ record: changed, confirmedAt: NOON + 300, goneAt: null }])
      expect(await edits().confirmedSince(OTHER_ZONE, NOON)).toEqual([])
    })
  })

  describe('the history of a customer', () => {
    test('has what others changed as one entry for each list, newest first, so many as asked for', async () => {
      const sets = (name: string) => [
        { name: record(`r ${name} A 192.0.2.1`).name, type: 'A', before: [], after: [www] },
        {
          name: record(`r ${name} A 192.0.2.1`).name,
          type: 'LOC',
          before: [foreign(`r3 ${name} LOC 51`)],
          after: [],
        },
      ]
      for (const [index, name] of ['a', 'b', 'c'].entries()) {
        await edits().keepList(ann, ZONE, list([], { at: NOON + index, outside: sets(name) }))
      }
      const history = await told('ann', 2)
      expect(history).toEqual([
        {
          id: expect.any(String),
          zone: ZONE,
          kind: null,
          at: NOON + 2,
          actor: { kind: 'outside', label: 'outside' },
          changes: sets('c'),
        },
        {
          id: expect.any(String),
          zone: ZONE,
          kind: null,
          at: NOON + 1,
          actor: { kind: 'outside', label: 'outside' },
          changes: sets('b'),
        },
      ])
    })

    test('is as long as memory bears, and without a change of which a part would be missing', async () => {
      const sets = (count: number) =>
        Array.from({ length: count }, (_, index) => {
          const { name, type } = record(`r w${index} A 192.0.2.1`)
          return { name, type, before: [], after: [] }
        })
      for (const [index, count] of [4_500, 1_500, 600, 150, 250, 700].entries()) {
        await edits().keepList(ann, ZONE, list([], { at: NOON + index, outside: sets(count) }))
      }
      const pages: number[][] = []
      let after: EditPage['after']
      for (let hasMore = true; hasMore; ) {
        const page = await edits().editHistory('ann', { zone: ZONE, limit: 200, after })
        if (page.entries.length > 0) pages.push(page.entries.map(({ changes }) => changes.length))
        hasMore = page.hasMore
        after = page.entries.at(-1) ?? after
      }
      expect(pages).toEqual([[700], [250, 150], [600], [1_500], [4_000]])
    })

    test('tells of large changes as many as memory bears, and of one that is larger which sets it was', async () => {
      const texts = (count: number) =>
        Array.from({ length: count }, (_, index) =>
          record(`r${index} w${index % 2} TXT v`, { value: `"${'x'.repeat(1_000)}"` as Value }),
        )
      const set = (label: string, before: readonly ZoneRecord[]): EditedSet => {
        const { name, type } = record(`r ${label} TXT v`)
        return { name, type, before, after: [] }
      }
      const changes = [
        [set('first', texts(1_100))],
        [set('crowded', texts(3_000)), set('small', texts(1))],
        [set('second', texts(1_100))],
        [set('third', texts(1_100))],
      ]
      for (const [index, outside] of changes.entries()) {
        await edits().keepList(ann, ZONE, list([], { at: NOON + index, outside }))
      }
      const first = await edits().editHistory('ann', { zone: ZONE, limit: 50 })
      expect(first.hasMore).toBe(true)
      expect(first.entries.map(({ changes }) => changes)).toEqual([changes[3]])
      const second = await edits().editHistory('ann', { zone: ZONE, limit: 50, after: first.entries.at(-1) })
      expect(second.entries.map(({ changes }) => changes)).toEqual([changes[2]])
      const third = await edits().editHistory('ann', { zone: ZONE, limit: 50, after: second.entries.at(-1) })
      const [crowded, small] = changes[1]!
      expect(third.entries.map(({ changes }) => changes)).toEqual([
        [{ ...crowded, before: [], isLeftOut: true }, small],
      ])
      const { id } = third.entries[0]!
      expect((await edits().editEntry('ann', ZONE, id))!.changes).toEqual([crowded, small])
    })

    test('goes on after the last entry of a page, also within one millisecond', async () => {
      const [one] = [{ name: www.name, type: 'A', before: [], after: [www] }]
      for (let index = 0; index < 7; index += 1) {
        await edits().keepList(ann, ZONE, list([], { at: NOON + Math.floor(index / 4), outside: [one!] }))
      }
      const all = await told('ann', 20)
      expect(all).toHaveLength(7)
      const first = await edits().editHistory('ann', { zone: ZONE, limit: 3 })
      expect(first).toEqual({ entries: all.slice(0, 3), hasMore: true })
      const second = await edits().editHistory('ann', { zone: ZONE, limit: 3, after: all[2] })
      expect(second).toEqual({ entries: all.slice(3, 6), hasMore: true })
      const third = await edits().editHistory('ann', { zone: ZONE, limit: 3, after: all[5] })
      expect(third).toEqual({ entries: all.slice(6), hasMore: false })
    })

    test('gives one entry whole, to its customer alone', async () => {
      const outside = [{ name: www.name, type: 'A', before: [], after: [www] }]
      await edits().keepList(ann, ZONE, list([], { outside }))
      const [entry] = await told('ann', 1)
      expect(await edits().editEntry('ann', ZONE, entry!.id)).toEqual(entry)
      expect(await edits().editEntry('bob', ZONE, entry!.id)).toBeUndefined()
      expect(await edits().editEntry('ann', OTHER_ZONE, entry!.id)).toBeUndefined()
      expect(await edits().editEntry('ann', ZONE, 'e9')).toBeUndefined()
    })

    test('is of one zone, or of all', async () => {
      const outside = [{ name: www.name, type: 'A', before: [], after: [www] }]
      await edits().keepList(ann, ZONE, list([], { outside }))
      await edits().keepList(ann, OTHER_ZONE, list([], { at: NOON + 1, outside }))
      expect((await told('ann', 9)).map(({ zone }) => zone)).toEqual([ZONE])
      const { entries } = await edits().editHistory('ann', { limit: 9 })
      expect(entries.map(({ zone }) => zone)).toEqual([OTHER_ZONE, ZONE])
    })

    test('shows what callers declared where it is asked for, since then, and tells their sets', async () => {
      const lease = (await store().holdLease(ZONE, 'me', NOON, NOON + 25_000))!
      const intent = await store().addIntent(newIntent('www A 192.0.2.1'))
      const batch = { changes: [], intents: [intent], names: [www.name], at: NOON }
      const dispatch = (await store().dispatch(lease, batch, 0))!
      const sets = [{ intent, before: [], after: [www] }]
      await store().settle(lease, dispatch, { at: NOON, deleted: [], patched: [], created: [], sets })
      expect(await told('ann', 10)).toEqual([])
      const [entry] = await store().history({ limit: 10 })
      expect(await told('ann', 10, { callersSince: NOON })).toEqual([
        {
          id: entry!.id,
          zone: ZONE,
          at: NOON,
          actor: entry!.actor,
          kind: null,
          changes: [{ name: www.name, type: 'A', before: [], after: [www] }],
        },
      ])
      expect(await told('ann', 10, { callersSince: NOON + 1 })).toEqual([])
      expect(await told('ann', 10, { callersSince: NOON, zone: OTHER_ZONE })).toEqual([])
      expect(await edits().editEntry('ann', ZONE, entry!.id)).toBeUndefined()
      expect(await edits().changedByCallers(ZONE, NOON)).toEqual([{ name: www.name, type: 'A' }])
      expect(await edits().changedByCallers(ZONE, NOON + 1)).toEqual([])
      expect(await edits().changedByCallers(OTHER_ZONE, NOON)).toEqual([])
    })
  })

  describe('a plan', () => {
    const plan = (id: string, more: Partial<KeptPlan> = {}): KeptPlan => ({
      ...ann,
      id,
      zone: ZONE,
      plan: '{"domain":"example.com"}',
      fingerprint: 'f1',
      createdAt: NOON,
      expiresAt: NOON + 30 * MINUTE,
      ...more,
    })

    test('is found by its id and by what it was made from, until it expires', async () => {
      await edits().keepPlan(plan('p1'))
      await edits().keepPlan(plan('p2', { fingerprint: 'f2', zone: null }))
      expect(await edits().planOf(ann, 'p1', NOON)).toEqual(plan('p1'))
      expect(await edits().planMadeFrom(ann, 'f2', NOON)).toEqual(
        plan('p2', { fingerprint: 'f2', zone: null }),
      )
      expect(await edits().planMadeFrom(ann, 'f3', NOON)).toBeUndefined()
      expect(await edits().planOf(ann, 'p1', NOON + 30 * MINUTE)).toBeUndefined()
      expect(await edits().planMadeFrom(ann, 'f1', NOON + 30 * MINUTE)).toBeUndefined()
    })

    test('is nobody else’s', async () => {
      await edits().keepPlan(plan('p1'))
      expect(await edits().planOf(bob, 'p1', NOON)).toBeUndefined()
      expect(await edits().planMadeFrom(bob, 'f1', NOON)).toBeUndefined()
      expect(await edits().planOf({ ...bob, connectionId: 'ann-1' }, 'p1', NOON)).toBeUndefined()
    })

    test('that has expired is forgotten when the next one is kept', async () => {
      await edits().keepPlan(plan('p1', { expiresAt: NOON + 1 }))
      await edits().keepPlan(plan('p2', { createdAt: NOON + 1 }))
      expect(await edits().planOf(ann, 'p1', NOON)).toBeUndefined()
    })

    test('is kept beside the four before it, and beside those of others', async () => {
      await edits().keepPlan(plan('bobs', bob))
      for (let made = 1; made <= 7; made += 1) {
        await edits().keepPlan(plan(`p${made}`, { createdAt: NOON + made, fingerprint: `f${made}` }))
      }
      const isKept = async (id: string) => (await edits().planOf(ann, id, NOON)) !== undefined
      expect(await Promise.all([1, 2, 3, 4, 5, 6, 7].map((made) => isKept(`p${made}`)))).toEqual([
        false,
        false,
        true,
        true,
        true,
        true,
        true,
      ])
      expect(await edits().planOf(bob, 'bobs', NOON)).toBeDefined()
    })
  })

  describe('a lease that somebody else wants', () => {
    test('is told to its holder until it is let go of, and to nobody else', async () => {
      await store().holdLease(ZONE, 'me', NOON, NOON + 25_000)
      await store().holdLease(OTHER_ZONE, 'me', NOON, NOON + 25_000)
      expect(await store().leasesWanted('me')).toEqual([])
      await store().wantLease(ZONE, NOON)
      expect(await store().leasesWanted('me')).toEqual([ZONE])
      expect(await store().leasesWanted('another')).toEqual([])
      await store().releaseLease(ZONE, 'another')
      expect(await store().leasesWanted('me')).toEqual([ZONE])
      await store().releaseLease(ZONE, 'me')
      expect(await store().leasesWanted('me')).toEqual([])
      expect(await store().holdLease(ZONE, 'another', NOON, NOON + 25_000)).toMatchObject({ epoch: 2 })
      expect(await store().leasesWanted('another')).toEqual([])
      expect(await store().holdLease(OTHER_ZONE, 'another', NOON, NOON + 25_000)).toBeUndefined()
    })
  })
}
