import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { SERVER, stageForTests } from './stage.ts'

const stage = stageForTests()

const dialog = (page: Page) => page.getByRole('dialog')

async function fillInRecord(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Add Record' }).click()
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('IPv4 address').fill('192.0.2.61')
}

const add = (page: Page) => dialog(page).getByRole('button', { name: 'Add record' })

describe('an answer that is lost after Cloudflare has done it', () => {
  test('to an edit is waited for with the reader, and found out', async () => {
    const shop = await stage.shop()
    const { page, open } = await shop.connected()
    await open('/domains')
    await fillInRecord(page, 'lost')
    const lost = { fault: 'F33', phase: 'after-commit', route: 'batch', zone: shop.domain } as const
    stage.emulator.faults.script([lost])
    await add(page).click()
    await dialog(page).getByText('Cloudflare has not confirmed this yet.').waitFor()
    await page.getByText(`The A record for lost.${shop.domain} was added.`).waitFor()
    expect(shop.held().filter((line) => line.includes('lost.'))).toEqual([`A lost.${shop.domain} 192.0.2.61`])
    await page.getByRole('row').filter({ hasText: '192.0.2.61' }).waitFor()
  })

  test('to a review is found out, and the domain shows the store', async () => {
    const shop = await stage.shop()
    const { page, open, ask } = await shop.signedIn()
    await ask('POST', '/api/cloudflare/token', { token: shop.token })
    await open('/cloudflare/confirm')
    const lost = { fault: 'F33', phase: 'after-commit', route: 'batch', zone: shop.domain } as const
    stage.emulator.faults.script([lost])
    await page.getByRole('button', { name: 'Confirm & Connect' }).click()
    await page.getByText('Cloudflare has not confirmed the changes yet.').waitFor()
    await page.getByText(`${shop.domain} now points to your store`).waitFor()
    await page.getByText(`${shop.domain} should be live`).waitFor()
    expect(await stage.dns.resolve4(shop.domain)).toEqual([SERVER])
    expect(
      stage.emulator.state.calls().filter(({ route, fault }) => route === 'batch' && fault),
    ).toHaveLength(2)
  })
})

test('when Cloudflare asks to slow down, the page says for how long, and then it works', async () => {
  const shop = await stage.shop()
  const { page, open } = await shop.connected()
  await page.clock.install()
  await open('/domains')
  await fillInRecord(page, 'patient')
  stage.emulator.faults.script([{ fault: 'F1', seconds: 90, zone: shop.domain }])
  await add(page).click()
  const alert = dialog(page).getByRole('alert')
  await alert.getByText('Cloudflare asks us to slow down.').waitFor()
  await alert.getByText(/Try again in \d+ seconds/).waitFor()
  expect(await add(page).isDisabled()).toBe(true)
  expect(shop.held().join()).not.toContain('patient')
  stage.pass(91_000)
  await page.clock.fastForward(91_000)
  await add(page).click()
  await page.getByText(`The A record for patient.${shop.domain} was added.`).waitFor()
})

test('while Cloudflare is down the list is there, an edit says so and stays, and goes through afterwards', async () => {
  const shop = await stage.shop()
  const { page, open } = await shop.connected()
  await page.clock.install()
  stage.emulator.faults.script([{ fault: 'F31', form: 'error', seconds: 3_600 }])
  await open('/domains')
  await page.getByRole('row').filter({ hasText: 'v=spf1' }).waitFor()
  await fillInRecord(page, 'later')
  await add(page).click()
  await dialog(page).getByRole('alert').getByText('Cloudflare does not answer at the moment.').waitFor()
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('later')
  stage.emulator.faults.clear()
  stage.pass(60_000)
  await page.clock.fastForward(60_000)
  await add(page).click()
  await page.getByText(`The A record for later.${shop.domain} was added.`).waitFor()
})

test('a way to Cloudflare that fails in the middle leads back to the doors in words, and works the next time', async () => {
  const shop = await stage.shop()
  const { page, open } = await shop.signedIn()
  await open('/domains')
  stage.emulator.faults.script([{ fault: 'F26', route: 'token', status: 503, times: 5 }])
  await page.getByRole('link', { name: 'Connect Cloudflare' }).click()
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByRole('main').getByText('Cloudflare does not answer at the moment.').waitFor()
  expect(page.url()).toBe(`${stage.url}/dashboard/domains`)
  stage.emulator.faults.clear()
  await page.getByRole('link', { name: 'Connect Cloudflare' }).click()
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByRole('heading', { name: 'Review DNS Changes' }).waitFor()
})
