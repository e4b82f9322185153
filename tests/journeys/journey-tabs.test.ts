import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { SERVER, signInOn, stageForTests, type Visitor } from './stage.ts'

const stage = stageForTests()

/** The same page twice, in one browser. */
async function twice(
  { page, context, open }: Pick<Visitor, 'page' | 'context' | 'open'>,
  path: string,
): Promise<[Page, Page]> {
  const other = await context.newPage()
  await open(path)
  await open(path, other)
  return [page, other]
}

const confirm = (page: Page) => page.getByRole('button', { name: 'Confirm & Connect' })
const outdated = (page: Page) => page.getByText('changed while you were reading')

test('a review that the domain has outgrown shows the new one, with what was unticked, and takes it', async () => {
  const shop = await stage.shop()
  const { page, ask, open } = await shop.signedIn()
  await ask('POST', '/api/cloudflare/token', { token: shop.token })
  await open('/cloudflare/confirm')
  await page.getByRole('checkbox', { name: `REPLACE CNAME record for www.${shop.domain}` }).click()
  stage.emulator.state.addRecord(shop.domain, { type: 'AAAA', name: '@', content: '2001:db8::7' })
  await confirm(page).click()
  await outdated(page).waitFor()
  expect(await stage.dns.resolve4(shop.domain)).toEqual(['198.51.100.20'])
  await page.getByText('2001:db8::7').first().waitFor()
  const www = page.getByRole('checkbox', { name: `REPLACE CNAME record for www.${shop.domain}` })
  expect(await www.isChecked()).toBe(false)
  await confirm(page).click()
  await page.getByRole('heading', { name: 'Going live' }).waitFor()
  expect(await stage.dns.resolve4(shop.domain)).toEqual([SERVER])
  expect(shop.held()).toContain(`CNAME www.${shop.domain} oldhost.example.org`)
  expect(shop.held()).not.toContain(`AAAA ${shop.domain} 2001:db8::7`)
})

test('a review that another tab has confirmed has nothing left to change', async () => {
  const shop = await stage.shop()
  const visitor = await shop.signedIn()
  await visitor.ask('POST', '/api/cloudflare/token', { token: shop.token })
  const [one, other] = await twice(visitor, '/cloudflare/confirm')
  await confirm(other).click()
  await other.getByRole('heading', { name: 'Going live' }).waitFor()
  const commits = stage.emulator.state.history(shop.domain).length
  await confirm(one).click()
  await one.getByRole('heading', { name: 'Nothing has to change' }).waitFor()
  expect(stage.emulator.state.history(shop.domain)).toHaveLength(commits)
})

test('a record that another tab has deleted is gone in words', async () => {
  const shop = await stage.shop()
  const [one, other] = await twice(await shop.connected(), '/domains')
  await one.getByRole('button', { name: `Edit TXT record for ${shop.domain}` }).click()
  await other.getByRole('button', { name: `Delete TXT record for ${shop.domain}` }).click()
  await other.getByRole('button', { name: 'Delete record' }).click()
  await other.getByText(`The TXT record for ${shop.domain} was deleted.`).waitFor()
  await one.getByLabel('Text').fill('v=spf1 -all')
  await one.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await one.getByRole('dialog').getByRole('alert').waitFor()
  await one.getByText('3 records').waitFor()
  expect(shop.held()).toHaveLength(3)
})

test('of two tabs that change one record the later is shown what it is now, and may save again', async () => {
  const shop = await stage.shop()
  const visitor = await shop.connected()
  const tabs = await twice(visitor, '/domains')
  const [one, other] = tabs
  const save = (tab: Page) => tab.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  const saved = (tab: Page) => tab.getByText(`The A record for ${shop.domain} was saved.`).waitFor()
  for (const tab of tabs) await tab.getByRole('button', { name: `Edit A record for ${shop.domain}` }).click()
  for (const [index, tab] of tabs.entries()) await tab.getByLabel('IPv4 address').fill(`192.0.2.${index + 1}`)
  await save(one)
  await saved(one)
  await save(other)
  await other.getByRole('dialog').getByText(`${shop.domain} A 192.0.2.1`).waitFor()
  expect(await stage.dns.resolve4(shop.domain)).toEqual(['192.0.2.1'])
  await save(other)
  await saved(other)
  expect(await stage.dns.resolve4(shop.domain)).toEqual(['192.0.2.2'])
  const { json } = await visitor.ask('GET', '/api/dns/history')
  const told = JSON.stringify(json)
  expect(told).toContain('192.0.2.1')
  expect(told).toContain('192.0.2.2')
})

test('a tab that is older than the sign-in goes on with the new session', async () => {
  const shop = await stage.shop()
  const [one, other] = await twice(await shop.connected(), '/domains')
  await other.getByRole('button', { name: 'Sign out' }).click()
  await other.getByRole('heading', { name: 'Sign in' }).waitFor()
  await signInOn(other, shop)
  await other.getByRole('heading', { name: 'DNS Records' }).waitFor()
  await one.getByRole('button', { name: `Edit A record for ${shop.domain}` }).click()
  await one.getByLabel('IPv4 address').fill('192.0.2.3')
  await one.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await one.getByText(`The A record for ${shop.domain} was saved.`).waitFor()
  expect(await stage.dns.resolve4(shop.domain)).toEqual(['192.0.2.3'])
})

test('a tab of somebody who signed out sends nothing in the name of who came after', async () => {
  const [shop, next] = [await stage.shop(), await stage.shop()]
  await (await next.connected()).context.close()
  const [one, other] = await twice(await shop.connected(), '/domains')
  await one.getByRole('button', { name: 'Add Record' }).click()
  await one.getByLabel('Name', { exact: true }).fill('typed-by-the-first')
  await one.getByLabel('IPv4 address').fill('192.0.2.4')
  await other.getByRole('button', { name: 'Sign out' }).click()
  await signInOn(other, next)
  await other.getByRole('heading', { name: 'DNS Records' }).waitFor()
  await one.getByRole('dialog').getByRole('button', { name: 'Add record' }).click()
  await one.getByText(next.email).waitFor()
  await one.getByRole('row').filter({ hasText: next.domain }).first().waitFor()
  expect(await one.getByRole('dialog').count()).toBe(0)
  expect(await one.getByText(shop.domain).count()).toBe(0)
  expect([...shop.held(), ...next.held()].filter((line) => line.includes('typed'))).toEqual([])
})
