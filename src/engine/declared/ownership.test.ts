import { describe, expect, test } from 'vitest'
import { key, zoneLines } from '../../../tests/support/world.ts'
import { zoneWorld } from '../../../tests/support/zone-world.ts'

const BY_HAND = { type: 'A', name: 'www.example.com', content: '192.0.2.9', ttl: 300, comment: 'by hand' }

describe('a set that a human made', () => {
  test('a set of others is adopted in place, keeps id and comment, and its old state is in the history', async () => {
    const world = await zoneWorld({ records: [BY_HAND] })
    const [before] = world.records()
    expect(await world.upsert('www.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'updated' })
    const [after] = world.records()
    expect(after).toMatchObject({ id: before!.id, content: '192.0.2.1', comment: 'by hand' })
    const [entry] = await world.store.history({ limit: 1 })
    expect(entry).toMatchObject({ before: [{ value: '192.0.2.9' }], after: [{ value: '192.0.2.1' }] })
    await world.end()
  })

  test('a proxied set stays proxied when it is adopted', async () => {
    const world = await zoneWorld({ records: [{ ...BY_HAND, ttl: 1, proxied: true }] })
    const answer = await world.upsert('www.example.com 600 A 192.0.2.1')
    expect(world.records()).toMatchObject([{ content: '192.0.2.1', proxied: true, ttl: 1 }])
    // Its TTL is Cloudflare's.
    expect(answer).toMatchObject({ set: { ttl: 300 } })
    await world.end()
  })

  test('a set of others is refused to a strict caller, and nothing is written', async () => {
    const world = await zoneWorld({ records: [BY_HAND] }, { caller: { ownership: 'strict' } })
    const refusal = await world.refusal('www.example.com 300 A 192.0.2.1')
    expect(refusal).toMatchObject({ code: 'not-ours' })
    expect(refusal.message).toContain('OWNERSHIP=adopt')
    expect(world.writes()).toBe(0)
    expect(await world.upsert('www.example.com 300 TXT beside')).toMatchObject({ outcome: 'created' })
    await world.end()
  })

  test('a delete leaves a set of others in place, and succeeds where there is none', async () => {
    const world = await zoneWorld({ records: [BY_HAND] })
    expect(await world.remove('www.example.com A')).toEqual({ outcome: 'left-in-place' })
    expect(await world.remove('www.example.com TXT')).toEqual({ outcome: 'absent' })
    expect(world.records()).toHaveLength(1)
    expect(world.writes()).toBe(0)
    await world.end()
  })

  test('a set of others is read as it is', async () => {
    const world = await zoneWorld({ records: [BY_HAND, { ...BY_HAND, content: '192.0.2.10', ttl: 120 }] })
    const read = (text: string) =>
      world.clock.until(world.engine.read(world.caller, key(text), world.asked()))
    expect(await read('www.example.com A')).toEqual({
      name: 'www.example.com',
      type: 'A',
      ttl: 120,
      values: ['192.0.2.10', '192.0.2.9'],
    })
    expect(await read('www.example.com AAAA')).toBeUndefined()
    await world.end()
  })
})

describe('a strict caller', () => {
  const strict = { caller: { ownership: 'strict' } } as const

  test('a strict delete during a refused upsert leaves the set of others in place', async () => {
    const world = await zoneWorld({ records: [BY_HAND] }, strict)
    const [refusal, removal] = await Promise.all([
      world.refusal('www.example.com 300 A 192.0.2.1'),
      world.remove('www.example.com A'),
    ])
    expect(refusal).toMatchObject({ code: 'not-ours' })
    expect(removal).toEqual({ outcome: 'left-in-place' })
    expect(world.writes()).toBe(0)
    expect(world.records()).toHaveLength(1)
    await world.end()
  })

  test('a strict delete that is answered without a call leaves the set of others in place', async () => {
    const world = await zoneWorld(
      { records: [BY_HAND] },
      { caller: { ownership: 'strict', ack: 'accepted' } },
    )
    expect(await world.upsert('www.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'accepted' })
    expect(await world.remove('www.example.com A')).toEqual({ outcome: 'accepted' })
    await world.clock.pass(60_000)
    expect(world.writes()).toBe(0)
    expect(world.records()).toHaveLength(1)
    expect(await world.remove('www.example.com A')).toEqual({ outcome: 'left-in-place' })
    await world.end()
  })

  test('a strict caller may delete what its change of unknown outcome made, at once or long after', async () => {
    for (const fault of ['F8', 'F9'] as const) {
      const world = await zoneWorld({}, strict)
      await world.upsert('ftp.example.com 300 A 192.0.2.1')
      world.emulator.faults.script([{ fault, route: 'write', seconds: 60 }])
      const asked = world.upsert('www.example.com 300 A 192.0.2.2').catch(() => undefined)
      await world.clock.pass(1_000)
      expect(await world.remove('www.example.com A')).toEqual({ outcome: 'deleted' })
      await asked
      await world.clock.pass(700_000)
      expect(zoneLines(world.emulator)).toEqual(['ftp.example.com 300 A 192.0.2.1'])
      await world.end()
    }
  })

  test('a strict caller is not refused its own set that arrived late', async () => {
    const world = await zoneWorld({}, strict)
    await world.upsert('ftp.example.com 300 A 192.0.2.1')
    world.emulator.faults.script([
      { fault: 'F9', route: 'write', seconds: 20 },
      { fault: 'F1', route: 'write', seconds: 60 },
    ])
    await world.upsert('www.example.com 300 A 192.0.2.2').catch(() => undefined)
    await world.clock.pass(300_000)
    expect(await world.upsert('www.example.com 300 A 192.0.2.2')).toMatchObject({ outcome: 'unchanged' })
    await world.end()
  })
})

describe('what we make', () => {
  test('a set that we create says so in its comment', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 A 192.0.2.1 192.0.2.2')
    expect(world.records().map(({ comment }) => comment)).toEqual([
      'zonewright:default',
      'zonewright:default',
    ])
    await world.end()
  })

  test('a set that we created can be deleted, and is not managed afterwards', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 A 192.0.2.1')
    expect(await world.remove('www.example.com A')).toEqual({ outcome: 'deleted' })
    expect(await world.remove('www.example.com A')).toEqual({ outcome: 'absent' })
    expect(world.records()).toEqual([])
    expect(await world.store.managedSets(world.zone)).toEqual([])
    await world.end()
  })

  test('a declared set that a human changes is corrected, and other records are kept', async () => {
    const kept = { type: 'TXT', name: 'www.example.com', content: '"by hand"', ttl: 300 }
    const world = await zoneWorld({ records: [kept, { ...BY_HAND, name: 'human.example.com' }] })
    await world.upsert('www.example.com 300 A 192.0.2.1')
    const ours = world.records().find(({ content }) => content === '192.0.2.1')!
    await world.clock.pass(120_000)
    world.emulator.state.editRecord('example.com', ours.id, { content: '192.0.2.66' })
    world.emulator.state.addRecord('example.com', { ...BY_HAND, content: '192.0.2.67' })
    world.emulator.state.addRecord('example.com', { ...BY_HAND, name: 'human2.example.com' })

    await world.clock.pass(700_000)
    expect(zoneLines(world.emulator)).toEqual([
      'human.example.com 300 A 192.0.2.9',
      'human2.example.com 300 A 192.0.2.9',
      'www.example.com 300 A 192.0.2.1',
      'www.example.com 300 TXT "by hand"',
    ])
    expect(await world.store.history({ limit: 1 })).toMatchObject([
      { actor: { kind: 'system', label: 'drift' } },
    ])
    await world.end()
  })

  test('a declared set is corrected after a late change of ours, however much of the zone that is', async () => {
    const names = ['a', 'b', 'c', 'd']
    const world = await zoneWorld()
    await world.upsert('ftp.example.com 300 A 192.0.2.1')
    world.emulator.faults.script([{ fault: 'F9', route: 'write', seconds: 60 }])
    const given = names.map((name) =>
      world.upsert(`${name}.example.com 300 A 192.0.2.1 192.0.2.2 192.0.2.3`).catch(() => undefined),
    )
    await world.clock.pass(1_000)
    const wanted = names.map((name) => world.upsert(`${name}.example.com 300 A 192.0.2.9`))
    await Promise.all([...given, ...wanted])
    await world.clock.pass(60_000)
    expect(world.records()).toHaveLength(17)
    await world.clock.pass(600_000)
    expect(zoneLines(world.emulator)).toEqual([
      ...names.map((name) => `${name}.example.com 300 A 192.0.2.9`),
      'ftp.example.com 300 A 192.0.2.1',
    ])
    await world.end()
  })

  test('drift is left in place with DRIFT=report', async () => {
    const world = await zoneWorld({}, { engine: { drift: 'report' } })
    await world.upsert('www.example.com 300 A 192.0.2.1')
    await world.clock.pass(120_000)
    world.emulator.state.editRecord('example.com', world.records()[0]!.id, { content: '192.0.2.66' })
    await world.clock.pass(700_000)
    expect(zoneLines(world.emulator)).toEqual(['www.example.com 300 A 192.0.2.66'])
    expect(await world.upsert('www.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'updated' })
    await world.end()
  })

  test('a correction keeps the comment of a human', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 A 192.0.2.1')
    world.emulator.state.editRecord('example.com', world.records()[0]!.id, { comment: 'do not touch' })
    expect(await world.upsert('www.example.com 600 A 192.0.2.2')).toMatchObject({ outcome: 'updated' })
    expect(world.records()).toMatchObject([{ content: '192.0.2.2', ttl: 600, comment: 'do not touch' }])
    await world.end()
  })
})

describe('a CNAME and an address at one name', () => {
  test('a CNAME and an address swap in one batch, so that the name is never empty', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 CNAME host.example.net')
    world.writes()
    const outcomes = await Promise.all([
      world.remove('www.example.com CNAME'),
      world.upsert('www.example.com 300 A 192.0.2.1'),
    ])
    expect(outcomes).toMatchObject([{ outcome: 'deleted' }, { outcome: 'created' }])
    expect(world.writes()).toBe(1)
    expect(zoneLines(world.emulator)).toEqual(['www.example.com 300 A 192.0.2.1'])
    await world.end()
  })

  test('a CNAME and an address do not replace each other unasked, and the refusal names the set to delete', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 A 192.0.2.1')
    world.writes()
    const refusal = await world.refusal('www.example.com 300 CNAME host.example.net')
    expect(refusal).toMatchObject({ code: 'conflict', details: { with: 'A' } })
    expect(refusal.message).toContain('delete the A set first')
    expect(world.writes()).toBe(0)

    await world.remove('www.example.com A')
    expect(await world.upsert('www.example.com 300 CNAME host.example.net')).toMatchObject({
      outcome: 'created',
    })
    await world.end()
  })

  test('a CNAME that a human added since our last read is seen before anything is refused or sent', async () => {
    const world = await zoneWorld()
    await world.upsert('ftp.example.com 300 A 192.0.2.1')
    world.emulator.state.addRecord('example.com', {
      type: 'CNAME',
      name: 'www.example.com',
      content: 'host.example.net',
    })
    const refusal = await world.refusal('www.example.com 300 A 192.0.2.1')
    expect(refusal).toMatchObject({ code: 'conflict', details: { with: 'CNAME' } })
    await world.end()
  })

  test('a CNAME beside MX is accepted with a warning', async () => {
    const world = await zoneWorld()
    await world.upsert('www.example.com 300 MX 10 mail.example.net')
    const answer = await world.upsert('www.example.com 300 CNAME host.example.net')
    expect(answer).toMatchObject({ outcome: 'created', warnings: [{ code: 'cname-beside', with: 'MX' }] })
    await world.end()
  })
})
