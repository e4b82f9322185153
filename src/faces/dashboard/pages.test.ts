import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startDashboard, type TestDashboard } from './testing.ts'

let dashboard: TestDashboard

beforeEach(async () => {
  dashboard = await startDashboard()
})

afterEach(() => dashboard.close())

describe('pages', () => {
  const HTML = '<!doctype html><title>Zonewright</title>'
  const wanting = { accept: 'text/html' }

  async function withPages(): Promise<TestDashboard> {
    const folder = mkdtempSync(join(tmpdir(), 'zonewright-pages-'))
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, 'index.html'), HTML)
    writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
    writeFileSync(join(folder, 'assets', 'main-0123abcd.js'), 'export {}')
    await dashboard.close()
    dashboard = await startDashboard({ pages: folder })
    return dashboard
  }

  test('every page address serves the same file, which no cache keeps', async () => {
    const browser = (await withPages()).browser()
    for (const path of ['login', 'domains', 'cloudflare/confirm', 'history']) {
      const { status, text, headers } = await browser.get(`/dashboard/${path}`, wanting)
      expect([path, status, text, headers['cache-control']]).toEqual([path, 200, HTML, 'no-store'])
    }
  })

  test('asset names change with their content, so that caches may keep them for good', async () => {
    const browser = (await withPages()).browser()
    const script = await browser.get('/dashboard/assets/main-0123abcd.js')
    expect([script.status, script.headers['cache-control']]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ])
    expect(script.headers['content-type']).toMatch(/javascript/)
    expect((await browser.get('/dashboard/favicon.svg')).headers['cache-control']).toBe('no-store')
  })

  test('an unknown page is a 404 in HTML, and no file outside of the pages is served', async () => {
    const browser = (await withPages()).browser()
    const missing = await browser.get('/dashboard/nothing', wanting)
    expect([missing.status, missing.text]).toEqual([404, HTML])
    for (const path of [
      '/dashboard/assets/../index.html/../../package.json',
      '/dashboard/..%2f..%2fpackage.json',
      '/dashboard/assets/%2e%2e/%2e%2e/etc/passwd',
    ]) {
      expect((await browser.get(path)).status).toBe(404)
    }
    expect((await browser.get('/dashboard/api/nothing', wanting)).error?.code).toBe('NOT_FOUND')
  })

  test('the root redirects to the domains page', async () => {
    for (const path of ['/', '/dashboard', '/dashboard/']) {
      const { status, headers } = await dashboard.browser().get(path)
      expect([status, headers.location]).toEqual([302, '/dashboard/domains'])
    }
  })

  test('pages that are not built answer with what to do', async () => {
    const { status, text } = await dashboard.browser().get('/dashboard/login')
    expect([status, text]).toEqual([503, 'The pages are not built. Run `npm run build`.\n'])
  })
})
