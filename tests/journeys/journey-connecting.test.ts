import type { Locator, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { SERVER, signInOn, stageForTests } from './stage.ts'

const stage = stageForTests()

const review = (page: Page) => page.getByRole('heading', { name: 'Review DNS Changes' })
const confirm = (page: Page) => page.getByRole('button', { name: 'Confirm & Connect' })
const doors = (page: Page) => page.getByRole('heading', { name: 'Cloudflare DNS Management' })

/** As far as Cloudflare's question. */
async function toConsent(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Connect Cloudflare' }).click()
  await page.getByRole('heading', { name: 'Allow The Shops to use your Cloudflare account?' }).waitFor()
}

describe('by the OAuth door', () => {
  test('a domain shows the store after three clicks, and its mail stays where it was', async () => {
    const shop = await stage.shop()
    const mailBefore = await stage.dns.resolveMx(shop.domain)
    const { page, open } = await shop.stranger()
    await open('/domains')
    await signInOn(page, shop)
    await doors(page).waitFor()

    let clicks = 0
    const click = async (what: Locator) => {
      clicks += 1
      await what.click()
    }
    await click(page.getByRole('link', { name: 'Connect Cloudflare' }))
    await click(page.getByRole('button', { name: 'Accept' }))
    await review(page).waitFor()
    expect(page.url()).toBe(`${stage.url}/dashboard/cloudflare/confirm`)
    expect(shop.held()).toContain(`A ${shop.domain} 198.51.100.20`)
    await click(confirm(page))
    await page.getByText(`${shop.domain} now points to your store`).waitFor()

    expect(clicks).toBe(3)
    await page.getByText(`${shop.domain} should be live`).waitFor()
    await page.getByRole('link', { name: 'Go to the records' }).click()
    await page.getByRole('row').filter({ hasText: SERVER }).waitFor()
    await page.getByText('Connected to Cloudflare', { exact: true }).waitFor()
    expect(await stage.dns.resolve4(shop.domain)).toEqual([SERVER])
    expect(await stage.dns.resolve4(`www.${shop.domain}`)).toEqual([SERVER])
    expect(await stage.dns.resolveMx(shop.domain)).toEqual(mailBefore)
  })

  test('a row that is unticked stays as it is', async () => {
    const shop = await stage.shop()
    const { page, open } = await shop.signedIn()
    await open('/domains')
    await toConsent(page)
    await page.getByRole('button', { name: 'Accept' }).click()
    await page.getByRole('checkbox', { name: `REPLACE CNAME record for www.${shop.domain}` }).click()
    await confirm(page).click()
    await page.getByText('1 change was made.').waitFor()
    expect(await page.getByText('now points to your store').count()).toBe(0)
    await page.getByRole('link', { name: 'Go to the records' }).click()
    await page.getByRole('row').filter({ hasText: 'oldhost.example.org' }).waitFor()
    expect(shop.held()).toEqual([
      `A ${shop.domain} ${SERVER}`,
      `CNAME www.${shop.domain} oldhost.example.org`,
      `MX ${shop.domain} mail.example.net`,
      `TXT ${shop.domain} v=spf1 include:_spf.example.net -all`,
    ])
  })

  test('an access that is denied leads back to both doors, with a message that is told once', async () => {
    const shop = await stage.shop()
    const { page, open } = await shop.signedIn()
    await open('/domains')
    await toConsent(page)
    await page.getByRole('button', { name: 'Deny' }).click()
    await page.getByText('Cloudflare was not connected: access was not allowed.').waitFor()
    expect(page.url()).toBe(`${stage.url}/dashboard/domains`)
    await doors(page).waitFor()
    await page.reload()
    await doors(page).waitFor()
    expect(await page.getByText('Cloudflare was not connected').count()).toBe(0)
  })

  test('a review that is cancelled changes nothing, and can be taken up again', async () => {
    const shop = await stage.shop()
    const before = shop.held()
    const { page, open } = await shop.signedIn()
    await open('/domains')
    await toConsent(page)
    await page.getByRole('button', { name: 'Accept' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('heading', { name: 'One step left' }).waitFor()
    expect(shop.held()).toEqual(before)
    await page.getByRole('link', { name: 'Review DNS changes' }).click()
    await confirm(page).click()
    await page.getByText(`${shop.domain} now points to your store`).waitFor()
    expect(await stage.dns.resolve4(shop.domain)).toEqual([SERVER])
  })

  test('a domain that is in no account is missed in words, and found once it is added there', async () => {
    const shop = await stage.shopWithoutZone()
    const { page, open } = await shop.signedIn()
    await open('/domains')
    await toConsent(page)
    await page.getByRole('button', { name: 'Accept' }).click()
    const words = `Domain not found. Make sure ${shop.domain} is added to your Cloudflare account.`
    await page.getByRole('heading', { name: 'We cannot find your domain yet' }).waitFor()
    await page.getByRole('main').getByText(words).last().waitFor()
    await page.getByRole('button', { name: 'Check again' }).click()
    await page.getByRole('main').getByText(words).last().waitFor()
    stage.emulator.state.addZone({ name: shop.domain, records: [] })
    await page.getByRole('button', { name: 'Check again' }).click()
    await review(page).waitFor()
    await confirm(page).click()
    await page.getByText(`${shop.domain} now points to your store`).waitFor()
    expect(await stage.dns.resolve4(shop.domain)).toEqual([SERVER])
  })
})

describe('by the token door', () => {
  test("Cloudflare's form is filled in by the link, and its token leads to the review", async () => {
    const shop = await stage.shop()
    const { page, context, open } = await shop.signedIn()
    await open('/domains')
    const opened = context.waitForEvent('page')
    await page.getByRole('link', { name: 'Open the form at Cloudflare' }).click()
    const form = await opened
    expect(new URL(form.url()).origin).toBe(stage.cloudflareUrl)
    expect(await form.getByLabel('Token name').inputValue()).toBe(`DNS of ${shop.domain}`)
    expect(await form.getByLabel('Zone: read').isChecked()).toBe(true)
    expect(await form.getByLabel('DNS: edit').isChecked()).toBe(true)
    await form.getByRole('radio', { name: 'Only these:' }).check()
    await form.getByRole('checkbox', { name: shop.domain }).check()
    await form.getByRole('button', { name: 'Create token' }).click()
    const token = await form.getByLabel('API token').textContent()
    await form.close()

    await page.getByLabel('API token').fill(`  ${token}\n`)
    await page.getByRole('button', { name: 'Connect with token' }).click()
    await review(page).waitFor()
    await confirm(page).click()
    await page.getByText(`${shop.domain} now points to your store`).waitFor()
    expect(await stage.dns.resolve4(shop.domain)).toEqual([SERVER])
    expect(await page.content()).not.toContain(token)
  })

  test('a token that may only read, or is none, is refused in words and stays to be corrected', async () => {
    const shop = await stage.shop()
    stage.emulator.state.changeCredential(shop.token, { permissions: ['zone:read', 'dns:read'] })
    const { page, open } = await shop.signedIn()
    await open('/domains')
    const field = page.getByLabel('API token')
    await field.fill(shop.token)
    await page.getByRole('button', { name: 'Connect with token' }).click()
    await page.getByRole('alert').getByText(/DNS/).waitFor()
    expect(await field.inputValue()).toBe(shop.token)
    await field.fill(`${shop.token.slice(0, -1)}x`)
    await page.getByRole('button', { name: 'Connect with token' }).click()
    await page.getByRole('alert').getByText('This is not an active Cloudflare API token.').waitFor()
    stage.emulator.state.changeCredential(shop.token, { permissions: ['zone:read', 'dns:edit'] })
    await field.fill(shop.token)
    await page.getByRole('button', { name: 'Connect with token' }).click()
    await review(page).waitFor()
  })
})
