import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ForeignRecord, ZoneRecord } from '#dns/record.ts'
import { aName, anyRecordsIn } from '#dns/testing.ts'
import type { Intent, ManagedSet } from '#store/declared.ts'
import type { MirrorRecord, TrustedRead } from '#store/observed.ts'
import type { Dispatch } from '#store/operations.ts'
import { foreign, intent, keyIn, NOON, nameOf, record, wanted } from '../../../tests/support/samples.ts'
import {
  APART_MS,
  checkSnapshot,
  type Knowledge,
  noPendingContradictions,
  OLDEST_LIST_MS,
  type PendingContradictions,
  PROTECTED_MS,
} from './snapshot-check.ts'

type AnyRecord = ZoneRecord | ForeignRecord

const www = record('r1 www A 192.0.2.1')
const ftp = record('r2 ftp A 192.0.2.2')

describe('a list', () => {
  test('a list that shows what we know is trusted, and changes nothing', () => {
    const { good, trusted } = judged([www, ftp], { mirror: [held(www), held(ftp, { confirmedAt: NOON })] })
    expect(good).toBe(true)
    expect(trusted).toEqual({ at: NOON, seen: [], gone: [], resolved: [], settled: [], drifted: [] })
  })

  test('the first list of a zone is trusted', () => {
    expect(judged([www, foreign('r3 www LOC x')], {}).trusted?.seen).toHaveLength(2)
    expect(judged([], {}).trusted?.seen).toEqual([])
  })

  test('a trusted list may show new records, comments and locks', () => {
    const mirror = [held(www)]
    const commented = { ...www, comment: 'by hand' }
    const locked = { ...www, readOnly: true }
    expect(judged([www, ftp], { mirror }).trusted?.seen).toEqual([ftp])
    expect(judged([commented], { mirror }).trusted?.seen).toEqual([commented])
    expect(judged([locked], { mirror }).trusted?.seen).toEqual([locked])
  })

  const contradictions: Record<string, AnyRecord[]> = {
    'a record is missing': [ftp],
    'a record says something else': [{ ...www, value: record('x www A 192.0.2.66').value }, ftp],
    'a TTL is another': [{ ...www, ttl: 600 }, ftp],
    'a record is proxied now': [{ ...www, proxied: true }, ftp],
    'a record has another name': [{ ...www, name: nameOf('api') }, ftp],
    'a record has another type': [foreign('r1 www LOC x'), ftp],
    'it is empty': [],
  }
  for (const [title, records] of Object.entries(contradictions)) {
    test(`that contradicts us proves nothing by itself: ${title}`, () => {
      const mirror = [held(www), held(ftp)]
      const first = judged(records, { mirror })
      expect(first).toMatchObject({ good: false, contradictions: records.length === 0 ? 2 : 1 })
      const tooSoon = judged(records, { mirror }, first.pendingContradictions, NOON + APART_MS - 1)
      expect(tooSoon.good).toBe(false)
      expect(judged(records, { mirror }, tooSoon.pendingContradictions, NOON + APART_MS).good).toBe(true)
    })
  }

  test('one list that shows a deleted record proves nothing by itself', () => {
    const known = { mirror: [held(www, { goneAt: NOON - 300_000 }), held(ftp)] }
    const first = judged([www, ftp], known)
    expect(first.good).toBe(false)
    const second = judged([www, ftp], known, first.pendingContradictions, NOON + APART_MS)
    expect(second.trusted?.seen).toEqual([www])
  })

  test('a contradicting list is not confirmed by one that contradicts differently', () => {
    const known = { mirror: [held(www), held(ftp)] }
    const first = judged([ftp], known)
    const second = judged([www], known, first.pendingContradictions, NOON + APART_MS)
    expect(second.good).toBe(false)
    const third = judged([ftp], known, second.pendingContradictions, NOON + 2 * APART_MS)
    expect(third.good).toBe(false)
    expect(judged([ftp], known, third.pendingContradictions, NOON + 3 * APART_MS).good).toBe(true)
  })

  test('a contradicting list is not confirmed by one from before a trusted list', () => {
    const known = { mirror: [held(www), held(ftp)] }
    const bad = judged([ftp], known)
    const good = judged([www, ftp], known, bad.pendingContradictions, NOON + 1_000)
    expect(good.good).toBe(true)
    expect(judged([ftp], known, good.pendingContradictions, NOON + APART_MS).good).toBe(false)
  })

  test('no list overrides a definite answer of the last minute, however often it repeats', () => {
    const mirror = [held(www, { confirmedAt: NOON }), held(ftp)]
    let pendingContradictions = noPendingContradictions
    for (let ms = 0; ms < PROTECTED_MS; ms += APART_MS) {
      const checked = judged([ftp], { mirror }, pendingContradictions, NOON + ms)
      expect(checked.good).toBe(false)
      pendingContradictions = checked.pendingContradictions
    }
    const later = judged([ftp], { mirror }, pendingContradictions, NOON + PROTECTED_MS)
    expect(later.trusted?.gone).toEqual([www.id])
  })

  test('a list that lacks most of the zone has to be confirmed twice', () => {
    const known = {
      mirror: ['a', 'b', 'c', 'd', 'e'].map((name, index) => held(record(`q${index} ${name} A 192.0.2.1`))),
    }
    const lists = (shown: number) => known.mirror.slice(0, shown).map(({ record }) => record)
    const good = (shown: number) => {
      let pendingContradictions = noPendingContradictions
      return [0, 1, 1.5, 2].map((times) => {
        const checked = judged(lists(shown), known, pendingContradictions, NOON + times * APART_MS)
        pendingContradictions = checked.pendingContradictions
        return checked.good
      })
    }
    expect(good(0)).toEqual([false, false, false, true])
    expect(good(2).slice(0, 2)).toEqual([false, false])
    expect(good(3).slice(0, 2)).toEqual([false, true])
  })

  test('a list that is old in one place is trusted in none', () => {
    const mirror = [held(www, { confirmedAt: NOON }), held(ftp)]
    const without = judged([], { mirror })
    expect(judged([], { mirror }, without.pendingContradictions, NOON + APART_MS).good).toBe(false)
  })

  test('a refused list says when to read again', () => {
    const plain = judged([], { mirror: [held(www)] })
    expect(plain.pendingContradictions.contradictions?.believableAt).toBe(NOON + APART_MS)
    const protectedOne = judged([], { mirror: [held(www, { confirmedAt: NOON - 10_000 })] })
    expect(protectedOne.pendingContradictions.contradictions?.believableAt).toBe(NOON - 10_000 + PROTECTED_MS)
  })
})

