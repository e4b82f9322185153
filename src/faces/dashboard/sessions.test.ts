import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AccountStore } from '#store/accounts.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import type { Store } from '#store/store.ts'
import { seededRandom } from '../../../tests/support/world.ts'
import type { Features } from './api.ts'
import { sessionHash } from './sessions.ts'
import { type Browser, startDashboard, type TestDashboard } from './testing.ts'

const MINUTE_MS = 60_000
const RECORDS = '/dashboard/api/dns/records'

const SSO: Features = {
  oauth: true,
  token: true,
  sso: true,
  cloudflareDashUrl: 'https://dash.cloudflare.com',
}

let store: Store
let dashboard: TestDashboard

beforeEach(async () => {
  store = await openSqliteStore({
    path: ':memory:',
    random: seededRandom(1),
    now: () => dashboard.now,
    bootId: undefined,
  })
  dashboard = await startDashboard({ sessions: store.accounts })
  dashboard.connect('alice')
})

afterEach(async () => {
  await dashboard.close()
  await store.close()
})

function idIn(browser: Browser): string {
  return decodeURIComponent(browser.cookies.get('zonewright') ?? '').split('.')[0]!
}

function rowOf(browser: Browser): ReturnType<AccountStore['session']> {
  return store.accounts.session(sessionHash(idIn(browser)), dashboard.now)
}

