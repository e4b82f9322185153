import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSetting, type Setting, secretOf, tokenOf } from './setting.ts'

const SHOP = { id: 'shop', secret: secretOf('shop') }
const BLOG = { id: 'blog', secret: secretOf('blog'), credential: { token: tokenOf('blog') } }
const WWW = { type: 'A', domain: 'example.com', subdomain: 'www', values: ['192.0.2.1'] }

let setting: Setting

beforeEach(async () => {
  setting = await createSetting({
    callers: [SHOP],
    credentials: [
      { kind: 'token', token: tokenOf('default') },
      { kind: 'token', token: tokenOf('blog') },
    ],
    env: { CLOUDFLARE_API_TOKEN: tokenOf('default') },
  })
}, 60_000)
afterEach(() => setting.end())

test('a reload adds a caller at once, with a credential of its own', async () => {
  const blog = setting.client('blog')
  expect((await blog.upsert(WWW)).status).toBe(401)
  await setting.reload([SHOP, BLOG])
  expect((await blog.upsert(WWW)).status).toBe(200)
  expect(setting.routesOf(tokenOf('blog'))).toContain('batch')
  expect(await setting.metric('config_last_reload_successful')).toBe(1)
})

test('a reload removes a caller, keeps its sets, and passes its names to its heir', async () => {
  await setting.client('shop').upsert(WWW)
  await setting.reload([BLOG])
  expect((await setting.client('shop').upsert(WWW)).status).toBe(401)
  const blog = setting.client('blog')
  expect((await blog.upsert(WWW)).json?.error?.message).toContain('belongs to the caller "shop"')
  const before = setting.routesOf(tokenOf('blog')).filter((route) => route === 'batch').length
  await setting.reload([{ ...BLOG, heirOf: ['shop'] }])
  const taken = await blog.upsert(WWW)
  expect([taken.status, taken.json?.message]).toEqual([200, 'Record is up to date'])
  expect(setting.routesOf(tokenOf('blog')).filter((route) => route === 'batch')).toHaveLength(before)
  expect((await blog.delete('A', 'example.com', 'www')).json?.message).toBe('Record deleted successfully')
})

test.each([
  ['is not YAML', `callers:\n  - id: shop\n    secret: "${secretOf('new')}\n`, /CONFIG_FILE, line \d/],
  [
    'has a fault',
    `callers:\n  - { id: shop, secret: "${secretOf('new')}", colour: red }`,
    /callers\[0\]\.colour is not known/,
  ],
  ['is empty', '', /CONFIG_FILE callers is missing/],
])('a reload of a file that %s is refused, keeping the previous one', async (_what, text, words) => {
  await setting.reload(text)
  expect((await setting.client('shop').upsert(WWW)).status).toBe(200)
  expect((await setting.client('shop', secretOf('new')).upsert(WWW)).status).toBe(401)
  expect(await setting.metric('config_last_reload_successful')).toBe(0)
  const [told] = setting
    .log()
    .filter(({ msg }) => msg === 'configuration refused; keeping the previous configuration')
  expect(String(told?.faults)).toMatch(words)
  expect(setting.webhook.printed()).not.toContain(secretOf('new'))
  await setting.reload([{ ...SHOP, secret: secretOf('new') }])
  expect((await setting.client('shop', secretOf('new')).upsert(WWW)).status).toBe(200)
  expect(await setting.metric('config_last_reload_successful')).toBe(1)
})

test('a reload reads the secrets of the environment from their files again', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'zonewright-secret-')), 'secret')
  writeFileSync(file, secretOf('default'))
  await setting.end()
  setting = await createSetting({
    callers: [SHOP],
    credentials: [{ kind: 'token', token: tokenOf('default') }],
    env: { CLOUDFLARE_API_TOKEN: tokenOf('default'), HMAC_SECRET_FILE: file },
  })
  expect((await setting.client('default').upsert(WWW)).status).toBe(200)
  writeFileSync(file, `${secretOf('new')}\n`)
  await setting.reload([SHOP])
  expect((await setting.client('default', secretOf('new')).upsert(WWW)).status).toBe(200)
  expect((await setting.client('default').upsert(WWW)).status).toBe(401)
})

test('a secret is rotated under load without a refused request, and the last use of the old one is measured', async () => {
  const [old, new_] = [secretOf('shop'), secretOf('new')]
  let current = old
  let isOver = false
  const answers = { 200: 0, other: [] as string[] }
  const waiting = new Set<() => void>()

  async function ask(who: number): Promise<void> {
    while (!isOver) {
      const client = setting.client('shop', current)
      for (let index = 0; index < 20 && !isOver; index += 1) {
        const reply = await client.upsert({ ...WWW, subdomain: `n${who}` })
        if (reply.status === 200) answers[200] += 1
        else answers.other.push(`${reply.status} ${reply.text}`)
        for (const wake of waiting) wake()
      }
      client.close()
    }
  }

  /** So many requests more were answered. */
  async function answered(more: number): Promise<void> {
    const until = answers[200] + answers.other.length + more
    while (answers[200] + answers.other.length < until) {
      await new Promise<void>((wake) => {
        const once = () => {
          waiting.delete(once)
          wake()
        }
        waiting.add(once)
      })
    }
  }

  const lastUse = 'previous_secret_last_used_timestamp_seconds{caller="shop"}'
  const startedAt = Date.now()
  const asking = Array.from({ length: 8 }, (_, who) => ask(who))
  await answered(400)
  await setting.reload([{ ...SHOP, secret: new_, previousSecret: old }])
  await answered(400)
  current = new_
  await answered(800)
  const usedAt = await setting.metric(lastUse)
  await setting.reload([{ ...SHOP, secret: new_ }])
  await answered(400)
  isOver = true
  await Promise.all(asking)

  expect(answers.other).toEqual([])
  expect(usedAt).toBeGreaterThan(startedAt / 1000)
  expect(usedAt).toBeLessThan(Date.now() / 1000)
  expect(await setting.metric(lastUse)).toBe(usedAt)
  expect((await setting.client('shop', old).upsert(WWW)).status).toBe(401)
}, 60_000)
