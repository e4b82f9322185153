import { describe, expect, test } from 'vitest'
import { aName, expectParsed } from '#dns/testing.ts'
import { parseZoneText } from '#dns/zone-text.ts'
import { advised } from '#onboarding/chosen.ts'
import type { Shop } from '#onboarding/input.ts'
import type { ReviewedChange } from '#onboarding/review.ts'
import type { PlanOrigin, WantedSet } from '#onboarding/wanted-set.ts'
import { type EditWorld, editWorld } from '../../../tests/support/edit-world.ts'
import { zoneLines } from '../../../tests/support/world.ts'
import type { StoredPlan } from './edits.ts'

const example = aName('example.com')
const nowhere: Shop = { name: example, ipv4: [], ipv6: [], servesWww: false }

/** The sets of zone text; a name and type alone means that the set is to go. */
function wanted(text: string): WantedSet[] {
  const sets = new Map<string, WantedSet>()
  for (const { name, type, ttl, value } of expectParsed(parseZoneText(text, example))) {
    const records = sets.get(`${name} ${type}`)?.records ?? []
    sets.set(`${name} ${type}`, { name, type, reason: 'why', records: [...records, { value, ttl }] })
  }
  return [...sets.values()]
}

const origin = (sets: readonly WantedSet[]): PlanOrigin => ({ kind: 'import', wanted: sets, notes: [] })
const plan = (world: EditWorld, sets: readonly WantedSet[]) =>
  world.until(world.edits.planSets(world.editor(), world.zone, origin(sets), world.asked()))
const confirm = (world: EditWorld, { id, plan: made }: StoredPlan, selected = advised(made)) =>
  world.edits.confirm(world.editor(), nowhere, { planId: id, selected }, world.asked())

/** `☑ replace www A 192.0.2.1 → 192.0.2.2`, the kept rows left out. */
function lines({ plan: { changes } }: StoredPlan): string[] {
  const data = (row: ReviewedChange) => [
    ...('current' in row ? ['value' in row.current ? row.current.value : row.current.content] : []),
    ...('proposed' in row ? [row.proposed.value] : []),
  ]
  return changes
    .filter(({ action }) => action !== 'keep')
    .map(
      (row) => `${row.selected ? '☑' : '☐'} ${row.action} ${row.name} ${row.type} ${data(row).join(' → ')}`,
    )
}
const codes = ({ plan: { warnings } }: StoredPlan) => warnings.map(({ code }) => code)

