import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyOf } from '#dns/record-set.ts'
import type { Intent } from '#store/declared.ts'
import { intent, NOON } from '../../../tests/support/samples.ts'
import { pickIntents } from './pick.ts'

const WAITING = { waitsUntil: NOON + 25_000 }
const OVER = { waitsUntil: NOON }

const generationsOf = (intents: readonly Intent[]) => intents.map(({ generation }) => generation)
const picked = (...intents: readonly Intent[]) => {
  const { groups, superseded } = pickIntents(intents, NOON)
  return {
    next: groups.map(({ name, intents }) => `${name}: ${generationsOf(intents).join(' ')}`),
    superseded: generationsOf(superseded),
  }
}

test('of intents for one set without waiting callers only the newest is sent', () => {
  const three = [1, 2, 3].map((generation) => intent(generation, 'www A 192.0.2.1'))
  expect(picked(...three)).toEqual({ next: ['www.example.com: 3'], superseded: [1, 2] })
})

test('an intent with a waiting caller is never skipped, and the next one waits for the next batch', () => {
  const first = intent(1, 'www A 192.0.2.1', WAITING)
  const second = intent(2, 'www A 192.0.2.2')
  const third = intent(3, 'www A 192.0.2.3', WAITING)
  expect(picked(first, second, third)).toEqual({ next: ['www.example.com: 1'], superseded: [] })
  expect(picked(second, third)).toEqual({ next: ['www.example.com: 3'], superseded: [2] })
})

test('a caller past its deadline no longer counts as waiting', () => {
  const first = intent(1, 'www A 192.0.2.1', OVER)
  const second = intent(2, 'www A 192.0.2.2', OVER)
  expect(picked(first, second)).toEqual({ next: ['www.example.com: 2'], superseded: [1] })
})

test('sets of one name are sent together, those of other names apart, the oldest first', () => {
  expect(
    picked(
      intent(1, 'www A 192.0.2.1'),
      intent(2, 'ftp A 192.0.2.1'),
      intent(3, 'www CNAME -'),
      intent(4, 'www A 192.0.2.2'),
      intent(5, 'api A 192.0.2.1'),
    ),
  ).toEqual({
    next: ['ftp.example.com: 2', 'www.example.com: 3 4', 'api.example.com: 5'],
    superseded: [1],
  })
})

test('no waiting intents give an empty pick', () => {
  expect(picked()).toEqual({ next: [], superseded: [] })
})

test('any pick has one intent a set, loses none, and skips none with a waiting caller', () => {
  const anyWaiting = fc
    .array(
      fc.record({
        text: fc.constantFrom('www A 192.0.2.1', 'www A -', 'www TXT one', 'ftp A 192.0.2.1'),
        waitsUntil: fc.constantFrom(null, NOON - 1, NOON, NOON + 1),
      }),
      { maxLength: 12 },
    )
    .map((asked) => asked.map(({ text, waitsUntil }, index) => intent(index + 1, text, { waitsUntil })))
  fc.assert(
    fc.property(anyWaiting, (waiting) => {
      const { groups, superseded } = pickIntents(waiting, NOON)
      const next = groups.flatMap(({ intents }) => intents)
      expect(new Set(next.map(({ key }) => keyOf(key))).size).toBe(next.length)
      expect(new Set(next.map(({ key }) => keyOf(key)))).toEqual(
        new Set(waiting.map(({ key }) => keyOf(key))),
      )
      for (const one of next) {
        const older = waiting.filter(
          ({ key, generation }) => keyOf(key) === keyOf(one.key) && generation < one.generation,
        )
        expect(superseded).toEqual(expect.arrayContaining(older))
      }
      expect(superseded.every(({ waitsUntil }) => waitsUntil === null || waitsUntil <= NOON)).toBe(true)
      expect(superseded.some((old) => next.includes(old))).toBe(false)
    }),
  )
})
