import { expect, test } from 'vitest'
import { confirmBody, readBody, removalBody } from './bodies.ts'
import { RefusedRequest } from './on-error.ts'

/** Fields and what is told of them, how many there are. */
function told(read: () => unknown): string[] {
  try {
    read()
  } catch (error) {
    if (error instanceof RefusedRequest) {
      const problems = error.refusal.details?.problems as readonly { field: string; message: string }[]
      return problems.map(({ field, message }) => `${field}: ${message}`)
    }
    throw error
  }
  return []
}

test('a list that is far too long is reported as one problem, whatever is in it', () => {
  const numbers = Array.from({ length: 500_000 }, () => 1)
  expect(told(() => readBody(confirmBody, { planId: 'x', selected: numbers }))).toEqual([
    'selected: The field selected is too long.',
  ])
  expect(told(() => readBody(removalBody, { ids: numbers, sure: numbers }))).toEqual([
    'ids: The field ids is too long.',
    'sure: The field sure is too long.',
  ])
  expect(told(() => readBody(removalBody, { ids: [] }))).toEqual(['ids: The field ids is empty.'])
})

test('at most a hundred problems of one body are reported', () => {
  const selected = Array.from({ length: 10_000 }, () => 1)
  expect(told(() => readBody(confirmBody, { planId: 'x', selected }))).toHaveLength(100)
  const unknown = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`f${at}`, 1]))
  expect(told(() => readBody(confirmBody, { planId: 'x', selected: [], ...unknown }))).toHaveLength(100)
})
