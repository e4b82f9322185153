import { expect, test } from 'vitest'
import { vectorLines } from '../../tests/vectors/lines.ts'
import { parseName } from './name.ts'
import { describeProblem, type Problem } from './problems.ts'
import type { RecordType } from './record-type.ts'
import { parseTtl } from './ttl.ts'
import { parseValue } from './value.ts'

test('every problem is one printable sentence that ends with a full stop', () => {
  const found = [
    ...vectorLines('names-invalid.txt').flatMap(([text]) => problemsOf(parseName(text))),
    ...vectorLines('values-invalid.txt').flatMap(([line]) => {
      const [type = '', ...rest] = line.split(' ')
      return problemsOf(parseValue(type as RecordType, rest.join(' '), { mxPriority: 10 }))
    }),
    ...[0, 'soon', null, [], {}].flatMap((ttl) => problemsOf(parseTtl(ttl))),
  ]
  expect(found.length).toBeGreaterThan(100)
  for (const problem of found) {
    const sentence = describeProblem(problem)
    expect(sentence).toMatch(/^["A-Z][^\n]*\.$/)
    expect(sentence).not.toMatch(/undefined|\[object|NaN/)
  }
})

test('text that was given is quoted, escaped, and cut when long', () => {
  expect(describeProblem({ code: 'address-malformed', path: 'values[0]', text: 'a\n"b"', family: 4 })).toBe(
    '"a\\n\\"b\\"" is not an IPv4 address; write four decimal numbers from 0 to 255 without leading zeros, such as 192.0.2.1.',
  )
  const long = describeProblem({ code: 'srv-form', path: 'values[0]', text: '💩'.repeat(5_000) })
  expect(long).toContain(`"${'💩'.repeat(59)}…"`)
})

test('a set in the way is named, with what to do', () => {
  const problem: Problem = {
    code: 'set-in-the-way',
    path: 'type',
    name: 'www.example.com',
    type: 'CNAME',
    with: 'A',
  }
  expect(describeProblem(problem)).toBe(
    '"www.example.com" already has A records, and CNAME cannot stand beside them; delete the A set first.',
  )
})

function problemsOf(result: { ok: true } | { ok: false; problems: readonly Problem[] }): readonly Problem[] {
  return result.ok ? [] : result.problems
}
