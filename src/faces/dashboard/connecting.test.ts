import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DnsError } from '#engine/errors.ts'
import { startDashboard, type TestDashboard } from './testing.ts'

let dashboard: TestDashboard

beforeEach(async () => {
  dashboard = await startDashboard()
})

afterEach(() => dashboard.close())

const RECORDS = '/dashboard/api/dns/records'

describe('the session', () => {
  test('a session without sign-in has no customer, a CSRF token, and the ways to sign in', async () => {
    const { status, json } = await dashboard.browser().session()
    expect(status).toBe(200)
    expect(json).toEqual({
      customer: null,
      csrfToken: expect.stringMatching(/^.{40,}$/),
      flash: [],
      features: { oauth: true, token: true, sso: false, cloudflareDashUrl: 'https://dash.cloudflare.com' },
    })
    expect(dashboard.sessions.size).toBe(0)
  })

  test('the right password opens a session that names the customer', async () => {
    const browser = dashboard.browser()
    const { status, json } = await browser.signIn('alice@example.org')
    expect(status).toBe(200)
    expect(json.customer).toEqual({
      id: 'alice',
      email: 'alice@example.org',
      domain: 'example.com',
      targets: { ipv4: ['192.0.2.10'], ipv6: [], servesWww: true },
    })
    expect((await browser.session()).json.customer.id).toBe('alice')
  })

  test('a wrong password opens no session', async () => {
    const { status, error } = await dashboard.browser().signIn('alice@example.org', 'wrong')
    expect([status, error?.code]).toEqual([401, 'UNAUTHENTICATED'])
    expect(dashboard.sessions.size).toBe(0)
  })

  test('every other route needs a session', async () => {
    const { status, error } = await dashboard.browser().get(RECORDS)
    expect([status, error?.code]).toEqual([401, 'UNAUTHENTICATED'])
  })
})

