import { expect, test } from 'vitest'
import { faultsEverywhere } from './browser.ts'
import { stageForTests } from './stage.ts'

const stage = stageForTests()

test('the pages of the whole way are readable by everyone, light and dark, on a desk and on a phone', async () => {
  const shop = await stage.shop()
  const stranger = await shop.stranger()
  await stranger.open('/login')
  expect(await faultsEverywhere(stranger.page)).toEqual([])

  const { page, open, ask } = await shop.signedIn()
  await open('/domains')
  await page.getByRole('link', { name: 'Connect Cloudflare' }).waitFor()
  expect(await faultsEverywhere(page)).toEqual([])

  await ask('POST', '/api/cloudflare/token', { token: shop.token })
  await open('/cloudflare/confirm')
  await page.getByRole('button', { name: 'Confirm & Connect' }).waitFor()
  expect(await faultsEverywhere(page)).toEqual([])

  await page.getByRole('button', { name: 'Confirm & Connect' }).click()
  await page.getByText(`${shop.domain} should be live`).waitFor()
  expect(await faultsEverywhere(page)).toEqual([])

  await page.getByRole('link', { name: 'Go to the records' }).click()
  await page.getByRole('button', { name: 'Add Record' }).waitFor()
  expect(await faultsEverywhere(page)).toEqual([])
}, 120_000)
