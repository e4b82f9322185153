import { describe, expect, test } from 'vitest'
import { key, set } from '../../../tests/support/world.ts'
import { zoneWorld } from '../../../tests/support/zone-world.ts'

const FOR_EVER = Number.POSITIVE_INFINITY
/** No batch with a record of this name gets past Cloudflare. */
const badName = (name: string) => ({ fault: 'F14', name, times: FOR_EVER })

describe('one bad set', () => {
  test('one bad set among 200 is refused alone, in Cloudflare’s words, in at most 18 calls', async () => {
    for (const bad of [0, 117, 199]) {
      const { clock, engine, caller, asked, calls, emulator, records, end } = await zoneWorld()
      emulator.faults.script([badName(`n${bad}.example.com`)])
      const outcomes = await clock.until(
        Promise.allSettled(
          Array.from({ length: 200 }, (_, index) =>
            engine.upsert(caller, set(`n${index}.example.com 300 A 192.0.2.1`), asked()),
          ),
        ),
      )
      expect(calls()).toBeLessThanOrEqual(18)
      expect(records()).toHaveLength(199)
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(199)
      expect(outcomes[bad]).toMatchObject({
        reason: {
          code: 'refused',
          message: 'Content for record is invalid.',
          details: { cloudflareCode: 9007 },
        },
      })
      await end()
    }
  })

  test('a refused set is not sent again within a minute, unless it changes', async () => {
    const { calls, clock, emulator, refusal, upsert, end } = await zoneWorld()
    await upsert('ok.example.com 300 A 192.0.2.1')
    emulator.faults.script([badName('www.example.com')])
    const first = await refusal('www.example.com 300 A 192.0.2.1')
    calls()
    for (let time = 0; time < 5; time += 1) {
      await clock.pass(10_000)
      expect(await refusal('www.example.com 300 A 192.0.2.1')).toMatchObject({
        code: 'refused',
        message: first.message,
        details: first.details,
      })
    }
    expect(calls()).toBe(0)

    emulator.faults.clear()
    expect(await upsert('www.example.com 300 A 192.0.2.2')).toMatchObject({ outcome: 'created' })
    await end()
  })

  test('a refused set is tried again after a minute', async () => {
    const { clock, emulator, refusal, upsert, end } = await zoneWorld()
    emulator.faults.script([badName('www.example.com')])
    await refusal('www.example.com 300 A 192.0.2.1')
    emulator.faults.clear()
    await clock.pass(60_000)
    expect(await upsert('www.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'created' })
    await end()
  })

  test('a refused set does not fail other sets at its name', async () => {
    const { asked, caller, clock, engine, records, end } = await zoneWorld()
    const texts = [1, 2, 3, 4, 5].map((one) => set(`www.example.com 300 TXT ${`${one}`.repeat(2_000)}`))
    const tooMuchText = { ...texts[0]!, values: texts.flatMap(({ values }) => values) }
    const sets = [
      set('www.example.com 300 A 192.0.2.1'),
      tooMuchText,
      set('www.example.com 300 AAAA 2001:db8::1'),
    ]
    const upserts = sets.map((one) => engine.upsert(caller, one, asked()))
    const [first, bad, last] = await clock.until(Promise.allSettled(upserts))
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'refused' } })
    expect([first, last]).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }])
    expect(records()).toMatchObject([{ content: '192.0.2.1' }, { content: '2001:db8::1' }])
    await end()
  })

  test('a refused address never leaves its name empty of the CNAME that it replaces', async () => {
    const { asked, caller, clock, emulator, engine, records, upsert, end } = await zoneWorld()
    await upsert('www.example.com 300 CNAME shop.example.net')
    const before = emulator.state.history().length
    const texts = [1, 2, 3, 4, 5].map((one) => set(`www.example.com 300 TXT ${`${one}`.repeat(2_000)}`))
    const tooMuchText = { ...texts[0]!, values: texts.flatMap(({ values }) => values) }
    const asking = [
      engine.remove(caller, key('www.example.com CNAME'), asked()),
      engine.upsert(caller, tooMuchText, asked()),
      engine.upsert(caller, set('www.example.com 300 A 192.0.2.1'), asked()),
    ]
    const [, bad] = await clock.until(Promise.allSettled(asking))
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'refused' } })
    expect(records()).toMatchObject([{ content: '192.0.2.1' }])
    const since = emulator.state.history().slice(before)
    expect(since.map(({ changes }) => changes.length)).toEqual([2])
    await end()
  })

  test('a refused change leaves the declared set as it was', async () => {
    const { clock, emulator, refusal, records, upsert, end } = await zoneWorld()
    await upsert('www.example.com 300 A 192.0.2.1')
    emulator.faults.script([badName('www.example.com')])
    await refusal('www.example.com 300 A 192.0.2.2')
    expect(records()).toMatchObject([{ content: '192.0.2.1' }])
    await clock.pass(60_000)
    expect(await upsert('www.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'unchanged' })
    await end()
  })

  test('a refusal of an accepted set is reported to the next request for it', async () => {
    const { caller, clock, emulator, refusal, upsert, end } = await zoneWorld()
    const trusting = { ...caller, ack: 'accepted' as const }
    emulator.faults.script([badName('www.example.com')])
    expect(await upsert('www.example.com 300 A 192.0.2.1', trusting)).toMatchObject({ outcome: 'accepted' })
    await clock.pass(600_000)
    emulator.faults.clear()
    expect(await refusal('www.example.com 300 A 192.0.2.1')).toMatchObject({ code: 'refused' })
    await clock.pass(60_000)
    expect(await upsert('www.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'created' })
    await end()
  })
})

describe('what Cloudflare refuses because our picture is old', () => {
  test('a change refused because of an old mirror is planned again after a read, and done', async () => {
    const { emulator, records, upsert, end } = await zoneWorld()
    await upsert('www.example.com 300 A 192.0.2.1 192.0.2.2')
    const ours = records().find(({ content }) => content === '192.0.2.2')!
    emulator.state.removeRecord('example.com', ours.id)
    // The record that was to be deleted is gone, so there is nothing left to do; the set is another than it was.
    expect(await upsert('www.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'updated' })
    expect(records()).toMatchObject([{ content: '192.0.2.1' }])

    emulator.state.addRecord('example.com', {
      type: 'A',
      name: 'ftp.example.com',
      content: '192.0.2.5',
      ttl: 300,
    })
    expect(await upsert('ftp.example.com 300 A 192.0.2.5')).toMatchObject({ set: { values: ['192.0.2.5'] } })
    expect(records()).toHaveLength(2)
    await end()
  })
})

describe('a full zone', () => {
  test('a full zone refuses growth without another call, and accepts the rest', async () => {
    const { emulator, records, refusal, remove, upsert, writes, end } = await zoneWorld({ recordQuota: 3 })
    await upsert('a.example.com 300 A 192.0.2.1 192.0.2.2')
    await upsert('b.example.com 300 A 192.0.2.1')
    expect(await refusal('c.example.com 300 A 192.0.2.1')).toMatchObject({ code: 'quota-exceeded' })
    writes()
    expect(await refusal('d.example.com 300 A 192.0.2.1')).toMatchObject({ code: 'quota-exceeded' })
    expect(writes()).toBe(0)

    expect(await upsert('b.example.com 300 A 192.0.2.9')).toMatchObject({ outcome: 'updated' })
    expect(await remove('b.example.com A')).toEqual({ outcome: 'deleted' })
    // There is room again, and we know it.
    expect(await upsert('d.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'created' })
    expect(records()).toHaveLength(3)
    expect(emulator.state.records('example.com').map(({ name }) => name)).toContain('d.example.com')
    await end()
  })

  test('a full zone lets one set try every minute, because the plan may have changed', async () => {
    const { clock, emulator, refusal, upsert, writes, end } = await zoneWorld({ recordQuota: 1 })
    await upsert('a.example.com 300 A 192.0.2.1')
    await refusal('b.example.com 300 A 192.0.2.1')
    await clock.pass(59_000)
    writes()
    await refusal('b.example.com 300 A 192.0.2.1')
    expect(writes()).toBe(0)
    await clock.pass(1_000)
    const both = ['b.example.com 300 A 192.0.2.1', 'c.example.com 300 A 192.0.2.1']
    for (const one of both) expect(await refusal(one)).toMatchObject({ code: 'quota-exceeded' })
    expect(writes()).toBe(1)

    emulator.state.changeZone('example.com', { recordQuota: 1_000 })
    await clock.pass(60_000)
    expect(await upsert('c.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'created' })
    expect(await upsert('b.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'created' })
    await end()
  })

  test('a full zone accepts records again as soon as a read shows room', async () => {
    const { clock, emulator, records, refusal, upsert, end } = await zoneWorld({ recordQuota: 2 })
    await upsert('a.example.com 300 A 192.0.2.1')
    emulator.state.addRecord('example.com', { type: 'A', name: 'by-hand', content: '192.0.2.9' })
    await clock.pass(300_000)
    await refusal('b.example.com 300 A 192.0.2.1')
    emulator.state.removeRecord('example.com', records().find(({ name }) => name.startsWith('by-hand'))!.id)
    await clock.pass(30_000)
    expect(await upsert('b.example.com 300 A 192.0.2.1')).toMatchObject({ outcome: 'created' })
    await end()
  })

  test('a nearly full zone takes as many of the new sets as it can hold', async () => {
    const { clock, engine, caller, asked, records, end } = await zoneWorld({ recordQuota: 10 })
    const outcomes = await clock.until(
      Promise.allSettled(
        Array.from({ length: 15 }, (_, index) =>
          engine.upsert(caller, set(`n${index}.example.com 300 A 192.0.2.1`), asked()),
        ),
      ),
    )
    const refused = outcomes.filter(({ status }) => status === 'rejected')
    expect(refused.every((one) => 'reason' in one && one.reason.code === 'quota-exceeded')).toBe(true)
    expect(records()).toHaveLength(15 - refused.length)
    expect(records().length).toBeGreaterThanOrEqual(8)
    await end()
  })
})
