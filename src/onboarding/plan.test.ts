import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Name } from '#dns/name.ts'
import { conflictsAt } from '#dns/neighbours.ts'
import type { RecordId, ZoneRecord } from '#dns/record.ts'
import { isRecordType } from '#dns/record-type.ts'
import { aName } from '#dns/testing.ts'
import { advised, chosen } from './chosen.ts'
import { type AnyRecord, isOther, type OnboardingInput } from './input.ts'
import { planOnboarding } from './plan.ts'
import type { OnboardingPlan } from './review.ts'
import { anyInput, applied, example, onboardingOf, zoneRecords } from './testing.ts'

const www = aName('www.example.com')

describe('a takeover of any zone', () => {
  law('shows every record once, and kept ones ticked and locked', ({ records }, plan) => {
    const shown = plan.changes.flatMap((row) => ('current' in row ? [row.current] : []))
    expect([...shown].sort(byId)).toEqual([...records].sort(byId))
    expect(new Set(plan.changes.map(({ id }) => id)).size).toBe(plan.changes.length)
    for (const { action, selected, locked } of plan.changes) {
      if (action === 'keep') expect([selected, locked]).toEqual([true, true])
      else expect(locked).toBe(false)
    }
  })

  law('changes nothing that it does not list, byte for byte', ({ records }, plan, selected) => {
    const after = new Map(applied(records, plan, selected).map((record) => [record.id, record]))
    for (const row of plan.changes) {
      if (!('current' in row)) continue
      const isChosen = selected.includes(row.id) && row.action !== 'keep'
      const expected = !isChosen
        ? row.current
        : row.action === 'replace'
          ? { ...row.current, ...row.proposed }
          : undefined
      expect(after.get(row.current.id)).toEqual(expected)
    }
  })

  law('adds only what it lists', ({ records }, plan, selected) => {
    const held = new Set(records.map(({ id }) => id))
    const added = applied(records, plan, selected).filter(({ id }) => !held.has(id))
    const listed = plan.changes.flatMap((row) =>
      row.action === 'add' && selected.includes(row.id) ? [row.proposed] : [],
    )
    expect(added.map((record) => ({ ...record, id: undefined, readOnly: undefined })).sort(byText)).toEqual(
      listed.map((record) => ({ ...record, id: undefined, readOnly: undefined })).sort(byText),
    )
  })

  law('touches MX and TXT only to keep mail where it is, never NS, CAA or SRV', (_, plan) => {
    for (const { action, type, name, group = '' } of plan.changes) {
      if (action === 'keep') continue
      if (type === 'MX') expect(['replace mail', `add ${name}`]).toContain(`${action} ${group}`)
      else if (type === 'TXT') expect(action === 'replace' && group.startsWith('spf ')).toBe(true)
      else expect(['A', 'AAAA', 'CNAME', 'HTTPS']).toContain(type)
    }
  })

  law('never touches what is read-only', (_, plan) => {
    for (const row of plan.changes) {
      const isReadOnly = 'current' in row && !isOther(row.current) && row.current.readOnly
      if (isReadOnly) expect(row.action).toBe('keep')
    }
  })

  law(
    'as advised, leaves the store’s names pointing at its targets and nowhere else',
    ({ input, records }, plan) => {
      const after = applied(records, plan, advised(plan))
      const { store } = input
      const isAsked = plan.warnings.some(({ code }) => code === 'placeholder' || code === 'twin-left-alone')
      if (isAsked) return
      expect(destinationOf(after, store.name)).toEqual(targetsOf(input))
      if (store.name === example && store.servesWww)
        expect(destinationOf(after, www)).toEqual(targetsOf(input))
    },
  )

  law('as advised, is done: a second plan advises nothing', ({ input, records }, plan) => {
    const again = planOnboarding({ ...input, records: applied(records, plan, advised(plan)) })
    expect(again.changes.filter(({ action, selected }) => selected && action !== 'keep')).toEqual([])
  })

  law('as advised, keeps every mail domain on the addresses it had', ({ input, records }, plan) => {
    const told = plan.warnings.flatMap(({ code, changes = [] }) =>
      code === 'mail-unprotected' ? changes : [],
    )
    const after = applied(records, plan, advised(plan))
    const before = new Map(mailServers(records).map(([id, where]) => [id, where]))
    for (const [id, where] of mailServers(after)) {
      const old = before.get(id) ?? []
      const elsewhere = old.filter((each) => !ownPlaces(input).includes(each))
      if (elsewhere.length === 0 || told.includes(id)) continue
      // Where a part of the addresses was ours already, only the others are the old server.
      expect(old).toEqual(expect.arrayContaining(where))
      expect(where.some((each) => elsewhere.includes(each))).toBe(true)
    }
  })

  law('selecting nothing changes nothing', ({ records }, plan) => {
    expect(chosen(plan, [])).toEqual({ ok: true, changes: [], deletedOthers: [] })
    expect([...applied(records, plan, [])].sort(byId)).toEqual([...records].sort(byId))
  })

  law(
    'of any accepted choice, brings no neighbours together that cannot stand each other',
    ({ records }, plan, selected) => {
      expect(conflictsIn(records)).toEqual([])
      expect(conflictsIn(applied(records, plan, selected))).toEqual([])
    },
  )

  test('a blocked plan keeps everything', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { blocked, changes } = planOnboarding(input)
        if (blocked) expect(changes.map(({ action }) => action)).toEqual(input.records.map(() => 'keep'))
      }),
      { numRuns: 200 },
    )
  })
})

