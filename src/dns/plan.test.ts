import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  applyChanges,
  type Change,
  type DesiredSet,
  matchesSet,
  operationCount,
  planChanges,
  readOnlyIn,
  type SetIntent,
} from './plan.ts'
import type { RecordId, ZoneRecord } from './record.ts'
import { keyOf } from './record-set.ts'
import { canBeProxied, type RecordType } from './record-type.ts'
import { aName, anyDesiredSetIn, anyRecordsIn, aValue } from './testing.ts'
import { AUTOMATIC } from './ttl.ts'

const zone = aName('example.com')

describe('a plan', () => {
  test('keeps what is right, patches what is left over, deletes before it creates', () => {
    expectPlan({
      current: [
        'a www A 192.0.2.1',
        'b www A 192.0.2.2',
        'c old A 192.0.2.9',
        'd shop CNAME host.example.net',
      ],
      desired: ['www A 192.0.2.1 192.0.2.7', 'old A -', 'shop CNAME -', 'shop A 192.0.2.8'],
      changes: ['- c', '- d', '~ b 192.0.2.7', '+ shop A 192.0.2.8'],
    })
  })

  test('of a set that grows creates what is missing', () => {
    expectPlan({
      current: ['a www A 192.0.2.1'],
      desired: ['www A 192.0.2.1 192.0.2.2'],
      changes: ['+ www A 192.0.2.2'],
    })
  })

  test('of a set that shrinks deletes what is left over', () => {
    expectPlan({
      current: ['a www A 192.0.2.1', 'b www A 192.0.2.2'],
      desired: ['www A 192.0.2.2'],
      changes: ['- a'],
    })
  })

  test('changes one of two values without touching the other record', () => {
    expectPlan({
      current: ['a www A 192.0.2.1', 'b www A 192.0.2.2'],
      desired: ['www A 192.0.2.2 192.0.2.3'],
      changes: ['~ a 192.0.2.3'],
    })
  })

  test('of one value held twice keeps the record that costs nothing to keep, then the lowest id', () => {
    expectPlan({
      current: ['a www A 192.0.2.1 60', 'c www A 192.0.2.1', 'b www A 192.0.2.1'],
      desired: ['www A 192.0.2.1'],
      changes: ['- c', '- a'],
    })
  })

  test('leaves types and names that were not named alone', () => {
    expectPlan({
      current: ['a www A 192.0.2.1', 'b www AAAA 2001:db8::1', 'c api A 192.0.2.1'],
      desired: ['www A -'],
      changes: ['- a'],
    })
  })

  test('takes the last of several intents for one set', () => {
    expectPlan({
      current: [],
      desired: ['www A 192.0.2.1', 'www A 192.0.2.2'],
      changes: ['+ www A 192.0.2.2'],
    })
  })
})

describe('the attributes of a record', () => {
  const current = [record('a www A 192.0.2.1', { proxied: true, ttl: AUTOMATIC, comment: 'by hand' })]

  test('a proxied record stays proxied, and its TTL is not compared', () => {
    expect(planChanges(current, [upsert('www A 192.0.2.1', {})])).toEqual([])
  })

  test('a proxied record whose value changes stays proxied, with an automatic TTL', () => {
    const [after] = applied(current, [upsert('www A 192.0.2.7', {})])
    expect(after).toEqual({ ...current[0], value: '192.0.2.7' })
  })

  test('a record that is no longer to be proxied gets the TTL of its set', () => {
    const [after] = applied(current, [upsert('www A 192.0.2.1', { proxied: false })])
    expect(after).toEqual({ ...current[0], proxied: false, ttl: 300 })
  })

  test('a new record is proxied as the others of its set are, unless asked for otherwise', () => {
    const plan = (proxied?: boolean) =>
      planChanges(current, [upsert('www A 192.0.2.1 192.0.2.2', proxied === undefined ? {} : { proxied })])
    expect(plan()).toMatchObject([{ kind: 'post', to: { proxied: true, ttl: AUTOMATIC, comment: null } }])
    expect(plan(false).filter(({ kind }) => kind === 'post')).toMatchObject([
      { to: { proxied: false, ttl: 300 } },
    ])
    expect(
      planChanges([record('a www A 192.0.2.1')], [upsert('www A 192.0.2.1 192.0.2.2', {})]),
    ).toMatchObject([{ kind: 'post', to: { proxied: false, ttl: 300 } }])
  })

  test('a rolling change leaves a name behind the proxy: one address, both, the other', () => {
    const both = applied(current, [upsert('www A 192.0.2.1 192.0.2.2', {})])
    const other = applied(both, [upsert('www A 192.0.2.2', {})])
    expect(other).toMatchObject([{ value: '192.0.2.2', proxied: true }])
  })

  test('a new record of a set whose records differ is proxied: the name is', () => {
    const differing = [...current, record('b www A 192.0.2.2')]
    const grown = applied(differing, [upsert('www A 192.0.2.1 192.0.2.2 192.0.2.3', {})])
    expect(grown.map(({ proxied }) => proxied)).toEqual([true, false, true])
  })

  test('a new record is not proxied for those of another type or name, nor where Cloudflare cannot reach it', () => {
    const posted = (line: string) =>
      planChanges(current, [upsert(line, {})]).flatMap((change) =>
        change.kind === 'post' ? [change.to.proxied] : [],
      )
    expect(posted('www AAAA 2001:db8::1')).toEqual([false])
    expect(posted('api A 192.0.2.1')).toEqual([false])
    expect(posted('www A 192.0.2.1 10.0.0.1')).toEqual([false])
  })

  test('only new records get the comment', () => {
    const after = applied(current, [upsert('www A 192.0.2.2 192.0.2.3', { comment: 'zonewright:default' })])
    expect(after.map(({ comment }) => comment)).toEqual(['by hand', 'zonewright:default'])
  })

  test('proxied says nothing about a type that cannot be', () => {
    const set = upsert('www TXT one', { proxied: true })
    const after = applied([], [set])
    expect(after).toMatchObject([{ proxied: false, ttl: 300 }])
    expect(matchesSet(after, setIn(set))).toBe(true)
  })
})

