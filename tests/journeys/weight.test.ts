// needs: pages
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { root } from '../support/imports.ts'
import { drawn, plan } from './samples.ts'
import { connected, deskForTests, LOADED, signedIn, signedOut } from './setting.ts'
import { ok, type Script } from './stand-in.ts'

const desk = deskForTests()

test('the first page weighs at most 170 kB of JavaScript, gzipped', async () => {
  const weights = new Map(
    readdirSync(join(root, 'dist/web/assets'))
      .filter((file) => file.endsWith('.js'))
      .map((file) => [file, gzipSync(readFileSync(join(root, 'dist/web/assets', file))).length]),
  )
  const loaded = async (path: string, script: Script) => {
    const fresh = await (await desk.browser()).newPage()
    const files: string[] = []
    fresh.on('response', (response) => files.push(response.url().split('/').at(-1)!))
    desk.server.script = script
    await fresh.goto(desk.server.url + path)
    await fresh.locator(LOADED).waitFor()
    await fresh.waitForLoadState('networkidle')
    await fresh.close()
    return files.reduce((sum, file) => sum + (weights.get(file) ?? 0), 0)
  }
  const [login, domains, review] = [
    await loaded('/login', signedOut),
    await loaded('/domains', connected),
    await loaded('/cloudflare/confirm', { ...signedIn, 'GET /api/cloudflare/plan': ok(plan(drawn)) }),
  ]
  const kB = (octets: number) => `${(octets / 1000).toFixed(1)} kB`
  console.log(`JavaScript, gzipped: sign-in ${kB(login)}, records ${kB(domains)}, review ${kB(review)}`)
  expect(login).toBeGreaterThan(0)
  for (const weight of [login, domains, review]) expect(weight).toBeLessThanOrEqual(170_000)
})