describe('a change of unknown outcome', () => {
  const asked = intent(1, 'www A 192.0.2.7')
  const done = record('r7 www A 192.0.2.7')
  const unresolved = dispatchOf('d1', asked)
  const known = { mirror: [held(ftp)], dispatches: [unresolved] }

  test('an unknown outcome is resolved by two lists apart that agree on its names', () => {
    const first = judged([done, ftp], known)
    expect(first.trusted).toMatchObject({ seen: [], resolved: [] })
    const tooSoon = judged([done, ftp], known, first.pendingContradictions, NOON + APART_MS - 1)
    expect(tooSoon.trusted?.resolved).toEqual([])
    const second = judged([done, ftp], known, tooSoon.pendingContradictions, NOON + APART_MS)
    expect(second.trusted).toMatchObject({
      seen: [done],
      resolved: [{ dispatch: unresolved, ended: [{ intent: asked, before: [], after: [done] }], again: [] }],
    })
  })

  test('an unknown outcome is not resolved by lists that may be older than the change before it', () => {
    const again = intent(1, 'www A 192.0.2.1')
    const now = record('r1 www A 192.0.2.7')
    const known = {
      mirror: [held(now, { confirmedAt: NOON }), held(ftp)],
      dispatches: [dispatchOf('d1', again)],
      past: [{ key: again.key, changedAt: NOON, records: [www] }],
    }
    const late = NOON + OLDEST_LIST_MS
    const old = judged([www, ftp], known, noPendingContradictions, late - APART_MS - 1)
    const stillOld = judged([www, ftp], known, old.pendingContradictions, late - 1)
    expect(stillOld).toMatchObject({ good: true, trusted: { resolved: [] } })
    const young = judged([www, ftp], known, stillOld.pendingContradictions, late)
    expect(young.trusted?.resolved).toEqual([])
    const second = judged([www, ftp], known, young.pendingContradictions, late + APART_MS)
    expect(second.trusted?.resolved).toMatchObject([{ ended: [{ intent: again }] }])
    // That nothing was done is safe to conclude: it is asked for again.
    const undone = judged([now, ftp], known, noPendingContradictions, NOON + 1_000)
    const twice = judged([now, ftp], known, undone.pendingContradictions, NOON + 1_000 + APART_MS)
    expect(twice.trusted?.resolved).toMatchObject([{ again: [again] }])
  })

  test('a change that turns out not executed is requeued', () => {
    const first = judged([ftp], known)
    const second = judged([ftp], known, first.pendingContradictions, NOON + APART_MS)
    expect(second.trusted?.resolved).toEqual([{ dispatch: unresolved, ended: [], again: [asked] }])
  })

  test('an unknown outcome is not resolved while its names differ from list to list', () => {
    const first = judged([ftp], known)
    const second = judged([done, ftp], known, first.pendingContradictions, NOON + APART_MS)
    expect(second.trusted?.resolved).toEqual([])
    const third = judged([done, ftp], known, second.pendingContradictions, NOON + 2 * APART_MS)
    expect(third.trusted?.resolved).toHaveLength(1)
  })

  test('an unknown outcome is not resolved by a list that contradicts us elsewhere', () => {
    const first = judged([done, ftp], known)
    const bad = judged([done], known, first.pendingContradictions, NOON + APART_MS)
    expect(bad.good).toBe(false)
    const good = judged([done, ftp], known, bad.pendingContradictions, NOON + APART_MS + 1)
    expect(good.trusted?.resolved).toHaveLength(1)
  })

  test('nothing at the names of an unknown outcome contradicts, appears, disappears or drifts', () => {
    const managed = [managedSet('www A 192.0.2.1'), managedSet('ftp A 192.0.2.2')]
    const { good, trusted } = judged([done, ftp], {
      ...known,
      mirror: [held(www, { confirmedAt: NOON }), held(ftp)],
      managed,
    })
    expect(good).toBe(true)
    expect(trusted).toMatchObject({ seen: [], gone: [], drifted: [], settled: [] })
  })

  test('a name stays open while another unknown outcome shares it', () => {
    const other = dispatchOf('d2', intent(2, 'www A 192.0.2.8'))
    const first = judged([done, ftp], known)
    const second = judged(
      [done, ftp],
      { ...known, dispatches: [unresolved, other] },
      first.pendingContradictions,
      NOON + APART_MS,
    )
    expect(second.trusted).toMatchObject({
      seen: [],
      resolved: [{ dispatch: unresolved, ended: [], again: [asked] }],
    })
  })

  test('a resolved batch settles the sets that were executed and requeues the others', () => {
    const [one, two] = [intent(1, 'www A 192.0.2.7'), intent(2, 'ftp A 192.0.2.9')]
    const both = { mirror: [held(ftp)], dispatches: [dispatchOf('d1', one, two)] }
    const first = judged([done, ftp], both)
    const second = judged([done, ftp], both, first.pendingContradictions, NOON + APART_MS)
    expect(second.trusted?.resolved[0]).toMatchObject({ ended: [{ intent: one }], again: [two] })
  })

  test('a change in flight or resolved opens no names', () => {
    for (const state of ['sent', 'fenced'] as const) {
      const { good } = judged([ftp], {
        mirror: [held(www), held(ftp)],
        dispatches: [{ ...unresolved, state }],
      })
      expect(good).toBe(false)
    }
  })
})

