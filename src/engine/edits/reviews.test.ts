import { describe, expect, test } from 'vitest'
import { aName, aValue } from '#dns/testing.ts'
import type { RecordSeed } from '#emulator/emulator.ts'
import { advised } from '#onboarding/chosen.ts'
import type { Observed, Shop } from '#onboarding/input.ts'
import { type EditWorld, editWorld, history, shown } from '../../../tests/support/edit-world.ts'
import { zoneLines } from '../../../tests/support/world.ts'
import type { StoredPlan } from './edits.ts'

const store: Shop = {
  name: aName('example.com'),
  ipv4: [aValue('A', '203.0.113.7')],
  ipv6: [],
  servesWww: true,
}
const BEFORE: readonly RecordSeed[] = [
  { name: '@', type: 'A', content: '198.51.100.1', ttl: 300, comment: 'theirs', proxied: true },
  { name: '@', type: 'AAAA', content: '2001:db8::1' },
  { name: 'www', type: 'CNAME', content: 'old.example.net' },
  { name: '@', type: 'MX', content: 'mail.example.net', priority: 10 },
  { name: '@', type: 'TXT', content: '"v=spf1 -all"' },
  { name: '@', type: 'HTTPS', data: { priority: 1, target: '.', value: 'ipv4hint="198.51.100.1"' } },
]

const plan = (world: EditWorld, to = store, who?: string) =>
  world.until(world.edits.plan(world.editor(who), to, world.asked()))
const confirm = (world: EditWorld, { id, plan }: StoredPlan, selected = advised(plan), who?: string) =>
  world.edits.confirm(world.editor(who), store, { planId: id, selected }, world.asked())
const batches = (world: EditWorld) =>
  world.emulator.state.calls().filter(({ method }) => method !== 'GET').length

describe('a zone that is nearly full', () => {
  const crowd = Array.from({ length: 155 }, (_, index) => ({
    type: 'TXT',
    name: `t${index}`,
    content: `"${index}"`,
  }))
  const usages = (world: EditWorld) =>
    world.emulator.state.calls().filter(({ route }) => route === 'usage').length

  test('a nearly full zone is warned about in the review, and changed in place', async () => {
    const world = await editWorld({ records: [...BEFORE, ...crowd], recordQuota: 163 })
    const made = await plan(world)
    expect(made.plan.warnings.map(({ code }) => code)).toContain('quota-near')
    expect(usages(world)).toBe(1)
    const edited = await world.until(confirm(world, made))
    expect(edited).toMatchObject({ status: 'done' })
    await world.end()
  })

  test('a zone of unknown quota is reviewed, and the quota of a small one is not asked for', async () => {
    const world = await editWorld({ records: [...BEFORE, ...crowd], recordQuota: 163 })
    world.emulator.faults.script([{ fault: 'F2', route: 'usage', times: Number.POSITIVE_INFINITY }])
    const made = await plan(world)
    expect(made.plan.blocked).toBeUndefined()
    expect(made.plan.warnings.map(({ code }) => code)).not.toContain('quota-near')
    await world.end()
    const small = await editWorld({ records: BEFORE })
    await plan(small)
    expect(usages(small)).toBe(0)
    await small.end()
  })
})