describe('a session', () => {
  test('a session id has 256 bits, and only its hash is stored', async () => {
    const browser = await dashboard.signedIn('alice')
    expect(Buffer.from(idIn(browser), 'base64url')).toHaveLength(32)
    expect(await rowOf(browser)).toMatchObject({ customerId: 'alice' })
    expect(await store.accounts.session(idIn(browser), dashboard.now)).toBeUndefined()
  })

  test('the session cookie is hidden from scripts and not sent by other sites', async () => {
    const browser = dashboard.browser()
    const { headers } = await browser.signIn('alice@example.org')
    const cookies = [headers['set-cookie'] ?? []].flat()
    expect(cookies.filter((cookie) => cookie.startsWith('zonewright='))).toEqual([
      expect.stringMatching(/^zonewright=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/),
    ])
  })

  test('a session ends after 30 minutes without a request, and not before', async () => {
    const browser = await dashboard.signedIn('alice')
    for (let quarter = 0; quarter < 8; quarter += 1) {
      dashboard.now += 15 * MINUTE_MS
      expect((await browser.get(RECORDS)).status).toBe(200)
    }
    dashboard.now += 31 * MINUTE_MS
    expect((await browser.get(RECORDS)).status).toBe(401)
  })

  test('an expired session is announced on return, and a signed-out one is not', async () => {
    const browser = await dashboard.signedIn('alice')
    dashboard.now += 31 * MINUTE_MS
    expect((await browser.session()).json).toMatchObject({ customer: null, hasEnded: true })
    expect((await browser.signIn('alice@example.org')).json).not.toHaveProperty('hasEnded')
    await browser.post('/dashboard/api/logout')
    expect((await browser.session()).json).not.toHaveProperty('hasEnded')
  })

  test('the host platform opens a session under a new id, at an address without the token', async () => {
    const sso = await startDashboard({ features: SSO })
    try {
      const browser = sso.browser()
      await browser.session()
      const token = encodeURIComponent(`good for ${sso.people.alice.id}`)
      const answer = await browser.get(`/dashboard/sso?token=${token}`)
      expect([answer.status, answer.headers.location]).toEqual([303, '/dashboard/domains'])
      expect((await browser.session()).json.customer).toMatchObject({ email: sso.people.alice.email })
      expect(JSON.stringify(sso.lines)).not.toContain('good for')
      expect((await browser.get('/dashboard/sso?token=bad')).status).toBe(401)
      expect((await browser.get('/dashboard/sso')).status).toBe(401)
    } finally {
      await sso.close()
    }
  })

  test('a session is not replaced by a host link for another customer unless that is confirmed', async () => {
    const sso = await startDashboard({ features: SSO })
    try {
      const browser = await sso.signedIn('alice')
      const emailNow = async () => (await browser.session()).json.customer.email
      const { alice, bob } = sso.people
      const followed = (id: string) =>
        browser.get(`/dashboard/sso?token=${encodeURIComponent(`good for ${id}`)}`)
      expect((await browser.post('/dashboard/api/arrival')).status).toBe(409)
      const { status, headers } = await followed(bob.id)
      expect([status, headers.location]).toEqual([303, '/dashboard/arrival'])
      expect((await browser.session()).json).toMatchObject({
        customer: { email: alice.email },
        arrival: { email: bob.email, domain: bob.domain },
      })
      expect((await browser.post('/dashboard/api/arrival', {}, { 'x-csrf-token': '' })).status).toBe(403)
      expect(await emailNow()).toBe(alice.email)

      sso.now += 5 * MINUTE_MS + 1
      expect((await browser.post('/dashboard/api/arrival')).error?.code).toBe('CONFLICT')
      expect((await browser.session()).json.arrival).toBeUndefined()

      await followed(bob.id)
      const before = browser.cookies.get('zonewright')
      expect((await browser.post('/dashboard/api/arrival')).json.customer.email).toBe(bob.email)
      expect(browser.cookies.get('zonewright')).not.toBe(before)
      expect((await browser.session()).json).not.toHaveProperty('arrival')
      expect((await followed(bob.id)).headers.location).toBe('/dashboard/domains')
    } finally {
      await sso.close()
    }
  })

  test('a platform without a shared secret cannot open a session', async () => {
    expect((await dashboard.browser().get('/dashboard/sso?token=x')).status).toBe(404)
  })

  test('a session ends after 12 hours, however busy it is', async () => {
    const browser = await dashboard.signedIn('alice')
    const end = dashboard.now + 12 * 60 * MINUTE_MS
    while (dashboard.now + 20 * MINUTE_MS < end) {
      dashboard.now += 20 * MINUTE_MS
      expect((await browser.get(RECORDS)).status).toBe(200)
    }
    dashboard.now = end + MINUTE_MS
    expect((await browser.get(RECORDS)).status).toBe(401)
  })

  test('connecting does not extend a session', async () => {
    const browser = await dashboard.signedIn('alice')
    const end = dashboard.now + 12 * 60 * MINUTE_MS
    const before = idIn(browser)
    while (dashboard.now + 20 * MINUTE_MS < end) {
      dashboard.now += 20 * MINUTE_MS
      expect((await browser.post('/dashboard/api/cloudflare/token', { token: 'x' })).status).toBe(200)
    }
    expect(idIn(browser)).not.toBe(before)
    dashboard.now = end + MINUTE_MS
    expect((await browser.session()).json.customer).toBeNull()
  })

  test('a session that ended while its owner connected is not replaced by a new one', async () => {
    const browser = await dashboard.signedIn('alice')
    dashboard.instead = async () => {
      await store.accounts.endSessionsOf(dashboard.people.alice.id, dashboard.now)
      return { zones: 1 }
    }
    const { status, json } = await browser.post('/dashboard/api/cloudflare/token', { token: 'x' })
    expect([status, json.csrfToken]).toEqual([401, undefined])
    expect((await browser.session()).json.customer).toBeNull()
  })

  test('signing out ends the session, also for a copied cookie', async () => {
    const browser = await dashboard.signedIn('alice')
    const copied = new Map(browser.cookies)
    expect((await browser.post('/dashboard/api/logout')).status).toBe(204)
    expect(browser.cookies.has('zonewright')).toBe(false)
    for (const [name, value] of copied) browser.cookies.set(name, value)
    expect((await browser.get(RECORDS)).status).toBe(401)
  })

  test('an ended session is not revived by a request under way', async () => {
    const browser = await dashboard.signedIn('alice')
    await browser.get('/dashboard/cloudflare/connect')
    // The callback changes the session, and is held up until after the sign-out.
    let comeBack = () => {}
    const arrived = new Promise<void>((resolve) => {
      dashboard.instead = () => {
        resolve()
        return new Promise<never>((_, reject) => {
          comeBack = () => reject(new Error('held up'))
        })
      }
    })
    const callback = browser.get('/dashboard/cloudflare/callback?error=x&state=state-1')
    await arrived
    await store.accounts.endSession(sessionHash(idIn(browser)), dashboard.now)
    comeBack()
    await callback
    expect((await browser.get(RECORDS)).status).toBe(401)
  })

  test('the session of a removed customer is refused', async () => {
    const browser = await dashboard.signedIn('alice')
    const id = idIn(browser)
    Reflect.deleteProperty(dashboard.people, 'alice')
    expect((await browser.get(RECORDS)).status).toBe(401)
    expect((await browser.session()).json.customer).toBeNull()
    expect(await store.accounts.session(sessionHash(id), dashboard.now)).toBeUndefined()
  })
})