describe('sets that are wanted', () => {
  test('wanted sets are applied in one batch, and nothing else changes', async () => {
    const world = await editWorld({
      records: [
        { name: 'www', type: 'A', content: '192.0.2.1', ttl: 300, comment: 'by hand' },
        { name: 'www', type: 'A', content: '192.0.2.2', ttl: 300 },
        { name: 'www', type: 'A', content: '192.0.2.3', ttl: 300 },
        { name: '@', type: 'TXT', content: '"stays"' },
      ],
    })
    const made = await plan(world, wanted('www 300 A 192.0.2.2\nwww 300 A 192.0.2.9\nnew 60 A 192.0.2.5'))
    expect(lines(made)).toEqual([
      '☑ replace www.example.com A 192.0.2.1 → 192.0.2.9',
      '☑ delete www.example.com A 192.0.2.3',
      '☑ add new.example.com A 192.0.2.5',
    ])
    expect(made.plan.changes.filter(({ action }) => action === 'keep').map(({ reason }) => reason)).toEqual([
      'It is not in the file, and stays as it is.',
      'The file says the same.',
    ])
    expect(await world.until(confirm(world, made))).toMatchObject({ status: 'done', applied: 3 })
    expect(zoneLines(world.emulator).sort()).toEqual([
      'example.com 1 TXT "stays"',
      'new.example.com 60 A 192.0.2.5',
      'www.example.com 300 A 192.0.2.2',
      'www.example.com 300 A 192.0.2.9',
    ])
    expect(lines(await plan(world, wanted('www 300 A 192.0.2.2\nwww 300 A 192.0.2.9')))).toEqual([])
    await world.end()
  })

  test('an expired review is replaced by a new one, and not applied', async () => {
    const world = await editWorld({ records: [{ name: 'www', type: 'A', content: '192.0.2.1', ttl: 300 }] })
    const made = await plan(world, wanted('www 300 A 192.0.2.9'))
    await world.clock.pass(1_800_000)
    const refusal = await world.refusal(confirm(world, made))
    expect(refusal).toMatchObject({ code: 'plan-out-of-date', message: expect.stringContaining('too old') })
    const fresh = refusal.details.plan as StoredPlan
    expect([fresh.id === made.id, fresh.plan.origin, lines(fresh)]).toEqual([
      false,
      made.plan.origin,
      lines(made),
    ])
    expect(zoneLines(world.emulator)).toEqual(['www.example.com 300 A 192.0.2.1'])
    expect(await world.until(confirm(world, fresh))).toMatchObject({ status: 'done', applied: 1 })
    await world.end()
  })

  test('a record that joins a proxied set is proxied, unless the file says otherwise', async () => {
    const world = await editWorld({
      records: [{ name: 'web', type: 'A', content: '192.0.2.10', ttl: 1, proxied: true }],
    })
    const sets = wanted('web 300 A 192.0.2.10\nweb 300 A 192.0.2.12')
    const added = async (records: WantedSet['records']) =>
      (await plan(world, [{ ...sets[0]!, records }])).plan.changes.filter(({ action }) => action === 'add')
    const [kept, joining] = sets[0]!.records
    expect(await added([kept!, joining!])).toMatchObject([
      { selected: true, proposed: { value: '192.0.2.12', proxied: true, ttl: 1 } },
    ])
    expect(await added([kept!, { ...joining!, proxied: false }])).toMatchObject([
      { proposed: { value: '192.0.2.12', proxied: false, ttl: 300 } },
    ])
    await world.end()
  })

  test('a plan stays valid while the zone is unchanged there, and is made again when it changed', async () => {
    const world = await editWorld({ records: [{ name: 'www', type: 'A', content: '192.0.2.1', ttl: 300 }] })
    const sets = wanted('www 300 A 192.0.2.2')
    const made = await plan(world, sets)
    expect(await plan(world, sets)).toEqual(made)
    world.emulator.state.addRecord('example.com', { name: 'other', type: 'A', content: '192.0.2.4' })
    world.emulator.state.addRecord('example.com', { name: 'www', type: 'A', content: '192.0.2.3' })
    const refusal = await world.refusal(confirm(world, made))
    expect(refusal.code).toBe('plan-out-of-date')
    const fresh = refusal.details.plan as StoredPlan
    expect(lines(fresh)).toEqual([
      '☑ replace www.example.com A 192.0.2.1 → 192.0.2.2',
      '☑ delete www.example.com A 192.0.2.3',
    ])
    expect(await world.until(confirm(world, fresh))).toMatchObject({ status: 'done', applied: 2 })
    await world.end()
  })

  test('a set that needs an unnamed record deleted is not advised', async () => {
    const world = await editWorld({
      records: [
        { name: 'www', type: 'A', content: '192.0.2.1' },
        { name: 'www', type: 'TXT', content: '"stays"' },
      ],
    })
    const made = await plan(world, wanted('www 300 CNAME host.example.net.'))
    expect(lines(made)).toEqual([
      '☐ delete www.example.com A 192.0.2.1',
      '☐ add www.example.com CNAME host.example.net',
    ])
    expect(codes(made)).toEqual(['set-in-the-way'])
    const all = made.plan.changes.map(({ id }) => id)
    expect(await world.until(confirm(world, made, all))).toMatchObject({ status: 'done', applied: 2 })
    await world.end()
  })

  test('two sets with one record in their way delete it once', async () => {
    const world = await editWorld({ records: [{ name: 'www', type: 'CNAME', content: 'host.example.net' }] })
    const made = await plan(world, wanted('www 300 A 192.0.2.1\nwww 300 AAAA 2001:db8::1'))
    expect(lines(made)).toEqual([
      '☐ delete www.example.com CNAME host.example.net',
      '☐ add www.example.com A 192.0.2.1',
      '☐ add www.example.com AAAA 2001:db8::1',
    ])
    const all = made.plan.changes.map(({ id }) => id)
    expect(await world.until(confirm(world, made, all))).toMatchObject({ status: 'done', applied: 3 })
    await world.end()
  })

  test('sets that exclude each other at a name change together, whichever comes first', async () => {
    const world = await editWorld({ records: [{ name: 'www', type: 'CNAME', content: 'host.example.net' }] })
    const [address] = wanted('www 300 A 192.0.2.1')
    const gone: WantedSet = { name: aName('www.example.com'), type: 'CNAME', reason: 'why', records: [] }
    const made = await plan(world, [address!, gone])
    expect(lines(made)).toEqual([
      '☑ add www.example.com A 192.0.2.1',
      '☑ delete www.example.com CNAME host.example.net',
    ])
    expect(new Set(made.plan.changes.map(({ group }) => group)).size).toBe(1)
    expect(await world.until(confirm(world, made))).toMatchObject({ status: 'done', applied: 2 })
    await world.end()
  })

  test('a large deletion, or that of the last mail server, needs a tick', async () => {
    const many = Array.from({ length: 12 }, (_, index) => ({
      name: `h${index}`,
      type: 'A' as const,
      content: '192.0.2.1',
    }))
    const world = await editWorld({
      records: [...many, { name: '@', type: 'MX', content: 'mail.example.net', priority: 10 }],
    })
    const gone = (name: string, type: 'A' | 'MX'): WantedSet => ({
      name: aName(name),
      type,
      reason: 'why',
      records: [],
    })
    const last = await plan(world, [gone('example.com', 'MX'), gone('h0.example.com', 'A')])
    expect(lines(last)).toEqual([
      '☐ delete example.com MX 10 mail.example.net',
      '☑ delete h0.example.com A 192.0.2.1',
    ])
    const much = await plan(
      world,
      many.slice(0, 5).map(({ name }) => gone(`${name}.example.com`, 'A')),
    )
    expect(lines(much).every((line) => line.startsWith('☐'))).toBe(true)
    expect(codes(much)).toEqual(['much-deleted'])
    await world.end()
  })

  test('sets beyond one batch are left for the next', async () => {
    const world = await editWorld()
    const text = Array.from({ length: 250 }, (_, index) => `h${index} 300 A 192.0.2.1`).join('\n')
    const made = await plan(world, wanted(text))
    expect(advised(made.plan)).toHaveLength(200)
    expect(codes(made)).toEqual(['more-than-a-batch'])
    expect(await world.until(confirm(world, made))).toMatchObject({ status: 'done', applied: 200 })
    expect(advised((await plan(world, wanted(text))).plan).filter((id) => id.startsWith('add'))).toHaveLength(
      50,
    )
    await world.end()
  })

  test('sets that callers keep are left alone, with a note', async () => {
    const world = await editWorld({
      records: [{ name: 'www', type: 'A', content: '192.0.2.1' }],
      keptBy: (store) => ({
        ...store,
        managedSets: async () => [
          {
            zone: 'the zone',
            key: { name: aName('www.example.com'), type: 'A' },
            wanted: { name: aName('www.example.com'), type: 'A', ttl: 300, values: [] },
            caller: 'the cluster',
            generation: 1,
            settled: true,
            proxied: false,
            since: 0,
            refusal: null,
          },
        ],
      }),
    })
    const made = await plan(
      world,
      wanted('www 300 A 192.0.2.2\nwww 300 CNAME host.example.net.\nnew 300 A 192.0.2.5'),
    )
    expect(lines(made)).toEqual(['☑ add new.example.com A 192.0.2.5'])
    expect(codes(made)).toEqual(['set-locked', 'set-locked'])
    await world.end()
  })
})
