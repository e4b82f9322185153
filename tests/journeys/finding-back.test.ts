import { describe, expect, test } from 'vitest'
import { focused } from './browser.ts'
import { answer, record, usual } from './samples.ts'
import { connected, deskForTests, signedIn } from './setting.ts'
import { ok, refusal } from './stand-in.ts'

const desk = deskForTests()

const count = (words: string) => desk.page.getByText(words, { exact: true }).waitFor()
const none = { ...signedIn, 'GET /api/dns/records': ok(answer('none')) }

describe('the address', () => {
  test('holds what is searched for, and opens the same list', async () => {
    await desk.open('/domains?q=mail&type=MX&sort=-content', connected)
    await count('2 of 12 records')
    expect(await desk.page.getByRole('searchbox').inputValue()).toBe('mail')
    expect(await desk.page.locator('tbody tr').first().textContent()).toContain('mail2.example.net')
    await desk.page.getByRole('searchbox').fill('mail2')
    await count('1 of 12 records')
    await desk.page.waitForURL('**/domains?q=mail2&type=MX&sort=-content')
    await desk.page.getByRole('searchbox').fill('')
    await desk.page.getByLabel('Type', { exact: true }).selectOption('')
    await desk.page.getByRole('button', { name: 'Name', exact: true }).click()
    await desk.page.waitForURL('**/domains')
  })

  test('is there again on the way back from another page', async () => {
    await desk.open('/domains', connected)
    await desk.page.getByRole('searchbox').fill('ftp')
    await desk.page.waitForURL('**/domains?q=ftp')
    await desk.page.getByRole('link', { name: 'History' }).click()
    await desk.page.waitForURL('**/history')
    await desk.page.goBack()
    await count('2 of 12 records')
    expect(await desk.page.getByRole('searchbox').inputValue()).toBe('ftp')
  })
})

describe('the way back', () => {
  test('closes a window, and leaves the page where it is', async () => {
    await desk.open('/domains?q=ftp', connected)
    await desk.page.getByRole('button', { name: 'Add Record' }).click()
    const dialog = desk.page.getByRole('dialog')
    await dialog.waitFor()
    await desk.page.goBack()
    await dialog.waitFor({ state: 'detached' })
    expect(desk.page.url()).toMatch(/domains\?q=ftp$/)
    await desk.page.locator('button:focus', { hasText: 'Add Record' }).waitFor()
  })

  test('asks before it forgets what was typed', async () => {
    await desk.open('/domains', connected)
    await desk.page.getByRole('button', { name: 'Add Record' }).click()
    await desk.page.getByLabel('Name', { exact: true }).fill('shop')
    await desk.page.goBack()
    await desk.page.getByText('Discard what you have changed?').waitFor()
    await desk.page.getByRole('button', { name: 'Keep editing' }).click()
    expect(await desk.page.getByLabel('Name', { exact: true }).inputValue()).toBe('shop')
    await desk.page.goBack()
    await desk.page.getByRole('button', { name: 'Discard' }).click()
    await desk.page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(desk.page.url()).toMatch(/domains$/)
  })

  test('and the browser’s own question stand before what is typed, and before nothing else', async () => {
    await desk.open('/domains', connected)
    const asked = desk.page.waitForEvent('dialog')
    await desk.page.getByRole('button', { name: 'Add Record' }).click()
    await desk.page.getByLabel('Name', { exact: true }).fill('shop')
    const leaving = desk.page.reload()
    const question = await asked
    expect(question.type()).toBe('beforeunload')
    await question.accept()
    await leaving
    await desk.page.reload()
  })
})

