import { describe, expect, test } from 'vitest'
import { answer, audit, changed, history, session, usual } from './samples.ts'
import { connected, deskForTests, signedIn, signedOut } from './setting.ts'
import { ok } from './stand-in.ts'

/** What hurt somebody who had never heard of a CNAME, and no longer does. */

const desk = deskForTests()

const none = { 'GET /api/dns/records': ok(answer('none')) }
const dialog = () => desk.page.getByRole('dialog')

async function fillInText(name: string, content: string): Promise<void> {
  await desk.page.getByRole('button', { name: 'Add Record' }).click()
  await dialog().getByLabel('Type').selectOption('TXT')
  await desk.page.getByLabel('Name', { exact: true }).fill(name)
  await dialog().getByLabel('Text', { exact: true }).fill(content)
}

describe('the records that a mail provider asks for', () => {
  test('a second SPF record becomes one with the first, at a press, and what is saved is the first', async () => {
    const spf = usual.find(({ content }) => content.startsWith('v=spf1'))!
    const both = spf.content.replace(/-all$/, 'include:_spf.example.org ~all')
    await desk.open('/domains', {
      ...connected,
      [`PUT /api/dns/records/${spf.id}`]: ok({ record: { ...spf, content: both } }),
    })
    await fillInText('@', 'v=spf1 include:_spf.example.org ~all')
    await dialog().getByRole('button', { name: 'Put both into one' }).click()
    await dialog().getByRole('heading', { name: 'Edit TXT record' }).waitFor()
    await desk.page.locator('textarea:focus').waitFor()
    expect(await dialog().getByLabel('Text', { exact: true }).inputValue()).toBe(both)
    await dialog().getByRole('button', { name: 'Save' }).click()
    await desk.page.getByText('The TXT record for example.com was saved.').waitFor()
    expect(desk.sent(`PUT /api/dns/records/${spf.id}`)).toMatchObject([
      { content: both, was: { content: spf.content } },
    ])
  })

  test('a mail server beside those of another provider is pointed out', async () => {
    await desk.open('/domains', connected)
    await desk.page.getByRole('button', { name: 'Add Record' }).click()
    await dialog().getByLabel('Type').selectOption('MX')
    await desk.page.getByLabel('Mail server').fill('10 mx1.example.org.')
    await dialog().getByText('Mail for example.com goes to mail.example.net').waitFor()
  })

  test('the buttons of a long form are in sight on a phone', async () => {
    await desk.page.setViewportSize({ width: 360, height: 640 })
    await desk.open('/domains', connected)
    await fillInText('@', 'v=spf1 include:_spf.example.org ~all')
    await dialog().getByText('There is an SPF record for this name already').waitFor()
    const { y, height } = (await dialog().getByRole('button', { name: 'Add record' }).boundingBox())!
    expect(y + height).toBeLessThanOrEqual(640)
  })
})

describe('disconnecting', () => {
  test('begins on the account page as well, and leads back to the doors', async () => {
    await desk.page.setViewportSize({ width: 360, height: 640 })
    await desk.open('/account', { ...connected, 'GET /api/audit': ok(audit) })
    await desk.page.getByRole('button', { name: 'Disconnect' }).click()
    desk.server.script['POST /cloudflare/disconnect'] = () => {
      Object.assign(desk.server.script, none)
      return ok()
    }
    await desk.page.getByRole('alertdialog').getByRole('button', { name: 'Disconnect' }).click()
    await desk.page.getByText('Not connected.').waitFor()
    await desk.page.getByRole('link', { name: 'Go to your domain' }).click()
    await desk.page.getByRole('link', { name: 'Connect Cloudflare' }).waitFor()
  })

  test('at the end of a long list leaves one at the top of the page, with the focus there', async () => {
    await desk.page.setViewportSize({ width: 360, height: 640 })
    await desk.open('/domains', connected)
    await desk.page.getByRole('button', { name: 'Disconnect' }).click()
    desk.server.script['POST /cloudflare/disconnect'] = () => {
      Object.assign(desk.server.script, none)
      return ok()
    }
    await desk.page.getByRole('alertdialog').getByRole('button', { name: 'Disconnect' }).click()
    await desk.page.getByRole('link', { name: 'Connect Cloudflare' }).waitFor()
    await desk.page.locator('main:focus').waitFor()
    await expect.poll(() => desk.page.evaluate('window.scrollY')).toBe(0)
  })
})

test('why the store is not live is a link away where the list says so', async () => {
  const elsewhere = usual.map((each) => (each.type === 'A' ? { ...each, content: '198.51.100.9' } : each))
  await desk.open('/domains', { ...signedIn, 'GET /api/dns/records': ok(answer('connected', elsewhere)) })
  await desk.page.getByText('example.com does not lead to your store').waitFor()
  await desk.page.getByRole('link', { name: 'See how far it is, step by step' }).click()
  await desk.page.waitForURL('**/live')
})

test("the head of a phone's page is one line", async () => {
  await desk.page.setViewportSize({ width: 360, height: 640 })
  await desk.open('/domains', connected)
  const { height } = (await desk.page.getByRole('button', { name: 'Sign out' }).boundingBox())!
  expect(height).toBeLessThan(40)
})

test('a row that is opened says what "proxied" means, and why a record is locked', async () => {
  await desk.open('/domains', connected)
  const open = async (name: RegExp) => {
    const row = desk.page.getByRole('row').filter({ hasText: name })
    await row.locator('summary').click()
    return row
  }
  const store = await open(/203\.0\.113\.10/)
  await store.locator('.purpose').getByText('Proxied: Visitors pass through Cloudflare').waitFor()
  const locked = await open(/sip\.example\.net/)
  await locked.locator('.purpose').getByText('Locked: SRV records can be seen here').waitFor()
})

describe('when something happened', () => {
  const exact = /\d{1,2}:\d{2}:\d{2}/

  test('is told exactly at a touch and at a key, in the list, the history and the account', async () => {
    const moment = desk.page.locator('.moment time').first()
    const button = desk.page.locator('.moment').first()
    for (const [path, script] of [
      ['/domains', connected],
      ['/history', { ...signedIn, 'GET /api/dns/history': ok(history(changed)) }],
      ['/account', { ...connected, 'GET /api/audit': ok(audit) }],
    ] as const) {
      await desk.open(path, script)
      expect(await moment.textContent()).toMatch(/ago|just now/)
      await button.click()
      expect(await moment.textContent()).toMatch(exact)
      await button.press('Enter')
      expect(await moment.textContent()).toMatch(/ago|just now/)
    }
  })

  test('is told to a screen reader both ways', async () => {
    await desk.open('/domains', connected)
    await desk.page.getByRole('button', { name: /^\d+ min ago .*\d{1,2}:\d{2}:\d{2}/ }).waitFor()
  })
})

test('what was searched for is there again after a sign-in', async () => {
  await desk.open('/domains?q=ftp&type=AAAA', { ...connected, ...signedOut })
  await desk.page.getByLabel('E-mail address').fill('owner@example.com')
  await desk.page.getByLabel('Password').fill('a password')
  desk.server.script['POST /api/login'] = () => {
    Object.assign(desk.server.script, connected)
    return ok(session())
  }
  await desk.page.getByRole('button', { name: 'Sign in' }).click()
  await desk.page.getByText('1 of 12 records').waitFor()
  expect(await desk.page.getByRole('searchbox').inputValue()).toBe('ftp')
})
