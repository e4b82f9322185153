import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readTarget, recordPathParts } from './target.ts'

test.each([
  ['/health', 'health'],
  ['/records', 'records'],
  ['/records/A/example.com/www', 'record'],
  ['/records/A/example.com/@', 'record'],
  ['/records/A/example.com/*.dev', 'record'],
  ['/records/A/example.com/', 'record'],
  ['//records/A/example.com/www', 'record'],
  ['////health', 'health'],
])('%s is the route %s', (url, route) => {
  expect(readTarget(url, '')).toMatchObject({ route })
})

test.each([
  '/',
  '/healthz',
  '/health/',
  '/records/',
  '/records/A',
  '/records/A/example.com',
  '/records/A/example.com/a/b',
  '/api/records',
  '/Records',
])('%s is no route', (url) => {
  expect(readTarget(url, '')).toBe('unknown')
})

test.each([
  'http://example.com/health',
  '*',
  '',
  'health',
  '/health?x=1',
  '/records/A/example.com/a?b',
  '/health#top',
  '/records\\A',
  '/records/A/example.com/a b',
  '/records/A/example.com/ü',
  '/health\n',
])('%j is not a plain path', (url) => {
  expect(readTarget(url, '')).toBe('malformed')
})

test('below a mount, only its own paths are known', () => {
  expect(readTarget('/c/shop/records', '/c/shop')).toMatchObject({ route: 'records', raw: '/records' })
  expect(readTarget('//c/shop//records', '/c/shop')).toMatchObject({ route: 'records', raw: '/records' })
  expect(readTarget('/records', '/c/shop')).toBe('unknown')
  expect(readTarget('/c/shopping/records', '/c/shop')).toBe('unknown')
})

test.each([
  ['/records/A/example.com/%C3%BC', '/records/A/example.com/ü'],
  ['/records/A/example.com/a%20b', '/records/A/example.com/a b'],
  ['/records/A/example.com/%2A', '/records/A/example.com/*'],
  ['/records/A/example.com/%3F', '/records/A/example.com/?'],
])('%s may mean %s', (url, decoded) => {
  expect(readTarget(url, '')).toMatchObject({ decoded })
})

test.each(['a%2Fb', 'a%0Ab', 'a%0D', 'a%00', 'a%7F', 'a%5Cb', '%2e%2E', '.%2e', '%', '%zz', '%C3', 'a%'])(
  '%s has no second reading',
  (subdomain) => {
    expect(readTarget(`/records/A/example.com/${subdomain}`, '')).toMatchObject({ decoded: undefined })
  },
)

test('the parts of a path are read without decoding', () => {
  expect(recordPathParts('/records/A/example.com/a%2Fb')).toEqual({
    type: 'A',
    domain: 'example.com',
    subdomain: 'a%2Fb',
  })
})

test('whatever Go escapes, the decoded reading is what was there before', () => {
  const part = fc.stringMatching(/^[^/\\\p{C}]{1,20}$/u).filter((text) => text !== '..')
  fc.assert(
    fc.property(part, part, (domain, subdomain) => {
      const url = `/records/A/${encodeURIComponent(domain)}/${encodeURIComponent(subdomain)}`
      const target = readTarget(url, '')
      if (typeof target === 'string') throw new Error(`${url} is ${target}`)
      expect(recordPathParts(target.decoded ?? target.raw)).toEqual({ type: 'A', domain, subdomain })
    }),
  )
})
