import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { intent, nameOf } from '../../../tests/support/samples.ts'
import type { NameGroup } from '../declared/pick.ts'
import { cleared, nextToTry, type Suspects, suspectsIn } from './bisection.ts'

describe('a refused batch', () => {
  test('a refused batch with one bad set costs at most ⌈log₂ n⌉ + 2 more calls', () => {
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

  test('a refused batch with several bad sets refuses exactly those', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }).chain((size) =>
          fc.record({
            size: fc.constant(size),
            bad: fc.uniqueArray(fc.nat(size - 1), { maxLength: 6 }),
            setsAtName: fc.integer({ min: 1, max: 4 }),
          }),
        ),
        ({ size, bad, setsAtName }) => {
          const { batches, done, refused } = carriedOut(size, new Set(bad), setsAtName)
          expect([...refused].sort(byNumber)).toEqual([...bad].sort(byNumber))
          expect([...done].sort(byNumber)).toEqual(range(size).filter((index) => !bad.includes(index)))
          expect(batches - 1).toBeLessThanOrEqual(bad.length * (Math.ceil(Math.log2(size)) + 3))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a refused batch of bad sets alone refuses them one by one', () => {
    expect(carriedOut(8, new Set(range(8))).refused).toHaveLength(8)
  })
})

test('bisection tries half of the suspects, the oldest first, and nothing else', () => {
  const groups = range(5).map((number) => groupOf(number))
  const suspects = suspectsIn(groups.slice(1).flatMap(({ intents }) => intents))
  expect(nextToTry(groups, suspects)).toEqual([groups[1], groups[2]])
  expect(nextToTry(groups.slice(0, 1), suspects)).toEqual([])
  expect(nextToTry([groups[4]!], suspects)).toEqual([groups[4]])
})

test('bisection tries the deletes of a name before its creates', () => {
  const [arriving, leaving] = [intent(1, 'www A 192.0.2.1'), intent(2, 'www CNAME -')]
  const group = { name: www.key.name, intents: [arriving, leaving] }
  expect(nextToTry([group], suspectsIn(group.intents))).toEqual([{ ...group, intents: [leaving] }])
  expect(nextToTry([group], suspectsIn([arriving]))).toEqual([{ ...group, intents: [leaving, arriving] }])
})

test('bisection tries a name as a whole before its single sets', () => {
  const [leaving, arriving] = [intent(1, 'www CNAME -'), intent(2, 'www A 192.0.2.1')]
  const group = { name: www.key.name, intents: [leaving, arriving] }
  const suspects = suspectsIn([intent(0, 'ftp A 192.0.2.1'), ...group.intents])
  expect(nextToTry([group], suspects)).toEqual([group])
})

test('a set that was executed is no suspect any more', () => {
  const groups = range(3).map((number) => groupOf(number))
  const intents = groups.flatMap(({ intents }) => intents)
  const suspects = cleared(suspectsIn(intents), intents.slice(0, 2))
  expect(nextToTry(groups, suspects!)).toEqual([groups[2]])
  expect(cleared(suspects!, [intents[2]!])).toBeUndefined()
})

/** Sends until all are done or refused, as the writer does: the suspects' half alone, all that is left otherwise. */
function carriedOut(size: number, bad: ReadonlySet<number>, setsAtName = 1) {
  let ready = range(size)
  let suspects: Suspects | undefined
  let batches = 0
  const done: number[] = []
  const refused: number[] = []
  while (ready.length > 0) {
    const groups = Array.from(
      Map.groupBy(ready, (index) => Math.floor(index / setsAtName)),
      ([name, indexes]) => groupOf(name, indexes),
    )
    const half = suspects && nextToTry(groups, suspects)
    if (half?.length === 0) suspects = undefined
    const trying = half && half.length > 0 ? half : groups
    const intents = trying.flatMap(({ intents }) => intents)
    const indexes = intents.map(({ generation }) => generation)
    batches += 1
    if (!indexes.some((index) => bad.has(index))) {
      done.push(...indexes)
      ready = ready.filter((index) => !indexes.includes(index))
      if (suspects) suspects = cleared(suspects, intents)
    } else if (intents.length > 1) {
      suspects = suspectsIn(intents)
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

function groupOf(number: number, generations = [number]): NameGroup {
  const intents = generations.map((generation) => ({ ...www, generation }))
  return { name: nameOf(`www${number}`), intents }
}

function range(size: number): number[] {
  return Array.from({ length: size }, (_, index) => index)
}

function byNumber(a: number, b: number): number {
  return a - b
}
