import { describe, expect, test } from 'vitest'
import type { Change } from '#dns/plan.ts'
import type { Edit } from '#store/edits.ts'
import type { ZoneState } from '#store/observed.ts'
import type { Dispatch } from '#store/operations.ts'
import { NOON, nameOf, post, record } from '../../../tests/support/samples.ts'
import { createdByUnknown, idsInFence, madeByUnknown, namesOfUnknownOutcome, taintedNames } from './fence.ts'

const held = record('r1 www A 192.0.2.1')
const changes: Change[] = [
  { kind: 'delete', record: held },
  { kind: 'patch', record: record('r2 www A 192.0.2.2'), to: held },
  { kind: 'replace', record: record('r3 www A 192.0.2.3'), to: held },
  post(record('r4 www A 192.0.2.4')),
]

function stateWith(state: Dispatch['state'], fenceUntil = NOON + 1): ZoneState {
  const dispatch: Dispatch = {
    id: 'd1',
    epoch: 1,
    state,
    changes,
    intents: [],
    names: [nameOf('www'), nameOf('ftp')],
    at: NOON,
    unknownSince: null,
    fenceUntil,
  }
  return { readAt: null, fullUntil: 0, managing: false, dispatches: [dispatch] }
}

describe('a change of unknown outcome', () => {
  test('a change of unknown outcome blocks its names until a read resolves it, and not after', () => {
    expect([...namesOfUnknownOutcome(stateWith('doubtful', 0))]).toEqual([
      'www.example.com',
      'ftp.example.com',
    ])
    expect([...namesOfUnknownOutcome(stateWith('fenced'))]).toEqual([])
    expect([...namesOfUnknownOutcome(stateWith('sent'))]).toEqual([])
  })

  test('a change of unknown outcome fences every id that it may reach, until it can no longer arrive', () => {
    for (const state of ['doubtful', 'fenced'] as const) {
      expect([...idsInFence(stateWith(state), NOON)]).toEqual(['r1', 'r2', 'r3'])
      expect([...idsInFence(stateWith(state), NOON + 1)]).toEqual([])
    }
  })

  test('a resolved change taints its names until it is forgotten, because a late commit may be unseen', () => {
    for (const state of ['doubtful', 'fenced'] as const) {
      expect([...taintedNames(stateWith(state, NOON))]).toEqual(['www.example.com', 'ftp.example.com'])
    }
  })

  test('a change of unknown outcome made what matches it: creates by comment, patches by id', () => {
    const { dispatches } = stateWith('fenced')
    const created = record('r9 www A 192.0.2.4')
    const patched = record('r2 www A 192.0.2.1', { comment: 'by hand' })
    const others = [
      record('r9 www A 192.0.2.4', { comment: 'by hand' }),
      record('r2 www A 192.0.2.2'),
      record('r7 www A 192.0.2.1', { comment: 'by hand' }),
    ]
    expect([created, patched, ...others].filter(madeByUnknown(dispatches))).toEqual([created, patched])
    expect([created, patched, ...others].filter(createdByUnknown(dispatches))).toEqual([created])
    expect(others.concat(created).filter(madeByUnknown(stateWith('sent').dispatches))).toEqual([])
    const edit = { id: 'd1' } as Edit
    const byHand = dispatches.map((dispatch) => ({ ...dispatch, edit }))
    expect([created, patched].filter(madeByUnknown(byHand))).toEqual([])
  })
})

test('a change that is under way fences nothing, because its answer is awaited', () => {
  expect([...idsInFence(stateWith('sent'), NOON)]).toEqual([])
  expect([...taintedNames(stateWith('sent'))]).toEqual([])
})