test('a zone of 3,500 records takes less than a fifth of a second of processor time', () => {
  const lines = Array.from({ length: 3_496 }, (_, index) => `n${index} 300 CNAME ${index % 2 ? '@' : 'mail'}`)
  const zone = ['@ 300 A 198.51.100.1', '@ 300 MX 10 mail', 'mail 300 CNAME @', 'www 300 CNAME @', ...lines]
  const input = onboardingOf('', { records: zoneRecords(zone.join('\n')) })
  const milliseconds = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage()
    const plan = planOnboarding(input)
    expect(chosen(plan, advised(plan)).ok).toBe(true)
    return process.cpuUsage(before).user / 1_000
  })
  expect(Math.min(...milliseconds)).toBeLessThan(200)
})

interface Case {
  readonly input: OnboardingInput
  readonly records: readonly AnyRecord[]
}

/** Holds for every plan that is not blocked; `selected` is any choice of whole groups that is accepted. */
function law(title: string, holds: (given: Case, plan: OnboardingPlan, selected: readonly string[]) => void) {
  test(title, () => {
    fc.assert(
      fc.property(anyInput, fc.infiniteStream(fc.boolean()), (input, coins) => {
        const plan = planOnboarding(input)
        if (plan.blocked) return
        const groups = new Map<string, boolean>()
        const ids = plan.changes.filter(({ action, group = '' }) => {
          if (action === 'keep') return false
          if (!groups.has(group)) groups.set(group, coins.next().value)
          return groups.get(group)
        })
        const choice = ids.map(({ id }) => id)
        holds({ input, records: input.records }, plan, chosen(plan, choice).ok ? choice : [])
      }),
      { numRuns: 200 },
    )
  })
}

/** Every address and outer host that a name leads to, by a resolver of the test's own. */
function destinationOf(records: readonly AnyRecord[], name: string, hops = 8): string[] {
  if (hops === 0) return []
  if (name !== example && !name.endsWith('.example.com')) return [`host ${name}`]
  const at = (owner: string) =>
    records.filter((record): record is ZoneRecord => record.name === owner && !isOther(record))
  const exists = (owner: string) =>
    records.some((record) => record.name === owner || record.name.endsWith(`.${owner}`))
  let answer = at(name)
  if (!exists(name)) {
    let encloser = name
    while (encloser !== example && !exists(encloser)) encloser = encloser.slice(encloser.indexOf('.') + 1)
    answer = at(`*.${encloser}`)
  }
  const found = answer.flatMap(({ type, value }) => {
    if (type === 'A' || type === 'AAAA') return [value as string]
    return type === 'CNAME' ? destinationOf(records, value, hops - 1) : []
  })
  return [...new Set(found)].sort()
}

function ownPlaces({ store: { ipv4, ipv6, host } }: OnboardingInput): readonly string[] {
  return [...ipv4, ...ipv6, ...(host === undefined ? [] : [`host ${host}`])]
}

function targetsOf({ store }: OnboardingInput): unknown {
  const addresses = [...store.ipv4, ...store.ipv6].sort()
  const host = store.host === undefined ? [] : [`host ${store.host}`]
  return addresses.length === 0
    ? host
    : host.length === 0
      ? addresses
      : expect.toSatisfy(isOneOf(addresses, host))
}

function isOneOf(...choices: readonly (readonly string[])[]): (found: readonly string[]) => boolean {
  return (found) => choices.some((choice) => choice.join() === found.join())
}

function mailServers(records: readonly AnyRecord[]): [RecordId, string[]][] {
  return records.flatMap((record): [RecordId, string[]][] =>
    !isOther(record) && record.type === 'MX' && record.value !== '0 .'
      ? [[record.id, destinationOf(records, record.value.split(' ')[1] ?? '')]]
      : [],
  )
}

function conflictsIn(records: readonly AnyRecord[]): unknown[] {
  const names = new Set(records.map(({ name }) => name))
  return [...names].flatMap((name: Name) => {
    const atName = records.filter((record) => record.name === name)
    const known = new Set(atName.filter((record) => !isOther(record)).map(({ type }) => type))
    const cnames = atName.filter(({ type }) => type === 'CNAME')
    const conflicts = [...known]
      .filter(isRecordType)
      .flatMap((type) => conflictsAt({ name, type }, atName, example))
    return cnames.length > 1 ? [...conflicts, ...cnames] : conflicts
  })
}

function byId(a: AnyRecord, b: AnyRecord): number {
  return a.id < b.id ? -1 : 1
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}
