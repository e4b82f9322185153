import { expect, test } from 'vitest'
import { linkFor, signInOn, stageForTests } from './stage.ts'

const stage = stageForTests()

const newcomer = (subject: string) => ({ email: `${subject}@example.org`, domain: `${subject}.example.com` })

test('a link of the host platform signs a customer in, once, and leaves no token in the address', async () => {
  const { page, ask } = await (await stage.shop()).stranger()
  const link = linkFor(stage.url, 'host-1', newcomer('host-1'))
  await page.goto(link)
  await page.getByText('host-1@example.org').waitFor()
  await page.getByRole('link', { name: 'Connect Cloudflare' }).waitFor()
  expect(page.url()).toBe(`${stage.url}/dashboard/domains`)
  await ask('POST', '/api/logout')
  expect((await page.goto(link))?.status()).toBe(401)
})

test('a link for somebody else asks first, and changes nothing until it is said so', async () => {
  const shop = await stage.shop()
  const { page } = await shop.signedIn()
  const other = newcomer('host-2')
  await page.goto(linkFor(stage.url, 'host-2', other))
  await page.getByRole('heading', { name: 'Switch to another account?' }).waitFor()
  await page.getByText(`You are signed in as ${shop.email}, for ${shop.domain}.`).waitFor()
  await page.getByRole('link', { name: 'Stay signed in as you are' }).click()
  await page.getByTitle(`Signed in as ${shop.email}`).waitFor()

  await page.goto(linkFor(stage.url, 'host-2', other))
  await page.getByRole('button', { name: 'Switch account' }).click()
  await page.getByTitle(`Signed in as ${other.email}`).waitFor()
  expect(page.url()).toBe(`${stage.url}/dashboard/domains`)
})

const signedOut = 'You were signed out. That happens after 30 minutes without use.'

test('the sign-in page says why it is there after half an hour without use, when the page is loaded anew', async () => {
  const { page, open } = await (await stage.shop()).signedIn()
  await open('/domains')
  stage.pass(31 * 60_000)
  await page.reload()
  await page.getByText(signedOut).waitFor()
}, 60_000)

test('the sign-in page explains an expired session when the page goes on, and not after a sign-out', async () => {
  const shop = await stage.shop()
  const { page, open } = await shop.signedIn()
  await open('/domains')
  // What the page still asks for would be refused, and sign it out by itself.
  await page.waitForLoadState('networkidle')
  stage.pass(31 * 60_000)
  await page.getByRole('link', { name: 'History' }).click()
  await page.getByText(signedOut).waitFor()
  await signInOn(page, shop)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect(await page.getByText(signedOut).count()).toBe(0)
}, 60_000)
