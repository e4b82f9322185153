import { describe, expect, test } from 'vitest'
import { bySet } from '#dns/record-set.ts'
import type { NewIntent } from '#store/declared.ts'
import { foreign, intent, nameOf, record } from '../../../tests/support/samples.ts'
import { decide, growthOf, isFulfilled, ownerComment, recordsOfSet, type Surroundings } from './decide.ts'

const around = (more: Partial<Surroundings> = {}): Surroundings => ({
  zone: nameOf('@'),
  records: [],
  managed: new Set(),
  isOurDoing: () => false,
  fence: new Set(),
  full: false,
  ...more,
})

/** What becomes of intents at one name, numbered from 1: `1 refused conflict A`, `2 acting`, `3 so already`. */
function decided(
  texts: readonly string[],
  surroundings: Partial<Surroundings> = {},
  more: Partial<NewIntent> = {},
) {
  const intents = texts.map((text, index) => intent(index + 1, text, more))
  const decision = decide({ name: intents[0]!.key.name, intents }, around(surroundings))
  const outcomes = [
    ...decision.refused.map(({ intent, refusal }) => {
      const { reason, with: other } = refusal.details
      return `${intent.generation} refused ${refusal.code} ${other ?? reason ?? ''}`.trim()
    }),
    ...decision.leftInPlace.map(({ generation }) => `${generation} left in place`),
    ...decision.alreadySo.map(({ generation }) => `${generation} so already`),
    ...decision.acting.map(({ generation }) => `${generation} acting`),
  ]
  const changes = decision.changes.map((change) =>
    change.kind === 'post'
      ? `+ ${change.to.type} ${change.to.value}`
      : `${{ delete: '-', patch: '~', replace: '±' }[change.kind]} ${change.record.id}`,
  )
  return {
    outcomes: outcomes.sort(),
    changes,
    messages: decision.refused.map(({ refusal }) => refusal.message),
  }
}

describe('a name that is empty', () => {
  test('an empty name takes any set, with our comment', () => {
    const one = intent(1, 'www A 192.0.2.1, 192.0.2.2', { caller: 'shop' })
    const { changes, acting } = decide({ name: one.key.name, intents: [one] }, around())
    expect(acting).toEqual([one])
    expect(changes).toMatchObject([
      { kind: 'post', to: { value: '192.0.2.1', comment: 'zonewright:shop' } },
      { kind: 'post', to: { value: '192.0.2.2', comment: 'zonewright:shop' } },
    ])
  })

  test('a delete at an empty name is unchanged', () => {
    expect(decided(['www A -'])).toMatchObject({ outcomes: ['1 so already'], changes: [] })
  })
})

describe('what is there already', () => {
  test('a set that is as wanted is left as it is', () => {
    const records = [record('r1 www A 192.0.2.1')]
    expect(decided(['www A 192.0.2.1'], { records })).toMatchObject({
      outcomes: ['1 so already'],
      changes: [],
    })
  })

  test('a set that a late change may still reach is replaced', () => {
    const records = [record('r1 www A 192.0.2.1')]
    const fenced = { records, fence: new Set([records[0]!.id]) }
    expect(decided(['www A 192.0.2.1'], fenced)).toMatchObject({ outcomes: ['1 acting'], changes: ['± r1'] })
  })

  test('sets of other types at the name are not touched', () => {
    const records = [
      record('r1 www MX 10 a.example.net'),
      foreign('r2 www LOC 51 30 12 N'),
      record('r3 www A 192.0.2.1'),
    ]
    expect(decided(['www A -'], { records }).changes).toEqual(['- r3'])
  })
})

