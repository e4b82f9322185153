import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTimestamp } from './signature.ts'

test.each([
  ['1970-01-01T00:00:00Z', 0],
  ['2026-01-15T12:00:00Z', 1_768_478_400_000],
  ['2026-01-15T17:30:00+05:30', 1_768_478_400_000],
  ['2026-01-15T11:59:30-00:00', 1_768_478_370_000],
  ['2026-01-15T12:00:00.25Z', 1_768_478_400_250],
  ['2024-02-29T00:00:00Z', 1_709_164_800_000],
  ['0000-02-29T00:00:00Z', -62_162_121_600_000],
])('%s is an instant', (text, ms) => {
  expect(parseTimestamp(text)).toBe(ms)
})

test('a nanosecond is not lost', () => {
  expect(parseTimestamp('2026-01-15T12:00:00.000001Z')).toBeGreaterThan(1_768_478_400_000)
})

test.each([
  '2025-02-29T00:00:00Z',
  '1900-02-29T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-00-10T00:00:00Z',
  '2026-01-00T00:00:00Z',
  '2026-01-15T12:00:00Z\n',
  '٢٠٢٦-01-15T12:00:00Z',
])('%j is none', (text) => {
  expect(parseTimestamp(text)).toBeUndefined()
})

test('what Date prints reads back to the same instant', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
      (date) => {
        expect(parseTimestamp(date.toISOString())).toBe(date.getTime())
      },
    ),
  )
})

test('no text at all makes it throw or answer NaN', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9T:Z.+-]{10,30}$/)), (text) => {
      const ms = parseTimestamp(text)
      expect(ms === undefined || Number.isFinite(ms)).toBe(true)
    }),
  )
})
