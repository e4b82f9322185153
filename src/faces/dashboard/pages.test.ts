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

  test('are one file at every address, and never kept by a cache', async () => {
    const browser = (await withPages()).browser()
    for (const path of ['login', 'domains', 'cloudflare/confirm', 'history']) {
      const { status, text, headers } = await browser.get(`/dashboard/${path}`, wanting)
      expect([path, status, text, headers['cache-control']]).toEqual([path, 200, HTML, 'no-store'])
    }
  })

  test('bring files whose names change with them, which caches may keep for good', async () => {
    const browser = (await withPages()).browser()
    const script = await browser.get('/dashboard/assets/main-0123abcd.js')
    expect([script.status, script.headers['cache-control']]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ])
    expect(script.headers['content-type']).toMatch(/javascript/)
    expect((await browser.get('/dashboard/favicon.svg')).headers['cache-control']).toBe('no-store')
  })

  test('say themselves when there is no such page, and no file outside is to be had', async () => {
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

  test('begin with the domains', async () => {
    for (const path of ['/', '/dashboard', '/dashboard/']) {
      const { status, headers } = await dashboard.browser().get(path)
      expect([status, headers.location]).toEqual([302, '/dashboard/domains'])
    }
  })

  test('that are not built say what to do', async () => {
    const { status, text } = await dashboard.browser().get('/dashboard/login')
    expect([status, text]).toEqual([503, 'The pages are not built. Run `npm run build`.\n'])
  })
})
