import { expect, test } from 'vitest'
import { signInOn, stageForTests } from './stage.ts'

const stage = stageForTests()

test('the account tells of sign-ins, of failed ones, and of what was connected and changed', async () => {
  const shop = await stage.shop()
  const stranger = await shop.stranger()
  await stranger.open('/login')
  await stranger.page.getByLabel('E-mail address').fill(shop.email)
  await stranger.page.getByLabel('Password').fill('a wrong guess')
  await stranger.page.getByRole('button', { name: 'Sign in' }).click()
  await stranger.page.getByText('The e-mail address or the password is wrong.').waitFor()

  const { page, open } = await shop.connected()
  await open('/domains')
  await page.getByRole('button', { name: `Delete TXT record for ${shop.domain}` }).click()
  await page.getByRole('button', { name: 'Delete record' }).click()
  await page.getByText('was deleted.').waitFor()
  // The guess is noted a second after its answer.
  await expect
    .poll(
      async () => {
        await open('/account')
        await page.locator('.entry').first().waitFor()
        return page.locator('.entry h3').allTextContents()
      },
      { timeout: 15_000 },
    )
    .toEqual(
      expect.arrayContaining([
        'Changed a DNS record',
        'Confirmed a review of DNS changes',
        'Connected Cloudflare with an API token',
        'Signed in with the password',
        'Somebody tried to sign in with a wrong password',
      ]),
    )
  await page.getByText('Chrome on Linux').first().waitFor()
  expect(await page.content()).not.toContain('a wrong guess')
})

test('signing out everywhere ends the session on the other computer, and this one', async () => {
  const shop = await stage.shop()
  const [here, there] = [await shop.connected(), await shop.signedIn()]
  await there.open('/domains')
  await here.open('/account')
  await here.page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await here.page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await there.page.getByRole('link', { name: 'History' }).click()
  await there.page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await signInOn(there.page, shop)
  await there.page
    .getByRole('heading', { name: 'History' })
    .or(there.page.getByText('Nothing was changed'))
    .waitFor()
})
