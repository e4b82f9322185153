import { describe, expect, test } from 'vitest'
import { faultsEverywhere } from './browser.ts'
import {
  answer,
  audit,
  change,
  changed,
  drawn,
  history,
  long,
  many,
  plan,
  session,
  usual,
} from './samples.ts'
import { connected, deskForTests, signedIn, signedOut } from './setting.ts'
import { ok, refusal, type Script } from './stand-in.ts'

const desk = deskForTests()

/** Each state is read four times by axe, which takes its time on a machine that has other things to do. */
const FOUR_READINGS_MS = 120_000

describe('every state of the pages is readable by everyone, on every screen, within its policy', () => {
  const never = new Promise<never>(() => {})
  const UNDO = `/history/${'a'.repeat(32)}/undo`
  const blocked = {
    code: 'zone-moved',
    message: "example.com no longer uses Cloudflare's name servers, so a change here would not show.",
    remedy: "Set Cloudflare's name servers at your registrar again.",
  }
  const states: Record<
    string,
    { path: string; script: Script; until?: string; act?: () => Promise<unknown> }
  > = {
    'sign-in': { path: '/login', script: signedOut },
    'sign-in, left empty': {
      path: '/login',
      script: signedOut,
      act: () => desk.page.getByRole('button', { name: 'Sign in' }).click(),
    },
    'sign-in, after a session has ended': {
      path: '/login',
      script: { 'GET /api/session': ok(session({ customer: null, hasEnded: true })) },
    },
    'a link for somebody else': {
      path: '/arrival',
      script: {
        'GET /api/session': ok(
          session({ arrival: { email: `${'a'.repeat(64)}@example.net`, domain: long[0]!.name } }),
        ),
        'POST /api/arrival': refusal(409, 'CONFLICT', 'This took too long.'),
      },
      act: () => desk.page.getByRole('button', { name: 'Switch account' }).click(),
    },
    'a server that does not answer': {
      path: '/login',
      script: { 'GET /api/session': refusal(503, 'SERVER_ERROR', 'We are busy; try again in a minute.') },
    },
    loading: {
      path: '/domains',
      script: { ...signedIn, 'GET /api/dns/records': { status: 200, after: never } },
      until: '.skeleton-row',
    },
    'a list that cannot be loaded': {
      path: '/domains',
      script: { ...signedIn, 'GET /api/dns/records': refusal(500, 'SERVER_ERROR', 'Something went wrong.') },
    },
    'no connection': {
      path: '/domains',
      script: { ...signedIn, 'GET /api/dns/records': ok(answer('none')) },
    },
    'no connection, and a letter for somebody else': {
      path: '/domains',
      script: { ...signedIn, 'GET /api/dns/records': ok(answer('none')) },
      act: () => desk.page.getByText('Does somebody else look after your domain?').click(),
    },
    'no connection, one door': {
      path: '/domains',
      script: {
        'GET /api/session': ok(session({ features: { ...session().features, oauth: false } })),
        'GET /api/dns/records': ok(answer('none')),
      },
    },
    'a domain that is not there': {
      path: '/domains',
      script: {
        ...signedIn,
        'GET /api/dns/records': ok(answer('zone_missing')),
        'GET /api/cloudflare/plan': ok(
          plan([], { zone: null, blocked: { ...blocked, code: 'zone-not-found' } }),
        ),
      },
    },
    'a review to be read': {
      path: '/domains',
      script: { ...signedIn, 'GET /api/dns/records': ok(answer('review_pending', usual)) },
    },
    'a connection that is lost': {
      path: '/domains',
      script: { ...signedIn, 'GET /api/dns/records': ok(answer('reconnect_required', usual)) },
    },
    'no records': {
      path: '/domains',
      script: { ...signedIn, 'GET /api/dns/records': ok(answer('connected')) },
    },
    'records, and three messages': {
      path: '/domains',
      script: {
        ...connected,
        'GET /api/session': ok(
          session({
            flash: [
              { kind: 'success', message: 'Done.' },
              { kind: 'info', message: 'By the way.' },
              { kind: 'error', message: 'Cloudflare was not connected, because you declined.' },
            ],
          }),
        ),
      },
    },
    'long names': {
      path: '/domains',
      script: { ...signedIn, 'GET /api/dns/records': ok(answer('connected', long)) },
    },
    'three thousand records': {
      path: '/domains',
      script: { ...signedIn, 'GET /api/dns/records': ok(answer('connected', many(3_000))) },
    },
    'no record that matches': {
      path: '/domains',
      script: connected,
      act: () => desk.page.getByRole('searchbox').fill('nothing is called like this'),
    },
    'a form with everything wrong': {
      path: '/domains',
      script: connected,
      act: async () => {
        await desk.page.getByRole('button', { name: 'Add Record' }).click()
        await desk.page.getByRole('dialog').getByLabel('Type').selectOption('MX')
        await desk.page.getByLabel('Name', { exact: true }).fill('a..b')
        await desk.page.getByLabel('Priority').fill('many')
        await desk.page.getByRole('button', { name: 'Add record', exact: true }).last().click()
      },
    },
    'a change that is being checked': {
      path: '/domains',
      script: {
        ...connected,
        'POST /api/dns/records': { status: 202, body: { operation: { id: 'o1', status: 'checking' } } },
        'GET /api/operations/o1': ok({ operation: { id: 'o1', status: 'checking' } }),
      },
      act: async () => {
        await desk.addRecord('shop', '192.0.2.1')
        await desk.page.getByText('Cloudflare has not confirmed this yet').waitFor()
      },
    },
    'the question before a delete': {
      path: '/domains',
      script: connected,
      act: () =>
        desk.page.getByRole('button', { name: 'Delete A record for example.com', exact: true }).click(),
    },
    'records that are picked, and one that is opened': {
      path: '/domains',
      script: connected,
      act: async () => {
        await desk.page.locator('summary').first().click()
        await desk.page.getByRole('checkbox', { name: /^Select all/ }).click()
      },
    },
    'the question before many deletes': {
      path: '/domains',
      script: { ...signedIn, 'GET /api/dns/records': ok(answer('connected', [...usual, ...many(60)])) },
      act: async () => {
        await desk.page.getByRole('checkbox', { name: /^Select all/ }).click()
        await desk.page.getByRole('button', { name: 'Delete 70 records' }).click()
        await desk.page.getByRole('alertdialog').waitFor()
      },
    },
    'the question before disconnecting': {
      path: '/domains',
      script: connected,
      act: () => desk.page.getByRole('button', { name: 'Disconnect' }).click(),
    },
    review: {
      path: '/cloudflare/confirm',
      script: { ...signedIn, 'GET /api/cloudflare/plan': ok(plan(drawn)) },
    },
    'a long review with warnings': {
      path: '/cloudflare/confirm',
      script: {
        ...signedIn,
        'GET /api/cloudflare/plan': ok(
          plan(
            [
              change(
                'add',
                'A',
                'example.com',
                { to: '203.0.113.10' },
                { reason: 'Points example.com at your desk.server.' },
              ),
              ...many(60).map(({ name }) =>
                change('keep', 'A', name, { from: '192.0.2.7' }, { reason: 'It stays.' }),
              ),
            ],
            {
              warnings: [
                { code: 'long-ttl', message: 'Some visitors may reach the old server for up to 24 hours.' },
              ],
            },
          ),
        ),
      },
    },
    'a review that is blocked': {
      path: '/cloudflare/confirm',
      script: { ...signedIn, 'GET /api/cloudflare/plan': ok(plan([], { blocked })) },
    },
    'a review without changes': {
      path: '/cloudflare/confirm',
      script: { ...signedIn, 'GET /api/cloudflare/plan': ok(plan([])) },
    },
    'no history': { path: '/history', script: { ...signedIn, 'GET /api/dns/history': ok(history([])) } },
    'a history': {
      path: '/history',
      script: { ...signedIn, 'GET /api/dns/history': ok(history(changed, '1.0')) },
      act: () => desk.page.locator('.moment').first().click(),
    },
    'a history that cannot be loaded': {
      path: '/history',
      script: { ...signedIn, 'GET /api/dns/history': refusal(503, 'SERVER_ERROR', 'Please try again.') },
    },
    'an account': {
      path: '/account',
      script: { ...signedIn, 'GET /api/audit': ok(audit) },
      act: () => desk.page.locator('.moment').nth(1).click(),
    },
    'an account that cannot be loaded': {
      path: '/account',
      script: { ...signedIn, 'GET /api/audit': refusal(503, 'SERVER_ERROR', 'Please try again.') },
    },
    'an undo': {
      path: UNDO,
      script: {
        ...signedIn,
        [`POST /api/dns${UNDO}`]: ok(
          plan(
            [
              change('add', 'MX', 'example.com', { to: 'mail.example.net', priority: 10 }),
              change(
                'replace',
                'A',
                'example.com',
                { from: '192.0.2.1', to: '192.0.2.2' },
                { selected: false, reason: 'It was changed again since.' },
              ),
            ],
            { origin: { kind: 'undo', undoes: { historyId: 'a'.repeat(32), at: '2026-11-01T10:00:00Z' } } },
          ),
        ),
      },
    },
    'an undo of what is back already': {
      path: UNDO,
      script: {
        ...signedIn,
        [`POST /api/dns${UNDO}`]: ok(
          plan([], {
            warnings: [{ code: 'not-restorable', message: 'The HTTPS records cannot be put back.' }],
          }),
        ),
      },
    },
    'a page that is not there': { path: '/nowhere', script: signedIn },
  }

  test.each(Object.entries(states))(
    '%s',
    async (_title, { path, script, until, act }) => {
      await desk.open(path, script, until)
      await act?.()
      expect(await faultsEverywhere(desk.page)).toEqual([])
    },
    FOUR_READINGS_MS,
  )
})

test('on a phone, the navigation shows where one is', async () => {
  await desk.page.setViewportSize({ width: 360, height: 740 })
  await desk.open('/account', { ...signedIn, 'GET /api/audit': ok(audit) })
  const here = await desk.page.locator('.navigation [aria-current]').boundingBox()
  expect(here!.x).toBeGreaterThanOrEqual(0)
  expect(here!.x + here!.width).toBeLessThanOrEqual(360)
})
