import { describe, expect, test } from 'vitest'
import { focused } from './browser.ts'
import { answer, many, record, usual, zone } from './samples.ts'
import { connected, deskForTests, signedIn } from './setting.ts'
import { ok, refusal } from './stand-in.ts'

const desk = deskForTests()

describe('the records', () => {
  test('of a large zone are searched and scrolled, with few rows in the page', async () => {
    await desk.open('/domains', { ...signedIn, 'GET /api/dns/records': ok(answer('connected', many(3_000))) })
    await desk.page.getByText('3000 records').waitFor()
    expect(await desk.page.locator('tbody tr').count()).toBeLessThan(80)
    await desk.page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)')
    await desk.page.getByRole('button', { name: 'Edit A record for host-2999.example.com' }).waitFor()
    await desk.page.getByRole('searchbox').fill('host-17.')
    await desk.page.getByText('1 of 3000 records').waitFor()
  })

  test('are sorted by a press on a heading, and again the other way', async () => {
    await desk.open('/domains', connected)
    const first = () => desk.page.locator('tbody tr').first().textContent()
    await desk.page.getByRole('button', { name: 'Type' }).click()
    await expect.poll(first).toContain('203.0.113.10')
    await desk.page.getByRole('button', { name: 'Type' }).click()
    await expect.poll(first).toContain('DKIM1')
    expect(await desk.page.getByRole('columnheader', { name: 'Type' }).getAttribute('aria-sort')).toBe(
      'descending',
    )
  })

  test('are cards on a phone, with the same actions', async () => {
    await desk.page.setViewportSize({ width: 360, height: 740 })
    await desk.open('/domains', connected)
    expect(await desk.page.getByRole('table').count()).toBe(0)
    await desk.page.getByRole('button', { name: 'Edit MX record for example.com' }).first().click()
    expect(await desk.page.getByLabel('Priority').inputValue()).toBe('10')
  })

  test('that are locked say why, and cannot be edited', async () => {
    await desk.open('/domains', connected)
    const why = desk.page.getByText('CAA records can be seen here, but only changed at Cloudflare.')
    await why.first().waitFor({ state: 'attached' })
    expect(await desk.page.getByRole('button', { name: 'Edit CAA' }).count()).toBe(0)
  })

  test('may be synced once a minute, and the wait is told in seconds', async () => {
    const refused = refusal(429, 'RATE_LIMITED', 'Records were synced a moment ago.', { retryAfter: 48 })
    await desk.open('/domains', { ...connected, 'POST /api/dns/sync': refused })
    await desk.page.getByRole('button', { name: 'Sync' }).click()
    await desk.page.getByText(/Try again in 4[78] seconds/).waitFor()
    expect(await desk.page.getByRole('button', { name: 'Sync' }).isDisabled()).toBe(true)
  })
})

