import { expect, test } from 'vitest'
import { pageAfterSignIn, signInFor, tokenTemplate } from './paths.ts'

test("the link fills in Cloudflare's form, wherever Cloudflare is", () => {
  expect(tokenTemplate('https://cloudflare.example', 'example.com')).toBe(
    'https://cloudflare.example/profile/api-tokens?permissionGroupKeys=%5B%7B%22key%22%3A%22dns%22%2C%22type%22%3A%22edit%22%7D%2C%7B%22key%22%3A%22zone%22%2C%22type%22%3A%22read%22%7D%5D&accountId=*&zoneId=all&name=DNS%20of%20example.com',
  )
})

test('whoever signs in first comes back to the page, with what was searched for there', () => {
  const asked = 'q=mail%20%26%20more&type=MX'
  const [, search = ''] = signInFor('/domains', asked).split('?')
  expect(pageAfterSignIn(search)).toBe(`/domains?${asked}`)
  expect(signInFor('/domains', '')).toBe('/login?to=%2Fdomains')
  expect(signInFor('/nowhere', asked)).toBe('/login')
})

test('nobody is sent elsewhere after the sign-in', () => {
  for (const wanted of [
    '//example.net',
    'https://example.net/domains',
    '/nowhere?to=/domains',
    '?/domains',
  ]) {
    expect(pageAfterSignIn(`to=${encodeURIComponent(wanted)}`)).toBe('/domains')
  }
})
