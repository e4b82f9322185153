import Database from 'better-sqlite3'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { RecordsAnswer } from '#faces/dashboard/api.ts'
import { type Shop, signInOn, stageForTests, type Visitor } from './stage.ts'

const stage = stageForTests()

/** What was granted a minute ago is believed in, whatever Cloudflare says of it. */
const NEW_FOR_MS = 61_000

const reconnect = (page: Page) => page.getByRole('main').getByText('Reconnect Cloudflare', { exact: true })

/** Through the OAuth door, and past the review. */
async function connectedByOAuth(shop: Shop): Promise<Visitor> {
  const visitor = await shop.signedIn()
  const { page, open } = visitor
  await open('/domains')
  await page.getByRole('link', { name: 'Connect Cloudflare' }).click()
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByRole('button', { name: 'Confirm & Connect' }).click()
  await page.getByRole('link', { name: 'Go to the records' }).click()
  await page.getByRole('heading', { name: 'DNS Records' }).waitFor()
  return visitor
}

async function zoneOf({ ask }: Visitor): Promise<string | undefined> {
  return (await ask<RecordsAnswer>('GET', '/api/dns/records')).json.zone?.id
}

test('a grant that ends at Cloudflare leaves the list readable, and connecting again restores it', async () => {
  const shop = await stage.shop()
  const visitor = await connectedByOAuth(shop)
  const { page, ask } = visitor
  const zone = await zoneOf(visitor)
  stage.emulator.state.revokeGrant(stage.emulator.state.grants().at(-1)!.id)
  stage.pass(NEW_FOR_MS)
  await page.getByRole('button', { name: 'Sync' }).click()
  await reconnect(page).first().waitFor()
  await page.getByRole('row').filter({ hasText: 'v=spf1' }).waitFor()
  expect(await page.getByRole('button', { name: 'Add Record' }).count()).toBe(0)
  const refused = await ask<{ error: { code: string } }>('POST', '/api/dns/records', {
    type: 'A',
    name: 'new',
    content: '192.0.2.1',
  })
  expect([refused.status, refused.json.error.code]).toEqual([409, 'RECONNECT_REQUIRED'])

  await page.getByRole('link', { name: 'Connect Cloudflare' }).click()
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByText(`Connected to Cloudflare. ${shop.domain} needs no change.`).waitFor()
  await page.getByRole('button', { name: 'Add Record' }).waitFor()
  expect(await reconnect(page).count()).toBe(0)
  expect(await zoneOf(visitor)).toBe(zone)
})

test('a token that is revoked at Cloudflare is reported at the next edit, and another token restores the connection', async () => {
  const shop = await stage.shop()
  const { page, open } = await shop.connected()
  await open('/domains')
  stage.emulator.state.changeCredential(shop.token, { status: 'revoked' })
  stage.pass(NEW_FOR_MS)
  await page.getByRole('button', { name: `Edit A record for ${shop.domain}` }).click()
  await page.getByLabel('IPv4 address').fill('192.0.2.5')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByText('Reconnect Cloudflare').first().waitFor()
  expect(shop.held()).toContain(`A ${shop.domain} 198.51.100.20`)

  await page.reload()
  await reconnect(page).first().waitFor()
  const token = `${shop.token}-again`
  stage.emulator.state.addCredential({ kind: 'token', token, zones: [shop.domain] })
  await page.getByLabel('API token').fill(token)
  await page.getByRole('button', { name: 'Connect with token' }).click()
  await page.getByRole('heading', { name: 'Review DNS Changes' }).waitFor()
})

test('who disconnects leaves no token and no copy behind, here or at Cloudflare', async () => {
  const shop = await stage.shop()
  const { page, ask } = await connectedByOAuth(shop)
  const grant = stage.emulator.state.grants().at(-1)!
  const file = new Database(stage.database, { readonly: true })
  const left = () =>
    ['customer_cloudflare_connections', 'dns_records_cache'].map((table) =>
      file.prepare(`select count(*) from ${table} where customer_id = ?`).pluck().get(shop.domain),
    )
  expect(left()).toEqual([1, 4])
  const held = shop.held()

  await page.getByRole('button', { name: 'Disconnect' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Disconnect' }).click()
  await page.getByRole('heading', { name: 'Cloudflare DNS Management' }).waitFor()
  expect(left()).toEqual([0, 0])
  file.close()
  expect(stage.emulator.state.grants().find(({ id }) => id === grant.id)?.ended).toBe(true)
  expect(shop.held()).toEqual(held)
  expect((await ask<RecordsAnswer>('GET', '/api/dns/records')).json).toMatchObject({
    records: [],
    connection: { status: 'none' },
  })
})

test('a session that ends in the middle of an edit asks for the password, and nothing typed is lost', async () => {
  const shop = await stage.shop()
  const { page, open } = await shop.connected()
  await open('/domains')
  await page.getByRole('button', { name: `Edit A record for ${shop.domain}` }).click()
  await page.getByLabel('IPv4 address').fill('192.0.2.77')
  stage.pass(31 * 60_000)
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect(shop.held()).toContain(`A ${shop.domain} 198.51.100.20`)
  await signInOn(page, shop)
  await page.getByRole('dialog').waitFor()
  expect(await page.getByLabel('IPv4 address').inputValue()).toBe('192.0.2.77')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByText(`The A record for ${shop.domain} was saved.`).waitFor()
  expect(shop.held()).toContain(`A ${shop.domain} 192.0.2.77`)
})

test('a session that ends in the middle of a review comes back to it, with what was unticked', async () => {
  const shop = await stage.shop()
  const { page, open, ask } = await shop.signedIn()
  await ask('POST', '/api/cloudflare/token', { token: shop.token })
  await open('/cloudflare/confirm')
  const www = page.getByRole('checkbox', { name: `REPLACE CNAME record for www.${shop.domain}` })
  await www.click()
  stage.pass(31 * 60_000)
  await page.getByRole('button', { name: 'Confirm & Connect' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await signInOn(page, shop)
  await page.getByRole('heading', { name: 'Review DNS Changes' }).waitFor()
  expect(await www.isChecked()).toBe(false)
  await page.getByRole('button', { name: 'Confirm & Connect' }).click()
  await page.getByRole('heading', { name: 'Going live' }).waitFor()
  expect(shop.held()).toContain(`CNAME www.${shop.domain} oldhost.example.org`)
})

test('what was shown before a session ended is not shown to whoever signs in next', async () => {
  const [shop, next] = [await stage.shop(), await stage.shop()]
  const { page, open } = await shop.connected()
  await open('/domains')
  await page.getByRole('button', { name: 'Add Record' }).click()
  await page.getByLabel('Name', { exact: true }).fill('typed-by-the-first')
  await page.getByLabel('IPv4 address').fill('192.0.2.4')
  stage.pass(31 * 60_000)
  await page.getByRole('dialog').getByRole('button', { name: 'Add record' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  const asked = page.waitForRequest('**/dashboard/api/dns/records')
  await signInOn(page, next)
  await asked
  await page.getByRole('heading', { name: 'Cloudflare DNS Management' }).waitFor()
  expect(await page.getByText(shop.domain).count()).toBe(0)
  expect(await page.getByRole('dialog').count()).toBe(0)
})
