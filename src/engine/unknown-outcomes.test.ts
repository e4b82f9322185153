import { describe, expect, test } from 'vitest'
import type { ZoneRecord } from '#dns/record.ts'
import type { Lease } from '#store/coordination.ts'
import { unknownOutcomeContract } from '../../tests/contracts/unknown-outcomes.ts'
import { ANN, bothFaces, oneProcess } from '../../tests/support/both-faces.ts'
import { aRecord } from '../../tests/support/edit-world.ts'
import { zoneLines } from '../../tests/support/world.ts'

unknownOutcomeContract(oneProcess)

test("what a customer's create adds late to a declared set goes at the next look", async () => {
  const world = await bothFaces()
  world.comesLate(60)
  expect(await world.clock.until(world.create('shop A 192.0.2.7'))).toMatchObject({ status: 'checking' })
  await world.clock.until(world.upsert('shop.example.com 300 A 192.0.2.9'))
  const shop = () => zoneLines(world.emulator).filter((line) => line.startsWith('shop'))
  await world.clock.pass(60_000)
  expect(shop()).toHaveLength(2)
  await world.clock.pass(75_000)
  expect(shop()).toEqual(['shop.example.com 300 A 192.0.2.9'])
  await world.end()
})

test("a customer's edit of unknown outcome makes nothing the callers' own", async () => {
  const world = await bothFaces({ ownership: 'strict' })
  world.comesLate(1)
  expect(await world.clock.until(world.create('shop A 192.0.2.7'))).toMatchObject({ status: 'checking' })
  const refused = world.clock.until(world.upsert('shop.example.com 300 A 192.0.2.9'))
  await expect(refused).rejects.toMatchObject({ code: 'not-ours' })
  const removed = await world.clock.until(world.remove('shop.example.com A'))
  expect(removed).toEqual({ outcome: 'left-in-place' })
  await world.clock.pass(400_000)
  expect(zoneLines(world.emulator)).toContain('shop.example.com 1 A 192.0.2.7')
  await world.end()
})

describe('what a process that died has sent is in doubt', () => {
  test('what a dead process sent for an edit has an unknown outcome to an upsert', async () => {
    const world = await bothFaces()
    const { store, zone, clock, www } = world
    const record = (await store.edits.cachedRecord(ANN, zone, www)) as ZoneRecord
    await left(world, (lease) =>
      store.dispatch(
        lease,
        {
          changes: [{ kind: 'delete', record }],
          intents: [],
          names: [record.name],
          at: clock.now(),
          edit: {
            ...ANN,
            id: 'e1',
            zone,
            kind: 'delete',
            requestId: 'r1',
            actor: 'ann@example.org',
            before: [record],
            hasEnded: false,
            error: null,
          },
        },
        0,
      ),
    )
    await clock.until(world.upsert('www.example.com 300 A 192.0.2.9'))
    expect(world.emulator.state.records('example.com').map(({ id }) => id)).not.toContain(www)
    await world.end()
  })

  test('what a dead process sent for an upsert has an unknown outcome to an edit', async () => {
    const world = await bothFaces()
    const { store, clock } = world
    const shop = { ...aRecord('shop A 192.0.2.9'), comment: null }
    await left(world, (lease) =>
      store.dispatch(
        lease,
        { changes: [{ kind: 'post', to: shop }], intents: [], names: [shop.name], at: clock.now() },
        0,
      ),
    )
    const edited = clock.until(world.create('shop A 192.0.2.7'))
    await expect(edited).rejects.toMatchObject({ code: 'being-checked', retryAfterSeconds: 120 })
    await clock.pass(125_000)
    expect(await clock.until(world.create('shop A 192.0.2.7'))).toMatchObject({ status: 'done' })
    await world.end()
  })

  async function left(
    { store, zone, clock }: Awaited<ReturnType<typeof bothFaces>>,
    write: (lease: Lease) => Promise<unknown>,
  ): Promise<void> {
    await write((await store.holdLease(zone, 'dead', clock.now(), clock.now() + 1))!)
    await clock.pass(10)
  }
})
