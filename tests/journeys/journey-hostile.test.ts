import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RecordsAnswer, SessionAnswer } from '#faces/dashboard/api.ts'
import { PASSWORD, type Shop, stageForTests, type Visitor } from './stage.ts'

const stage = stageForTests()

let elsewhere: Server
beforeAll(async () => {
  elsewhere = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html><title>Free prizes</title>')
  })
  elsewhere.listen(0, '127.0.0.1')
  await once(elsewhere, 'listening')
})
afterAll(async () => {
  elsewhere.close()
  elsewhere.closeAllConnections()
  await once(elsewhere, 'close')
})

/** What a page elsewhere would have a customer's browser do, with the body that does it where it is believed. */
const mutations: Readonly<Record<string, object>> = {
  '/api/dns/records': { type: 'A', name: 'planted', content: '192.0.2.66' },
  '/api/dns/sync': {},
  '/cloudflare/confirm': { planId: 'any', selected: [] },
  '/cloudflare/disconnect': {},
  '/api/cloudflare/token': { token: 'cfut_token-of-the-attacker-0123456789-0123456789' },
  '/api/login': { email: 'attacker@example.org', password: PASSWORD },
  '/api/logout': {},
}

/**
 * The other site is another site to the browser, which keeps the session's cookie from it; the other port is not, and
 * gets it sent along.
 */
describe.each([
  { where: 'another site', host: '127.0.0.1', hasCookie: false },
  { where: 'another port of the same site', host: 'localhost', hasCookie: true },
])('a hostile page on $where', ({ host, hasCookie }) => {
  const hostileUrl = () => `http://${host}:${(elsewhere.address() as AddressInfo).port}/`

  /** `answers`: to what was posted since. */
  async function lured(): Promise<{ shop: Shop; visitor: Visitor; hostile: Page; answers: () => string[] }> {
    const shop = await stage.shop()
    const visitor = await shop.connected()
    const hostile = await visitor.context.newPage()
    await hostile.goto(hostileUrl())
    const before = stage.answered.length
    const answers = () =>
      stage.answered
        .slice(before)
        .filter(({ method }) => method === 'POST')
        .map(({ route, status }) => `${route.replace('/dashboard', '')} ${status}`)
        .sort()
    return { shop, visitor, hostile, answers }
  }

  async function expectNothingHappened({ shop, visitor }: { shop: Shop; visitor: Visitor }): Promise<void> {
    const { customer } = (await visitor.ask<SessionAnswer>('GET', '/api/session')).json
    expect(customer?.email).toBe(shop.email)
    const { connection, records } = (await visitor.ask<RecordsAnswer>('GET', '/api/dns/records')).json
    expect([connection.status, records.length]).toEqual(['connected', 4])
    expect(shop.held()).toHaveLength(4)
  }

  const refusedEach = Object.keys(mutations)
    .map((path) => `${path} 403`)
    .sort()

  test('gets nowhere with forms', async () => {
    const { hostile, answers, ...lure } = await lured()
    for (const [path, body] of Object.entries(mutations)) {
      // A form can send JSON as text, with an equals sign hidden in a member of its own.
      const [name, value] = [`${JSON.stringify(body).slice(0, -1)},"ignored":"`, '"}']
      const asked = hostile.waitForRequest(`${stage.url}/dashboard${path}`)
      await hostile.evaluate(`{
        const form = document.createElement('form')
        Object.assign(form, { method: 'post', enctype: 'text/plain', action: ${JSON.stringify(`${stage.url}/dashboard${path}`)} })
        const input = document.createElement('input')
        Object.assign(input, { name: ${JSON.stringify(name)}, value: ${JSON.stringify(value)} })
        form.append(input)
        document.body.append(form)
        form.submit()
      }`)
      await hostile.waitForURL(`${stage.url}/dashboard${path}`)
      const { cookie = '' } = await (await asked).allHeaders()
      expect(cookie.includes('zonewright=')).toBe(hasCookie)
      await hostile.goto(hostileUrl())
    }
    await expect.poll(answers).toEqual(refusedEach)
    await expectNothingHappened(lure)
  })

  test('gets nowhere with fetch, and reads nothing', async () => {
    const { hostile, answers, ...lure } = await lured()
    const told =
      await hostile.evaluate(`Promise.all(${JSON.stringify(Object.entries(mutations))}.flatMap(([path, body]) => {
      const address = ${JSON.stringify(`${stage.url}/dashboard`)} + path
      const request = { method: 'POST', credentials: 'include', body: JSON.stringify(body) }
      return [
        fetch(address, { ...request, mode: 'no-cors' }).then(({ type }) => type, () => 'refused'),
        fetch(address, { ...request, headers: { 'content-type': 'application/json', 'x-csrf-token': 'guessed' } })
          .then(({ type }) => type, () => 'refused'),
      ]
    }))`)
    expect(new Set(told as string[])).toEqual(new Set(['refused']))
    await expect.poll(answers).toEqual(refusedEach)
    const read =
      await hostile.evaluate(`Promise.all(['/api/session', '/api/dns/records', '/api/dns/history'].map((path) =>
      fetch(${JSON.stringify(`${stage.url}/dashboard`)} + path, { credentials: 'include' })
        .then((answer) => answer.text(), () => 'refused')))`)
    expect(read).toEqual(['refused', 'refused', 'refused'])
    await expectNothingHappened(lure)
  })

  test('gets nowhere with images and frames', async () => {
    const { hostile, answers, ...lure } = await lured()
    const paths = [
      '/api/session',
      '/api/dns/records',
      '/cloudflare/connect',
      '/cloudflare/callback?code=x&state=y',
    ]
    const images =
      await hostile.evaluate(`Promise.all(${JSON.stringify(paths)}.map((path) => new Promise((resolve) => {
      const image = new Image()
      image.onload = () => resolve('shown')
      image.onerror = () => resolve('refused')
      image.src = ${JSON.stringify(`${stage.url}/dashboard`)} + path
    })))`)
    expect(images).toEqual(paths.map(() => 'refused'))

    await hostile.evaluate(`new Promise((resolve) => {
      const frame = document.createElement('iframe')
      frame.onload = resolve
      frame.src = ${JSON.stringify(`${stage.url}/dashboard/domains`)}
      document.body.append(frame)
    })`)
    const [, frame] = hostile.frames()
    expect(await frame?.locator('body').textContent()).not.toMatch(/DNS|Cloudflare/)
    expect(answers()).toEqual([])
    await expectNothingHappened(lure)
  })

  test('that opens our page has no hold on it, nor our page on it', async () => {
    const { hostile, ...lure } = await lured()
    const opened = hostile.waitForEvent('popup')
    await hostile.evaluate(
      `{ window.ours = window.open(${JSON.stringify(`${stage.url}/dashboard/domains`)}) }`,
    )
    const ours = await opened
    await ours.getByRole('heading').first().waitFor()
    expect(await ours.evaluate('window.opener')).toBe(null)
    expect(await hostile.evaluate('window.ours.closed')).toBe(true)
    await hostile.evaluate(`{ window.ours.location = ${JSON.stringify(hostileUrl())} }`)
    expect(ours.url()).toContain('/dashboard/')
    await expectNothingHappened(lure)
  })
})