describe('connecting', () => {
  test('OAuth goes to Cloudflare and returns to the review, with no code in the address', async () => {
    dashboard.connect('alice')
    dashboard.connections.clear()
    const browser = await dashboard.signedIn('alice')
    const away = await browser.get('/dashboard/cloudflare/connect')
    expect(away.status).toBe(302)
    expect(away.headers.location).toMatch(/^https:\/\/dash\.cloudflare\.com\/oauth2\/auth\?state=/)
    const back = await browser.get('/dashboard/cloudflare/callback?code=secret&state=state-1')
    expect([back.status, back.headers.location]).toEqual([302, '/dashboard/cloudflare/confirm'])
    expect((await browser.get(RECORDS)).json.connection).toEqual({ status: 'review_pending' })
  })

  test('a failed OAuth connection is explained on the page, once', async () => {
    const browser = await dashboard.signedIn('alice')
    await browser.get('/dashboard/cloudflare/connect')
    const back = await browser.get('/dashboard/cloudflare/callback?error=access_denied&state=state-1')
    expect([back.status, back.headers.location]).toEqual([302, '/dashboard/domains'])
    expect((await browser.session()).json.flash).toEqual([
      { kind: 'error', message: 'You did not allow access at Cloudflare.' },
    ])
    expect((await browser.session()).json.flash).toEqual([])
  })

  test('OAuth into an account without the domain says so', async () => {
    const browser = await dashboard.signedIn('alice')
    await browser.get('/dashboard/cloudflare/connect')
    const back = await browser.get('/dashboard/cloudflare/callback?code=secret&state=state-1')
    expect(back.headers.location).toBe('/dashboard/domains')
    expect((await browser.session()).json.flash).toEqual([
      {
        kind: 'error',
        message: 'Domain not found. Make sure example.com is added to your Cloudflare account.',
      },
    ])
    expect((await browser.get(RECORDS)).json).toEqual({
      records: [],
      lastSyncedAt: null,
      connection: { status: 'zone_missing' },
      zone: null,
    })
  })

  test('a token that reaches more domains than needed is accepted with advice to narrow it', async () => {
    const browser = await dashboard.signedIn('alice')
    await browser.post('/dashboard/api/cloudflare/token', { token: 'pasted' })
    expect((await browser.session()).json.flash).toEqual([])
    await browser.post('/dashboard/api/cloudflare/token', { token: 'of all' })
    const [flash] = (await browser.session()).json.flash
    expect(flash).toMatchObject({
      kind: 'info',
      message: expect.stringContaining('The token reaches 12 domains'),
    })
    expect(flash.message).toContain('example.com')
  })

  test('connecting by token answers the status and the CSRF token of the new session', async () => {
    dashboard.connect('alice')
    dashboard.connections.clear()
    const browser = await dashboard.signedIn('alice')
    const before = browser.cookies.get('zonewright')
    const { status, json } = await browser.post('/dashboard/api/cloudflare/token', { token: 'pasted' })
    expect([status, json.connection]).toEqual([200, { status: 'review_pending' }])
    expect(browser.cookies.get('zonewright')).not.toBe(before)
    expect((await browser.post('/dashboard/cloudflare/disconnect')).status).toBe(204)
  })

  test('connecting needs no review where nothing would change', async () => {
    dashboard.connect('alice')
    dashboard.connections.clear()
    const browser = await dashboard.signedIn('alice')
    const zone = { id: 'a'.repeat(32), name: 'example.com', status: 'active', type: 'full', plan: 'free' }
    const nothing = { domain: 'example.com', zone: { ...zone, nameServers: [] }, changes: [], warnings: [] }
    await browser.post('/dashboard/api/cloudflare/token', { token: 'pasted' })
    dashboard.instead = () => ({ id: 'plan-1', plan: nothing, expiresAt: dashboard.now })
    const { json } = await browser.get('/dashboard/api/cloudflare/plan')
    expect(json.plan).toMatchObject({ id: 'plan-1', changes: [] })
    expect((await browser.get(RECORDS)).json.connection).toEqual({ status: 'connected' })
  })

  test('connecting reads the zone once, so that records can be shown', async () => {
    const zone = dashboard.zones.get(dashboard.connect('alice'))!
    dashboard.connections.clear()
    zone.syncedAt = null
    const browser = await dashboard.signedIn('alice')
    await browser.post('/dashboard/api/cloudflare/token', { token: 'pasted' })
    expect(dashboard.asked.slice(-2)).toEqual(['alice plans', 'alice reads the zone'])
    await browser.get('/dashboard/api/cloudflare/plan')
    expect(dashboard.asked.at(-1)).toBe('alice plans')
  })
})

