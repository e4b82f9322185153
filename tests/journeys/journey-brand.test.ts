import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faultsEverywhere } from './browser.ts'
import { linkFor, stageForTests } from './stage.ts'

/** The platform's own site, another origin of the same site, which shows the dashboard in a frame. */
const host = createServer((request, response) => {
  const framed = new URL(request.url ?? '/', 'http://localhost').searchParams.get('frame') ?? ''
  const page = `<!doctype html><html lang="en"><title>Host</title><iframe title="DNS" src="${framed.replaceAll('&', '&amp;')}" width="1200" height="800"></iframe>`
  response.setHeader('content-type', 'text/html').end(page)
}).listen(0, 'localhost')
const stage = stageForTests([], {
  path: '/shop/dns',
  env: {
    BRAND_NAME: 'Corner & <Shops>',
    BRAND_LOGO: 'logo.svg',
    ACCENT_COLOR: '#7A1F5C',
    SUPPORT_URL: 'mailto:help@example.com',
    FRAME_ANCESTORS: 'http://localhost:*',
  },
  files: {
    'logo.svg':
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"><rect width="2" height="1"/></svg>',
  },
})

const review = (page: { getByRole: Page['getByRole'] }) =>
  page.getByRole('heading', { name: 'Review DNS Changes' })

describe('below a path, in the colours of the platform', () => {
  test('the pages carry its name, its logo, its colour and a way to its help', async () => {
    const { page, open } = await (await stage.shop()).stranger()
    await open('/login')
    expect(page.url()).toBe(`${stage.url}/dashboard/login`)
    await expect.poll(() => page.title()).toBe('Sign in · Corner & <Shops>')
    const width = () => page.evaluate(`document.querySelector('.brand-logo').naturalWidth`)
    await expect.poll(width).toBeGreaterThan(0)
    const colour = () =>
      page.evaluate(`getComputedStyle(document.querySelector('.button-primary')).backgroundColor`)
    await expect.poll(colour).toBe('rgb(122, 31, 92)')
    const help = page.getByRole('link', { name: 'Get help' })
    expect(await help.getAttribute('href')).toBe('mailto:help@example.com')
    expect(await faultsEverywhere(page)).toEqual([])
  }, 120_000)

  test('the whole way is gone, from the sign-in to a record that was changed, and cookies stay with it', async () => {
    const shop = await stage.shop()
    const { page, context, open } = await shop.stranger()
    await page.goto(stage.url)
    await page.getByLabel('E-mail address').fill(shop.email)
    await page.getByLabel('Password').fill('correct horse battery staple')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'Connect Cloudflare' }).click()
    await page.getByRole('button', { name: 'Accept' }).click()
    await review(page).waitFor()
    expect(page.url()).toBe(`${stage.url}/dashboard/cloudflare/confirm`)
    await page.getByRole('button', { name: 'Confirm & Connect' }).click()
    await page.getByText('now points to your store').waitFor()
    await open('/domains')
    await page.getByRole('button', { name: `Edit MX record for ${shop.domain}` }).click()
    await page.getByLabel('Priority').fill('20')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByText(`The MX record for ${shop.domain} was saved.`).waitFor()
    expect((await context.cookies()).map(({ name, httpOnly }) => [name, httpOnly])).toContainEqual([
      'zonewright',
      true,
    ])
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('zonewright')
  }, 90_000)
})

describe('in a frame of the platform', () => {
  let site: string
  beforeAll(() => {
    site = `http://localhost:${(host.address() as AddressInfo).port}`
  })
  afterAll(() => void host.close())

  test('a customer is signed in by its link, and Cloudflare asks for consent in the whole window', async () => {
    const shop = await stage.shop()
    const { page } = await shop.stranger()
    const link = linkFor(stage.url, 'framed', { email: 'framed@example.org', domain: shop.domain })
    await page.goto(`${site}/?frame=${encodeURIComponent(link)}`)
    const frame = page.frameLocator('iframe')
    await frame.getByText('framed@example.org').waitFor()
    await frame.getByRole('link', { name: 'Connect Cloudflare' }).click()
    await page.getByRole('button', { name: 'Accept' }).click()
    await review(page).waitFor()

    // Whoever comes back to the platform finds the same there.
    await page.goto(`${site}/?frame=${encodeURIComponent(`${stage.url}/dashboard/domains`)}`)
    await frame.getByRole('link', { name: 'Review' }).first().waitFor()
  }, 60_000)
})
