import { afterEach, expect, test } from 'vitest'
import { aName } from '#dns/testing.ts'
import type { Subject, Verification } from '#verification/verification.ts'
import { startDashboard, type TestDashboard } from './testing.ts'

let dashboard: TestDashboard
afterEach(() => dashboard.close())

const VERIFICATION = '/dashboard/api/dns/verification'

/** Writes down whom it was asked for, and with what. */
function watching() {
  const asked: { readonly who: string; readonly subject: Subject }[] = []
  const verification: Verification = {
    async check(who, read) {
      asked.push({ who, subject: await read() })
      return {
        names: [
          {
            name: aName('example.com'),
            wanted: ['192.0.2.10'],
            atCloudflare: ['192.0.2.10'],
            saved: 'yes',
            atNameServers: null,
            served: 'not_checked',
            reachable: 'not_checked',
            readyAt: Date.UTC(2026, 10, 22, 4, 30),
            state: 'waiting',
          },
        ],
        delegation: { status: 'yes', nameServers: ['ada.ns.example.net'] },
        checkedAt: Date.UTC(2026, 10, 22),
      }
    },
    answerTo: (token) => (token === 'good' ? 'the answer' : undefined),
  }
  return { asked, verification }
}

test('the verification is answered with times in ISO 8601', async () => {
  const { verification, asked } = watching()
  dashboard = await startDashboard({ verification })
  dashboard.connect('alice')
  const browser = await dashboard.signedIn('alice')
  const { status, json, headers } = await browser.get(VERIFICATION)
  expect(status).toBe(200)
  expect(headers['cache-control']).toBe('no-store')
  expect(json).toMatchObject({
    names: [{ name: 'example.com', reachable: 'not_checked', readyAt: '2026-11-22T04:30:00.000Z' }],
    delegation: { status: 'yes', nameServers: ['ada.ns.example.net'] },
    checkedAt: '2026-11-22T00:00:00.000Z',
  })
  expect(asked).toHaveLength(1)
  expect(asked[0]).toMatchObject({
    who: 'alice',
    subject: { store: { name: 'example.com', ipv4: ['192.0.2.10'] }, zone: { name: 'example.com' } },
  })
  // Neither names nor what was found is for the log.
  expect(JSON.stringify(dashboard.lines)).not.toContain('192.0.2.10')
})

test('the verification needs a session and a connection', async () => {
  const { verification, asked } = watching()
  dashboard = await startDashboard({ verification })
  expect((await dashboard.browser().get(VERIFICATION)).error?.code).toBe('UNAUTHENTICATED')
  const browser = await dashboard.signedIn('bob')
  expect((await browser.get(VERIFICATION)).error?.code).toBe('NOT_CONNECTED')
  dashboard.connect('bob', { zoneId: null })
  expect((await browser.get(VERIFICATION)).error?.code).toBe('ZONE_NOT_FOUND')
  expect(asked).toEqual([])
})

test('each customer gets the verification of their own domain', async () => {
  const { verification, asked } = watching()
  dashboard = await startDashboard({ verification })
  for (const who of ['alice', 'bob'] as const) {
    dashboard.connect(who)
    await (await dashboard.signedIn(who)).get(VERIFICATION)
  }
  expect(asked.map(({ who, subject }) => `${who} ${subject.zone.name}`)).toEqual([
    'alice example.com',
    'bob example.net',
  ])
})

test('a reach token is answered without a session in plain text, and anything else is a 404', async () => {
  dashboard = await startDashboard({ verification: watching().verification })
  const browser = dashboard.browser()
  const { status, text, headers } = await browser.get('/.well-known/zonewright/good')
  expect({ status, text }).toEqual({ status: 200, text: 'the answer\n' })
  expect(headers['content-type']).toMatch(/^text\/plain/)
  expect(headers['set-cookie']).toBeUndefined()
  for (const path of ['bad', '', 'good/', 'good/more', '..%2fgood', '%']) {
    expect((await browser.get(`/.well-known/zonewright/${path}`)).status).toBe(404)
  }
  expect(dashboard.counted).toContain('/.well-known/zonewright/:token 200')
})
