import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { stageForTests } from './stage.ts'

const stage = stageForTests()

test('a zone file is chosen, corrected by its lines, reviewed and imported, by keyboard alone', async () => {
  const shop = await stage.shop()
  const { page, open } = await shop.connected()
  const before = shop.held()
  await open('/domains')
  await page.getByRole('link', { name: 'Import & export' }).press('Enter')
  const text = `$TTL 300
@    SOA ns1.example.net. host.example.net. 1 2 3 4 5
blog IN A 192.0.2.300
mail IN A 192.0.2.25 ; the mail server cf_tags=cf-proxied:false
www  IN CNAME newhost.example.org.
`
  await page
    .getByLabel('Choose a zone file')
    .setInputFiles({ name: 'zone.txt', mimeType: 'text/plain', buffer: Buffer.from(text) })
  const typed = page.getByLabel('Or paste its text')
  await expect.poll(() => typed.inputValue()).toBe(text)
  await page.getByRole('button', { name: 'Preview' }).press('Enter')
  await page.getByText('One line cannot be read').waitFor()
  await page.getByText('line 3:').waitFor()
  expect(shop.held()).toEqual(before)

  await typed.fill(text.replace('192.0.2.300', '192.0.2.30'))
  await page.getByRole('button', { name: 'Preview' }).press('Enter')
  await page.getByRole('heading', { name: 'Review the import' }).waitFor()
  await page.getByText("Cloudflare's own, so they are left out (line 2).").waitFor()
  expect(shop.held()).toEqual(before)
  // Every row can be left out: the blog stays away.
  await page.getByRole('checkbox', { name: `ADD A record for blog.${shop.domain}` }).press('Space')
  await page.getByRole('button', { name: 'Confirm import' }).press('Enter')
  await page.getByText('Imported: 2 changes made at Cloudflare.').waitFor()
  expect(shop.held()).toEqual(
    [
      ...before.filter((line) => !line.startsWith('CNAME')),
      `A mail.${shop.domain} 192.0.2.25`,
      `CNAME www.${shop.domain} newhost.example.org`,
    ].sort(),
  )

  await page.getByRole('link', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Confirm undo' }).click()
  await page.getByText('The change was taken back').waitFor()
  expect(shop.held()).toEqual(before)
})

test('the zone file that is downloaded brings everything back', async () => {
  const shop = await stage.shop()
  const { page, open, ask } = await shop.connected()
  const before = shop.held()
  await open('/zone-file')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the zone file' }).click(),
  ])
  expect(download.suggestedFilename()).toBe(`${shop.domain}.txt`)
  const text = readFileSync(await download.path(), 'utf8')
  const records = await ask<{ records: { id: string; name: string }[] }>('GET', '/api/dns/records')
  const www = records.json.records.find(({ name }) => name === `www.${shop.domain}`)!
  await ask('DELETE', `/api/dns/records/${www.id}`)
  expect(shop.held()).toHaveLength(before.length - 1)

  await page.getByLabel('Or paste its text').fill(text)
  await page.getByRole('button', { name: 'Preview' }).click()
  await page.getByRole('button', { name: 'Confirm import' }).click()
  await page.getByText('Imported: 1 change made at Cloudflare.').waitFor()
  expect(shop.held()).toEqual(before)
})

test('a zone that has changed during the review is reviewed again', async () => {
  const shop = await stage.shop()
  const { page, open } = await shop.connected()
  await open('/zone-file')
  await page.getByLabel('Or paste its text').fill('www 300 CNAME newhost.example.org.')
  await page.getByRole('button', { name: 'Preview' }).click()
  await page.getByRole('heading', { name: 'Review the import' }).waitFor()
  const held = stage.emulator.state.records(shop.domain).find(({ type }) => type === 'CNAME')!
  stage.emulator.state.editRecord(shop.domain, held.id, { content: 'elsewhere.example.org' })
  await page.getByRole('button', { name: 'Confirm import' }).click()
  await page.getByText('elsewhere.example.org').first().waitFor()
  expect(shop.held()).toContain(`CNAME www.${shop.domain} elsewhere.example.org`)
  await page.getByRole('button', { name: 'Confirm import' }).click()
  await page.getByText('Imported: 1 change made at Cloudflare.').waitFor()
  expect(shop.held()).toContain(`CNAME www.${shop.domain} newhost.example.org`)
})

test('a finding of Health is fixed by a review, and is gone afterwards', async () => {
  const shop = await stage.shop()
  stage.emulator.state.addRecord(shop.domain, { type: 'TXT', name: '@', content: '"v=spf1 a -all"' })
  const { page, open } = await shop.connected()
  await open('/domains')
  await page.getByRole('link', { name: 'Health' }).click()
  await page
    .getByRole('heading', { name: `${shop.domain} has 2 SPF records. Only one is allowed.` })
    .waitFor()
  await page.getByRole('link', { name: /Review the fix: .* SPF records/ }).click()
  await page.getByRole('button', { name: 'Confirm changes' }).click()
  await page.getByText('Fixed: 2 changes made at Cloudflare.').waitFor()
  await page.getByRole('heading', { name: `${shop.domain} has no DMARC record.` }).waitFor()
  expect(await page.getByText('SPF records').count()).toBe(0)
  const spf = shop.held().filter((line) => line.includes('v=spf1'))
  expect(spf).toHaveLength(1)
  expect(spf[0]!.split(' ').slice(2).sort()).toEqual(['-all', 'a', 'include:_spf.example.net', 'v=spf1'])
  await page.getByRole('link', { name: /Review the fix: .* DMARC/ }).click()
  await page.getByRole('button', { name: 'Confirm changes' }).click()
  await page.getByRole('heading', { name: 'Nothing to fix' }).waitFor()
  expect(shop.held()).toContain(`TXT _dmarc.${shop.domain} v=DMARC1; p=none`)
})
