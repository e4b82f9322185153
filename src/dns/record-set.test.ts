import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseName } from './name.ts'
import { keyOf, parseRecordSet, type RecordSetInput } from './record-set.ts'
import { aName, anySetIn } from './testing.ts'
import { presentValue } from './value.ts'

const defaults = { ttl: 300, mxPriority: 10 }
const www = { name: aName('www.example.com'), type: 'A', ttl: 60, values: ['192.0.2.1'] }

test('a set has its values in order, each once', () => {
  expect(parse({ values: ['192.0.2.2', '192.0.2.1', '192.0.2.2'] })).toEqual({
    ok: true,
    value: { ...www, values: ['192.0.2.1', '192.0.2.2'] },
  })
  expect(parse({ type: 'AAAA', values: ['2001:db8::1', '2001:DB8:0::1'] })).toMatchObject({
    value: { values: ['2001:db8::1'] },
  })
})

test('a set without a TTL gets the default, and a short one is raised', () => {
  expect(parse({ ttl: null })).toMatchObject({ value: { ttl: 300 } })
  expect(parse({ ttl: undefined })).toMatchObject({ value: { ttl: 300 } })
  expect(parse({ ttl: 5 })).toMatchObject({ value: { ttl: 60 } })
})

test('everything that is wrong is told at once, each by its path', () => {
  const input = {
    name: parseName('a..b', 'name'),
    type: 'A',
    ttl: 0,
    values: ['192.0.2.1', 'x', 7, '2001:db8::1'],
  }
  expect(told(input)).toEqual([
    'name label-empty',
    'ttl ttl-out-of-range',
    'values[1] address-malformed',
    'values[2] value-not-text',
    'values[3] address-of-other-family',
  ])
})

test('an unknown type is told together with what else can be judged', () => {
  const input = { name: aName('example.com'), type: 'PTR', ttl: 'x', values: ['anything', null] }
  expect(told(input)).toEqual(['type type-unknown', 'ttl ttl-not-whole', 'values[1] value-not-text'])
  expect(told({ ...input, values: [] })).toEqual([
    'type type-unknown',
    'ttl ttl-not-whole',
    'values values-missing',
  ])
})

test.each([[[]], [undefined], [null], ['192.0.2.1'], [{ 0: '192.0.2.1', length: 1 }]])(
  'the values %j are missing',
  (values) => {
    expect(told({ ...www, values })).toEqual(['values values-missing'])
  },
)

test('a set has at most 100 values', () => {
  const values = Array.from({ length: 101 }, (_, index) => `192.0.2.${index}`)
  expect(parse({ values: values.slice(1) }).ok).toBe(true)
  expect(told({ ...www, values })).toEqual(['values values-too-many'])
})

test('a CNAME has one value, counted after they are made canonical', () => {
  expect(parse({ type: 'CNAME', values: ['host.example.net', 'HOST.example.net.'] })).toMatchObject({
    value: { values: ['host.example.net'] },
  })
  expect(told({ ...www, type: 'CNAME', values: ['a.example.net', 'b.example.net'] })).toEqual([
    'values cname-not-single',
  ])
})

test('a CNAME does not point to itself, but a wildcard may point to its parent', () => {
  expect(told({ ...www, type: 'CNAME', values: ['WWW.example.com.'] })).toEqual(['values cname-to-itself'])
  expect(parse({ name: aName('*.example.com'), type: 'CNAME', values: ['example.com'] }).ok).toBe(true)
})

test('a null MX stands alone', () => {
  expect(parse({ type: 'MX', values: ['.'] })).toMatchObject({ value: { values: ['0 .'] } })
  expect(told({ ...www, type: 'MX', values: ['.', 'mail.example.com'] })).toEqual([
    'values null-mx-not-alone',
  ])
})

test('name servers may be declared at the name of the zone', () => {
  expect(parse({ name: aName('example.com'), type: 'NS', values: ['ns1.example.net'] }).ok).toBe(true)
})

test('a set that is presented is read as the same set', () => {
  fc.assert(
    fc.property(anySetIn(aName('example.com')), (set) => {
      const values = set.values.map((value) => presentValue(set.type, value)).reverse()
      expect(parseRecordSet({ ...set, values }, defaults)).toEqual({ ok: true, value: set })
    }),
  )
})

test('a key tells name and type', () => {
  expect(keyOf({ name: aName('www.example.com'), type: 'A' })).toBe('www.example.com A')
})

function parse(changed: Partial<RecordSetInput>) {
  return parseRecordSet({ ...www, ...changed }, defaults)
}

function told(input: RecordSetInput): string[] {
  const set = parseRecordSet(input, defaults)
  return set.ok ? [] : set.problems.map(({ path, code }) => `${path} ${code}`)
}
