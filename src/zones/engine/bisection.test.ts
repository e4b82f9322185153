import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { intent } from '../../../tests/support/samples.ts'
import { cleared, nextToTry, type Suspects, suspectsIn } from './bisection.ts'
import type { NameGroup } from './pick.ts'

describe('a refused batch', () => {
  test('with one culprit costs at most ⌈log₂ n⌉ + 2 more, for whichever of any number it is', () => {
    for (const size of [2, 3, 4, 5, 7, 8, 9, 16, 31, 64, 100, 199, 200]) {
      const most = Math.ceil(Math.log2(size)) + 2
      for (let culprit = 0; culprit < size; culprit += size > 40 ? 7 : 1) {
        const { batches, done, refused } = carriedOut(size, new Set([culprit]))
        expect(refused).toEqual([culprit])
        expect(done).toHaveLength(size - 1)
        // The first batch, which was refused whole, is not one of them.
        expect(batches - 1).toBeLessThanOrEqual(most)
      }
    }
  })

  test('with several culprits refuses all of them and nobody else', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 60 })
          .chain((size) =>
            fc.record({ size: fc.constant(size), bad: fc.uniqueArray(fc.nat(size - 1), { maxLength: 6 }) }),
          ),
        ({ size, bad }) => {
          const { batches, done, refused } = carriedOut(size, new Set(bad))
          expect([...refused].sort(byNumber)).toEqual([...bad].sort(byNumber))
          expect([...done].sort(byNumber)).toEqual(range(size).filter((index) => !bad.includes(index)))
          expect(batches - 1).toBeLessThanOrEqual(bad.length * (Math.ceil(Math.log2(size)) + 3))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('of which all are bad refuses them one by one', () => {
    expect(carriedOut(8, new Set(range(8))).refused).toHaveLength(8)
  })
})

test('half of those that are suspected is tried, the oldest first, and nobody else', () => {
  const groups = range(5).map(groupOf)
  const suspects = suspectsIn(groups.slice(1))
  expect(nextToTry(groups, suspects)).toEqual([groups[1], groups[2]])
  expect(nextToTry(groups.slice(0, 1), suspects)).toEqual([])
  expect(nextToTry([groups[4]!], suspects)).toEqual([groups[4]])
})

test('who was done without complaint is suspected no more', () => {
  const groups = range(3).map(groupOf)
  const suspects = cleared(suspectsIn(groups), groups.slice(0, 2))
  expect(nextToTry(groups, suspects!)).toEqual([groups[2]])
  expect(cleared(suspects!, [groups[2]!])).toBeUndefined()
})

/** Sends until all are done or refused, as the writer does: the suspects' half alone, all that is left otherwise. */
function carriedOut(size: number, bad: ReadonlySet<number>) {
  let ready = range(size)
  let suspects: Suspects | undefined
  let batches = 0
  const done: number[] = []
  const refused: number[] = []
  while (ready.length > 0) {
    const groups = ready.map(groupOf)
    const half = suspects && nextToTry(groups, suspects)
    if (half?.length === 0) suspects = undefined
    const trying = half && half.length > 0 ? half : groups
    const indexes = trying.map(({ intents }) => intents[0]!.generation)
    batches += 1
    if (!indexes.some((index) => bad.has(index))) {
      done.push(...indexes)
      ready = ready.filter((index) => !indexes.includes(index))
      if (suspects) suspects = cleared(suspects, trying)
    } else if (trying.length > 1) {
      suspects = suspectsIn(trying)
    } else {
      refused.push(...indexes)
      ready = ready.filter((index) => !indexes.includes(index))
      suspects = undefined
    }
    if (batches > 10 * size + 10) throw new Error('it never ends')
  }
  return { batches, done, refused }
}

const www = intent(0, 'www A 192.0.2.1')

function groupOf(generation: number): NameGroup {
  return { name: www.key.name, intents: [{ ...www, generation }] }
}

function range(size: number): number[] {
  return Array.from({ length: size }, (_, index) => index)
}

function byNumber(a: number, b: number): number {
  return a - b
}
