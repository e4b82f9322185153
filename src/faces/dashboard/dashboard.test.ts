import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startDashboard, type TestDashboard } from './testing.ts'

let dashboard: TestDashboard

beforeEach(async () => {
  dashboard = await startDashboard()
})

afterEach(() => dashboard.close())

const RECORDS = '/dashboard/api/dns/records'

describe('every answer', () => {
  test('every answer forbids scripts and styles that the pages do not bring', async () => {
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

  test('every answer of the API is JSON, a 404 too', async () => {
    const browser = await dashboard.signedIn('alice')
    const nowhere: [string, string][] = [
      ['GET', '/dashboard/api/nothing'],
      ['GET', '/dashboard/api/dns/nothing'],
      ['POST', '/dashboard/api/dns/nothing'],
      ['PATCH', RECORDS],
      ['GET', '/dashboard/api/%zz'],
      ['GET', '/dashboard/sso?token=x'],
    ]
    for (const [method, path] of nowhere) {
      const { status, error } = await browser.send(method, path)
      expect([path, status, error?.code]).toEqual([path, 404, 'NOT_FOUND'])
    }
  })

  test('every answer is logged and measured, without query or body', async () => {
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

  test('an unexpected error is answered without its details', async () => {
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