describe('the id', () => {
  test('the session id is new after the sign-in, so that it cannot be fixed', async () => {
    const attacker = await dashboard.signedIn('bob')
    const victim = dashboard.browser()
    for (const [name, value] of attacker.cookies) victim.cookies.set(name, value)
    victim.csrfToken = attacker.csrfToken
    await victim.signIn('alice@example.org')
    expect(victim.cookies.get('zonewright')).not.toBe(attacker.cookies.get('zonewright'))
    expect((await attacker.get(RECORDS)).status).toBe(401)
    expect((await victim.session()).json.customer.id).toBe('alice')
  })

  test('a session id is not taken from a cookie that we did not make', async () => {
    const browser = dashboard.browser()
    const made = Buffer.alloc(32, 7).toString('base64url')
    const row = { idHash: sessionHash(made), customerId: 'alice', data: '{}' }
    await store.accounts.keepSession(row, dashboard.now)
    for (const cookie of [made, `${made}.`, `${made}.${'A'.repeat(43)}`, '', '%00', 'a'.repeat(5_000)]) {
      browser.cookies.set('zonewright', cookie)
      expect((await browser.get(RECORDS)).status).toBe(401)
    }
  })

  test('the session id is new after connecting, by OAuth and by token', async () => {
    const browser = await dashboard.signedIn('alice')
    const first = idIn(browser)
    await browser.post('/dashboard/api/cloudflare/token', { token: 'pasted' })
    const second = idIn(browser)
    await browser.get('/dashboard/cloudflare/connect')
    await browser.get('/dashboard/cloudflare/callback?code=x&state=state-1')
    expect(new Set([first, second, idIn(browser)]).size).toBe(3)
    for (const id of [first, second]) {
      expect(await store.accounts.session(sessionHash(id), dashboard.now)).toBeUndefined()
    }
    expect((await browser.get(RECORDS)).status).toBe(200)
  })
})

test('an e-mail address with a NUL is refused before it reaches PostgreSQL', async () => {
  const { status, error } = await dashboard.browser().signIn('alice\0@example.org')
  expect([status, error?.code, error?.field]).toEqual([422, 'INVALID_INPUT', 'email'])
  expect(dashboard.asked).toEqual([])
})

test('over https, cookies carry a prefix that binds them to this host', async () => {
  await dashboard.close()
  dashboard = await startDashboard({ publicUrl: 'https://dns.example.com', sessions: store.accounts })
  const browser = dashboard.browser()
  const { headers } = await browser.signIn('alice@example.org')
  const cookies = [headers['set-cookie'] ?? []].flat()
  expect(cookies).toEqual([
    expect.stringMatching(/^__Host-zonewright=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
  ])
  expect(headers['strict-transport-security']).toBe('max-age=31536000')
  const left = await browser.post('/dashboard/api/logout')
  expect([left.headers['set-cookie'] ?? []].flat()).toEqual([
    expect.stringMatching(
      /^__Host-zonewright=; Max-Age=0; Path=\/; Expires=[^;]+1970[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    ),
  ])
})

test('sessions signed with a previous key stay valid', async () => {
  const old = await dashboard.signedIn('alice')
  await dashboard.close()
  const secretKeys = ['another-secret-key-of-32-octets-!', 'a-secret-key-of-thirty-two-octets'] as const
  dashboard = await startDashboard({ sessions: store.accounts, secretKeys })
  const browser = dashboard.browser()
  for (const [name, value] of old.cookies) browser.cookies.set(name, value)
  expect((await browser.session()).json.customer?.id).toBe('alice')
})

test('the client address is taken from trusted proxies alone', async () => {
  const forwarded = { 'x-forwarded-for': '198.51.100.7' }
  const attempt = async () => {
    const browser = dashboard.browser()
    await browser.session()
    await browser.post('/dashboard/api/login', { email: 'alice@example.org', password: 'wrong' }, forwarded)
    return dashboard.asked.at(-1)
  }
  expect(await attempt()).toBe('alice@example.org signs in from 127.0.0.1')
  await dashboard.close()
  dashboard = await startDashboard({ sessions: store.accounts, trustedProxies: ['127.0.0.0/8'] })
  expect(await attempt()).toBe('alice@example.org signs in from 198.51.100.7')
})

test('no address redirects to another site', async () => {
  const browser = await dashboard.signedIn('alice')
  for (const path of [
    '/dashboard/cloudflare/callback?next=https://evil.example',
    '//evil.example/dashboard',
    '/dashboard//evil.example',
    '/\\evil.example',
    '/dashboard/cloudflare/callback?state=x&redirect=//evil.example',
  ]) {
    const { headers } = await browser.get(path)
    expect([path, headers.location ?? '/']).toEqual([
      path,
      expect.stringMatching(/^\/(dashboard\/domains)?$/),
    ])
  }
})
