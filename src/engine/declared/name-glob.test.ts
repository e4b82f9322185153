import { expect, test } from 'vitest'
import { aName } from '#dns/testing.ts'
import { parseNameGlob } from './name-glob.ts'

function matching(glob: string, names: readonly string[]): readonly string[] {
  const parsed = parseNameGlob(glob)
  if (parsed === undefined) throw new Error(`${glob} is none`)
  return names.filter((name) => parsed.matches(aName(name)))
}

test.each([
  ['*.example.com', ['www.example.com', '*.example.com']],
  ['**.example.com', ['www.example.com', 'a.b.example.com', '*.example.com', '*.b.example.com']],
  ['example.com', ['example.com']],
  ['Example.COM', ['example.com']],
  ['w*.example.com', ['www.example.com']],
  ['*.*.example.com', ['a.b.example.com', '*.b.example.com']],
  ['a.**', ['a.b.example.com']],
])('the glob %s matches %j', (glob, names) => {
  const all = [
    'example.com',
    'www.example.com',
    'a.b.example.com',
    '*.example.com',
    '*.b.example.com',
    'www.notexample.com',
    'wwwxexample.com',
    'example.com.example.net',
  ]
  expect(matching(glob, all)).toEqual(names)
})

test('names beyond ASCII are compared as they stand in zones', () => {
  expect(matching('*.bücher.example.com', ['a.xn--bcher-kva.example.com'])).toHaveLength(1)
  expect(parseNameGlob('bücher.example.com')?.text).toBe('xn--bcher-kva.example.com')
})

test.each([
  '',
  '.',
  'a..b',
  '.example.com',
  'example.com.',
  '***',
  'a**.example.com',
  'a b.example.com',
  '-a.example.com',
])('%j is not a glob', (text) => {
  expect(parseNameGlob(text)).toBeUndefined()
})

test('a dot or another sign in a glob matches only itself', () => {
  expect(matching('www.example.com', ['wwwxexample.com'])).toEqual([])
  for (const text of [
    '(a|b).example.com',
    '[a-z].example.com',
    'a+.example.com',
    '^.example.com',
    'a$*.example.com',
  ])
    expect(parseNameGlob(text)).toBeUndefined()
})
