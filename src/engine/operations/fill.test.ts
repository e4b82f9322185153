import fc from 'fast-check'
import { expect, test } from 'vitest'
import { operationCount } from '#dns/plan.ts'
import { post, record } from '../../../tests/support/samples.ts'
import { fillBatch } from './prepare.ts'

const sized = (name: string, operations: number) => ({
  name,
  changes: Array.from({ length: operations }, (_, index) =>
    post(record(`r ${name} A 192.0.2.${index % 250}`)),
  ),
})
const namesOf = (items: readonly { name: string }[]) => items.map(({ name }) => name)

test('a batch takes what fits, in order', () => {
  expect(namesOf(fillBatch([sized('a', 2), sized('b', 2), sized('c', 2)], 4))).toEqual(['a', 'b'])
})

test('a set that does not fit is left whole, and smaller ones behind it still go', () => {
  expect(namesOf(fillBatch([sized('a', 3), sized('b', 2), sized('c', 1)], 4))).toEqual(['a', 'c'])
})

test('a replacement counts twice, as a delete and a create', () => {
  const held = record('r1 www A 192.0.2.1')
  const replaced = { name: 'a', changes: [{ kind: 'replace', record: held, to: held } as const] }
  expect(fillBatch([replaced], 1)).toEqual([])
  expect(fillBatch([replaced], 2)).toEqual([replaced])
})

test('any batch keeps the limit and the order, and what is left would not have fitted', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 30 }), (sizes) => {
      const items = sizes.map((size, index) => sized(`n${index}`, size))
      const filled = fillBatch(items, 200)
      const used = filled.reduce((sum, { changes }) => sum + operationCount(changes), 0)
      expect(used).toBeLessThanOrEqual(200)
      expect(items.filter((item) => filled.includes(item))).toEqual(filled)
      for (const left of items.filter((item) => !filled.includes(item))) {
        expect(used + left.changes.length).toBeGreaterThan(200)
      }
    }),
  )
})
