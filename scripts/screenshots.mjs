/**
 * The main screens as they are, for the README and whoever reviews a change: over the demo, in Chromium, on a desk and on
 * a phone, light and dark, into docs/images. `npm run screenshots`.
 */
import './node.mjs'
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { root } from './setup.mjs'

const folder = `${root}docs/images`
const WINDOWS = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } }
const SCHEMES = ['light', 'dark']
const DEMO_MS = 300_000

const demo = await startDemo()
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
try {
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) if (name.endsWith('.webp')) rmSync(`${folder}/${name}`)
  await takeAll(await browser.newPage({ reducedMotion: 'reduce' }))
} finally {
  await browser.close()
  await demo.end()
}
const sizes = readdirSync(folder).map((name) => statSync(`${folder}/${name}`).size)
console.log(`${sizes.length} images, ${Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1024)} KiB`)

/** As somebody who signs in for the first time, and looks around. */
async function takeAll(page) {
  page.setDefaultTimeout(40_000)
  const go = async (path) => {
    await page.goto(`${demo.dashboard}${path}`)
    await page.locator('main h1:not(.skeleton > h1)').waitFor()
    await page.waitForLoadState('networkidle')
  }
  await go('login')
  await take(page, 'login')
  await page.getByLabel('E-mail address').fill(demo.email)
  await page.getByLabel('Password').fill(demo.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Cloudflare DNS Management' }).waitFor()
  await take(page, 'domains')

  await page.getByRole('link', { name: 'Connect Cloudflare' }).click()
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByRole('heading', { name: 'Review DNS Changes' }).waitFor()
  await take(page, 'review')
  await page.getByRole('button', { name: 'Confirm & Connect' }).click()
  await page.getByRole('heading', { name: 'Going live' }).waitFor()
  await page.waitForLoadState('networkidle')
  await take(page, 'going-live')

  await go('domains')
  await take(page, 'records')
  await page.getByRole('button', { name: 'Add Record' }).click()
  await page.getByRole('dialog').getByLabel('Type').selectOption('MX')
  await page.getByLabel('Name', { exact: true }).fill('shop')
  await page.getByLabel('Mail server').fill('mail.example.net')
  await take(page, 'record-form')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Discard' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  for (const type of ['CNAME', 'MX']) {
    for (const box of await page.getByRole('checkbox', { name: new RegExp(`^Select ${type} record`) }).all())
      await box.click()
  }
  await page.getByRole('button', { name: /^Delete \d+ records$/ }).click()
  await page.getByRole('alertdialog').waitFor()
  await take(page, 'delete-several')
  for (const name of ['history', 'health', 'zone-file', 'account']) {
    await go(name)
    await take(page, name)
  }
}

/** What the window shows, each way. WebP, since a PNG of the same is five times as large. */
async function take(page, name) {
  const session = await page.context().newCDPSession(page)
  for (const [where, size] of Object.entries(WINDOWS)) {
    for (const colorScheme of SCHEMES) {
      await page.setViewportSize(size)
      await page.emulateMedia({ colorScheme })
      await page.locator(`html[data-mode=${colorScheme}]`).waitFor()
      await page.evaluate('Promise.all(document.getAnimations().map(({ finished }) => finished))')
      const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 75 })
      writeFileSync(`${folder}/${name}-${where}-${colorScheme}.webp`, Buffer.from(data, 'base64'))
    }
  }
  await session.detach()
}

/** The demo, once it has said where its dashboard is and who may sign in. */
function startDemo() {
  const child = spawn(process.execPath, [`${root}scripts/demo.mjs`], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const end = async () => {
    child.kill('SIGINT')
    await ended
  }
  return new Promise((resolve, reject) => {
    let said = ''
    const late = setTimeout(() => {
      reject(new Error(`The demo was not ready after ${DEMO_MS / 1000} s:\n${said}`))
      void end()
    }, DEMO_MS)
    child.once('exit', (code) => reject(new Error(`The demo ended (${code}):\n${said}`)))
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text
      const ready = /Your turn[^\n]*: (\S+\/dashboard\/)login\n +e-mail +(\S+)\n +password +(\S+)\n/.exec(
        said,
      )
      if (ready === null) return
      clearTimeout(late)
      const [, dashboard, email, password] = ready
      resolve({ dashboard, email, password, end })
    })
  })
}
