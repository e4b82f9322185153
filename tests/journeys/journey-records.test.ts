import type { Locator, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { type Shop, stageForTests, USUAL } from './stage.ts'

const stage = stageForTests()

const dialog = (page: Page) => page.getByRole('dialog')
const nameField = (page: Page) => page.getByLabel('Name', { exact: true })
const submit = (page: Page, name: 'Add record' | 'Save') => dialog(page).getByRole('button', { name })

async function openForm(page: Page, type: string): Promise<Locator> {
  await page.getByRole('button', { name: 'Add Record' }).click()
  await dialog(page).getByLabel('Type').selectOption(type)
  return dialog(page)
}

async function openToEdit(page: Page, type: string, name: string): Promise<void> {
  await page.getByRole('button', { name: `Edit ${type} record for ${name}`, exact: true }).click()
  await dialog(page).waitFor()
}

describe('a record of each type is added, changed and deleted, and Cloudflare holds it so', () => {
  const types = [
    { type: 'A', label: 'IPv4 address', once: '192.0.2.1', anew: '192.0.2.2' },
    { type: 'AAAA', label: 'IPv6 address', once: '2001:db8::1', anew: '2001:db8::2' },
    { type: 'CNAME', label: 'Target', once: 'one.example.net', anew: 'two.example.net' },
    { type: 'MX', label: 'Mail server', once: 'mx1.example.net', anew: 'mx2.example.net' },
    { type: 'TXT', label: 'Text', once: 'first words', anew: 'other words' },
  ] as const

  test.each(types)('$type', async ({ type, label, once, anew }) => {
    const shop = await stage.shop()
    const { page, open } = await shop.connected()
    const before = shop.held()
    const name = `desk.${shop.domain}`
    await open('/domains')
    await openForm(page, type)
    await nameField(page).fill('desk')
    await page.getByLabel(label).fill(once)
    if (type === 'MX') await page.getByLabel('Priority').fill('5')
    await submit(page, 'Add record').click()
    await page.getByText(`The ${type} record for ${name} was added.`).waitFor()
    expect(shop.held()).toEqual([...before, `${type} ${name} ${once}`].sort())

    await openToEdit(page, type, name)
    await page.getByLabel(label).fill(anew)
    if (type === 'MX') await page.getByLabel('Priority').fill('15')
    await submit(page, 'Save').click()
    await page.getByText(`The ${type} record for ${name} was saved.`).waitFor()
    await page.getByRole('row').filter({ hasText: anew }).waitFor()
    expect(shop.held()).toEqual([...before, `${type} ${name} ${anew}`].sort())
    const priorities = stage.emulator.state.records(shop.domain).map((record) => record.priority)
    expect(priorities.filter((priority) => priority !== undefined)).toEqual(type === 'MX' ? [10, 15] : [10])

    await page.getByRole('button', { name: `Delete ${type} record for ${name}`, exact: true }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete record' }).click()
    await page.getByText(`The ${type} record for ${name} was deleted.`).waitFor()
    expect(shop.held()).toEqual(before)
  })
})

test('a DKIM key of 2048 bits is kept whole, and shown and edited as one text', async () => {
  const shop = await stage.shop()
  const { page, open } = await shop.connected()
  const key = Buffer.from(Array.from({ length: 294 }, (_, index) => (index * 97 + 13) % 256))
  const dkim = `v=DKIM1; k=rsa; p=${key.toString('base64')}`
  expect(dkim.length).toBeGreaterThan(400)
  const name = `mail._domainkey.${shop.domain}`
  await open('/domains')
  await openForm(page, 'TXT')
  await nameField(page).fill('mail._domainkey')
  await page.getByLabel('Text').fill(dkim)
  await submit(page, 'Add record').click()
  await page.getByText(`The TXT record for ${name} was added.`).waitFor()
  const [strings = []] = await stage.dns.resolveTxt(name)
  expect(strings.join('')).toBe(dkim)
  expect(strings.every((each) => each.length <= 255)).toBe(true)
  await openToEdit(page, 'TXT', name)
  expect(await page.getByLabel('Text').inputValue()).toBe(dkim)
})

test('the proxy is offered where Cloudflare can reach the server, and nowhere else', async () => {
  const shop = await stage.shop()
  const { page, open } = await shop.connected()
  await open('/domains')
  await openForm(page, 'A')
  await nameField(page).fill('inside')
  await page.getByLabel('IPv4 address').fill('10.0.0.7')
  const proxied = page.getByRole('switch', { name: 'Proxied' })
  expect(await proxied.isDisabled()).toBe(true)
  await submit(page, 'Add record').click()
  await page.getByText(`The A record for inside.${shop.domain} was added.`).waitFor()

  await openToEdit(page, 'A', `inside.${shop.domain}`)
  await page.getByLabel('IPv4 address').fill('203.0.113.77')
  await proxied.click()
  await submit(page, 'Save').click()
  await page.getByRole('row').filter({ hasText: '203.0.113.77' }).getByText('Yes').waitFor()
  expect(await stage.dns.resolve4(`inside.${shop.domain}`)).toEqual(['198.51.100.1', '198.51.100.2'])
})

test('what Cloudflare refuses is told in its words, in the window that stays open with what was typed', async () => {
  const shop = await stage.shop({ recordQuota: USUAL.length })
  const { page, open } = await shop.connected()
  await open('/domains')
  await openForm(page, 'A')
  await nameField(page).fill('one-more')
  await page.getByLabel('IPv4 address').fill('192.0.2.9')
  await submit(page, 'Add record').click()
  await dialog(page).getByRole('alert').getByText('Record quota exceeded.').waitFor()
  expect(await nameField(page).inputValue()).toBe('one-more')
  stage.emulator.state.changeZone(shop.domain, { recordQuota: 200 })
  await submit(page, 'Add record').click()
  await page.getByText(`The A record for one-more.${shop.domain} was added.`).waitFor()
})

describe('a record that was changed at Cloudflare since it was shown', () => {
  const words = 'This record was changed at Cloudflare since it was shown'

  test('a record that changed at Cloudflare is not overwritten, and the list shows the current one', async () => {
    const shop = await stage.shop()
    const { page, open } = await shop.connected()
    await open('/domains')
    await openToEdit(page, 'A', shop.domain)
    stage.emulator.state.editRecord(shop.domain, idAt(shop, 'A'), { content: '192.0.2.99' })
    await page.getByLabel('IPv4 address').fill('192.0.2.50')
    await submit(page, 'Save').click()
    await dialog(page).getByRole('alert').getByText(words).waitFor()
    await dialog(page).getByText('At Cloudflare now').waitFor()
    await dialog(page).getByText(`${shop.domain} A 192.0.2.99`).waitFor()
    expect(await page.getByLabel('IPv4 address').inputValue()).toBe('192.0.2.50')
    expect(shop.held()).toContain(`A ${shop.domain} 192.0.2.99`)
    await page.locator('tbody tr').filter({ hasText: '192.0.2.99' }).waitFor()
  })

  test('a record that changed at Cloudflare is not deleted', async () => {
    const shop = await stage.shop()
    const { page, open } = await shop.connected()
    await open('/domains')
    await page.getByRole('button', { name: `Delete A record for ${shop.domain}`, exact: true }).click()
    stage.emulator.state.editRecord(shop.domain, idAt(shop, 'A'), { content: '192.0.2.99' })
    const question = page.getByRole('alertdialog')
    await question.getByRole('button', { name: 'Delete record' }).click()
    await question.getByRole('alert').getByText(words).waitFor()
    await question.getByText(`${shop.domain} A 192.0.2.99`).waitFor()
    expect(shop.held()).toContain(`A ${shop.domain} 192.0.2.99`)
  })

  test('a record that was deleted at Cloudflare is reported as gone', async () => {
    const shop = await stage.shop()
    const { page, open } = await shop.connected()
    await open('/domains')
    await openToEdit(page, 'TXT', shop.domain)
    stage.emulator.state.removeRecord(shop.domain, idAt(shop, 'TXT'))
    await page.getByLabel('Text').fill('v=spf1 -all')
    await submit(page, 'Save').click()
    await dialog(page).getByRole('alert').getByText('was deleted at Cloudflare').waitFor()
    await page.getByText('3 records').waitFor()
  })
})

describe('the limits', () => {
  test('the eleventh change in a minute is refused, with how long to wait', async () => {
    const shop = await stage.shop()
    const { page, open, ask } = await shop.connected()
    stage.pass(61_000)
    for (let change = 1; change <= 10; change += 1) {
      const body = { type: 'A', name: `host-${change}`, content: '192.0.2.1' }
      expect((await ask('POST', '/api/dns/records', body)).status).toBe(201)
    }
    await page.clock.install()
    await open('/domains')
    await openForm(page, 'A')
    await nameField(page).fill('host-11')
    await page.getByLabel('IPv4 address').fill('192.0.2.1')
    await submit(page, 'Add record').click()
    const alert = dialog(page).getByRole('alert')
    await alert.getByText('You can make 10 changes a minute.').waitFor()
    await alert.getByText(/Try again in \d+ seconds/).waitFor()
    expect(await submit(page, 'Add record').isDisabled()).toBe(true)
    expect(shop.held()).not.toContain(`A host-11.${shop.domain} 192.0.2.1`)

    stage.pass(61_000)
    await page.clock.fastForward(61_000)
    await submit(page, 'Add record').click()
    await page.getByText(`The A record for host-11.${shop.domain} was added.`).waitFor()
  })

  test('the second sync in a minute is refused, with how long to wait', async () => {
    const shop = await stage.shop()
    const { page, open } = await shop.connected()
    await open('/domains')
    stage.emulator.state.addRecord(shop.domain, { type: 'A', name: 'new', content: '192.0.2.8' })
    await page.getByRole('button', { name: 'Sync' }).click()
    await page.getByText('The list is up to date with Cloudflare.').waitFor()
    await page.getByRole('row').filter({ hasText: '192.0.2.8' }).waitFor()
    await page.getByRole('button', { name: 'Sync' }).click()
    const alert = page.getByRole('alert')
    await alert.getByText('You can sync once a minute.').waitFor()
    await alert.getByText(/Try again in \d+ seconds/).waitFor()
    expect(await page.getByRole('button', { name: 'Sync' }).isDisabled()).toBe(true)
  })
})

function idAt({ domain }: Shop, type: string): string {
  const found = stage.emulator.state.records(domain).find((record) => record.type === type)
  if (found === undefined) throw new Error(`${domain} has no ${type} record`)
  return found.id
}
