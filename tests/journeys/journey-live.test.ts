import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { VerificationAnswer } from '#faces/dashboard/api.ts'
import { faultsEverywhere } from './browser.ts'
import { SERVER, stageForTests } from './stage.ts'

const stage = stageForTests()

/** The steps of a name, as a screen reader has them. */
async function steps(page: Page, name: string): Promise<string[]> {
  const way = page.getByRole('region', { name, exact: true })
  return way.locator('.way-title').allTextContents()
}

test('after the confirmation one watches the store go live, by the real way of its visitors', async () => {
  const shop = await stage.shop()
  const { page, open, ask } = await shop.signedIn()
  await ask('POST', '/api/cloudflare/token', { token: shop.token })
  await open('/cloudflare/confirm')
  await page.getByRole('button', { name: 'Confirm & Connect' }).click()
  await page.getByText(`${shop.domain} should be live`).waitFor()
  expect(page.url()).toBe(`${stage.url}/dashboard/live`)
  const done = [
    'Saved at Cloudflare: done',
    'Shown by the name servers of the domain: done',
    'Visitors arrive at your store: done',
  ]
  expect(await steps(page, shop.domain)).toEqual(done)
  expect(await steps(page, `www.${shop.domain}`)).toEqual(done)
  expect(await page.getByRole('link', { name: `Open https://${shop.domain}` }).getAttribute('href')).toBe(
    `https://${shop.domain}`,
  )
  // The old addresses were automatic: 300 seconds.
  await page
    .getByText(/By .* at the latest, everybody sees it\./)
    .first()
    .waitFor()
})

test('a record that leads elsewhere is told, leads to the review, and is seen to be mended', async () => {
  const shop = await stage.shop()
  const { page, open } = await shop.connected()
  await open('/live')
  await page.getByText(`${shop.domain} is not live yet`).waitFor()
  await page.getByText(`At Cloudflare, ${shop.domain} leads to 198.51.100.20, not to your store.`).waitFor()
  expect(await steps(page, shop.domain)).toEqual([
    'Saved at Cloudflare: needs your attention',
    'Shown by the name servers of the domain: not yet',
    'Visitors arrive at your store: not yet',
  ])
  expect(await faultsEverywhere(page)).toEqual([])
  await page.getByRole('link', { name: 'Review DNS changes' }).first().click()
  await page.getByRole('button', { name: 'Confirm & Connect' }).click()
  await page.getByText(`${shop.domain} should be live`).waitFor()
})

test('behind the proxy no address is compared: the visit tells', async () => {
  const shop = await stage.shop({ records: [{ type: 'A', name: '@', content: SERVER, proxied: true }] })
  const { ask } = await shop.connected()
  const { json } = await ask<VerificationAnswer>('GET', '/api/dns/verification')
  expect(json.names[0]).toMatchObject({
    name: shop.domain,
    served: 'yes',
    reachable: 'by_http',
    state: 'live',
  })
  expect(json.names[0]?.atNameServers).toContain('198.51.100.1')
  expect(json.names[1]).toMatchObject({ name: `www.${shop.domain}`, saved: 'no', state: 'attention' })
  expect(json.delegation.status).toBe('yes')
})

test('without a connection there is nothing to watch: one is led to the doors', async () => {
  const shop = await stage.shop()
  const { page, open, ask } = await shop.signedIn()
  expect((await ask('GET', '/api/dns/verification')).status).toBe(409)
  await open('/live')
  await page.getByRole('heading', { name: 'Cloudflare DNS Management' }).waitFor()
})

test('the address of a token is answered to nobody who does not know it', async () => {
  const at = (token: string) => fetch(`${stage.url}/.well-known/zonewright/${token}`)
  for (const token of ['', 'x', '..', `${'A'.repeat(43)}`, '%00', 'a'.repeat(2_000)]) {
    expect((await at(token)).status).toBe(404)
  }
})