describe('a plan', () => {
  test('a plan is applied as chosen, in one batch, and nothing else changes', async () => {
    const world = await editWorld({ records: BEFORE })
    const before = world.emulator.state.records('example.com')
    const made = await plan(world)
    expect(await shown(world)).toHaveLength(before.length)
    expect(made.plan.blocked).toBeUndefined()
    expect(made.expiresAt).toBeGreaterThan(world.clock.now() + 1_790_000)
    const edited = await world.until(confirm(world, made))
    expect(edited).toMatchObject({
      status: 'done',
      applied: 4,
      records: [{ value: '203.0.113.7', proxied: true }, {}],
    })
    expect(batches(world)).toBe(1)
    const after = world.emulator.state.records('example.com')
    expect(zoneLines(world.emulator).filter((line) => !line.includes('MX'))).toEqual([
      'example.com 1 A 203.0.113.7',
      'example.com 1 TXT "v=spf1 -all"',
      'www.example.com 1 CNAME example.com',
    ])
    expect(after.find(({ type }) => type === 'A')).toMatchObject({ id: before[0]!.id, comment: 'theirs' })
    const kept = before.filter(({ type }) => type === 'MX' || type === 'TXT')
    expect(after.filter(({ type }) => type === 'MX' || type === 'TXT')).toEqual(kept)
    const [entry] = await history(world)
    expect(entry).toMatchObject({ id: edited.id, actor: { kind: 'customer' } })
    expect(entry!.changes.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'example.com A',
      'example.com AAAA',
      'example.com HTTPS',
      'www.example.com CNAME',
    ])

    const again = await plan(world)
    expect(again.id).not.toBe(made.id)
    expect(await world.until(confirm(world, again))).toMatchObject({
      status: 'done',
      applied: 0,
      records: [],
    })
    expect(batches(world)).toBe(1)
    await world.end()
  })

  test('a plan stays the same until the zone or the store changes, or it expires', async () => {
    const world = await editWorld({ records: BEFORE })
    const first = await plan(world)
    expect(await plan(world)).toEqual(first)
    const elsewhere = await plan(world, { ...store, ipv4: [aValue('A', '203.0.113.8')] })
    expect(elsewhere.id).not.toBe(first.id)
    expect(await plan(world)).toEqual(first)
    world.emulator.state.changeZone('example.com', { paused: true })
    expect((await plan(world)).plan.warnings.map(({ code }) => code)).toContain('zone-paused')
    world.emulator.state.changeZone('example.com', { paused: false })
    expect(await plan(world)).toEqual(first)
    await world.clock.pass(1_800_000)
    expect((await plan(world)).id).not.toBe(first.id)
    await world.end()
  })

  test('a plan is made again when another product takes over a record', async () => {
    let isHeld = false
    const world = await editWorld({
      records: BEFORE,
      between: (way) => async (request) => {
        const reply = await way(request)
        return isHeld
          ? { ...reply, body: reply.body.replaceAll('"meta":{}', '"meta":{"read_only":true}') }
          : reply
      },
    })
    const made = await plan(world)
    expect(made.plan.blocked).toBeUndefined()
    isHeld = true
    expect((await plan(world)).plan.blocked).toMatchObject({ code: 'managed-by-product' })
    expect(await world.refusal(confirm(world, made))).toMatchObject({ code: 'plan-out-of-date' })
    expect(batches(world)).toBe(0)
    await world.end()
  })

  test('a plan from an older state of the zone is refused with a new one', async () => {
    const world = await editWorld({ records: BEFORE })
    const made = await plan(world)
    world.emulator.state.editRecord('example.com', world.idOf('example.com', 'A'), {
      content: '198.51.100.2',
    })
    const refusal = await world.refusal(confirm(world, made))
    expect(refusal.code).toBe('plan-out-of-date')
    const fresh = refusal.details.plan as StoredPlan
    expect(fresh.id).not.toBe(made.id)
    expect(batches(world)).toBe(0)
    expect(await plan(world)).toEqual(fresh)
    expect(await world.until(confirm(world, fresh))).toMatchObject({ status: 'done' })
    expect(await world.refusal(confirm(world, fresh))).toMatchObject({ code: 'plan-out-of-date' })
    await world.end()
  })

  test('a plan is applied though an unrelated record has changed, which stays as it is', async () => {
    const world = await editWorld({ records: BEFORE })
    const made = await plan(world)
    world.emulator.state.addRecord('example.com', { name: '_acme-challenge', type: 'TXT', content: '"x"' })
    const text = world.idOf('example.com', 'TXT')
    world.emulator.state.editRecord('example.com', world.idOf('example.com', 'MX'), { priority: 20 })
    const refusal = await world.refusal(confirm(world, made))
    expect(refusal).toMatchObject({ code: 'plan-out-of-date' })

    const fresh = refusal.details.plan as StoredPlan
    const bystander = world.idOf('_acme-challenge.example.com', 'TXT')
    world.emulator.state.removeRecord('example.com', bystander)
    expect(await world.until(confirm(world, fresh))).toMatchObject({ status: 'done', applied: 4 })
    expect(world.idOf('example.com', 'TXT')).toBe(text)
    await world.end()
  })

  test('a plan that is expired, unknown or of another customer is answered with a new one', async () => {
    const world = await editWorld({ records: BEFORE })
    const mine = await plan(world)
    const strange = await world.refusal(confirm(world, mine, advised(mine.plan), 'bob'))
    expect(strange).toMatchObject({ code: 'plan-out-of-date', details: { plan: { id: expect.any(String) } } })
    expect((strange.details.plan as StoredPlan).id).not.toBe(mine.id)
    expect(await world.refusal(confirm(world, { ...mine, id: '../..' }))).toMatchObject({
      code: 'plan-out-of-date',
      details: { plan: { id: mine.id } },
    })
    await world.clock.pass(1_800_000)
    expect(await world.refusal(confirm(world, mine))).toMatchObject({ code: 'plan-out-of-date' })
    expect(batches(world)).toBe(0)
    await world.end()
  })

  test('an expired plan is made again from live DNS', async () => {
    let observed: Observed = { answers: [] }
    const world = await editWorld({ records: BEFORE, observe: async () => observed })
    const made = await plan(world)
    observed = { ...observed, dnssec: 'broken' }
    await world.clock.pass(1_800_000)
    const refusal = await world.refusal(confirm(world, made))
    expect(refusal).toMatchObject({ code: 'plan-out-of-date', message: expect.stringContaining('too old') })
    expect((refusal.details.plan as StoredPlan).plan.blocked).toMatchObject({ code: 'dnssec-broken' })
    await world.end()
  })

  test('a plan is not applied by half', async () => {
    const world = await editWorld({ records: BEFORE })
    const made = await plan(world)
    const apex = made.plan.changes.find(({ name, action }) => name === 'example.com' && action === 'replace')
    const refusal = await world.refusal(confirm(world, made, [apex!.id]))
    expect(refusal).toMatchObject({ code: 'invalid', message: expect.stringContaining('belong together') })
    expect(refusal.details.choice).toMatchObject([{ code: 'group-incomplete' }])
    expect(await world.refusal(confirm(world, made, ['nothing of the kind']))).toMatchObject({
      code: 'invalid',
    })
    expect(await world.until(confirm(world, made, []))).toMatchObject({ status: 'done', applied: 0 })
    expect(batches(world)).toBe(0)
    await world.end()
  })

  test('a plan goes by live DNS until it is confirmed or live DNS changes', async () => {
    let observed: Observed = { nameServers: ['ns1.oldhost.example'], answers: [] }
    const world = await editWorld({
      zones: [{ name: 'example.com', status: 'pending', records: BEFORE }],
      observe: async () => observed,
    })
    const made = await plan(world)
    expect(made.plan.warnings[0]).toMatchObject({
      code: 'zone-pending',
      message: expect.stringContaining('ns1.oldhost.example'),
    })
    expect(await plan(world)).toEqual(made)
    observed = { ...observed, caa: [{ name: store.name, values: [aValue('CAA', '0 issue ";"')] }] }
    expect((await plan(world)).plan.warnings.map(({ code }) => code)).toContain('caa-forbids')
    observed = { ...observed, dnssec: 'broken' }
    const blocked = await plan(world)
    expect(blocked.plan.blocked).toMatchObject({ code: 'dnssec-broken' })
    expect(await world.refusal(confirm(world, blocked))).toMatchObject({ code: 'zone-blocked' })
    // Live DNS is not asked again in the middle of a change: what was shown is what is confirmed.
    expect(await world.until(confirm(world, made))).toMatchObject({ status: 'done', applied: 4 })
    await world.end()
  })

  test('a plan in a zone that cannot be changed is blocked, with what to do', async () => {
    const zones = [{ name: 'example.com', type: 'partial' as const, records: [] }]
    const world = await editWorld({ zones })
    const made = await plan(world)
    expect(made.plan).toMatchObject({ zone: { name: 'example.com' }, blocked: { code: 'zone-partial' } })
    const refusal = await world.refusal(confirm(world, made))
    expect(refusal).toMatchObject({
      code: 'zone-blocked',
      details: { blocked: { remedy: expect.any(String) } },
    })
    await world.end()
  })

  test('a plan for a name in no zone of the connection is refused', async () => {
    const world = await editWorld()
    const strange = { ...store, name: aName('example.net') }
    const made = await plan(world, strange)
    expect(made.plan).toMatchObject({ zone: null, blocked: { code: 'zone-not-found' } })
    expect(await world.until(world.edits.zonesFor(world.editor(), strange.name, world.asked()))).toEqual([])
    const asked = world.edits.confirm(
      world.editor(),
      strange,
      { planId: made.id, selected: [] },
      world.asked(),
    )
    expect(await world.refusal(asked)).toMatchObject({ code: 'zone-blocked' })
    await world.end()
  })

  test('an applied plan whose answer was lost is found done', async () => {
    const world = await editWorld({ records: BEFORE })
    const made = await plan(world)
    world.emulator.faults.script([{ fault: 'F8', route: 'write' }])
    const edited = await world.until(confirm(world, made))
    expect(edited).toMatchObject({ status: 'checking' })
    expect(await world.refusal(confirm(world, made))).toMatchObject({
      code: expect.stringMatching(/plan-out-of-date|being-checked/),
    })
    await world.clock.pass(20_000)
    expect(await world.edits.operation(world.editor(), edited.id)).toMatchObject({
      status: 'done',
      records: [{ value: '203.0.113.7' }, { value: 'example.com' }],
    })
    expect(await shown(world)).toEqual([
      'example.com A 203.0.113.7',
      'example.com MX 10 mail.example.net',
      'example.com TXT "v=spf1 -all"',
      'www.example.com CNAME example.com',
    ])
    await world.end()
  })
})
