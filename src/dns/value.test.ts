import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { vectorLines } from '../../tests/vectors/lines.ts'
import { RECORD_TYPES, type RecordType } from './record-type.ts'
import { anyRecordType, anyValue, aValue } from './testing.ts'
import { caaParts, mxParts, parseValue, presentValue, srvParts, textOctets, textValue } from './value.ts'

const defaults = { mxPriority: 10 }

describe('a value', () => {
  test.each(vectorLines('values-valid.txt'))('%s is %s', (line, value) => {
    const [type, text] = splitLine(line)
    expect(parseValue(type, text, defaults)).toEqual({ ok: true, value })
  })

  test.each(vectorLines('values-invalid.txt'))('%s is refused: %s', (line, codes) => {
    const [type, text] = splitLine(line)
    expect(codesOf(parseValue(type, text, defaults))).toBe(codes)
  })

  test.each(RECORD_TYPES)('%s: nothing, and nothing but blanks, is refused', (type) => {
    expect(parseValue(type, '', defaults).ok).toBe(false)
    expect(parseValue(type, '  ', defaults).ok).toBe(type === 'TXT')
  })

  test.each(RECORD_TYPES.filter((type) => type !== 'TXT'))('%s: a value of two lines is refused', (type) => {
    const [line = ''] = vectorLines('values-valid.txt').flatMap(([left]) =>
      splitLine(left)[0] === type ? [splitLine(left)[1]] : [],
    )
    expect(parseValue(type, line, defaults).ok).toBe(true)
    expect(parseValue(type, `${line}\n`, defaults).ok).toBe(false)
    expect(parseValue(type, `${line}\nx`, defaults).ok).toBe(false)
  })

  test('what is presented is read as the same value, whatever the defaults', () => {
    const anyTyped = anyRecordType.chain((type) =>
      fc.record({ type: fc.constant(type), value: anyValue(type) }),
    )
    fc.assert(
      fc.property(anyTyped, fc.nat(65_535), ({ type, value }, mxPriority) => {
        const read = { ok: true, value }
        expect(parseValue(type, value, { mxPriority })).toEqual(read)
        expect(parseValue(type, presentValue(type, value), { mxPriority })).toEqual(read)
      }),
      { numRuns: 2_000 },
    )
  })

  test('a bare mail server gets the default priority', () => {
    expect(parseValue('MX', 'mail.example.com', { mxPriority: 5 })).toMatchObject({
      value: '5 mail.example.com',
    })
  })

  test('an address of the other family is told with the family that it has', () => {
    expect(parseValue('A', '2001:db8::1', defaults)).toMatchObject({ problems: [{ family: 6 }] })
    expect(parseValue('AAAA', '192.0.2.1', defaults)).toMatchObject({ problems: [{ family: 4 }] })
  })

  test('its parts can be had', () => {
    expect(mxParts(aValue('MX', '10 mail.example.com'))).toEqual({
      priority: 10,
      exchange: 'mail.example.com',
    })
    expect(mxParts(aValue('MX', '0 .'))).toEqual({ priority: 0, exchange: '.' })
    expect(srvParts(aValue('SRV', '1 2 3 host.example.com'))).toEqual({
      priority: 1,
      weight: 2,
      port: 3,
      target: 'host.example.com',
    })
    expect(caaParts(aValue('CAA', String.raw`128 issue "a \"b\" \\ ; c=d"`))).toEqual({
      flags: 128,
      tag: 'issue',
      value: String.raw`a "b" \ ; c=d`,
    })
  })
})

describe('a text', () => {
  test('is cut into strings of 255 octets', () => {
    expect(aValue('TXT', 'a'.repeat(255))).toBe(`"${'a'.repeat(255)}"`)
    expect(aValue('TXT', 'a'.repeat(256))).toBe(`"${'a'.repeat(255)}" "a"`)
    // A letter of two octets may be cut in the middle.
    expect(aValue('TXT', `${'a'.repeat(254)}ü`)).toBe(`"${'a'.repeat(254)}\\195" "\\188"`)
  })

  test('is the same text however it was cut', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ !#-[\]-~]{0,99}$/), { minLength: 1 }), (parts) => {
        const text = parts.join('')
        fc.pre(text !== '')
        const quoted = parts.map((part) => `"${part}"`).join(' ')
        expect(parseValue('TXT', quoted, defaults)).toEqual(parseValue('TXT', text, defaults))
      }),
    )
  })

  test('may take 4096 octets, each string counting one more', () => {
    const most = 16 * 255
    expect(parseValue('TXT', 'a'.repeat(most), defaults).ok).toBe(true)
    expect(parseValue('TXT', 'a'.repeat(most + 1), defaults)).toMatchObject({
      problems: [{ code: 'text-too-long', octets: 4098 }],
    })
  })

  test('of half a surrogate pair is refused', () => {
    expect(codesOf(parseValue('TXT', 'a\ud800', defaults))).toBe('text-not-unicode')
    expect(codesOf(parseValue('TXT', '"\udc00"', defaults))).toBe('text-not-unicode')
  })

  test('is presented as plain text where that is read back, else in quotes', () => {
    const presented = (text: string) => presentValue('TXT', aValue('TXT', text))
    expect(presented('v=spf1 -all')).toBe('v=spf1 -all')
    expect(presented('"a" "b"')).toBe('ab')
    expect(presented('a\\b "ü" 💩')).toBe('a\\b "ü" 💩')
    expect(presented('\ufeffa')).toBe('\ufeffa')
    expect(presented(String.raw`"\"a"`)).toBe(String.raw`"\"a"`)
    expect(presented('a\nb')).toBe(String.raw`"a\010b"`)
    expect(presented(String.raw`"\255"`)).toBe(String.raw`"\255"`)
  })

  test('gives its octets, and octets give the text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), (octets) => {
        expect(textOctets(textValue(octets))).toEqual(octets)
        expect(textValue(octets)).toMatch(/^[ -~]+$/)
      }),
    )
  })

  test('of a hostile 64 KiB is judged quickly', () => {
    for (const text of [
      `"${'\\'.repeat(65_535)}`,
      `"${'" "'.repeat(20_000)}`,
      `"${'\\000'.repeat(16_000)}`,
    ]) {
      const before = performance.now()
      expect(parseValue('TXT', text, defaults).ok).toBe(false)
      expect(performance.now() - before).toBeLessThan(1_000)
    }
  })
})

function splitLine(line: string): [type: RecordType, text: string] {
  const at = line.indexOf(' ')
  return [line.slice(0, at) as RecordType, line.slice(at + 1)]
}

function codesOf(result: ReturnType<typeof parseValue>): string {
  return result.ok ? '' : result.problems.map(({ code }) => code).join(' ')
}
