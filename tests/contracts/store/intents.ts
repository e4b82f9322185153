import { beforeEach, expect, test } from 'vitest'
import type { Lease } from '#store/coordination.ts'
import { type Store, StoreError } from '#store/store.ts'
import { keyIn, NOON, newIntent, OTHER_ZONE, post, record, unwritable, ZONE } from '../../support/samples.ts'

export function intentContract(store: () => Store): void {
  const www = keyIn('www A')
  const no = {
    code: 'refused',
    message: 'Content for A record is invalid.',
    details: { cloudflareCode: 9005 },
  } as const
  let lease: Lease

  beforeEach(async () => {
    lease = (await store().holdLease(ZONE, 'me', NOON, NOON + 25_000))!
  })

  test('generations only grow, whatever the zone', async () => {
    const one = await store().addIntent(newIntent('www A 192.0.2.1'))
    const two = await store().addIntent(newIntent('www A 192.0.2.1', { zone: OTHER_ZONE }))
    await store().withdrawIntent(two.generation)
    const three = await store().addIntent(newIntent('www A 192.0.2.1'))
    expect(two.generation).toBeGreaterThan(one.generation)
    expect(three.generation).toBeGreaterThan(two.generation)
  })

  test('forty intents at once have forty generations', async () => {
    const added = await Promise.all(
      Array.from({ length: 40 }, (_, index) => store().addIntent(newIntent(`n${index} A 192.0.2.1`))),
    )
    expect(new Set(added.map(({ generation }) => generation)).size).toBe(40)
    expect(await store().waitingIntents(ZONE)).toEqual(added.sort((a, b) => a.generation - b.generation))
  })

  test('an intent comes back as it was written, the oldest first', async () => {
    const asked = [
      newIntent('www A 192.0.2.1, 192.0.2.2', { waitsUntil: NOON + 25_000, adopts: false, requestId: 'r' }),
      newIntent('www A -', { origin: 'undo', at: NOON + 1 }),
      newIntent('@ TXT v=spf1 -all', { origin: 'drift' }),
    ]
    for (const one of asked) await store().addIntent(one)
    const waiting = await store().waitingIntents(ZONE)
    expect(waiting).toMatchObject(asked)
    expect(await store().waitingIntents(OTHER_ZONE)).toEqual([])
  })

  test('an intent that cannot be written down takes no generation', async () => {
    const { generation } = await store().addIntent(newIntent('www A 192.0.2.1'))
    const broken = {
      ...newIntent('www A 192.0.2.2'),
      wanted: unwritable(newIntent('www A 192.0.2.2').wanted!),
    }
    await expect(store().addIntent(broken)).rejects.toThrow()
    expect(await store().addIntent(newIntent('www A 192.0.2.3'))).toMatchObject({
      generation: generation + 1,
    })
    expect(await store().waitingIntents(ZONE)).toHaveLength(2)
  })

  test('an intent whose caller has given up is not added any more', async () => {
    await expect(store().addIntent(newIntent('www A 192.0.2.1'), 0)).rejects.toThrow(StoreError)
    expect(await store().waitingIntents(ZONE)).toEqual([])
    await store().addIntent(newIntent('www A 192.0.2.1'), Number.MAX_SAFE_INTEGER)
    expect(await store().waitingIntents(ZONE)).toHaveLength(1)
  })

  test('a correction is added only if nobody has asked for the set since it was seen', async () => {
    const correction = newIntent('www A 192.0.2.1')
    expect(await store().addCorrection(correction, 7)).toBeUndefined()
    const intent = (await store().addCorrection(correction, undefined))!
    expect(await store().waitingIntents(ZONE)).toEqual([intent])

    expect(await store().addCorrection(correction, undefined)).toBeUndefined()
    await store().endIntents(lease, [{ intent, outcome: 'already-so' }], NOON)
    expect(await store().addCorrection(correction, undefined)).toBeUndefined()
    expect(await store().addCorrection(correction, intent.generation)).toBeDefined()
  })

  test('what comes after its time is not written down, whatever comes with it', async () => {
    const asked = await Promise.allSettled([
      store().addIntent(newIntent('a A 192.0.2.1')),
      store().addIntent(newIntent('b A 192.0.2.1'), NOON - 1),
      store().addIntent(newIntent('c A 192.0.2.1'), Date.parse('2100-01-01T00:00:00Z')),
    ])
    expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    const written = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(await store().waitingIntents(ZONE)).toEqual(written)
    expect(written.map(({ key }) => key)).toEqual([keyIn('a A'), keyIn('c A')])
  })

  test('an intent can be taken back until it is dispatched', async () => {
    const one = await store().addIntent(newIntent('www A 192.0.2.1'))
    expect(await store().withdrawIntent(one.generation)).toBe(true)
    expect(await store().withdrawIntent(one.generation)).toBe(false)

    const two = await store().addIntent(newIntent('www A 192.0.2.1'))
    const changes = [post(record('r1 www A 192.0.2.1'))]
    await store().dispatch(lease, { changes, intents: [two], names: [www.name], at: NOON }, 0)
    expect(await store().withdrawIntent(two.generation)).toBe(false)
    expect(await store().setState(ZONE, www)).toMatchObject({ pending: two })
  })

  test('of an intent taken back and dispatched at once, one comes true', async () => {
    for (let round = 0; round < 20; round += 1) {
      const one = await store().addIntent(newIntent(`n${round} A 192.0.2.1`))
      const batch = { changes: [], intents: [one], names: [one.key.name], at: NOON }
      const both = [() => store().dispatch(lease, batch, 0), () => store().withdrawIntent(one.generation)]
      const outcomes = await Promise.all((round % 2 === 0 ? both : both.reverse()).map((one) => one()))
      expect(outcomes.filter(Boolean)).toHaveLength(1)
    }
  })

  test('of a set that nobody spoke of, nothing is known', async () => {
    expect(await store().setState(ZONE, www)).toEqual({
      managed: undefined,
      refusal: undefined,
      pending: undefined,
      readAt: null,
      hasUnknownOutcome: false,
    })
    expect(await store().setsAt(ZONE, [www.name])).toEqual([])
    expect(await store().setsAt(ZONE, [])).toEqual([])
  })

  test('the newest intent of a set is the pending one; other sets do not matter', async () => {
    await store().addIntent(newIntent('www A 192.0.2.1'))
    const newest = await store().addIntent(newIntent('www A 192.0.2.2'))
    await store().addIntent(newIntent('www AAAA 2001:db8::1'))
    await store().addIntent(newIntent('ftp A 192.0.2.3'))
    await store().addIntent(newIntent('www A 192.0.2.4', { zone: OTHER_ZONE }))
    expect((await store().setState(ZONE, www)).pending).toEqual(newest)
  })

  test('a superseded intent ends without a trace', async () => {
    const older = await store().addIntent(newIntent('www A 192.0.2.1'))
    const newer = await store().addIntent(newIntent('www A 192.0.2.2'))
    expect(await store().endIntents(lease, [{ intent: older, outcome: 'superseded' }], NOON)).toBe(true)
    expect(await store().waitingIntents(ZONE)).toEqual([newer])
    expect(await store().managedSets(ZONE)).toEqual([])
    expect(await store().history({ limit: 10 })).toEqual([])
  })

  test('a set that is so already is managed from then on', async () => {
    const one = await store().addIntent(newIntent('www A 192.0.2.1'))
    const records = [record('r1 www A 192.0.2.1', { proxied: true, ttl: 1 })]
    await store().endIntents(lease, [{ intent: one, outcome: 'already-so', records }], NOON + 5)
    const managed = {
      zone: ZONE,
      key: www,
      wanted: one.wanted,
      caller: 'default',
      generation: one.generation,
      settled: true,
      proxied: true,
      since: NOON + 5,
    }
    expect(await store().setState(ZONE, www)).toMatchObject({ managed, pending: undefined })
    expect(await store().managedSets(ZONE)).toEqual([managed])
    expect(await store().setsOf(ZONE)).toEqual([{ key: www, managed, refusal: undefined }])
    expect(await store().setsOf(OTHER_ZONE)).toEqual([])
    expect(await store().setsAt(ZONE, [www.name])).toEqual([{ key: www, managed, refusal: undefined }])
  })

  test('a refusal is kept beside what is managed, as the answer to the same question', async () => {
    const good = await store().addIntent(newIntent('www A 192.0.2.1'))
    await store().endIntents(lease, [{ intent: good, outcome: 'already-so' }], NOON)
    const bad = await store().addIntent(newIntent('www A 192.0.2.2', { waitsUntil: NOON + 25_000 }))
    await store().endIntents(lease, [{ intent: bad, outcome: no }], NOON + 1)

    const { managed, refusal } = await store().setState(ZONE, www)
    expect(managed).toMatchObject({ wanted: good.wanted, generation: good.generation, settled: true })
    expect(refusal).toEqual({ ...no, wanted: bad.wanted, at: NOON + 1, told: true })
    expect(await store().history({ zone: ZONE, limit: 1 })).toMatchObject([
      { outcome: 'refused', reason: no.message, key: www, at: NOON + 1 },
    ])
  })

  test('a refusal that nobody waited for is told to the next who asks, once', async () => {
    const bad = await store().addIntent(newIntent('www A 192.0.2.2'))
    await store().endIntents(lease, [{ intent: bad, outcome: no }], NOON)
    expect((await store().setState(ZONE, www)).refusal).toMatchObject({ told: false })
    await store().markRefusalTold(ZONE, www)
    expect((await store().setState(ZONE, www)).refusal).toEqual({
      ...no,
      wanted: bad.wanted,
      at: NOON,
      told: true,
    })
    expect(await store().managedSets(ZONE)).toEqual([])
    expect(await store().setsOf(ZONE)).toMatchObject([
      { key: www, managed: undefined, refusal: { told: true } },
    ])

    await store().markRefusalTold(ZONE, keyIn('ftp A'))
    expect((await store().setState(ZONE, keyIn('ftp A'))).refusal).toBeUndefined()
  })

  test('a set that comes true leaves its refusal behind', async () => {
    const bad = await store().addIntent(newIntent('www A 192.0.2.2'))
    await store().endIntents(lease, [{ intent: bad, outcome: no }], NOON)
    const good = await store().addIntent(newIntent('www A 192.0.2.1'))
    await store().endIntents(lease, [{ intent: good, outcome: 'already-so' }], NOON)
    expect(await store().setState(ZONE, www)).toMatchObject({
      managed: { wanted: good.wanted },
      refusal: undefined,
    })
  })

  test('an intent that is gone or dispatched is not ended again', async () => {
    const gone = await store().addIntent(newIntent('www A 192.0.2.1'))
    await store().withdrawIntent(gone.generation)
    const sent = await store().addIntent(newIntent('ftp A 192.0.2.1'))
    await store().dispatch(lease, { changes: [], intents: [sent], names: [sent.key.name], at: NOON }, 0)
    const ended = [gone, sent].map((intent) => ({ intent, outcome: no }))
    await store().endIntents(lease, ended, NOON)
    expect(await store().history({ limit: 10 })).toEqual([])
    expect((await store().setState(ZONE, sent.key)).pending).toEqual(sent)
  })

  test('whoever lost the zone ends nothing', async () => {
    const one = await store().addIntent(newIntent('www A 192.0.2.1'))
    await store().holdLease(ZONE, 'another', lease.until, lease.until + 25_000)
    expect(await store().endIntents(lease, [{ intent: one, outcome: no }], NOON)).toBe(false)
    expect(await store().waitingIntents(ZONE)).toEqual([one])
    expect((await store().setState(ZONE, www)).refusal).toBeUndefined()
  })

  test('of intents that end together, all end or none', async () => {
    const one = await store().addIntent(newIntent('www A 192.0.2.1'))
    const two = await store().addIntent(newIntent('ftp A 192.0.2.1'))
    const ended = [
      { intent: one, outcome: 'already-so' as const },
      { intent: two, outcome: { ...no, details: unwritable({}) } },
    ]
    await expect(store().endIntents(lease, ended, NOON)).rejects.toThrow()
    expect(await store().waitingIntents(ZONE)).toEqual([one, two])
    expect(await store().managedSets(ZONE)).toEqual([])
  })

  test('an older intent never takes the place of a newer one', async () => {
    const older = await store().addIntent(newIntent('www A 192.0.2.1'))
    const newer = await store().addIntent(newIntent('www A 192.0.2.2'))
    await store().endIntents(lease, [{ intent: newer, outcome: 'already-so' }], NOON)
    await store().endIntents(lease, [{ intent: older, outcome: 'already-so' }], NOON)
    expect((await store().setState(ZONE, www)).managed).toMatchObject({ wanted: newer.wanted })
  })
}
