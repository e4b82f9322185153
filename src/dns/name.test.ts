import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { vectorLines } from '../../tests/vectors/lines.ts'
import { isWithin, longestZone, parseName, parseNameIn, relativeName } from './name.ts'
import type { Parsed } from './problems.ts'
import { aName, anyName, anyNameIn } from './testing.ts'

const zone = aName('example.com')

describe('a name', () => {
  test.each(vectorLines('names-valid.txt'))('%s is %s', (text, name) => {
    expect(parseName(text)).toEqual({ ok: true, value: name })
  })

  test.each(vectorLines('names-invalid.txt'))('%s is refused: %s', (text, codes) => {
    expect(codesOf(parseName(text)).join(' ')).toBe(codes)
  })

  test.each([
    ['', 'name-empty'],
    ['a\tb', 'label-character'],
    ['a\nb', 'label-character'],
    ['a\0', 'label-character'],
    ['a\u00a0b', 'label-not-idna'],
    ['\u00ad', 'label-not-idna'],
    ['\ud800', 'label-not-idna'],
    ['a\u200db', 'label-not-idna'],
    // A mark may not begin a label.
    ['\u0301a', 'label-not-idna'],
  ])('%j is refused: %s', (text, code) => {
    expect(codesOf(parseName(text))).toEqual([code])
  })

  test('the Kelvin sign is a letter k, and never passes for ASCII', () => {
    expect(parseName('\u212a.example.com')).toEqual({ ok: true, value: 'k.example.com' })
  })

  test('a composed and a decomposed letter are one name', () => {
    expect(parseName('cafe\u0301.example')).toEqual(parseName('caf\u00e9.example'))
  })

  test('253 octets fit, 254 do not, and a last dot is not counted', () => {
    const labels = ['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63)].join('.')
    expect(parseName(`${labels}.${'d'.repeat(61)}.`).ok).toBe(true)
    expect(parseName(`${labels}.${'d'.repeat(62)}`)).toMatchObject({
      problems: [{ code: 'name-too-long', octets: 254 }],
    })
  })

  test('the octets of an A-label count, not the letters', () => {
    const label = 'ü'.repeat(20)
    expect(parseName(Array(9).fill(label).join('.')).ok).toBe(true)
    expect(codesOf(parseName(Array(12).fill(label).join('.')))).toEqual(['name-too-long'])
  })

  test('a problem carries the path that it was asked under', () => {
    expect(parseName('a..b', 'domain')).toMatchObject({ problems: [{ path: 'domain' }] })
  })

  test('a name is read as itself, in capitals and with a last dot too', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(parseName(name)).toEqual({ ok: true, value: name })
        expect(parseName(`${name.toUpperCase()}.`)).toEqual({ ok: true, value: name })
      }),
    )
  })

  test('whatever is given, a name that is accepted is canonical and within its limits', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.webUrl(),
      fc.domain(),
      fc.string({
        unit: fc.constantFrom('a', '.', '-', '_', '*', 'ü', '。', 'xn--', '１', '%', '\u00ad', 'ß'),
      }),
    )
    fc.assert(
      fc.property(anyText, (text) => {
        const name = parseName(text)
        if (!name.ok) return
        expect(name.value).toMatch(
          /^(\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/,
        )
        expect(name.value.length).toBeLessThanOrEqual(253)
        expect(parseName(name.value)).toEqual(name)
        expect(name.value.split('.')).toHaveLength(
          text.split(/[.\u3002\uff0e\uff61]/).filter((label) => label !== '').length,
        )
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('a name in a domain', () => {
  test.each([
    ['', 'example.com'],
    ['@', 'example.com'],
    ['www', 'www.example.com'],
    ['WWW', 'www.example.com'],
    ['*', '*.example.com'],
    ['_sip._tcp', '_sip._tcp.example.com'],
    ['bücher', 'xn--bcher-kva.example.com'],
    ['example.com', 'example.com.example.com'],
    ['www.example.com', 'www.example.com.example.com'],
    ['example.com.', 'example.com'],
    ['www.example.com.', 'www.example.com'],
    ['WWW.EXAMPLE.COM。', 'www.example.com'],
  ])('%j is %s', (relative, name) => {
    expect(parseNameIn(zone, relative)).toEqual({ ok: true, value: name })
  })

  test.each([
    ['example.net.', 'name-outside'],
    ['notexample.com.', 'name-outside'],
    ['com.', 'name-outside'],
    ['.', 'label-empty'],
    ['@.', 'label-character'],
    ['@.www', 'label-character'],
    ['www..', 'label-empty'],
    ['a b', 'label-character'],
    ['a'.repeat(64), 'label-too-long'],
  ])('%j is refused: %s', (relative, code) => {
    expect(codesOf(parseNameIn(zone, relative))).toEqual([code])
  })

  test('the whole name has to fit', () => {
    expect(codesOf(parseNameIn(zone, Array(4).fill('a'.repeat(62)).join('.')))).toEqual(['name-too-long'])
  })

  test('what is written relative to a zone is read back, inside the zone and outside', () => {
    fc.assert(
      fc.property(fc.oneof(anyNameIn(zone), anyName), (name) => {
        const relative = relativeName(name, zone)
        const back = parseNameIn(zone, relative)
        if (isWithin(name, zone)) expect(back).toEqual({ ok: true, value: name })
        else expect(codesOf(back)).toEqual(['name-outside'])
      }),
    )
  })
})

describe('being within a zone', () => {
  test('goes by labels, not by letters', () => {
    expect(isWithin(aName('www.example.com'), zone)).toBe(true)
    expect(isWithin(zone, zone)).toBe(true)
    expect(isWithin(aName('notexample.com'), zone)).toBe(false)
    expect(isWithin(aName('com'), zone)).toBe(false)
    expect(isWithin(aName('example.com.example.net'), zone)).toBe(false)
  })

  test('relative names are written with @ for the zone, and whole outside', () => {
    expect(relativeName(zone, zone)).toBe('@')
    expect(relativeName(aName('*.dev.example.com'), zone)).toBe('*.dev')
    expect(relativeName(aName('notexample.com'), zone)).toBe('notexample.com.')
  })

  test('the longest zone wins, whatever the order', () => {
    const zones = ['com', 'example.com', 'dev.example.com', 'example.net'].map((text) => ({
      name: aName(text),
    }))
    const zoneOf = (text: string, among = zones) => longestZone(aName(text), among, ({ name }) => name)?.name
    expect(zoneOf('api.dev.example.com')).toBe('dev.example.com')
    expect(zoneOf('api.dev.example.com', [...zones].reverse())).toBe('dev.example.com')
    expect(zoneOf('notdev.example.com')).toBe('example.com')
    expect(zoneOf('example.com')).toBe('example.com')
    expect(zoneOf('example.org')).toBeUndefined()
  })
})

function codesOf(result: Parsed<unknown>): string[] {
  return result.ok ? [] : result.problems.map(({ code }) => code)
}
