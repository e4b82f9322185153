import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import type { HistoryAnswer } from '#faces/dashboard/api.ts'
import { faultsEverywhere, focused } from './browser.ts'
import { SERVER, signInOn, stageForTests, type Visitor } from './stage.ts'

const stage = stageForTests()

async function deleted(page: Page, what: string): Promise<void> {
  await page.getByRole('button', { name: `Delete ${what}`, exact: true }).click()
  await page.getByRole('button', { name: 'Delete record' }).click()
  await page.getByText('was deleted.').waitFor()
}

const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true }).waitFor()

/** The entries of the history, a line each. */
async function told(visitor: Visitor): Promise<string[]> {
  const { json } = await visitor.ask<HistoryAnswer>('GET', '/api/dns/history')
  return json.entries.map(({ actor, summary }) => `${actor.kind}: ${summary}`)
}

describe('a change is taken back', () => {
  test('a change is undone right after it, by the link beside its message, once its review is confirmed', async () => {
    const shop = await stage.shop()
    const visitor = await shop.connected()
    const { page } = visitor
    const before = shop.held()
    await visitor.open('/domains')
    await deleted(page, `MX record for ${shop.domain}`)
    expect(shop.held()).toHaveLength(before.length - 1)
    await page.getByRole('link', { name: 'Undo' }).click()
    await heading(page, 'Undo a change')
    await page.getByText(`ADD`).first().waitFor()
    expect(shop.held()).toHaveLength(before.length - 1)
    expect(await faultsEverywhere(page)).toEqual([])
    await page.getByRole('button', { name: 'Confirm undo' }).click()
    await page.getByText('The change was taken back').waitFor()
    await heading(page, 'DNS Records')
    expect(shop.held()).toEqual(before)
    expect(await told(visitor)).toEqual([
      'customer: Undid an earlier change: 1 change',
      `customer: Deleted MX ${shop.domain}`,
    ])

    // And that, too; of the last mail server nothing is ticked by itself.
    await page.getByRole('link', { name: 'Undo' }).click()
    await heading(page, 'Undo a change')
    await page.getByText('Nothing is ticked, so nothing would change.').waitFor()
  }, 120_000)

  test('a change is undone from the history, by keyboard alone', async () => {
    const shop = await stage.shop()
    const visitor = await shop.connected()
    const { page } = visitor
    const before = shop.held()
    await visitor.open('/domains')
    await page.getByRole('button', { name: `Edit A record for ${shop.domain}` }).click()
    await page.getByLabel('IPv4 address').fill('192.0.2.77')
    await page.keyboard.press('Enter')
    await page.getByText('was saved.').waitFor()

    await page.getByRole('link', { name: 'History' }).focus()
    await page.keyboard.press('Enter')
    await heading(page, 'History')
    await page.getByText('192.0.2.77').waitFor()
    for (let step = 0; (await focused(page)) !== 'Undo' && step < 30; step += 1) {
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await heading(page, 'Undo a change')
    await page.getByText('192.0.2.77').first().waitFor()
    for (let step = 0; (await focused(page)) !== 'Confirm undo' && step < 30; step += 1) {
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await page.getByText('The change was taken back').waitFor()
    expect(shop.held()).toEqual(before)
  })

  test('a whole onboarding is undone in one step', async () => {
    const shop = await stage.shop()
    const visitor = await shop.signedIn()
    const { page } = visitor
    const before = shop.held()
    await visitor.ask('POST', '/api/cloudflare/token', { token: shop.token })
    await visitor.open('/cloudflare/confirm')
    await page.getByRole('button', { name: 'Confirm & Connect' }).click()
    await page.getByText('now points to your store').waitFor()
    expect(shop.held()).toContain(`A ${shop.domain} ${SERVER}`)

    await page.getByRole('link', { name: 'Undo' }).click()
    await heading(page, 'Undo a change')
    await page.getByRole('button', { name: 'Confirm undo' }).click()
    await page.getByText('The change was taken back').waitFor()
    expect(shop.held()).toEqual(before)
    expect((await told(visitor))[1]).toMatch(/^customer: Confirmed the review/)
  })

  test('a change that somebody made elsewhere is undone', async () => {
    const shop = await stage.shop()
    const visitor = await shop.connected()
    const { page } = visitor
    const before = shop.held()
    const { state } = stage.emulator
    const { id } = state.records(shop.domain).find(({ type }) => type === 'TXT')!
    state.removeRecord(shop.domain, id)
    await visitor.ask('POST', '/api/dns/sync')
    await visitor.open('/history')
    await page.getByText('Elsewhere, at Cloudflare').waitFor()
    await page.getByRole('link', { name: 'Undo' }).click()
    await page.getByRole('button', { name: 'Confirm undo' }).click()
    await page.getByText('The change was taken back').waitFor()
    expect(shop.held()).toEqual(before)
  })
})

test('an undo whose records changed while it was read shows the new review, and changes nothing', async () => {
  const shop = await stage.shop()
  const visitor = await shop.connected()
  const { page } = visitor
  await visitor.open('/domains')
  await deleted(page, `A record for ${shop.domain}`)
  await page.getByRole('link', { name: 'Undo' }).click()
  await heading(page, 'Undo a change')
  stage.emulator.state.addRecord(shop.domain, { type: 'A', name: '@', content: '192.0.2.99' })
  const there = shop.held()
  await page.getByRole('button', { name: 'Confirm undo' }).click()
  await page.getByText('changed while you were reading').waitFor()
  expect(shop.held()).toEqual(there)
  await page.getByText('It was changed again since').first().waitFor()
  const box = page.getByRole('checkbox', { name: `REPLACE A record for ${shop.domain}` })
  expect(await box.isChecked()).toBe(false)
  await box.click()
  await page.getByRole('button', { name: 'Confirm undo' }).click()
  await page.getByText('The change was taken back').waitFor()
  expect(shop.held()).toContain(`A ${shop.domain} 198.51.100.20`)
})

test('the history teaches while it is empty, and comes by pages when it is long', async () => {
  const shop = await stage.shop()
  const visitor = await shop.connected()
  const { page } = visitor
  await visitor.open('/history')
  await heading(page, 'Nothing was changed yet')
  const { state } = stage.emulator
  for (let index = 0; index < 53; index += 1) {
    state.addRecord(shop.domain, { type: 'A', name: `n${index}`, content: '192.0.2.1' })
    stage.pass(61_000)
    await visitor.ask('POST', '/api/dns/sync')
  }
  await visitor.open('/history')
  const entries = page.locator('.entry')
  await entries.first().waitFor()
  expect(await entries.count()).toBe(50)
  await page.getByRole('button', { name: 'Show older ones' }).click()
  await page.getByText('Nothing older is kept.').waitFor()
  expect(await entries.count()).toBe(53)
}, 120_000)

test('somebody who is signed out is brought back to the undo that they had opened', async () => {
  const shop = await stage.shop()
  const visitor = await shop.connected()
  await visitor.open('/domains')
  await deleted(visitor.page, `MX record for ${shop.domain}`)
  const path = await visitor.page.getByRole('link', { name: 'Undo' }).getAttribute('href')
  const { page } = await shop.stranger()
  await page.goto(`${stage.url}${path}`)
  await signInOn(page, shop)
  await heading(page, 'Undo a change')
  await page.getByText('ADD').first().waitFor()
})

test('an undo of what is not in the history says so', async () => {
  const visitor = await (await stage.shop()).connected()
  await visitor.open(`/history/${'0'.repeat(32)}/undo`)
  await heading(visitor.page, 'This change cannot be undone here')
})