describe('a managed set', () => {
  const mirror = [held(www), held(ftp)]
  const sets = (settled: boolean) => [
    managedSet('www A 192.0.2.1', settled),
    managedSet('ftp A 192.0.2.99', settled),
  ]

  test('a declared set is settled when a list shows it as declared, and drifted when not', () => {
    expect(judged([www, ftp], { mirror, managed: sets(false) }).trusted).toMatchObject({
      settled: [keyIn('www A')],
      drifted: [keyIn('ftp A')],
    })
  })

  test('a declared set is not settled twice, and stays drifted', () => {
    expect(judged([www, ftp], { mirror, managed: sets(true) }).trusted).toMatchObject({
      settled: [],
      drifted: [keyIn('ftp A')],
    })
  })

  test('a declared set with a change under way neither settles nor drifts', () => {
    const busy = new Set(['www.example.com A', 'ftp.example.com A'])
    expect(judged([www, ftp], { mirror, managed: sets(false), busy }).trusted).toMatchObject({
      settled: [],
      drifted: [],
    })
  })

  test('a declared set with a duplicated record has drifted', () => {
    const twice = [www, record('r9 www A 192.0.2.1')]
    const managed = [managedSet('www A 192.0.2.1')]
    expect(judged(twice, { mirror: [held(www)], managed }).trusted?.drifted).toEqual([keyIn('www A')])
  })
})

