import { expect, test } from 'vitest'
import type { Store } from '#store/store.ts'
import {
  keyIn,
  NOON,
  newIntent,
  OTHER_ZONE,
  post,
  record,
  unwritable,
  ZONE,
  zoneFacts,
} from '../../support/samples.ts'

export function zoneContract(store: () => Store): void {
  const one = zoneFacts('example.com')
  const two = zoneFacts('example.net', {
    id: OTHER_ZONE,
    status: 'pending',
    type: 'partial',
    paused: true,
    plan: '',
    nameServers: [],
    permissions: [],
  })

  test('zones are remembered as they were listed', async () => {
    expect(await store().zonesOf('credential')).toEqual([])
    const known = await store().rememberZones('credential', [one, two], NOON)
    expect(known).toHaveLength(2)
    expect(known).toContainEqual({ ...one, seenAt: NOON, missingSince: null })
    expect(known).toContainEqual({ ...two, seenAt: NOON, missingSince: null })
    expect(await store().zonesOf('credential')).toEqual(known)
  })

  test('a zone that left the list stays known, and since when, until it is back', async () => {
    await store().rememberZones('credential', [one, two], NOON)
    await store().rememberZones('credential', [one], NOON + 1_000)
    const known = await store().rememberZones('credential', [{ ...one, status: 'moved' }], NOON + 2_000)
    expect(known).toContainEqual({ ...one, status: 'moved', seenAt: NOON + 2_000, missingSince: null })
    expect(known).toContainEqual({ ...two, seenAt: NOON, missingSince: NOON + 1_000 })

    const back = await store().rememberZones('credential', [one, two], NOON + 3_000)
    expect(back).toContainEqual({ ...two, seenAt: NOON + 3_000, missingSince: null })
  })

  test('an empty list leaves every zone known and missing', async () => {
    await store().rememberZones('credential', [one, two], NOON)
    const known = await store().rememberZones('credential', [], NOON + 1)
    expect(known.map(({ missingSince }) => missingSince)).toEqual([NOON + 1, NOON + 1])
  })

  test('a zone leaves the list also when the clock was set back', async () => {
    await store().rememberZones('credential', [one, two], NOON)
    const known = await store().rememberZones('credential', [one], NOON - 3_600_000)
    expect(known.find(({ id }) => id === two.id)?.missingSince).toBe(NOON - 3_600_000)
    expect(known.find(({ id }) => id === one.id)?.missingSince).toBeNull()
  })

  test('what one credential sees says nothing about another', async () => {
    await store().rememberZones('first', [one], NOON)
    await store().rememberZones('second', [one, two], NOON)
    await store().rememberZones('second', [], NOON + 1)
    expect(await store().zonesOf('first')).toEqual([{ ...one, seenAt: NOON, missingSince: null }])
  })

  test('every zone that any credential has seen can be asked for, by name', async () => {
    expect(await store().knownZones()).toEqual([])
    await store().rememberZones('first', [two], NOON)
    await store().rememberZones('second', [one], NOON)
    expect((await store().knownZones()).map(({ name }) => name)).toEqual(['example.com', 'example.net'])
  })

  test('a zone that several credentials know is one, as whoever sees it knows it', async () => {
    await store().rememberZones('first', [{ ...one, status: 'pending' }], NOON)
    await store().rememberZones('second', [one], NOON + 1)
    await store().rememberZones('third', [{ ...one, status: 'moved' }], NOON + 2)
    await store().rememberZones('third', [], NOON + 3)
    expect(await store().knownZones()).toEqual([{ ...one, seenAt: NOON + 1, missingSince: null }])
  })

  test('of a list that cannot be kept whole, nothing is kept', async () => {
    await store().rememberZones('credential', [one], NOON)
    const broken = [
      { ...one, status: 'moved' },
      { ...two, nameServers: unwritable(['ns1.example.net']) },
    ]
    await expect(store().rememberZones('credential', broken, NOON + 1)).rejects.toThrow()
    expect(await store().zonesOf('credential')).toEqual([{ ...one, seenAt: NOON, missingSince: null }])
  })

  test('a zone is in use while it has an intent, an unsettled dispatch or a set to keep', async () => {
    const key = keyIn('www A')
    const inUse = () => store().zonesInUse()
    expect(await inUse()).toEqual([])

    const lease = (await store().holdLease(ZONE, 'me', NOON, NOON + 25_000))!
    const intent = await store().addIntent(newIntent('www A 192.0.2.1'))
    expect(await inUse()).toEqual([ZONE])

    const created = record('r1 www A 192.0.2.1')
    const batch = { changes: [post(created)], intents: [intent], names: [key.name], at: NOON }
    const dispatch = (await store().dispatch(lease, batch, 0))!
    expect(await inUse()).toEqual([ZONE])

    const sets = [{ intent, before: [], after: [created] }]
    await store().settle(lease, dispatch, { at: NOON, deleted: [], patched: [], created: [created], sets })
    expect(await inUse()).toEqual([ZONE])

    const gone = await store().addIntent(newIntent('www A -'))
    await store().endIntents(lease, [{ intent: gone, outcome: 'already-so' }], NOON)
    expect(await inUse()).toEqual([])
  })

  test('a refusal alone keeps no zone in use', async () => {
    const lease = (await store().holdLease(ZONE, 'me', NOON, NOON + 25_000))!
    const intent = await store().addIntent(newIntent('www A 192.0.2.1'))
    const refusal = { code: 'refused', message: 'no', details: {} } as const
    await store().endIntents(lease, [{ intent, outcome: refusal }], NOON)
    expect(await store().zonesInUse()).toEqual([])
  })
}
