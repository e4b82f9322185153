import { describe, expect, test } from 'vitest'
import type { Intent } from '#store/declared.ts'
import type { Dispatch } from '#store/operations.ts'
import { foreign, intent, NOON, record } from '../../../tests/support/samples.ts'
import { settlementOf } from './settlement.ts'

const none = { deleted: [], patched: [], created: [] }

function dispatchOf(...intents: readonly Intent[]): Dispatch {
  return {
    id: 'd1',
    epoch: 1,
    state: 'sent',
    changes: [],
    intents,
    names: intents.map(({ key }) => key.name),
    at: NOON,
    unknownSince: null,
    fenceUntil: 0,
  }
}

describe('a definite success', () => {
  test('a settlement names each set with its records before and after', () => {
    const [kept, old, gone] = [
      record('r1 www A 192.0.2.1'),
      record('r2 www A 192.0.2.2'),
      record('r3 ftp A 192.0.2.9'),
    ]
    const other = [record('r4 www MX 10 a.example.net'), foreign('r5 www LOC x')]
    const [patched, created] = [record('r2 www A 192.0.2.7'), record('r6 www A 192.0.2.8')]
    const www = intent(1, 'www A 192.0.2.1, 192.0.2.7, 192.0.2.8')
    const ftp = intent(2, 'ftp A -')
    const done = { deleted: [gone.id], patched: [patched], created: [created] }
    expect(settlementOf(dispatchOf(www, ftp), done, [kept, old, gone, ...other], NOON)).toEqual({
      at: NOON,
      ...done,
      sets: [
        { intent: www, before: [kept, old], after: [kept, patched, created] },
        { intent: ftp, before: [gone], after: [] },
      ],
    })
  })

  test('a settlement keeps what Cloudflare returned, also where we did not ask for it', () => {
    const www = intent(1, 'www A 192.0.2.1')
    const answered = record('r1 www A 192.0.2.1', { ttl: 1, proxied: true, comment: 'zonewright:default' })
    const { sets } = settlementOf(dispatchOf(www), { ...none, created: [answered] }, [], NOON)
    expect(sets).toEqual([{ intent: www, before: [], after: [answered] }])
  })
})

describe('a success that keeps something else than was asked for', () => {
  const cases = {
    'another value': [record('r1 www A 192.0.2.2')],
    'another TTL': [record('r1 www A 192.0.2.1', { ttl: 600 })],
    'one value twice': [record('r1 www A 192.0.2.1'), record('r2 www A 192.0.2.1')],
  }
  for (const [title, created] of Object.entries(cases)) {
    test(`a success that stored something else is a refusal that says both: ${title}`, () => {
      const www = intent(1, 'www A 192.0.2.1')
      const { sets } = settlementOf(dispatchOf(www), { ...none, created }, [], NOON)
      expect(sets).toMatchObject([
        { after: created, refusal: { code: 'refused', details: { reason: 'KEPT_DIFFERENTLY' } } },
      ])
      expect(sets[0]!.refusal!.message).toContain(`${created[0]!.ttl} ${created[0]!.value}`)
      expect(sets[0]!.refusal!.message).toContain('www.example.com A')
    })
  }

  test('a success that stored something else refuses that set alone', () => {
    const [www, ftp] = [intent(1, 'www A 192.0.2.1'), intent(2, 'ftp A 192.0.2.1')]
    const created = [record('r1 www A 192.0.2.66'), record('r2 ftp A 192.0.2.1')]
    const { sets } = settlementOf(dispatchOf(www, ftp), { ...none, created }, [], NOON)
    expect(sets.map(({ refusal }) => refusal?.code)).toEqual(['refused', undefined])
  })

  test('a success that stored nothing, or deleted nothing, is a refusal that says so', () => {
    const www = intent(1, 'www A 192.0.2.1')
    expect(settlementOf(dispatchOf(www), none, [], NOON).sets[0]!.refusal!.message).toContain('nothing')
    const gone = intent(1, 'www A -')
    const { sets } = settlementOf(dispatchOf(gone), none, [record('r1 www A 192.0.2.1')], NOON)
    expect(sets[0]!.refusal).toBeDefined()
  })
})