describe('the work of judging a list', () => {
  test('checking a list takes time in proportion to the zone, not to sets times records', () => {
    const most = 5 * timesLookedAt(zoneOf(100))
    expect(timesLookedAt(zoneOf(400))).toBeLessThan(most)
  })

  test('checking a list takes no longer where every set has an unknown outcome', () => {
    const most = 5 * timesLookedAt(unknownNames(zoneOf(100)))
    expect(timesLookedAt(unknownNames(zoneOf(400)))).toBeLessThan(most)
  })

  /** So many managed sets of one record each. */
  function zoneOf(count: number) {
    const numbers = Array.from({ length: count }, (_, number) => number)
    const records = numbers.map((number) => record(`r${number} host-${number} A 192.0.2.1`))
    const managed = numbers.map((number) => managedSet(`host-${number} A 192.0.2.1`))
    return { records, mirror: records.map((each) => held(each)), managed }
  }

  /** Twenty sets a batch; every set was changed to something else and back. */
  function unknownNames({ records, ...known }: ReturnType<typeof zoneOf>) {
    const intents = records.map(({ name }, number) => intent(number, `${name.split('.')[0]} A 192.0.2.2`))
    const batches = Array.from({ length: intents.length / 20 }, (_, batch) =>
      dispatchOf(`d${batch}`, ...intents.slice(batch * 20, batch * 20 + 20)),
    )
    const past = records.map(({ name, type }) => ({
      key: { name, type },
      changedAt: NOON - 1_000,
      records: [],
    }))
    return { ...known, records, dispatches: batches, past }
  }

  /** How often the name of a record is asked for, of the list or of what we know. */
  function timesLookedAt({ records, mirror = [], ...known }: Partial<Knowledge> & { records: ZoneRecord[] }) {
    let times = 0
    const counting = new Map(
      records.map((each) => {
        const counted = Object.defineProperty({ ...each }, 'name', {
          get() {
            times += 1
            return each.name
          },
        })
        return [each.id, counted]
      }),
    )
    const counted = mirror.map((each) => ({ ...each, record: counting.get(each.record.id as never)! }))
    expect(judged([...counting.values()], { ...known, mirror: counted }).good).toBe(true)
    return times
  }
})