describe('a form', () => {
  test('is filled in and sent by keyboard, and gives the focus back', async () => {
    await desk.open('/domains', connected)
    await desk.page.getByRole('button', { name: 'Add Record' }).focus()
    await desk.page.keyboard.press('Enter')
    await desk.page.getByRole('dialog').waitFor()
    await desk.page.getByRole('dialog').getByLabel('Type').focus()
    await desk.page.keyboard.type('CNAME')
    await desk.page.keyboard.press('Tab')
    await desk.page.keyboard.type('Shop')
    await desk.page.keyboard.press('Tab')
    await desk.page.keyboard.type('stores.example.net.')
    expect(await desk.page.locator('.preview code').textContent()).toBe(
      'shop.example.com CNAME stores.example.net',
    )
    desk.server.script['POST /api/dns/records'] = {
      status: 201,
      body: { record: record('CNAME', 'shop.example.com', 'stores.example.net') },
    }
    await desk.page.keyboard.press('Enter')
    await desk.page.getByText('The CNAME record for shop.example.com was added.').waitFor()
    expect(desk.sent('POST /api/dns/records')).toEqual([
      { type: 'CNAME', name: 'Shop', content: 'stores.example.net.', proxied: false, ttl: 1 },
    ])
    await desk.page.locator('button:focus', { hasText: 'Add Record' }).waitFor()
  })

  test('keeps the focus inside, closes by Escape, and asks before it forgets', async () => {
    await desk.open('/domains', connected)
    const edit = desk.page.getByRole('button', { name: 'Edit CNAME record for www.example.com' })
    await edit.click()
    const dialog = desk.page.getByRole('dialog')
    await dialog.waitFor()
    for (let press = 0; press < 12; press += 1) {
      await desk.page.keyboard.press('Tab')
      await desk.page.locator('[role=dialog] :focus').waitFor()
    }
    await desk.page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await desk.page.locator('[aria-label="Edit CNAME record for www.example.com"]:focus').waitFor()
    await edit.click()
    await desk.page.getByLabel('Target').fill('other.example.net')
    await desk.page.keyboard.press('Escape')
    await desk.page.getByText('Discard what you have changed?').waitFor()
    await desk.page.getByRole('button', { name: 'Keep editing' }).click()
    await desk.page.locator('[name=content]:focus').waitFor()
    expect(desk.server.asked.filter(({ method }) => method === 'PUT')).toEqual([])
    expect(await desk.page.getByLabel('Target').inputValue()).toBe('other.example.net')
    await desk.page.keyboard.press('Escape')
    await desk.page.getByRole('button', { name: 'Discard' }).click()
    await dialog.waitFor({ state: 'detached' })
  })

  test('tells what is wrong at the field before anything is sent', async () => {
    await desk.open('/domains', connected)
    await desk.addRecord('www.example.com.example.com', '300.1.1.1')
    await desk.page.getByText('is not an IPv4 address').waitFor()
    expect(await focused(desk.page)).toBe('name')
    expect(await desk.page.getByLabel('IPv4 address').getAttribute('aria-invalid')).toBe('true')
    expect(desk.sent('POST /api/dns/records')).toEqual([])
  })

  test("stays open with Cloudflare's own words, and with what was typed", async () => {
    const words = 'An A, AAAA, or CNAME record with that host already exists.'
    await desk.open('/domains', {
      ...connected,
      'POST /api/dns/records': refusal(422, 'CLOUDFLARE_REFUSED', words),
    })
    await desk.addRecord('www', '192.0.2.1')
    await desk.page.getByRole('dialog').getByText(words).waitFor()
    expect(await desk.page.getByLabel('Name', { exact: true }).inputValue()).toBe('www')
  })

  test('shows what the server says about a field at that field', async () => {
    const refused = refusal(422, 'INVALID_INPUT', 'This name is taken.', { field: 'name' })
    await desk.open('/domains', { ...connected, 'POST /api/dns/records': refused })
    await desk.addRecord('www', '192.0.2.1')
    await desk.page
      .locator('.field', { has: desk.page.getByLabel('Name', { exact: true }) })
      .getByText('This name is taken.')
      .waitFor()
    expect(await desk.page.getByRole('dialog').getByRole('alert').count()).toBe(0)
  })

  test('asks for a priority of MX alone, and offers the proxy only where there can be one', async () => {
    await desk.open('/domains', connected)
    await desk.page.getByRole('button', { name: 'Add Record' }).click()
    const [type, proxied] = [
      desk.page.getByRole('dialog').getByLabel('Type'),
      desk.page.getByRole('switch', { name: 'Proxied' }),
    ]
    expect(await proxied.isEnabled()).toBe(true)
    await desk.page.getByLabel('IPv4 address').fill('10.0.0.1')
    expect(await proxied.isDisabled()).toBe(true)
    await type.selectOption('MX')
    expect([await proxied.count(), await desk.page.getByLabel('Priority').count()]).toEqual([0, 1])
    await type.selectOption('TXT')
    expect([await proxied.count(), await desk.page.getByLabel('Priority').count()]).toEqual([0, 0])
  })

  test('waits with the reader while an outcome is checked', async () => {
    await desk.open('/domains', {
      ...connected,
      'POST /api/dns/records': { status: 202, body: { operation: { id: 'o1', status: 'checking' } } },
      'GET /api/operations/o1': ok({ operation: { id: 'o1', status: 'checking' } }),
    })
    await desk.addRecord('shop', '192.0.2.1')
    await desk.page.getByText('Cloudflare has not confirmed this yet').waitFor()
    desk.server.script['GET /api/operations/o1'] = ok({
      operation: {
        id: 'o1',
        status: 'failed',
        error: 'Cloudflare did not make this change. Nothing was changed.',
      },
    })
    await desk.page.getByRole('dialog').getByText('Cloudflare did not make this change.').waitFor()
    desk.server.script['GET /api/operations/o2'] = ok({ operation: { id: 'o2', status: 'checking' } })
    desk.server.script['POST /api/dns/records'] = {
      status: 202,
      body: { operation: { id: 'o2', status: 'checking' } },
    }
    await desk.page.getByRole('dialog').getByRole('button', { name: 'Add record' }).click()
    await desk.page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await desk.page.getByText('Cloudflare has not confirmed it yet. We are checking.').waitFor()
    desk.server.script['GET /api/operations/o2'] = ok({ operation: { id: 'o2', status: 'done' } })
    await desk.page.getByText('Add record: done.').waitFor()
  })

  test('for a delete says what stops, and leaves the focus at the list', async () => {
    await desk.open('/domains', connected)
    const last = usual.filter(({ type }) => type === 'TXT').find(({ name }) => name === zone.name)!
    await desk.page.getByRole('button', { name: 'Delete TXT record for example.com', exact: true }).click()
    await desk.page.getByRole('alertdialog').getByText('may be taken for spam').waitFor()
    desk.server.script[`DELETE /api/dns/records/${last.id}`] = () => {
      desk.server.script['GET /api/dns/records'] = ok(
        answer(
          'connected',
          usual.filter((one) => one !== last),
        ),
      )
      return ok()
    }
    await desk.page.getByRole('button', { name: 'Delete record' }).click()
    await desk.page.getByText('The TXT record for example.com was deleted.').waitFor()
    await desk.page.getByText('11 records').waitFor()
    await desk.page.locator('h1:focus', { hasText: 'DNS Records' }).waitFor()
  })
})
