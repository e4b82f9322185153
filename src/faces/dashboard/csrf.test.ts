import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Browser, recordId, startDashboard, type TestDashboard } from './testing.ts'

/** Every mutation there is, with a body that would do something. */
const MUTATIONS: readonly (readonly [string, string, object?])[] = [
  ['POST', '/dashboard/api/logout'],
  ['POST', '/dashboard/api/cloudflare/token', { token: 'pasted' }],
  ['POST', '/dashboard/cloudflare/confirm', { planId: 'plan-of-alice', selected: [] }],
  ['POST', '/dashboard/cloudflare/disconnect'],
  ['POST', '/dashboard/api/dns/records', { type: 'A', name: 'shop', content: '192.0.2.7' }],
  ['PUT', `/dashboard/api/dns/records/${recordId(1)}`, { type: 'A', name: 'www', content: '192.0.2.7' }],
  ['DELETE', `/dashboard/api/dns/records/${recordId(1)}`],
  ['POST', '/dashboard/api/dns/sync'],
]
const LOGIN = [
  'POST',
  '/dashboard/api/login',
  { email: 'alice@example.org', password: 'correct horse battery staple' },
] as const

let dashboard: TestDashboard
let alice: Browser

beforeEach(async () => {
  dashboard = await startDashboard()
  dashboard.connect('alice')
  alice = await dashboard.signedIn('alice')
  dashboard.asked.length = 0
})

afterEach(() => dashboard.close())

async function expectRefused(browser: Browser, headers: Record<string, string>, mutations = MUTATIONS) {
  for (const [method, path, body] of mutations) {
    const { status, error } = await browser.send(method, path, body, headers)
    expect([method, path, status, error?.code]).toEqual([method, path, 403, 'CSRF'])
  }
  expect(dashboard.asked).toEqual([])
}

test('every mutation succeeds with its CSRF token', async () => {
  // The last ones end the session or the connection.
  const order = [...MUTATIONS.slice(2).reverse(), ...MUTATIONS.slice(0, 2).reverse()]
  for (const [method, path, body] of order) {
    if (path.endsWith('disconnect')) continue
    const { status } = await alice.send(method, path, body)
    expect([path, status < 300]).toEqual([path, true])
  }
})

describe('a mutation is refused', () => {
  test('a mutation without a CSRF token is refused', () =>
    expectRefused(alice, { 'x-csrf-token': '' }, [...MUTATIONS, LOGIN]))

  test('a mutation with an invented CSRF token is refused', () =>
    expectRefused(alice, { 'x-csrf-token': `${alice.csrfToken.slice(0, -4)}AAAA` }, [...MUTATIONS, LOGIN]))

  test('a mutation with the CSRF token of another customer is refused', async () => {
    const bob = await dashboard.signedIn('bob')
    dashboard.asked.length = 0
    await expectRefused(alice, { 'x-csrf-token': bob.csrfToken })
  })

  test('a mutation with the CSRF token from before the sign-in is refused', async () => {
    const browser = dashboard.browser()
    await browser.session()
    const before = browser.csrfToken
    await browser.signIn('alice@example.org')
    dashboard.asked.length = 0
    await expectRefused(browser, { 'x-csrf-token': before })
  })

  test('a mutation with a planted cookie and its token beside the session is refused', async () => {
    const stranger = dashboard.browser()
    await stranger.session()
    alice.cookies.set('zonewright-csrf', stranger.cookies.get('zonewright-csrf')!)
    await expectRefused(alice, { 'x-csrf-token': stranger.csrfToken })
  })

  test('a mutation with a cookie that we did not sign is refused', async () => {
    alice.cookies.set('zonewright-csrf', 'made-up')
    await expectRefused(alice, {}, [...MUTATIONS, LOGIN])
  })

  test('a mutation from another site is refused, whatever its token', async () => {
    for (const site of ['cross-site', 'same-site', 'none']) {
      await expectRefused(alice, { 'sec-fetch-site': site }, [...MUTATIONS, LOGIN])
    }
  })

  test('a mutation from another origin is refused where the browser does not name the site', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://localhost:3001']) {
      const { port } = dashboard
      const { cookies, csrfToken } = alice
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
      const reply = await fetch(`http://127.0.0.1:${port}/dashboard/api/dns/sync`, {
        method: 'POST',
        // No browser: nothing is added to these.
        headers: { cookie, origin, 'x-csrf-token': csrfToken },
      })
      expect([origin, reply.status]).toEqual([origin, 403])
    }
    expect(dashboard.asked).toEqual([])
  })
})

test('a form of another site cannot say JSON, and nothing else is read', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const { status, error } = await alice.send('POST', '/dashboard/api/dns/records', '{"type":"A"}', {
      'content-type': type,
    })
    expect([type, status, error?.code]).toEqual([type, 415, 'INVALID_INPUT'])
  }
})

test('no GET changes anything, and another site cannot begin a connection', async () => {
  for (const path of ['session', 'cloudflare/plan', 'dns/records', 'dns/history']) {
    await alice.get(`/dashboard/api/${path}`, { 'sec-fetch-site': 'cross-site' })
  }
  const { headers } = await alice.get('/dashboard/cloudflare/connect', { 'sec-fetch-site': 'cross-site' })
  expect(headers.location).toBe('/dashboard/domains')
  expect(dashboard.asked).toEqual(['alice plans'])
})
