import { describe, expect, test } from 'vitest'
import type { ApiVerifiedName, VerificationAnswer } from '#faces/dashboard/api.ts'
import { faultsEverywhere, focused } from './browser.ts'
import { deskForTests, signedIn } from './setting.ts'
import { ok, refusal, type Script } from './stand-in.ts'

const desk = deskForTests()

const LIVE: ApiVerifiedName = {
  name: 'example.com',
  wanted: ['203.0.113.10'],
  atCloudflare: ['203.0.113.10'],
  saved: 'yes',
  atNameServers: ['203.0.113.10'],
  served: 'yes',
  reachable: 'yes',
  readyAt: null,
  state: 'live',
}
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString()
const waiting = (): ApiVerifiedName => ({
  ...LIVE,
  reachable: 'no',
  readyAt: inAnHour(),
  state: 'waiting',
  hint: { code: 'remembered', message: 'Some providers may still remember where example.com led before.' },
})
const registrar: ApiVerifiedName = {
  ...LIVE,
  reachable: 'not_checked',
  state: 'attention',
  hint: {
    code: 'registrar',
    message:
      'Your registrar still points example.com at ns1.oldhost.example and ns2.oldhost.example, not at Cloudflare.',
    remedy:
      'Where you registered the domain, set its name servers to ada.ns.example.net and bob.ns.example.net.',
  },
}
const www = (name: ApiVerifiedName): ApiVerifiedName => ({ ...name, name: `www.${name.name}` })
const long: ApiVerifiedName = {
  ...LIVE,
  name: `${'a-very-long-label-of-sixty-three-octets-which-is-the-most-there'}.${'b'.repeat(60)}.${'c'.repeat(60)}.example.com`,
  atCloudflare: Array.from({ length: 8 }, (_, index) => `2001:db8:1234:5678:9abc:def0:1234:${index}`),
}

function script(...names: readonly ApiVerifiedName[]): Script {
  const answer: VerificationAnswer = {
    names,
    delegation: { status: 'yes', nameServers: [] },
    checkedAt: new Date().toISOString(),
  }
  return { ...signedIn, 'GET /api/dns/verification': ok({ ...answer }) }
}

const looks = () => desk.server.asked.filter(({ path }) => path === '/api/dns/verification').length

describe('every state of going live is readable by everyone, on every screen', () => {
  const states: Record<string, readonly ApiVerifiedName[]> = {
    live: [LIVE, www(LIVE)],
    'live, and not checked': [
      {
        ...LIVE,
        reachable: 'not_checked',
        hint: { code: 'not-passed-on', message: 'A server answers for example.com.' },
      },
    ],
    waiting: [waiting(), www(waiting())],
    'the registrar is to do something': [registrar, www(registrar)],
    'a name that leads elsewhere': [
      LIVE,
      {
        ...www(LIVE),
        atCloudflare: ['old.example.net'],
        saved: 'no',
        atNameServers: null,
        served: 'not_checked',
        reachable: 'not_checked',
        state: 'attention',
        hint: {
          code: 'not-pointed',
          message: 'www.example.com leads to old.example.net.',
          remedy: 'Review the changes.',
        },
      },
    ],
    'long names': [long],
  }
  test.each(Object.entries(states))(
    '%s',
    async (_title, names) => {
      await desk.open('/live', script(...names))
      expect(await faultsEverywhere(desk.page)).toEqual([])
    },
    120_000,
  )

  test('an error, with a way to try again', async () => {
    const busy = refusal(503, 'SERVER_ERROR', 'We are busy; try again in a minute.')
    await desk.open('/live', { ...signedIn, 'GET /api/dns/verification': busy })
    expect(await faultsEverywhere(desk.page)).toEqual([])
    desk.server.script = script(LIVE)
    await desk.page.getByRole('button', { name: 'Try again' }).click()
    await desk.page.getByText('example.com is live').waitFor()
  }, 120_000)

  test('looking, which may take a while', async () => {
    const never = new Promise<never>(() => {})
    await desk.open(
      '/live',
      { ...signedIn, 'GET /api/dns/verification': { status: 200, after: never } },
      '.skeleton-row',
    )
    await desk.page.getByText('We are asking name servers and your server.').waitFor()
    expect(await faultsEverywhere(desk.page)).toEqual([])
  }, 120_000)
})

test('it looks again by itself, tells what has changed, and stops when the store is live', async () => {
  await desk.page.clock.install()
  await desk.open('/live', script(waiting()))
  const said = (text: string) => desk.page.getByRole('status').filter({ hasText: text }).waitFor()
  await said('example.com is on its way')
  const first = looks()
  await desk.page.clock.runFor(3_100)
  await expect.poll(looks).toBe(first + 1)
  desk.server.script = script(LIVE)
  await desk.page.clock.runFor(3_100)
  await said('example.com is live')
  const last = looks()
  await desk.page.clock.runFor(120_000)
  expect(looks()).toBe(last)
})

test('nobody who does not look makes it look; whoever comes back sees what is now', async () => {
  await desk.page.clock.install()
  await desk.open('/live', script(waiting()))
  const show = (state: string) =>
    desk.page.evaluate(
      `Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
    )
  await show('hidden')
  const before = looks()
  await desk.page.clock.runFor(120_000)
  expect(looks()).toBe(before)
  desk.server.script = script(LIVE)
  await show('visible')
  await desk.page.getByText('example.com is live').waitFor()
})

test('a look that fails keeps what was seen, says so, and goes on', async () => {
  await desk.page.clock.install()
  await desk.open('/live', script(waiting()))
  desk.server.script['GET /api/dns/verification'] = refusal(503, 'SERVER_ERROR', 'We are busy.')
  await desk.page.clock.runFor(3_100)
  await desk.page.getByText('We cannot check at the moment.').waitFor()
  expect(await desk.page.getByText('example.com is on its way').count()).toBe(1)
  desk.server.script = script(LIVE)
  await desk.page.clock.runFor(10_000)
  await desk.page.getByText('example.com is live').waitFor()
})

test('by keyboard one comes to the store and to the records, and a look moves nothing', async () => {
  await desk.page.clock.install()
  await desk.open('/live', script(waiting()))
  await desk.page.getByRole('link', { name: 'Open https://example.com' }).focus()
  await desk.page.clock.runFor(3_100)
  expect(await focused(desk.page)).toBe('Open https://example.com')
  await desk.page.keyboard.press('Tab')
  expect(await focused(desk.page)).toBe('Go to the records')
  const link = desk.page.getByRole('link', { name: 'Open https://example.com' })
  expect([await link.getAttribute('href'), await link.getAttribute('rel')]).toEqual([
    'https://example.com',
    'noopener noreferrer',
  ])
})
