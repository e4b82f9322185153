import { expect, test } from 'vitest'
import type { ApiVerifiedName } from '#faces/dashboard/api.ts'
import { isOver, lookAgainMs, overallOf, stepsOf } from './steps.ts'

const LIVE: ApiVerifiedName = {
  name: 'example.com',
  wanted: ['203.0.113.10'],
  atCloudflare: ['203.0.113.10'],
  saved: 'yes',
  atNameServers: ['203.0.113.10'],
  served: 'yes',
  reachable: 'yes',
  readyAt: null,
  state: 'live',
}

/** `done now* later`: the star is where the hint stands. */
function way(facts: Partial<ApiVerifiedName>, code = 'something'): string {
  const hint = facts.state === undefined ? {} : { hint: { code, message: 'A sentence.' } }
  return stepsOf({ ...LIVE, ...hint, ...facts })
    .map(({ progress, hint }) => `${progress}${hint === undefined ? '' : '*'}`)
    .join(' ')
}

test.each<[string, string, Partial<ApiVerifiedName>, string?]>([
  ['what is live is done', 'done done done', {}],
  ['what somebody remembers is noted', 'done done done*', { state: 'live' }],
  ['what leads elsewhere has failed at once', 'failed* later later', { saved: 'no', state: 'attention' }],
  [
    'what is not served yet is waited for',
    'done now* later',
    { served: 'no', reachable: 'no', state: 'waiting' },
  ],
  ['the registrar stands before the name servers', 'done failed* later', { state: 'attention' }, 'registrar'],
  ['a pending zone is waited for there', 'done now* later', { state: 'waiting' }, 'zone-pending'],
  ['a visit that failed is the last step', 'done done failed*', { reachable: 'no', state: 'attention' }],
  ['a wait is the last step', 'done done now*', { reachable: 'no', state: 'waiting' }],
  ['a visit by http alone is done', 'done done done', { reachable: 'by_http' }],
  [
    'a host that does not tell is not checked',
    'done done unknown*',
    { reachable: 'not_checked', state: 'live' },
  ],
])('%s: %s', (_title, expected, facts, code) => {
  expect(way(facts, code)).toBe(expected)
})

test('looks are frequent for a minute, and then ever rarer', () => {
  expect([0, 1, 20].map(lookAgainMs)).toEqual([3_000, 3_000, 3_000])
  expect(lookAgainMs(25)).toBeGreaterThan(10_000)
  expect(lookAgainMs(1_000)).toBe(30_000)
})

test('it is over once the store is live and no other name is waited for', () => {
  const answer = (...states: ApiVerifiedName['state'][]) => ({
    names: states.map((state) => ({ ...LIVE, state })),
    delegation: { status: 'yes', nameServers: [] } as const,
    checkedAt: '2026-11-22T00:00:00Z',
  })
  expect(isOver(answer('live', 'live'))).toBe(true)
  expect(isOver(answer('live', 'attention'))).toBe(true)
  expect(isOver(answer('live', 'waiting'))).toBe(false)
  expect(isOver(answer('attention', 'live'))).toBe(false)
  expect(isOver(answer())).toBe(false)
})

test('a store that nobody was seen to arrive at is not said to be live', () => {
  const names = [{ ...LIVE, reachable: 'not_checked' as const }]
  expect(overallOf({ names })).toBe('unseen')
  expect(isOver({ names })).toBe(true)
  expect(overallOf({ names: [LIVE] })).toBe('live')
})