describe('a fenced record', () => {
  const current = [
    record('a www A 192.0.2.1', { comment: 'by hand', proxied: true }),
    record('b www A 192.0.2.2'),
  ]
  const fence = new Set(['a' as RecordId])

  test('is replaced even when it is right, with its comment and proxy status', () => {
    const changes = planChanges(current, [upsert('www A 192.0.2.1 192.0.2.2', {})], { fence })
    expect(changes).toMatchObject([
      { kind: 'replace', record: { id: 'a' }, to: { value: '192.0.2.1', comment: 'by hand', proxied: true } },
    ])
    expect(operationCount(changes)).toBe(2)
  })

  test('is replaced when its value changes', () => {
    const changes = planChanges(current, [upsert('www A 192.0.2.2 192.0.2.3', {})], { fence })
    expect(changes).toMatchObject([
      { kind: 'replace', record: { id: 'a' }, to: { value: '192.0.2.3', comment: 'by hand', proxied: true } },
    ])
  })

  test('is deleted where a free record can take the new value', () => {
    expect(planChanges(current, [upsert('www A 192.0.2.3', {})], { fence }).map(shown)).toEqual([
      '- a',
      '~ b 192.0.2.3',
    ])
  })

  test('gives way to a free record of the same value', () => {
    const twice = [...current, record('c www A 192.0.2.1')]
    expect(planChanges(twice, [upsert('www A 192.0.2.1 192.0.2.2', {})], { fence }).map(shown)).toEqual([
      '- a',
    ])
  })
})

test('a set with a value too many, too few, twice or another does not match', () => {
  const set = setIn(upsert('www A 192.0.2.1 192.0.2.2', {}))
  const matches = (...values: string[]) =>
    matchesSet(
      [record('x api A 192.0.2.9'), ...values.map((value, id) => record(`${id} www A ${value}`))],
      set,
    )
  expect(matches('192.0.2.2', '192.0.2.1')).toBe(true)
  expect(matches('192.0.2.2')).toBe(false)
  expect(matches('192.0.2.2', '192.0.2.2')).toBe(false)
  expect(matches('192.0.2.2', '192.0.2.1', '192.0.2.1')).toBe(false)
  expect(matches('192.0.2.2', '192.0.2.1', '192.0.2.3')).toBe(false)
  expect(matches('192.0.2.2', '192.0.2.3')).toBe(false)
})

test('a plan that would touch read-only records says which', () => {
  const locked = { ...record('a www MX 10 mail.example.net'), readOnly: true }
  expect(readOnlyIn(planChanges([locked], [intent('www MX -')]))).toEqual([locked])
  expect(readOnlyIn(planChanges([locked], [upsert('www A 192.0.2.1', {})]))).toEqual([])
})

test('of one value held twice the read-only record is kept', () => {
  const locked = { ...record('b www A 192.0.2.1'), readOnly: true }
  const changes = planChanges([record('a www A 192.0.2.1'), locked], [upsert('www A 192.0.2.1', {})])
  expect(changes.map(shown)).toEqual(['- a'])
})

test('a batch that names a record that is gone is refused', () => {
  const [gone] = [record('a www A 192.0.2.1')]
  const newId = () => 'x' as RecordId
  expect(() => applyChanges([], [{ kind: 'delete', record: gone! }], newId)).toThrow('no record a')
  expect(() => applyChanges([], [{ kind: 'patch', record: gone!, to: gone! }], newId)).toThrow('no record a')
})

