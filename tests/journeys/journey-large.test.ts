import { expect, test } from 'vitest'
import { SERVER, stageForTests } from './stage.ts'

/** Before any shop in the order of names, on three pages. */
const others = Array.from({ length: 120 }, (_, index) => ({ name: `another-${index + 100}.example.com` }))

const stage = stageForTests(others)

const pagesAsked = (of: 'zones' | 'dns_records') =>
  stage.emulator.state
    .calls()
    .flatMap(({ target }) => new RegExp(`/${of}\\?.*page=(\\d+)$`).exec(target)?.[1] ?? [])

test('a domain on the third page of zones is found, and no other is touched', async () => {
  const shop = await stage.shop()
  const { page, open } = await shop.signedIn()
  await open('/domains')
  await page.getByRole('link', { name: 'Connect Cloudflare' }).click()
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByRole('button', { name: 'Confirm & Connect' }).click()
  await page.getByText(`${shop.domain} now points to your store`).waitFor()
  expect(await stage.dns.resolve4(shop.domain)).toEqual([SERVER])
  expect(pagesAsked('zones')).toContain('3')
  expect(others.flatMap(({ name }) => stage.emulator.state.records(name))).toEqual([])
})

test('a zone of 3,500 records is shown, searched and edited', async () => {
  const records = Array.from({ length: 3_500 }, (_, index) => ({
    type: 'A',
    name: `host-${index}`,
    content: `192.0.2.${index % 250}`,
  }))
  const shop = await stage.shop({ plan: 'enterprise', records })
  const { page, open } = await shop.connected()
  await open('/domains')
  await page.getByText('3500 records', { exact: true }).waitFor()
  expect(pagesAsked('dns_records')).toContain('3')
  expect(await page.locator('tbody tr').count()).toBeLessThan(80)
  const name = `host-3499.${shop.domain}`
  await page.getByRole('searchbox').fill('host-3499.')
  await page.getByText('1 of 3500 records').waitFor()
  await page.getByRole('button', { name: `Edit A record for ${name}` }).click()
  await page.getByLabel('IPv4 address').fill('198.51.100.7')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByText(`The A record for ${name} was saved.`).waitFor()
  await page.getByRole('row').filter({ hasText: '198.51.100.7' }).waitFor()
  expect(shop.held()).toContain(`A ${name} 198.51.100.7`)
  expect(shop.held()).toHaveLength(3_500)
}, 60_000)