describe('whatever we know and whatever a list shows', () => {
  const anyKnown = fc
    .record({
      records: anyRecordsIn(aName('example.com')),
      fates: fc.array(fc.constantFrom('same', 'missing', 'changed', 'gone', 'gone but shown', 'new'), {
        minLength: 20,
        maxLength: 20,
      }),
    })
    .map(({ records, fates }) => {
      const known: MirrorRecord[] = []
      const listed: AnyRecord[] = []
      for (const [index, record] of records.entries()) {
        const fate = fates[index]!
        if (fate !== 'new')
          known.push(held(record, fate.startsWith('gone') ? { goneAt: NOON - 300_000 } : {}))
        if (fate === 'changed') listed.push({ ...record, ttl: record.ttl + 1 })
        else if (fate !== 'missing' && fate !== 'gone') listed.push(record)
      }
      const isContradicted = records.some((_, index) =>
        ['missing', 'changed', 'gone but shown'].includes(fates[index]!),
      )
      return { mirror: known, listed, isContradicted }
    })

  test('a first list is trusted exactly when it contradicts nothing, and then the mirror becomes the list', () => {
    fc.assert(
      fc.property(anyKnown, ({ mirror, listed, isContradicted }) => {
        const { good, trusted } = judged(listed, { mirror })
        expect(good).toBe(!isContradicted)
        if (trusted) expect(mirrorAfter(mirror, trusted)).toEqual(sorted(listed))
      }),
    )
  })

  test('a list repeated twice, five seconds apart, is trusted, and then the mirror becomes the list', () => {
    fc.assert(
      fc.property(anyKnown, ({ mirror, listed }) => {
        const first = judged(listed, { mirror })
        const second = judged(listed, { mirror }, first.pendingContradictions, NOON + APART_MS)
        const { trusted } = second.good
          ? second
          : judged(listed, { mirror }, second.pendingContradictions, NOON + 2 * APART_MS)
        expect(mirrorAfter(mirror, trusted!)).toEqual(sorted(listed))
      }),
    )
  })

  test('no list of the next minute overrides a definite answer', () => {
    fc.assert(
      fc.property(
        anyKnown,
        fc.array(fc.integer({ min: 0, max: PROTECTED_MS - 1 }), { minLength: 1, maxLength: 12 }),
        ({ mirror, listed, isContradicted }, times) => {
          fc.pre(isContradicted)
          const confirmed = mirror.map((known) => ({ ...known, confirmedAt: NOON }))
          let pendingContradictions = noPendingContradictions
          for (const ms of times.sort((a, b) => a - b)) {
            const checked = judged(listed, { mirror: confirmed }, pendingContradictions, NOON + ms)
            expect(checked.good).toBe(false)
            pendingContradictions = checked.pendingContradictions
          }
        },
      ),
    )
  })

  test('the order of a list does not matter', () => {
    fc.assert(
      fc.property(anyKnown, ({ mirror, listed }) => {
        const first = judged(listed, { mirror })
        const reversed = [[...listed].reverse(), { mirror: [...mirror].reverse() }] as const
        const second = judged(...reversed, first.pendingContradictions, NOON + APART_MS)
        const last = second.good
          ? second
          : judged(...reversed, second.pendingContradictions, NOON + 2 * APART_MS)
        expect(last.good).toBe(true)
      }),
    )
  })
})

function judged(
  records: readonly AnyRecord[],
  known: Partial<Knowledge>,
  pendingContradictions: PendingContradictions = noPendingContradictions,
  startedAt = NOON,
) {
  const checked = checkSnapshot(
    { startedAt, records },
    { mirror: [], dispatches: [], managed: [], past: [], busy: new Set(), ...known },
    pendingContradictions,
  )
  return { ...checked, trusted: checked.good ? checked.trusted : undefined }
}

function held(record: AnyRecord, more: Partial<MirrorRecord> = {}): MirrorRecord {
  return { record, confirmedAt: 0, goneAt: null, ...more }
}

function dispatchOf(id: string, ...intents: readonly Intent[]): Dispatch {
  return {
    id,
    epoch: 1,
    state: 'doubtful',
    changes: [],
    intents,
    names: intents.map(({ key }) => key.name),
    at: NOON - 10_000,
    unknownSince: NOON - 10_000,
    fenceUntil: NOON + 110_000,
  }
}

function managedSet(text: string, settled = true): ManagedSet {
  const set = wanted(text)!
  const { name, type } = set
  return {
    zone: '',
    key: { name, type },
    wanted: set,
    caller: 'default',
    generation: 1,
    settled,
    proxied: false,
    since: NOON,
  }
}

function mirrorAfter(mirror: readonly MirrorRecord[], { seen, gone }: TrustedRead): readonly AnyRecord[] {
  const after = new Map(
    mirror.filter(({ goneAt }) => goneAt === null).map(({ record }) => [record.id, record]),
  )
  for (const id of gone) after.delete(id)
  for (const record of seen) after.set(record.id, record)
  return sorted([...after.values()])
}

function sorted(records: readonly AnyRecord[]): readonly AnyRecord[] {
  return [...records].sort((a, b) => (a.id < b.id ? -1 : 1))
}
