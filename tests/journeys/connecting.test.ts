import { describe, expect, test } from 'vitest'
import { answer, drawn, plan, session, usual } from './samples.ts'
import { connected, deskForTests, signedIn, signedOut } from './setting.ts'
import { ok, refusal } from './stand-in.ts'

const desk = deskForTests()

describe('signing in', () => {
  test('signing in works by keyboard, and leads to the page that was asked for', async () => {
    await desk.open('/cloudflare/confirm', signedOut)
    expect(new URL(desk.page.url()).pathname).toBe('/dashboard/login')
    desk.server.script['POST /api/login'] = () => {
      desk.server.script = { ...signedIn, 'GET /api/cloudflare/plan': ok(plan(drawn)) }
      return ok(session())
    }
    await desk.page.getByLabel('E-mail address').focus()
    await desk.page.keyboard.type('owner@example.com')
    await desk.page.keyboard.press('Tab')
    await desk.page.keyboard.type('correct horse')
    await desk.page.keyboard.press('Enter')
    await desk.page.getByRole('heading', { name: 'Review DNS Changes' }).waitFor()
    expect(desk.sent('POST /api/login')).toEqual([{ email: 'owner@example.com', password: 'correct horse' }])
    expect(desk.server.asked.find(({ method }) => method === 'POST')?.csrfToken).toBe('csrf-1')
    expect(new URL(desk.page.url()).search).toBe('')
  })

  test('signing in never leads to another site', async () => {
    await desk.open('/login?to=//example.net/', connected)
    await desk.page.getByRole('heading', { name: 'DNS Records' }).waitFor()
    expect(desk.page.url()).toBe(`${desk.server.url}/domains`)
  })

  test('a refused sign-in says why, and how long to wait', async () => {
    const refused = refusal(429, 'RATE_LIMITED', 'Too many attempts.', { retryAfter: 30 })
    await desk.open('/login', { ...signedOut, 'POST /api/login': refused })
    await desk.page.getByLabel('E-mail address').fill('owner@example.com')
    await desk.page.getByLabel('Password').fill('wrong')
    await desk.page.getByRole('button', { name: 'Sign in' }).click()
    const alert = desk.page.getByRole('alert')
    await alert.getByText('Too many attempts.').waitFor()
    await alert.getByText(/Try again in (30|29) seconds/).waitFor()
    expect(await desk.page.getByRole('button', { name: 'Sign in' }).isDisabled()).toBe(true)
    await alert.getByText('Try again in 28 seconds').waitFor()
  })

  test('an expired session asks for the sign-in again', async () => {
    await desk.open('/domains', connected)
    desk.server.script = {
      ...signedOut,
      'POST /api/dns/sync': refusal(401, 'UNAUTHENTICATED', 'Sign in to go on.'),
    }
    await desk.page.getByRole('button', { name: 'Sync' }).click()
    await desk.page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })

  test('signing in elsewhere renews the CSRF token, and the request is sent again', async () => {
    await desk.open('/domains', connected)
    desk.server.script['GET /api/session'] = ok(session({ csrfToken: 'csrf-2' }))
    desk.server.script['POST /api/dns/sync'] = ({ csrfToken }) =>
      csrfToken === 'csrf-2'
        ? ok({ records: usual, lastSyncedAt: new Date().toISOString() })
        : refusal(403, 'CSRF', 'The page is out of date.')
    await desk.page.getByRole('button', { name: 'Sync' }).click()
    await desk.page.getByText('The list is up to date with Cloudflare.').waitFor()
    expect(desk.sent('POST /api/dns/sync')).toHaveLength(2)
  })
})

describe('connecting', () => {
  test('connecting offers OAuth and a token side by side, and a link to sign up', async () => {
    await desk.open('/domains', { ...signedIn, 'GET /api/dns/records': ok(answer('none')) })
    const hrefs = async (name: string) => desk.page.getByRole('link', { name }).getAttribute('href')
    expect(await hrefs('Connect Cloudflare')).toBe('/dashboard/cloudflare/connect')
    expect(await hrefs('Sign up free')).toBe('https://dash.cloudflare.com/sign-up')
    const template = new URL((await hrefs('Open the form at Cloudflare'))!)
    expect(JSON.parse(template.searchParams.get('permissionGroupKeys')!)).toEqual([
      { key: 'dns', type: 'edit' },
      { key: 'zone', type: 'read' },
    ])
  })

  test('connecting by token leads to the review, and a refused token can be corrected', async () => {
    const refused = refusal(422, 'INVALID_INPUT', 'This token may not change DNS.', { field: 'token' })
    await desk.open('/domains', {
      ...signedIn,
      'GET /api/dns/records': ok(answer('none')),
      'POST /api/cloudflare/token': refused,
      'GET /api/cloudflare/plan': ok(plan(drawn)),
    })
    await desk.page.getByLabel('API token').fill(' pasted-token ')
    await desk.page.getByRole('button', { name: 'Connect with token' }).click()
    await desk.page.getByText('This token may not change DNS.').waitFor()
    expect(await desk.page.getByLabel('API token').inputValue()).toBe(' pasted-token ')
    desk.server.script['POST /api/cloudflare/token'] = ok({
      connection: { status: 'review_pending' },
      csrfToken: 'csrf-2',
    })
    await desk.page.getByRole('button', { name: 'Connect with token' }).click()
    await desk.page.getByRole('heading', { name: 'Review DNS Changes' }).waitFor()
    expect(desk.sent('POST /api/cloudflare/token').at(-1)).toEqual({ token: 'pasted-token' })
  })

  test('connecting an account without the domain says so, and checks again on demand', async () => {
    const blocked = {
      code: 'zone-not-found',
      message: 'Domain not found.',
      remedy: 'We looked for example.com.',
    }
    await desk.open('/domains', {
      ...signedIn,
      'GET /api/dns/records': ok(answer('zone_missing')),
      'GET /api/cloudflare/plan': ok(plan([], { zone: null, blocked })),
    })
    await desk.page.getByText('Domain not found.').waitFor()
    desk.server.script['GET /api/cloudflare/plan'] = ok(plan(drawn))
    await desk.page.getByRole('button', { name: 'Check again' }).click()
    await desk.page.getByRole('heading', { name: 'Review DNS Changes' }).waitFor()
  })

  test('disconnecting explains its consequence first', async () => {
    await desk.open('/domains', connected)
    await desk.page.getByRole('button', { name: 'Disconnect' }).click()
    const question = desk.page.getByRole('alertdialog')
    await question.getByText('We delete our access and our copy of the list at once.').waitFor()
    expect(desk.sent('POST /cloudflare/disconnect')).toEqual([])
    desk.server.script['POST /cloudflare/disconnect'] = () => {
      desk.server.script = { ...signedIn, 'GET /api/dns/records': ok(answer('none')) }
      return ok()
    }
    await question.getByRole('button', { name: 'Disconnect' }).click()
    await desk.page.getByRole('heading', { name: 'Cloudflare DNS Management' }).waitFor()
    await desk.page.getByText('Cloudflare is disconnected.').waitFor()
  })
})