describe('the review', () => {
  test('the review shows the plan', async () => {
    dashboard.connect('alice', { reviewedAt: null })
    const browser = await dashboard.signedIn('alice')
    const { json } = await browser.get('/dashboard/api/cloudflare/plan')
    expect(json.plan).toEqual({
      id: 'plan-of-alice',
      domain: 'example.com',
      zone: {
        id: 'a'.repeat(32),
        name: 'example.com',
        status: 'active',
        type: 'full',
        plan: 'free',
        nameServers: ['ada.ns.example.net', 'bob.ns.example.net'],
      },
      changes: [
        {
          id: 'change-1',
          action: 'add',
          type: 'A',
          name: 'example.com',
          proposed: {
            type: 'A',
            name: 'example.com',
            content: '192.0.2.10',
            priority: null,
            proxied: false,
            ttl: 300,
            comment: null,
          },
          selected: true,
          locked: false,
          reason: 'Your store is there.',
        },
      ],
      warnings: [],
      expiresAt: '2026-11-21T00:30:00.000Z',
    })
  })

  test('confirming a review ends it, and counts as one change', async () => {
    dashboard.connect('alice', { reviewedAt: null })
    const browser = await dashboard.signedIn('alice')
    dashboard.asked.length = 0
    const { status, json } = await browser.post('/dashboard/cloudflare/confirm', {
      planId: 'plan-of-alice',
      selected: ['change-1'],
    })
    expect([status, json]).toEqual([200, { applied: 0, historyId: 'edit-1', records: [] }])
    expect(dashboard.asked).toEqual(['alice spends a change', 'alice confirms plan-of-alice with change-1'])
    expect((await browser.get(RECORDS)).json.connection).toEqual({ status: 'connected' })
  })

  test('a review of unknown outcome ends when the change is found done', async () => {
    dashboard.connect('alice', { reviewedAt: null })
    const browser = await dashboard.signedIn('alice')
    dashboard.instead = () => {
      dashboard.instead = () => ({ status: 'checking', id: 'operation-of-alice' })
    }
    const choice = { planId: 'plan-of-alice', selected: ['change-1'] }
    const { status } = await browser.post('/dashboard/cloudflare/confirm', choice)
    expect(status).toBe(202)
    expect((await browser.get(RECORDS)).json.connection).toEqual({ status: 'review_pending' })
    await browser.get('/dashboard/api/operations/operation-of-alice')
    expect((await browser.get(RECORDS)).json.connection).toEqual({ status: 'connected' })
  })

  test('a review of an earlier connection does not end the review of the new one', async () => {
    dashboard.connect('alice', { reviewedAt: null })
    const browser = await dashboard.signedIn('alice')
    const choice = { planId: 'plan-of-alice', selected: ['change-1'] }
    dashboard.instead = () => {
      // The next question is the limit's; the one after that is the confirmation.
      dashboard.instead = () => {
        dashboard.connect('alice', { id: 'another-connection', reviewedAt: null })
        return { status: 'done', id: 'edit-1', applied: 1, records: [] }
      }
    }
    expect((await browser.post('/dashboard/cloudflare/confirm', choice)).status).toBe(200)
    expect((await browser.get(RECORDS)).json.connection).toEqual({ status: 'review_pending' })
  })

  test('another change does not end a review', async () => {
    dashboard.connect('alice', { reviewedAt: null })
    const browser = await dashboard.signedIn('alice')
    dashboard.instead = () => ({ id: 'operation-of-alice', kind: 'update', status: 'done', records: [] })
    expect((await browser.get('/dashboard/api/operations/operation-of-alice')).status).toBe(200)
    expect((await browser.get(RECORDS)).json.connection).toEqual({ status: 'review_pending' })
  })

  test('a review is planned again when the zone has changed', async () => {
    dashboard.connect('alice', { reviewedAt: null })
    const browser = await dashboard.signedIn('alice')
    const plan = { domain: 'example.com', zone: null, changes: [], warnings: [] }
    const choice = { planId: 'plan-of-alice', selected: [] }
    await browser.get('/dashboard/api/cloudflare/plan')
    dashboard.instead = () => {
      // The next question is the limit's; the one after that is the confirmation.
      dashboard.instead = () => {
        const stored = { id: 'plan-2', plan, expiresAt: dashboard.now }
        throw new DnsError('plan-out-of-date', 'The zone has changed.', { details: { plan: stored } })
      }
    }
    const { status, error } = await browser.post('/dashboard/cloudflare/confirm', choice)
    expect([status, error?.code]).toEqual([409, 'PLAN_OUT_OF_DATE'])
    expect(error?.details).toEqual({ plan: { id: 'plan-2', ...plan, expiresAt: '2026-11-21T00:00:00.000Z' } })
    expect((await browser.get(RECORDS)).json.connection).toEqual({ status: 'review_pending' })
  })

  test('records cannot be edited before the review is confirmed', async () => {
    dashboard.connect('alice', { reviewedAt: null })
    const browser = await dashboard.signedIn('alice')
    const { status, error } = await browser.post(RECORDS, { type: 'A', name: 'www', content: '192.0.2.1' })
    expect([status, error?.code]).toEqual([409, 'CONFLICT'])
  })
})
