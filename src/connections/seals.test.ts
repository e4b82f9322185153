import { expect, test } from 'vitest'
import { createSeals, type SealedFor } from './seals.ts'

const NOON = Date.parse('2026-08-01T12:00:00Z')
const ACCESS: SealedFor = { customer: 'anna', connection: 'c1', kind: 'access' }
const [OLD, NEW] = ['the old key of thirty-two octets..', 'the new key of thirty-two octets..']
const seals = (...keys: string[]) => createSeals(keys, () => NOON)

test('a secret is opened for what it was sealed for, and for nothing else', () => {
  const { seal, open } = seals(NEW)
  const sealed = seal(ACCESS, 'cfoat_secret')
  expect(sealed).not.toContain('secret')
  expect(open(ACCESS, sealed)).toBe('cfoat_secret')
  expect(open({ ...ACCESS, customer: 'ben' }, sealed)).toBeUndefined()
  expect(open({ ...ACCESS, connection: 'c2' }, sealed)).toBeUndefined()
  expect(open({ ...ACCESS, kind: 'refresh' }, sealed)).toBeUndefined()
})

test('what was sealed under a previous key is opened, and sealed anew under the current one', () => {
  const before = seals(OLD).seal(ACCESS, 'cfoat_secret')
  expect(seals(NEW).open(ACCESS, before)).toBeUndefined()
  const both = seals(NEW, OLD)
  expect(both.open(ACCESS, before)).toBe('cfoat_secret')
  const after = both.reseal(ACCESS, before)!
  expect(seals(NEW).open(ACCESS, after)).toBe('cfoat_secret')
  expect(both.reseal(ACCESS, after)).toBe(after)
  expect(seals(NEW).reseal(ACCESS, before)).toBeUndefined()
})

test('a secret that is good for ten minutes is not opened after them', () => {
  let now = NOON
  const { seal, open } = createSeals([NEW], () => now)
  const sealed = seal(ACCESS, 'verifier')
  now += 600_000
  expect(open(ACCESS, sealed, 600_000)).toBe('verifier')
  now += 1_000
  expect(open(ACCESS, sealed, 600_000)).toBeUndefined()
  expect(open(ACCESS, sealed)).toBe('verifier')
})

test('what is not ours opens nothing', () => {
  expect(seals(NEW).open(ACCESS, 'a token in plain text')).toBeUndefined()
})
