import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DnsError } from '#zones/errors.ts'
import { newRecord, recordId, startDashboard, type TestDashboard } from './testing.ts'

let dashboard: TestDashboard

beforeEach(async () => {
  dashboard = await startDashboard()
})

afterEach(() => dashboard.close())

const RECORDS = '/dashboard/api/dns/records'

describe('the session', () => {
  test('of a stranger has no customer, a token, and the ways in', async () => {
    const { status, json } = await dashboard.browser().session()
    expect(status).toBe(200)
    expect(json).toEqual({
      customer: null,
      csrfToken: expect.stringMatching(/^.{40,}$/),
      flash: [],
      features: { oauth: true, token: true, sso: false },
    })
    expect(dashboard.sessions.size).toBe(0)
  })

  test('begins with the right password, and says who it is', async () => {
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

  test('does not begin with a wrong one', async () => {
    const { status, error } = await dashboard.browser().signIn('alice@example.org', 'wrong')
    expect([status, error?.code]).toEqual([401, 'UNAUTHENTICATED'])
    expect(dashboard.sessions.size).toBe(0)
  })

  test('is needed by everything else', async () => {
    const { status, error } = await dashboard.browser().get(RECORDS)
    expect([status, error?.code]).toEqual([401, 'UNAUTHENTICATED'])
  })
})

describe('connecting', () => {
  test('by OAuth goes to Cloudflare, and comes back to the review at a clean address', async () => {
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

  test('by OAuth tells on the page what went wrong, once', async () => {
    const browser = await dashboard.signedIn('alice')
    await browser.get('/dashboard/cloudflare/connect')
    const back = await browser.get('/dashboard/cloudflare/callback?error=access_denied&state=state-1')
    expect([back.status, back.headers.location]).toEqual([302, '/dashboard/domains'])
    expect((await browser.session()).json.flash).toEqual([
      { kind: 'error', message: 'You did not allow access at Cloudflare.' },
    ])
    expect((await browser.session()).json.flash).toEqual([])
  })

  test('by OAuth says so when the account has no such domain', async () => {
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

  test('by token answers how far it came, with the token of the new session', async () => {
    dashboard.connect('alice')
    dashboard.connections.clear()
    const browser = await dashboard.signedIn('alice')
    const before = browser.cookies.get('zonewright')
    const { status, json } = await browser.post('/dashboard/api/cloudflare/token', { token: 'pasted' })
    expect([status, json.connection]).toEqual([200, { status: 'review_pending' }])
    expect(browser.cookies.get('zonewright')).not.toBe(before)
    expect((await browser.post('/dashboard/cloudflare/disconnect')).status).toBe(204)
  })

  test('needs nobody to review what would change nothing', async () => {
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

  test('reads the zone once, so that there is something to show', async () => {
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
  test('shows the plan', async () => {
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

  test('is over once it is confirmed, and costs one change', async () => {
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

  test('whose outcome is not known yet is over when it turns out well', async () => {
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

  test('is shown anew when the zone has changed', async () => {
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

  test('comes before any change by hand', async () => {
    dashboard.connect('alice', { reviewedAt: null })
    const browser = await dashboard.signedIn('alice')
    const { status, error } = await browser.post(RECORDS, { type: 'A', name: 'www', content: '192.0.2.1' })
    expect([status, error?.code]).toEqual([409, 'CONFLICT'])
  })
})

describe('records', () => {
  test('are listed whole from the cache, of every type, with what can be done to each', async () => {
    dashboard.connect('alice')
    const { status, json } = await (await dashboard.signedIn('alice')).get(RECORDS)
    expect(status).toBe(200)
    expect(json).toMatchObject({
      lastSyncedAt: '2026-11-21T00:00:00.000Z',
      connection: { status: 'connected' },
      zone: { name: 'example.com', status: 'active' },
    })
    const base = { proxied: false, ttl: 300, comment: null }
    expect(json.records).toEqual([
      {
        ...base,
        id: recordId(1),
        type: 'A',
        name: 'www.example.com',
        content: '192.0.2.1',
        priority: null,
        proxiable: true,
        editable: true,
      },
      {
        ...base,
        id: recordId(2),
        type: 'MX',
        name: 'example.com',
        content: 'mail.example.com',
        priority: 10,
        proxiable: false,
        editable: true,
      },
      {
        ...base,
        id: recordId(3),
        type: 'CAA',
        name: 'example.com',
        content: '0 issue "letsencrypt.org"',
        priority: null,
        proxiable: false,
        editable: false,
        reason: 'CAA records can only be seen here.',
      },
    ])
  })

  test('can still be read when the grant is gone, and not be changed', async () => {
    dashboard.connect('alice', { status: 'reconnect_required' })
    const browser = await dashboard.signedIn('alice')
    const list = await browser.get(RECORDS)
    expect([list.json.connection.status, list.json.records.length]).toEqual(['reconnect_required', 3])
    const { status, error } = await browser.post(RECORDS, { type: 'A', name: 'www', content: '192.0.2.1' })
    expect([status, error?.code]).toEqual([409, 'RECONNECT_REQUIRED'])
  })

  test('are created at names relative to the zone', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    const { status, json } = await browser.post(RECORDS, { type: 'A', name: 'shop', content: '192.0.2.7' })
    expect(status).toBe(201)
    expect(json.record).toMatchObject({ name: 'shop.example.com', content: '192.0.2.7', ttl: 1 })
    expect(dashboard.asked.slice(-2)).toEqual(['alice spends a change', 'alice creates A shop.example.com'])
  })

  test('that are not valid cost nothing, and every field is told', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    dashboard.asked.length = 0
    const { status, error } = await browser.post(RECORDS, {
      type: 'A',
      name: 'www.example.org',
      content: 'nowhere',
    })
    expect([status, error?.code, error?.field]).toEqual([422, 'INVALID_INPUT', 'name'])
    expect(error?.details).toMatchObject({
      problems: [
        { field: 'name', code: 'name-outside' },
        { field: 'content', code: 'address-malformed' },
      ],
    })
    expect(dashboard.asked).toEqual([])
  })

  test('keep what a change does not name', async () => {
    const zone = dashboard.connect('alice')
    const record = { ...newRecord('A www.example.com 192.0.2.1'), ttl: 1, proxied: true, comment: 'mine' }
    dashboard.zones.get(zone)!.records[0] = { record: { ...record, id: recordId(1), readOnly: false } }
    const browser = await dashboard.signedIn('alice')
    const { status, json } = await browser.send('PUT', `${RECORDS}/${recordId(1)}`, {
      type: 'A',
      name: 'www',
      content: '192.0.2.2',
    })
    expect(status).toBe(200)
    expect(json.record).toMatchObject({ content: '192.0.2.2', proxied: true, ttl: 1, comment: 'mine' })
  })

  test('keep their type', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    const { status, error } = await browser.send('PUT', `${RECORDS}/${recordId(1)}`, {
      type: 'CNAME',
      name: 'www',
      content: 'example.com',
    })
    expect([status, error?.field]).toEqual([422, 'type'])
  })

  test('that are locked say why, and cost nothing', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    dashboard.asked.length = 0
    const { status, error } = await browser.send('DELETE', `${RECORDS}/${recordId(3)}`)
    expect([status, error?.message]).toEqual([409, 'CAA records can only be seen here.'])
    expect(dashboard.asked).toEqual([])
  })

  test('are deleted', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    expect((await browser.send('DELETE', `${RECORDS}/${recordId(1)}`)).status).toBe(204)
    expect(dashboard.asked.at(-1)).toBe(`alice removes ${recordId(1)}`)
  })

  test('whose outcome is not known yet are an operation', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    dashboard.instead = () => {
      dashboard.instead = () => ({ status: 'checking', id: 'operation-of-alice' })
    }
    const { status, json } = await browser.send('DELETE', `${RECORDS}/${recordId(1)}`)
    expect([status, json]).toEqual([202, { operation: { id: 'operation-of-alice', status: 'checking' } }])
    const later = await browser.get('/dashboard/api/operations/operation-of-alice')
    expect(later.json).toEqual({ operation: { id: 'operation-of-alice', status: 'done' } })
  })

  test('are read anew on demand, which has a limit of its own', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    dashboard.now += 60_000
    const { json } = await browser.post('/dashboard/api/dns/sync')
    expect(json.lastSyncedAt).toBe('2026-11-21T00:01:00.000Z')
    expect(dashboard.asked.slice(-2)).toEqual(['alice spends a sync', 'alice reads the zone'])
    expect(dashboard.connections.get('alice')?.lastSyncAt).toBe(dashboard.now)
  })

  test('have a history', async () => {
    dashboard.connect('alice')
    const { json } = await (await dashboard.signedIn('alice')).get('/dashboard/api/dns/history')
    expect(json.entries).toMatchObject([
      { id: 'edit-of-alice', summary: 'Added A www.example.com', undoable: false },
    ])
  })

  test('refused by Cloudflare are told in its words', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    dashboard.instead = () => {
      dashboard.instead = () => {
        const facts = { details: { cloudflareCode: 81058 } }
        throw new DnsError('refused', 'An identical record already exists.', facts)
      }
    }
    const { status, error } = await browser.post(RECORDS, { type: 'A', name: 'www', content: '192.0.2.1' })
    expect([status, error]).toEqual([
      422,
      {
        code: 'CLOUDFLARE_REFUSED',
        message: 'An identical record already exists.',
        details: { cloudflareCode: 81058 },
      },
    ])
  })
})

describe('every answer', () => {
  test('forbids what the pages do not bring themselves', async () => {
    for (const path of ['/dashboard/api/session', '/dashboard/login', '/nowhere', '/dashboard/api/%zz']) {
      const { headers } = await dashboard.browser().get(path)
      if (path.endsWith('%zz')) continue
      expect(headers['content-security-policy']).toBe(
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self';font-src 'self';connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
      )
      expect(headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
      })
    }
  })

  test('of the API is JSON, also where there is nothing', async () => {
    const browser = await dashboard.signedIn('alice')
    const nowhere: [string, string][] = [
      ['GET', '/dashboard/api/nothing'],
      ['GET', '/dashboard/api/dns/export'],
      ['POST', '/dashboard/api/dns/import'],
      ['PATCH', RECORDS],
      ['GET', '/dashboard/api/%zz'],
      ['GET', '/dashboard/sso?token=x'],
    ]
    for (const [method, path] of nowhere) {
      const { status, error } = await browser.send(method, path)
      expect([path, status, error?.code]).toEqual([path, 404, 'NOT_FOUND'])
    }
  })

  test('is a line in the log and a measurement, without query or body', async () => {
    const browser = await dashboard.signedIn('alice')
    dashboard.lines.length = 0
    dashboard.counted.length = 0
    await browser.get('/dashboard/api/operations/some-id?secret=1', { 'x-request-id': 'request-7' })
    await expect.poll(() => dashboard.lines.length).toBe(1)
    expect(dashboard.lines).toEqual([
      {
        level: 'info',
        words: 'request',
        facts: {
          face: 'dashboard',
          method: 'GET',
          route: '/dashboard/api/operations/:id',
          status: 404,
          ms: 0,
          requestId: 'request-7',
          customer: 'alice',
        },
      },
    ])
    expect(dashboard.counted).toEqual(['/dashboard/api/operations/:id 404'])
  })

  test('to our own mistake tells a stranger nothing', async () => {
    const browser = dashboard.browser()
    await browser.session()
    dashboard.instead = () => {
      throw new Error('the inner workings')
    }
    const { status, text } = await browser.post('/dashboard/api/login', { email: 'x', password: 'y' })
    expect(status).toBe(500)
    expect(text).not.toContain('inner')
    expect(dashboard.lines.some(({ level }) => level === 'error')).toBe(true)
  })
})

describe('pages', () => {
  const HTML = '<!doctype html><title>Zonewright</title>'
  const wanting = { accept: 'text/html' }

  async function withPages(): Promise<TestDashboard> {
    const folder = mkdtempSync(join(tmpdir(), 'zonewright-pages-'))
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, 'index.html'), HTML)
    writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
    writeFileSync(join(folder, 'assets', 'main-0123abcd.js'), 'export {}')
    await dashboard.close()
    dashboard = await startDashboard({ pages: folder })
    return dashboard
  }

  test('are one file at every address, and never kept by a cache', async () => {
    const browser = (await withPages()).browser()
    for (const path of ['login', 'domains', 'cloudflare/confirm', 'history']) {
      const { status, text, headers } = await browser.get(`/dashboard/${path}`, wanting)
      expect([path, status, text, headers['cache-control']]).toEqual([path, 200, HTML, 'no-store'])
    }
  })

  test('bring files whose names change with them, which caches may keep for good', async () => {
    const browser = (await withPages()).browser()
    const script = await browser.get('/dashboard/assets/main-0123abcd.js')
    expect([script.status, script.headers['cache-control']]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ])
    expect(script.headers['content-type']).toMatch(/javascript/)
    expect((await browser.get('/dashboard/favicon.svg')).headers['cache-control']).toBe('no-store')
  })

  test('say themselves when there is no such page, and no file outside is to be had', async () => {
    const browser = (await withPages()).browser()
    const missing = await browser.get('/dashboard/nothing', wanting)
    expect([missing.status, missing.text]).toEqual([404, HTML])
    for (const path of [
      '/dashboard/assets/../index.html/../../package.json',
      '/dashboard/..%2f..%2fpackage.json',
      '/dashboard/assets/%2e%2e/%2e%2e/etc/passwd',
    ]) {
      expect((await browser.get(path)).status).toBe(404)
    }
    expect((await browser.get('/dashboard/api/nothing', wanting)).error?.code).toBe('NOT_FOUND')
  })

  test('begin with the domains', async () => {
    for (const path of ['/', '/dashboard', '/dashboard/']) {
      const { status, headers } = await dashboard.browser().get(path)
      expect([status, headers.location]).toEqual([302, '/dashboard/domains'])
    }
  })

  test('that are not built say what to do', async () => {
    const { status, text } = await dashboard.browser().get('/dashboard/login')
    expect([status, text]).toEqual([503, 'The pages are not built. Run `npm run build`.\n'])
  })
})
