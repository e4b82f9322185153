import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { stageForTests, USUAL } from './stage.ts'

const stage = stageForTests()

const HOSTS = Array.from({ length: 30 }, (_, index) => ({
  type: 'A',
  name: `host-${index + 10}`,
  content: '192.0.2.1',
}))

const question = (page: Page) => page.getByRole('alertdialog')
const box = (page: Page, name: string) =>
  page.getByRole('checkbox', { name: new RegExp(` record for ${name}`) })

describe('several records', () => {
  test('records selected by keyboard are deleted as one change that one undo takes back', async () => {
    const shop = await stage.shop({ records: [...USUAL, ...HOSTS] })
    const { page, open, ask } = await shop.connected()
    await open('/domains')
    await page.getByRole('searchbox').fill('host-1')
    await page.getByText('10 of 34 records').waitFor()
    await box(page, 'host-10').focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    await page.getByText('3 records selected.').waitFor()
    await page.getByRole('button', { name: 'Delete 3 records' }).press('Enter')
    await question(page).getByText('Visitors may no longer find host-12').waitFor()
    await question(page).getByRole('button', { name: 'Delete 3 records' }).press('Enter')
    await page.getByText('3 records were deleted.').waitFor()
    await page.getByText('7 of 31 records').waitFor()
    await page.locator('h1:focus').waitFor()
    expect(shop.held()).toHaveLength(31)
    const { json } = await ask<{ entries: unknown[] }>('GET', '/api/dns/history')
    expect(json.entries).toHaveLength(1)
  })

  test('records are selected by mouse, one by one, as a range, or all that are shown', async () => {
    const shop = await stage.shop({ records: [...USUAL, ...HOSTS] })
    const { page, open } = await shop.connected()
    await open('/domains')
    await page.getByRole('searchbox').fill('host-')
    await page.getByText('30 of 34 records').waitFor()
    await box(page, 'host-12').click()
    await box(page, 'host-15').click({ modifiers: ['Shift'] })
    await page.getByText('4 records selected.').waitFor()
    await page.getByRole('checkbox', { name: 'Select all 30 records that are shown' }).click()
    await page.getByText('30 records selected.').waitFor()
    await page.getByRole('searchbox').fill('host-13')
    await page.getByText('1 record selected.').waitFor()
  })

  test('deleting records of more than ten names asks first', async () => {
    const shop = await stage.shop({ records: [...USUAL, ...HOSTS] })
    const { page, open } = await shop.connected()
    await open('/domains')
    await page.getByRole('searchbox').fill('host-')
    await page.getByText('30 of 34 records').waitFor()
    await page.getByRole('checkbox', { name: /^Select all/ }).click()
    await page.getByRole('button', { name: 'Delete 30 records' }).click()
    const remove = question(page).getByRole('button', { name: 'Delete 30 records' })
    expect(await remove.isDisabled()).toBe(true)
    await question(page)
      .getByRole('checkbox', { name: /more than ten names/ })
      .click()
    await remove.click()
    await page.getByText('30 records were deleted.').waitFor()
    expect(shop.held()).toHaveLength(4)
  })

  test('deleting a record that has become the last mail server meanwhile asks again', async () => {
    const mail = [10, 20].map((priority) => ({
      type: 'MX',
      name: '@',
      content: `mx${priority}.example.net`,
      priority,
    }))
    const shop = await stage.shop({ records: [...HOSTS, ...mail] })
    const { page, open } = await shop.connected()
    await open('/domains')
    await box(page, 'host-10').click()
    await page.getByRole('checkbox', { name: /mx10/ }).click()
    await page.getByRole('button', { name: 'Delete 2 records' }).click()
    const second = stage.emulator.state
      .records(shop.domain)
      .find(({ content }) => content === 'mx20.example.net')
    stage.emulator.state.removeRecord(shop.domain, second!.id)
    await question(page).getByRole('button', { name: 'Delete 2 records' }).click()
    await question(page).getByRole('alert').getByText('nothing was deleted').waitFor()
    expect(shop.held()).toHaveLength(31)
    await question(page)
      .getByRole('checkbox', { name: /its mail can no longer be delivered/ })
      .click()
    await question(page).getByRole('button', { name: 'Delete 2 records' }).click()
    await page.getByText('2 records were deleted.').waitFor()
    expect(shop.held()).toHaveLength(29)
  })

  test('a bulk deletion is refused whole where one record changed at Cloudflare, and the list shows it', async () => {
    const shop = await stage.shop({ records: [...USUAL, ...HOSTS] })
    const { page, open } = await shop.connected()
    await open('/domains')
    await box(page, 'host-10').click()
    await box(page, 'host-11').click()
    await page.getByRole('button', { name: 'Delete 2 records' }).click()
    const changed = stage.emulator.state.records(shop.domain).find(({ name }) => name.startsWith('host-10.'))
    stage.emulator.state.editRecord(shop.domain, changed!.id, { content: '192.0.2.99' })
    await question(page).getByRole('button', { name: 'Delete 2 records' }).click()
    await question(page).getByRole('alert').getByText('1 of these records was changed or deleted').waitFor()
    await page.locator('tbody tr').filter({ hasText: '192.0.2.99' }).waitFor()
    expect(shop.held()).toHaveLength(34)
  })
})
