import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { aName, anyRecordsIn } from '#dns/testing.ts'
import type { Lease } from '#store/coordination.ts'
import type { TrustedRead } from '#store/observed.ts'
import type { Store } from '#store/store.ts'
import {
  foreign,
  keyIn,
  NOON,
  nameOf,
  newIntent,
  OTHER_ZONE,
  post,
  record,
  unwritable,
  ZONE,
} from '../../support/samples.ts'

export function mirrorContract(store: () => Store): void {
  let lease: Lease

  beforeEach(async () => {
    lease = (await store().holdLease(ZONE, 'me', NOON, NOON + 25_000))!
  })

  const believe = (read: Partial<TrustedRead>, under: Lease = lease) =>
    store().keepTrustedRead(under, {
      at: NOON,
      seen: [],
      gone: [],
      resolved: [],
      settled: [],
      drifted: [],
      ...read,
    })
  const sortedById = async () =>
    [...(await store().recordsOf(ZONE))].sort((a, b) => (a.record.id < b.record.id ? -1 : 1))

  test('a list that shows a record of another zone takes nothing from that one', async () => {
    const here = record('r1 www A 192.0.2.1')
    await believe({ seen: [here] })
    const other = (await store().holdLease(OTHER_ZONE, 'me', NOON, NOON + 25_000))!
    const there = record('r1 ftp A 192.0.2.2')
    await believe({ seen: [there] }, other)
    const kept = { confirmedAt: 0, goneAt: null }
    expect(await store().recordsOf(ZONE)).toEqual([{ record: here, ...kept }])
    expect(await store().recordsOf(OTHER_ZONE)).toEqual([{ record: there, ...kept }])
    await believe({ at: NOON + 1, gone: [there.id] }, other)
    expect(await store().recordsOf(ZONE)).toEqual([{ record: here, ...kept }])
  })

  test('records come back as they were seen, ours, foreign and read-only ones', async () => {
    const seen = [
      record('r1 www A 192.0.2.1', { proxied: true, ttl: 1, comment: 'by hand' }),
      record('r2 @ MX 10 mail.example.net', { readOnly: true }),
      record('r3 @ TXT v=spf1 -all', { ttl: 86_400, comment: '' }),
      record('r4 _sip._tcp SRV 10 5 443 host.example.com'),
      foreign('r5 @ HTTPS 1 . alpn="h3,h2"'),
    ]
    expect(await believe({ seen })).toBe(true)
    expect(await sortedById()).toEqual(seen.map((record) => ({ record, confirmedAt: 0, goneAt: null })))
    expect((await store().zoneState(ZONE)).readAt).toBe(NOON)
    expect((await store().setState(ZONE, keyIn('www A'))).readAt).toBe(NOON)
  })

  test('any records come back as they were seen', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecordsIn(aName('example.com')), async (records) => {
        const gone = (await store().recordsOf(ZONE)).map(({ record }) => record.id)
        await believe({ gone })
        await believe({ seen: records })
        const present = (await store().recordsOf(ZONE)).filter(({ goneAt }) => goneAt === null)
        expect(new Set(present.map(({ record }) => record))).toEqual(new Set(records))
      }),
      { numRuns: 25 },
    )
  })

  test('records are found by their names, and only in their zone', async () => {
    const other = (await store().holdLease(OTHER_ZONE, 'me', NOON, NOON + 25_000))!
    const [www, mx, ftp] = [
      record('r1 www A 192.0.2.1'),
      record('r2 www MX 10 a.example.net'),
      record('r3 ftp A 192.0.2.1'),
    ]
    await believe({ seen: [www, mx, ftp] })
    await believe({ seen: [record('r4 www A 192.0.2.9')] }, other)

    const at = async (...names: string[]) =>
      (await store().recordsAt(ZONE, names.map(nameOf))).map(({ record }) => record.id).sort()
    expect(await at('www')).toEqual(['r1', 'r2'])
    expect(await at('www', 'ftp', 'none')).toEqual(['r1', 'r2', 'r3'])
    expect(await at()).toEqual([])
    expect(await store().recordsOf(OTHER_ZONE)).toHaveLength(1)
  })

  test('a record that is gone is remembered as gone for ten minutes, and comes back if it is seen', async () => {
    const www = record('r1 www A 192.0.2.1')
    await believe({ seen: [www] })
    await believe({ gone: [www.id], at: NOON + 1 })
    expect(await store().recordsOf(ZONE)).toMatchObject([{ record: www, goneAt: NOON + 1 }])
    await believe({ seen: [www], at: NOON + 2 })
    expect(await store().recordsOf(ZONE)).toEqual([{ record: www, confirmedAt: 0, goneAt: null }])

    await believe({ gone: [www.id], at: NOON + 3 })
    await believe({ at: NOON + 3 + 600_000 })
    expect(await store().recordsOf(ZONE)).toHaveLength(1)
    await believe({ at: NOON + 4 + 600_000 })
    expect(await store().recordsOf(ZONE)).toEqual([])
  })

  test('a record that is seen to be different is no longer as a write of ours confirmed it', async () => {
    const ours = record('r1 www A 192.0.2.1')
    const intent = await store().addIntent(newIntent('www A 192.0.2.1'))
    const batch = { changes: [post(ours)], intents: [intent], names: [ours.name], at: NOON }
    const dispatch = (await store().dispatch(lease, batch, 0))!
    const sets = [{ intent, before: [], after: [ours] }]
    await store().settle(lease, dispatch, { at: NOON, deleted: [], patched: [], created: [ours], sets })
    expect(await store().recordsOf(ZONE)).toMatchObject([{ confirmedAt: NOON }])

    const theirs = record('r1 www A 192.0.2.66')
    await believe({ seen: [theirs], at: NOON + 90_000 })
    expect(await store().recordsOf(ZONE)).toEqual([{ record: theirs, confirmedAt: 0, goneAt: null }])
  })

  test('sets are marked as declared, or not, by what a read shows', async () => {
    for (const text of ['www A 192.0.2.1', 'ftp A 192.0.2.1']) {
      const intent = await store().addIntent(newIntent(text))
      await store().endIntents(lease, [{ intent, outcome: 'already-so' }], NOON)
    }
    const settled = async () =>
      (await store().managedSets(ZONE)).filter((set) => set.settled).map(({ key }) => key)
    await believe({ drifted: [keyIn('www A')] })
    expect(await settled()).toEqual([keyIn('ftp A')])
    await believe({ settled: [keyIn('www A')], drifted: [keyIn('ftp A')] })
    expect(await settled()).toEqual([keyIn('www A')])
  })

  test('whoever lost the zone keeps no read', async () => {
    await store().holdLease(ZONE, 'another', lease.until, lease.until + 25_000)
    expect(await believe({ seen: [record('r1 www A 192.0.2.1')] })).toBe(false)
    expect(await store().recordsOf(ZONE)).toEqual([])
    expect((await store().zoneState(ZONE)).readAt).toBeNull()
  })

  test('a read ends what it has shown, lets the rest wait again, and keeps the fence up', async () => {
    const done = await store().addIntent(newIntent('www A 192.0.2.1'))
    const undone = await store().addIntent(newIntent('ftp A 192.0.2.1'))
    const www = record('r1 www A 192.0.2.1')
    const batch = {
      changes: [post(www)],
      intents: [done, undone],
      names: [nameOf('www'), nameOf('ftp')],
      at: NOON,
    }
    const dispatch = (await store().dispatch(lease, batch, 0))!
    await store().markUnknown(lease, dispatch, NOON, NOON + 120_000)

    const ended = [{ intent: done, before: [], after: [www] }]
    await believe({ at: NOON + 6_000, seen: [www], resolved: [{ dispatch, ended, again: [undone] }] })
    expect(await store().waitingIntents(ZONE)).toEqual([{ ...undone, waitsUntil: 0 }])
    expect(await store().withdrawIntent(undone.generation)).toBe(false)
    expect(await store().managedSets(ZONE)).toMatchObject([{ key: done.key, settled: true }])
    expect(await store().history({ limit: 9 })).toMatchObject([
      { key: done.key, after: [www], outcome: 'done' },
    ])
    expect((await store().setState(ZONE, done.key)).hasUnknownOutcome).toBe(true)
    expect((await store().zoneState(ZONE)).dispatches).toEqual([
      { ...dispatch, intents: [], state: 'fenced', unknownSince: NOON, fenceUntil: NOON + 120_000 },
    ])

    // A list may be half a minute old, and a late commit of the last moment has to be in it.
    await believe({ at: NOON + 149_999 })
    expect((await store().zoneState(ZONE)).dispatches).toHaveLength(1)
    await believe({ at: NOON + 150_000 })
    // While something waits there, that a record is ours is known by this alone.
    expect((await store().zoneState(ZONE)).dispatches).toHaveLength(1)
    await store().endIntents(lease, [{ intent: undone, outcome: 'superseded' }], NOON + 150_000)
    await believe({ at: NOON + 150_001 })
    expect((await store().zoneState(ZONE)).dispatches).toEqual([])
    expect((await store().setState(ZONE, done.key)).hasUnknownOutcome).toBe(false)
  })

  test('an intent that was dispatched anew is not touched by a read about its first dispatch', async () => {
    const intent = await store().addIntent(newIntent('www A 192.0.2.1'))
    const batch = { changes: [], intents: [intent], names: [nameOf('www')], at: NOON }
    const first = (await store().dispatch(lease, batch, 0))!
    await store().markUnknown(lease, first, NOON, NOON + 120_000)
    await believe({ resolved: [{ dispatch: first, ended: [], again: [intent] }] })
    const second = (await store().dispatch(lease, batch, 0))!
    await believe({ resolved: [{ dispatch: first, ended: [], again: [intent] }] })
    expect(await store().waitingIntents(ZONE)).toEqual([])
    expect((await store().zoneState(ZONE)).dispatches).toContainEqual({
      ...second,
      intents: [{ ...intent, waitsUntil: 0 }],
    })
  })

  test('a read that fails to be kept in its middle leaves the mirror as it was', async () => {
    const old = record('r1 www A 192.0.2.1')
    await believe({ seen: [old] })
    const intent = await store().addIntent(newIntent('ftp A 192.0.2.1'))
    const batch = { changes: [], intents: [intent], names: [nameOf('ftp')], at: NOON }
    const dispatch = (await store().dispatch(lease, batch, 0))!
    await store().markUnknown(lease, dispatch, NOON, NOON + 120_000)

    const ended = [{ intent, before: unwritable([old]), after: [] }]
    const broken = {
      at: NOON + 1,
      gone: [old.id],
      seen: [record('r2 x A 192.0.2.2')],
      resolved: [{ dispatch, ended, again: [] }],
    }
    await expect(believe(broken)).rejects.toThrow()
    expect(await store().recordsOf(ZONE)).toEqual([{ record: old, confirmedAt: 0, goneAt: null }])
    expect(await store().zoneState(ZONE)).toMatchObject({ readAt: NOON, dispatches: [{ state: 'doubtful' }] })
    expect((await store().setState(ZONE, intent.key)).pending).toEqual(intent)
  })
}
