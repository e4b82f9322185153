import { describe, expect, test } from 'vitest'
import type { RecordType } from '#dns/record-type.ts'
import { aName } from '#dns/testing.ts'
import { set } from '../../../tests/support/world.ts'
import { parseNameGlob } from './name-glob.ts'
import { type Allowance, asRuled, denialOf, mustBeAllowed, type SetRule } from './policy.ts'

const zone = aName('example.com')

function allowing(
  globs?: readonly string[],
  types?: readonly RecordType[],
  zones?: readonly string[],
): Allowance {
  return {
    ...(globs && { names: globs.map((text) => parseNameGlob(text)!) }),
    ...(types && { types }),
    ...(zones && { zones: zones.map((name) => aName(name)) }),
  }
}

function answerTo(allowed: Allowance, text: string, within: string | null = 'example.com'): string {
  const [name, type] = text.split(' ')
  const key = { name: aName(name!), type: type as RecordType }
  return denialOf(allowed, key, within === null ? undefined : aName(within))?.code ?? 'allowed'
}

describe('what a caller may touch', () => {
  test('a caller without allow may touch what its credential may', () => {
    expect(answerTo({}, 'www.example.com A')).toBe('allowed')
    expect(() =>
      mustBeAllowed(undefined, { name: aName('_dmarc.example.com'), type: 'TXT' }, zone),
    ).not.toThrow()
  })

  test('a caller may touch only its zones, by exact name', () => {
    const allowed = allowing(undefined, undefined, ['example.com'])
    expect(answerTo(allowed, 'a.sub.example.com A', null)).toBe('allowed')
    expect(answerTo(allowed, 'a.sub.example.com A')).toBe('allowed')
    expect(answerTo(allowed, 'a.sub.example.com A', 'sub.example.com')).toBe('name-not-allowed')
    expect(answerTo(allowed, 'www.example.net A', null)).toBe('name-not-allowed')
    expect(answerTo(allowed, 'www.notexample.com A', null)).toBe('name-not-allowed')
  })

  test('a caller may touch only its names and types', () => {
    const allowed = allowing(['*.apps.example.com'], ['A'])
    expect(answerTo(allowed, 'x.apps.example.com A')).toBe('allowed')
    expect(answerTo(allowed, 'x.example.com A')).toBe('name-not-allowed')
    expect(answerTo(allowed, 'x.apps.example.com TXT')).toBe('type-not-allowed')
  })

  test.each(['_acme-challenge', '_dmarc'])('a caller may not touch %s unless it is written out', (label) => {
    for (const globs of [
      undefined,
      ['**.example.com'],
      ['*.example.com', 'www.example.com'],
      ['_*.example.com'],
    ])
      expect(answerTo(allowing(globs), `${label}.example.com TXT`)).toBe('name-not-allowed')
    expect(answerTo(allowing(['**.example.com']), `${label}.www.example.com TXT`)).toBe('name-not-allowed')
    expect(answerTo(allowing(['**.example.com']), `x.${label}.example.com TXT`)).toBe('name-not-allowed')
    const meant = allowing(['**.example.com', `${label}.**`])
    expect(answerTo(meant, `${label}.www.example.com TXT`)).toBe('allowed')
    expect(answerTo(allowing([`${label}.example.com`]), `${label}.example.com CNAME`)).toBe('allowed')
    expect(answerTo(allowing([`${label}.www.example.com`, '**']), `${label}.example.com TXT`)).toBe(
      'name-not-allowed',
    )
  })

  test.each(['TXT', 'CNAME'])(
    'a caller may not declare a wildcard %s that answers for guarded names, unless both are written out',
    (type) => {
      const wildcard = `*.apps.example.com ${type}`
      for (const globs of [
        undefined,
        ['**.example.com'],
        ['*.apps.example.com', '_acme-challenge.apps.example.com'],
        ['*.apps.example.com', '_acme-challenge.example.com', '_dmarc.**'],
      ])
        expect(answerTo(allowing(globs), wildcard)).toBe('name-not-allowed')
      const meant = ['*.apps.example.com', '_acme-challenge.apps.example.com', '_dmarc.**']
      expect(answerTo(allowing(meant), wildcard)).toBe('allowed')
    },
  )

  test('a caller may declare a wildcard of a harmless type, or below a guarded label that is written out', () => {
    expect(answerTo({}, '*.example.com A')).toBe('allowed')
    const meant = allowing(['*._acme-challenge.example.com'])
    expect(answerTo(meant, '*._acme-challenge.example.com TXT')).toBe('allowed')
  })

  test.each(['example.com', 'sub.example.com', '_acme-challenge.example.com'])(
    'a caller may not declare NS at %s unless both that name and NS are written out',
    (name) => {
      for (const allowed of [
        {},
        allowing(['**', name]),
        allowing(undefined, ['NS']),
        allowing(['**', '_acme-challenge.**', '_dmarc.**'], ['NS']),
      ])
        expect(answerTo(allowed, `${name} NS`)).toMatch(/not-allowed$/)
      expect(answerTo(allowing([name], ['NS']), `${name} NS`)).toBe('allowed')
      expect(answerTo(allowing([name], ['NS']), `${name} NS`, null)).toBe('allowed')
    },
  )

  test('a refusal says what to write out, and where', () => {
    const words = (allowed: Allowance, name: string, type: RecordType) =>
      denialOf(allowed, { name: aName(name), type }, zone)?.message
    expect(words({}, '*.example.com', 'TXT')).toContain(
      'names match _acme-challenge.example.com with _acme-challenge written out (allow.names',
    )
    expect(words({}, 'sub.example.com', 'NS')).toContain('written out (allow.types')
    expect(words(allowing(['**'], ['NS']), 'sub.example.com', 'NS')).toContain('written out (allow.names')
  })

  test('a caller may not declare NS at a wildcard', () => {
    expect(answerTo(allowing(['*.example.com'], ['NS']), '*.example.com NS')).toBe('type-not-allowed')
  })
})

describe('rules', () => {
  const rule = (glob: string, rest: Omit<SetRule, 'names'>): SetRule => ({
    names: parseNameGlob(glob)!,
    ...rest,
  })
  const www = set('www.example.com 300 A 192.0.2.1')

  test('a set that no rule matches is left as it is', () => {
    expect(asRuled(undefined, www)).toEqual(www)
    expect(asRuled([rule('x.example.com', { ttl: 60 })], www)).toEqual(www)
  })

  test('the first matching rule counts, for each attribute by itself', () => {
    const rules = [
      rule('www.example.com', { ttl: 3600 }),
      rule('*.example.com', { ttl: 60, proxied: true }),
      rule('**.example.com', { proxied: false }),
    ]
    expect(asRuled(rules, www)).toEqual({ ...www, ttl: 3600, proxied: true })
  })
})