describe('for any zone and any intents', () => {
  const anyIntents: fc.Arbitrary<SetIntent[]> = fc
    .uniqueArray(anyDesiredSetIn(zone), { selector: keyOf, maxLength: 6 })
    .chain((sets) =>
      fc.tuple(...sets.map((set) => fc.boolean().map((isDeleted) => intentFor(set, isDeleted)))),
    )
  const anyCase = fc
    .record({ current: anyRecordsIn(zone), intents: anyIntents })
    .chain(({ current, intents }) =>
      fc.record({
        current: fc.constant(current),
        intents: fc.constant(intents),
        fence: fc.subarray(current.map(({ id }) => id)).map((ids) => new Set(ids)),
      }),
    )
  type Case = typeof anyCase extends fc.Arbitrary<infer T> ? T : never

  function law(title: string, holds: (given: Case) => void) {
    test(title, () => fc.assert(fc.property(anyCase, holds), { numRuns: 1_000 }))
  }

  law('carrying out the plan reaches exactly the named sets', ({ current, intents, fence }) => {
    const after = applyChanges(current, planChanges(current, intents, { fence }), freshIds())
    for (const each of intents) {
      const held = after.filter((record) => keyOf(record) === keyIn(each))
      const wanted = each.kind === 'upsert' ? each.set.values : []
      expect(held.map(({ value }) => value).sort()).toEqual(wanted)
      if (each.kind === 'delete') continue
      const { type, ttl, proxied } = each.set
      for (const { ttl: heldTtl, proxied: heldProxied } of held) {
        expect(heldTtl).toBe(heldProxied ? AUTOMATIC : ttl)
        if (proxied !== undefined) expect(heldProxied).toBe(proxied && canBeProxied(type))
      }
      expect(matchesSet(after, each.set)).toBe(true)
    }
  })

  law('no record of a set that was not named is touched', ({ current, intents, fence }) => {
    const changes = planChanges(current, intents, { fence })
    const named = new Set(intents.map(keyIn))
    for (const change of changes) {
      if (change.kind !== 'post') expect(named).toContain(keyOf(change.record))
      if (change.kind !== 'delete') expect(named).toContain(keyOf(change.to))
    }
    const bystanders = (records: readonly ZoneRecord[]) => records.filter((each) => !named.has(keyOf(each)))
    expect(bystanders(applyChanges(current, changes, freshIds()))).toEqual(bystanders(current))
  })

  test('no sequence of changes, fenced or not, takes a proxied set out of the proxy unless told so', () => {
    const www = record('a www A 192.0.2.1', { proxied: true, ttl: AUTOMATIC })
    const anyStep = fc.record({
      values: fc.subarray(['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'], { minLength: 1 }),
      fenced: fc.boolean(),
    })
    const holds = (steps: readonly { values: string[]; fenced: boolean }[]) => {
      const newId = freshIds()
      let zone: ZoneRecord[] = [www]
      for (const { values, fenced } of steps) {
        const fence = new Set(fenced ? zone.slice(0, 1).map(({ id }) => id) : [])
        const set = upsert(`www A ${values.join(' ')}`, { comment: 'zonewright:default' })
        zone = applyChanges(zone, planChanges(zone, [set], { fence }), newId)
        expect(zone.every(({ proxied }) => proxied)).toBe(true)
      }
    }
    fc.assert(fc.property(fc.array(anyStep, { minLength: 1, maxLength: 8 }), holds), { numRuns: 500 })
  })

  law('the number of operations is the least there can be', ({ current, intents }) => {
    const changes = planChanges(current, intents)
    const least = intents.reduce((sum, each) => sum + leastOperations(current, each), 0)
    expect(operationCount(changes)).toBe(least)
  })

  law(
    'a record whose value is desired keeps its id, its comment and, unless told otherwise, its proxy status',
    ({ current, intents }) => {
      const after = new Map(
        applyChanges(current, planChanges(current, intents), freshIds()).map((each) => [each.id, each]),
      )
      for (const each of intents) {
        if (each.kind === 'delete') continue
        for (const value of each.set.values) {
          const holders = current.filter(
            (record) => keyOf(record) === keyOf(each.set) && record.value === value,
          )
          const [only] = holders
          if (holders.length !== 1 || !only) continue
          expect(after.get(only.id)).toMatchObject({ value, comment: only.comment })
          if (each.set.proxied === undefined) expect(after.get(only.id)?.proxied).toBe(only.proxied)
        }
      }
    },
  )

  law('a zone that is as desired needs no change', ({ current, intents }) => {
    const after = applyChanges(current, planChanges(current, intents), freshIds())
    expect(planChanges(after, intents)).toEqual([])
  })

  law('a set matches exactly when it needs no change', ({ current, intents }) => {
    for (const each of intents) {
      if (each.kind === 'delete') continue
      expect(matchesSet(current, each.set)).toBe(planChanges(current, [each]).length === 0)
    }
  })

  law('no fenced id of a named set survives, and none is patched', ({ current, intents, fence }) => {
    const changes = planChanges(current, intents, { fence })
    const named = new Set(intents.map(keyIn))
    const after = applyChanges(current, changes, freshIds())
    expect(after.filter((record) => fence.has(record.id) && named.has(keyOf(record)))).toEqual([])
    expect(changes.filter((change) => change.kind === 'patch' && fence.has(change.record.id))).toEqual([])
  })

  law('the order of what is given does not matter', ({ current, intents, fence }) => {
    expect(planChanges([...current].reverse(), [...intents].reverse(), { fence })).toEqual(
      planChanges(current, intents, { fence }),
    )
  })

  law('deletes come first, then patches, then posts', ({ current, intents, fence }) => {
    const phases = planChanges(current, intents, { fence }).map(
      ({ kind }) => ({ delete: 0, replace: 0, patch: 1, post: 2 })[kind],
    )
    expect(phases).toEqual([...phases].sort())
  })
})