describe('a server that is away', () => {
  test('is asked again by the page itself, which goes on where it was', async () => {
    const away = refusal(503, 'SERVER_ERROR', "Our database isn't responding.", { retryAfter: 1 })
    await desk.open('/domains', { ...signedIn, 'GET /api/dns/records': away })
    await desk.page.getByText('This page tries again by itself.').waitFor()
    desk.server.script['GET /api/dns/records'] = ok(answer('connected', usual))
    await count('12 records')
  })

  test('is told in our words where a proxy answers in its place', async () => {
    await desk.open('/domains', {
      'GET /api/session': { status: 502, headers: { 'content-type': 'text/html' } },
    })
    await desk.page.getByText('This dashboard is unavailable for a moment.').waitFor()
  })

  test('and a network that is gone are told, until they are back', async () => {
    await desk.open('/domains', connected)
    await desk.page.context().setOffline(true)
    await desk.page.getByText('You are offline.').waitFor()
    await desk.page.context().setOffline(false)
    await desk.page.getByText('You are offline.').waitFor({ state: 'detached' })
  })
})

describe('whoever does not look after the domain', () => {
  test('copies the records, or writes them to somebody who does', async () => {
    await desk.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await desk.open('/domains', none)
    await desk.page.getByText('Does somebody else look after your domain?').click()
    await desk.page.getByRole('button', { name: 'Copy' }).click()
    await desk.page.getByText('Copied.').waitFor()
    const letter = String(await desk.page.evaluate('navigator.clipboard.readText()'))
    expect(letter).toContain('example.com  A  203.0.113.10\nwww.example.com  CNAME  example.com\n')
    const href = await desk.page.getByRole('link', { name: 'Write an e-mail' }).getAttribute('href')
    expect(decodeURIComponent(href ?? '')).toContain(letter)
  })
})

describe('the keyboard alone', () => {
  test('is enough to find a record, see what it is for, change it, and delete others', async () => {
    const { page } = desk
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key)
    }
    const tabTo = async (name: string | RegExp) => {
      for (let press = 0; press < 60; press += 1) {
        await page.keyboard.press('Tab')
        const here = await focused(page)
        if (typeof name === 'string' ? here === name : name.test(here)) return
      }
      throw new Error(`${name} was not reached`)
    }
    await desk.open('/domains', connected)
    await tabTo('Skip to the content')
    await press('Enter')
    await tabTo('search')
    await page.keyboard.type('ftp')
    await count('2 of 12 records')
    await tabTo(/^Leads visitors of ftp\.example\.com to this server/)
    await press('Enter')
    await page.getByText('Without it: Only visitors with IPv6 still find ftp.example.com.').waitFor()
    await tabTo('Edit A record for ftp.example.com')
    await press('Enter')
    await page.getByRole('dialog').waitFor()
    await tabTo('content')
    await press('Control+a')
    await page.keyboard.type('192.0.2.44')
    const changed = record('A', 'ftp.example.com', '192.0.2.44')
    const ftp = usual.find(({ name, type }) => name === 'ftp.example.com' && type === 'A')!
    desk.server.script[`PUT /api/dns/records/${ftp.id}`] = ok({ record: changed })
    await press('Enter')
    await page.getByText('The A record for ftp.example.com was saved.').waitFor()
    await page.getByRole('button', { name: 'Edit A record for ftp.example.com' }).waitFor()
    await page.locator('[aria-label="Edit A record for ftp.example.com"]:focus').waitFor()

    await tabTo(/^Select AAAA record for ftp/)
    await press('Shift+ArrowUp')
    await page.getByText('2 records selected.').waitFor()
    await tabTo('Delete 2 records')
    await press('Enter')
    await page.getByRole('alertdialog').waitFor()
    desk.server.script['POST /api/dns/records/delete'] = () => {
      const left = usual.filter(({ name }) => name !== 'ftp.example.com')
      desk.server.script['GET /api/dns/records'] = ok(answer('connected', left))
      return ok()
    }
    await tabTo('Delete 2 records')
    await press('Enter')
    await page.getByText('2 records were deleted.').waitFor()
    expect(desk.sent('POST /api/dns/records/delete')).toEqual([
      { ids: usual.filter(({ name }) => name === 'ftp.example.com').map(({ id }) => id), sure: [] },
    ])
    await page.locator('h1:focus', { hasText: 'DNS Records' }).waitFor()
  })
})