describe('a CNAME', () => {
  const host = 'www CNAME host.example.net'

  for (const [type, value] of [
    ['A', '192.0.2.1'],
    ['AAAA', '2001:db8::1'],
    ['NS', 'ns1.example.net'],
  ]) {
    test(`a CNAME beside ${type} is refused, naming the set to delete first`, () => {
      const { outcomes, changes, messages } = decided([host], {
        records: [record(`r1 www ${type} ${value}`)],
      })
      expect(outcomes).toEqual([`1 refused conflict ${type}`])
      expect(changes).toEqual([])
      expect(messages[0]).toContain(`delete the ${type} set first`)
      expect(decided([`www ${type} ${value}`], { records: [record(`r1 ${host}`)] }).outcomes).toEqual([
        '1 refused conflict CNAME',
      ])
    })
  }

  for (const other of ['MX 10 a.example.net', 'TXT one', 'CAA 0 issue ";"', 'SRV 0 0 1 a.example.net']) {
    test(`a CNAME may stand beside ${other}`, () => {
      expect(decided([host], { records: [record(`r1 www ${other}`)] }).outcomes).toEqual(['1 acting'])
    })
  }

  test('a CNAME may stand at the apex', () => {
    expect(
      decided(['@ CNAME host.example.net'], { records: [record('r1 @ MX 10 a.example.net')] }).outcomes,
    ).toEqual(['1 acting'])
  })

  test('a CNAME replaces a CNAME', () => {
    expect(decided([host], { records: [record('r1 www CNAME old.example.net')] }).changes).toEqual(['~ r1'])
  })

  test('a CNAME is replaced by an address in one batch, whichever was asked for first', () => {
    const records = [record(`r1 ${host}`)]
    for (const texts of [
      ['www CNAME -', 'www A 192.0.2.1'],
      ['www A 192.0.2.1', 'www CNAME -'],
    ]) {
      const { outcomes, changes } = decided(texts, { records })
      expect(outcomes).toEqual(['1 acting', '2 acting'])
      expect(changes).toEqual(['- r1', '+ A 192.0.2.1'])
    }
  })

  test('a CNAME replaces addresses only when all of them are deleted', () => {
    const records = [record('r1 www A 192.0.2.1'), record('r2 www AAAA 2001:db8::1')]
    expect(decided(['www A -', host], { records }).outcomes).toEqual(['1 acting', '2 refused conflict AAAA'])
    expect(decided(['www A -', 'www AAAA -', host], { records }).outcomes).toEqual([
      '1 acting',
      '2 acting',
      '3 acting',
    ])
  })

  test('of a CNAME and an address that arrive together the earlier one stays', () => {
    expect(decided([host, 'www A 192.0.2.1']).outcomes).toEqual(['1 acting', '2 refused conflict CNAME'])
    expect(decided(['www A 192.0.2.1', host]).outcomes).toEqual(['1 acting', '2 refused conflict A'])
  })

  test('a CNAME is refused where the delete of the address is refused', () => {
    const records = [record('r1 www A 192.0.2.1', { readOnly: true })]
    expect(decided(['www A -', host], { records }).outcomes).toEqual([
      '1 refused conflict READ_ONLY',
      '2 refused conflict A',
    ])
  })
})

describe('a set that we did not make', () => {
  const records = [record('r1 www A 192.0.2.9', { comment: 'by hand' })]

  test('a set of others is adopted in place by a caller that may', () => {
    expect(decided(['www A 192.0.2.1'], { records }).changes).toEqual(['~ r1'])
  })

  test('a set of others is refused to a strict caller, saying how to allow it', () => {
    const { outcomes, messages } = decided(['www A 192.0.2.1'], { records }, { adopts: false })
    expect(outcomes).toEqual(['1 refused not-ours NOT_OURS'])
    expect(messages[0]).toContain('OWNERSHIP=adopt')
  })

  test('a set of others is refused to a strict caller even when it is as wanted', () => {
    expect(decided(['www A 192.0.2.9'], { records }, { adopts: false }).outcomes).toEqual([
      '1 refused not-ours NOT_OURS',
    ])
  })

  test('a set that we manage, or of another type, is no obstacle to a strict caller', () => {
    const strict = { adopts: false }
    const managed = new Set(['www.example.com A'])
    expect(decided(['www A 192.0.2.1'], { records, managed }, strict).outcomes).toEqual(['1 acting'])
    expect(decided(['www TXT one'], { records }, strict).outcomes).toEqual(['1 acting'])
  })

  test('a set of others is left in place by a strict delete, whatever else is wanted at its name', () => {
    const strict = { adopts: false }
    const { outcomes, changes } = decided(['www A -', 'www TXT one'], { records }, strict)
    expect(outcomes).toEqual(['1 left in place', '2 acting'])
    expect(changes).toEqual(['+ TXT "one"'])
    expect(decided(['www A -'], { records }).changes).toEqual(['- r1'])
  })

  test('a set that a change of unknown outcome made whole is ours', () => {
    const both = [...records, record('r2 www A 192.0.2.2', { comment: 'zonewright:default' })]
    const isOurDoing = ({ comment }: { comment: string | null }) => comment === 'zonewright:default'
    const strict = { adopts: false }
    expect(decided(['www A -'], { records: both.slice(1), isOurDoing }, strict).changes).toEqual(['- r2'])
    expect(decided(['www A -'], { records: both, isOurDoing }, strict).outcomes).toEqual(['1 left in place'])
  })
})

