import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseQuoted, printQuoted, utf8Octets, utf8Text } from './octets.ts'

describe('a row of quoted strings', () => {
  test('is what the grammar says it is, octet by octet', () => {
    fc.assert(
      fc.property(fc.oneof(anyRow, anyNearlyRow), (text) => {
        expect(parseQuoted(text)).toEqual(byGrammar(text))
      }),
      { numRuns: 5_000 },
    )
  })

  test.each([
    ['"a" "b"', 'ab'],
    ['"a"\t "b" ', 'ab'],
    [String.raw`"\097\"\\\ü\;"`, 'a"\\ü;'],
    ['"\ud83d\\\udca9"', '\ufffd\ufffd'],
    ['""', ''],
  ])('%s says %s', (text, said) => {
    expect(utf8Text(parseQuoted(text)!)).toBe(said)
  })

  test.each([
    '',
    'a',
    '"',
    '"a',
    '"a"b',
    '"a""b"',
    '"a" b',
    '"\\"',
    '"\\1"',
    '"\\12a"',
    '"\\256"',
    ' "a"',
    '"a"\n',
  ])('%j is none', (text) => {
    expect(parseQuoted(text)).toBeUndefined()
  })

  test('is read back from what is printed, whatever the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (octets) => {
        expect(parseQuoted(printQuoted(octets))).toEqual(octets)
        expect(printQuoted(octets)).toMatch(/^[ -~]+$/)
      }),
    )
  })
})

const anyPiece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom(
    '\\',
    '"',
    '" "',
    '"\t"',
    '\\"',
    '\\\\',
    '\\000',
    '\\255',
    '\\256',
    '\\1',
    '\ud83d',
    '\udca9',
    '\n',
    ' ',
  ),
)
const anyRow = fc
  .array(fc.stringMatching(/^(?:[^"\\]|\\\d{3}|\\\D)*$/u), { minLength: 1, maxLength: 4 })
  .map((strings) => strings.map((string) => `"${string}"`).join(' '))
const anyNearlyRow = fc.array(anyPiece, { maxLength: 9 }).map((pieces) => `"${pieces.join('')}"`)

/** The grammar itself, as slow as it reads. */
function byGrammar(text: string): Uint8Array | undefined {
  if (!/^"(?:[^"\\]|\\\d{3}|\\\D)*"(?:[ \t]+"(?:[^"\\]|\\\d{3}|\\\D)*")*[ \t]*$/u.test(text)) return undefined
  const strings = [...text.matchAll(/"((?:[^"\\]|\\\d{3}|\\\D)*)"/gu)].map(([, inner = '']) => inner)
  const units = strings.flatMap((inner) => [...inner.matchAll(/\\(\d{3})|\\(\D)|([^\\])/gu)])
  if (units.some(([, digits]) => Number(digits) > 255)) return undefined
  return Uint8Array.from(
    units.flatMap(([, digits, escaped, plain]) =>
      digits === undefined ? [...utf8Octets((escaped ?? plain)!)] : [Number(digits)],
    ),
  )
}