/** Lower bound, from the zones alone: values in common that need a patch, plus the larger of what is left on each side. */
function leastOperations(current: readonly ZoneRecord[], each: SetIntent): number {
  const held = current.filter((record) => keyOf(record) === keyIn(each))
  if (each.kind === 'delete') return held.length
  const { values, ttl, proxied, type } = each.set
  const wantedProxied = canBeProxied(type) ? proxied : undefined
  const isRight = (record: ZoneRecord) =>
    (wantedProxied ?? record.proxied) === record.proxied && (record.proxied || record.ttl === ttl)
  const common = values.filter((value) => held.some((record) => record.value === value))
  const patched = common.filter((value) => !held.some((record) => record.value === value && isRight(record)))
  return patched.length + Math.max(held.length - common.length, values.length - common.length)
}

function intentFor(set: DesiredSet, isDeleted: boolean): SetIntent {
  return isDeleted ? { kind: 'delete', key: { name: set.name, type: set.type } } : { kind: 'upsert', set }
}

function keyIn(each: SetIntent): string {
  return keyOf(each.kind === 'upsert' ? each.set : each.key)
}

function setIn(each: SetIntent): DesiredSet {
  if (each.kind === 'delete') throw new Error('no set')
  return each.set
}

function expectPlan(given: { current: string[]; desired: string[]; changes: string[] }) {
  const current = given.current.map((line) => record(line))
  expect(planChanges(current, given.desired.map(intent)).map(shown)).toEqual(given.changes)
}

function applied(current: readonly ZoneRecord[], intents: readonly SetIntent[]): ZoneRecord[] {
  return applyChanges(current, planChanges(current, intents), freshIds())
}

function shown(change: Change): string {
  if (change.kind === 'delete') return `- ${change.record.id}`
  if (change.kind === 'patch') return `~ ${change.record.id} ${change.to.value}`
  const { name, type, value } = change.to
  return `${change.kind === 'post' ? '+' : '±'} ${name.slice(0, -(zone.length + 1))} ${type} ${value}`
}

/** `id name type value [ttl]` with a TTL of 300 unless said. */
function record(line: string, attributes: Partial<ZoneRecord> = {}): ZoneRecord {
  const [id = '', owner = '', type = '', ...rest] = line.split(' ')
  const ttl = type === 'A' && rest.length > 1 ? Number(rest.pop()) : 300
  return {
    id: id as RecordId,
    name: aName(`${owner}.${zone}`),
    type: type as RecordType,
    value: aValue(type as RecordType, rest.join(' ')),
    ttl,
    proxied: false,
    comment: null,
    readOnly: false,
    ...attributes,
  }
}

/** `name type value…`, or `name type -` to delete. */
function intent(line: string): SetIntent {
  const [owner = '', type, ...texts] = line.split(' ')
  const key = { name: aName(`${owner}.${zone}`), type: type as RecordType }
  if (texts[0] === '-') return { kind: 'delete', key }
  return {
    kind: 'upsert',
    set: { ...key, ttl: 300, values: texts.map((text) => aValue(key.type, text)).sort() },
  }
}

function upsert(line: string, attributes: Pick<DesiredSet, 'proxied' | 'comment'>): SetIntent {
  return { kind: 'upsert', set: { ...setIn(intent(line)), ...attributes } }
}

function freshIds(): () => RecordId {
  let count = 0
  return () => `new-${++count}` as RecordId
}