describe('a record of another product', () => {
  const records = [record('r1 @ MX 10 route1.example.net', { readOnly: true })]

  test('a record of another product is not changed, and the refusal names the product', () => {
    for (const text of ['@ MX 10 a.example.net', '@ MX -']) {
      const { outcomes, messages } = decided([text], { records })
      expect(outcomes).toEqual(['1 refused conflict READ_ONLY'])
      expect(messages[0]).toContain('another Cloudflare product')
    }
  })

  test('a record of another product stays when nothing about it changes', () => {
    expect(decided(['@ MX 10 route1.example.net'], { records }).outcomes).toEqual(['1 so already'])
    expect(decided(['@ TXT one'], { records }).outcomes).toEqual(['1 acting'])
  })
})

describe('a full zone', () => {
  test('a full zone refuses more records, and takes fewer or as many', () => {
    const full = { full: true, records: [record('r1 www A 192.0.2.1'), record('r2 www A 192.0.2.2')] }
    expect(decided(['www A 192.0.2.1, 192.0.2.2, 192.0.2.3'], full).outcomes).toEqual([
      '1 refused quota-exceeded',
    ])
    expect(decided(['www AAAA 2001:db8::1'], full).outcomes).toEqual(['1 refused quota-exceeded'])
    expect(decided(['www A 192.0.2.7, 192.0.2.8'], full).outcomes).toEqual(['1 acting'])
    expect(decided(['www A 192.0.2.1'], full).outcomes).toEqual(['1 acting'])
    expect(decided(['www A -'], full).outcomes).toEqual(['1 acting'])
  })

  test('a full zone takes a replacement, which adds nothing', () => {
    const [held] = [record('r1 www A 192.0.2.1')]
    const { id: _, readOnly: __, ...to } = held
    expect(
      growthOf([
        { kind: 'post', to },
        { kind: 'post', to },
        { kind: 'delete', record: held },
      ]),
    ).toBe(1)
    expect(
      growthOf([
        { kind: 'replace', record: held, to },
        { kind: 'patch', record: held, to },
      ]),
    ).toBe(0)
  })
})

test('the records of a set are those of its name and type', () => {
  const records = [
    record('r1 www A 192.0.2.1'),
    record('r2 www AAAA 2001:db8::1'),
    record('r3 ftp A 192.0.2.1'),
    foreign('r4 www LOC x'),
  ]
  expect(recordsOfSet(intent(1, 'www A -'), bySet(records))).toEqual([records[0]])
})

test('an intent is fulfilled by exactly the set that it asked for', () => {
  const one = intent(1, 'www A 192.0.2.1')
  const none = intent(1, 'www A -')
  const right = record('r1 www A 192.0.2.1')
  expect(isFulfilled(one, bySet([right]))).toBe(true)
  expect(isFulfilled(one, bySet([{ ...right, ttl: 1, proxied: true }]))).toBe(true)
  expect(isFulfilled(one, bySet([{ ...right, ttl: 600 }]))).toBe(false)
  expect(isFulfilled(one, bySet([right, record('r2 www A 192.0.2.1')]))).toBe(false)
  expect(isFulfilled(one, bySet([]))).toBe(false)
  expect(isFulfilled(none, bySet([]))).toBe(true)
  expect(isFulfilled(none, bySet([right]))).toBe(false)
})

test('our comment fits every plan of Cloudflare', () => {
  expect(ownerComment('default')).toBe('zonewright:default')
  expect(ownerComment('x'.repeat(200))).toHaveLength(100)
})
