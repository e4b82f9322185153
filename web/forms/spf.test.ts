import { expect, test } from 'vitest'
import { joinedSpf } from './spf.ts'

test('two SPF texts let through in one whom either lets through, and refuse whom both refuse', () => {
  const was = 'v=spf1 mx ip4:192.0.2.1 -all'
  expect(joinedSpf(was, 'v=spf1 include:example.net ~all')).toBe(
    'v=spf1 mx ip4:192.0.2.1 include:example.net ~all',
  )
  expect(joinedSpf(was, 'v=spf1 mx -all')).toBe(was)
  expect(joinedSpf(was, ' v=spf1  a')).toBe('v=spf1 mx ip4:192.0.2.1 a ?all')
  expect(joinedSpf(was, 'v=spf1 all')).toBe('v=spf1 mx ip4:192.0.2.1 +all')
})

test('what hands the question on is not joined without somebody who decides', () => {
  expect(joinedSpf('v=spf1 redirect=_spf.example.net', 'v=spf1 mx -all')).toBeUndefined()
})
