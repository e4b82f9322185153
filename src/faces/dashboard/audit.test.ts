import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AuditEvent } from '#accounts/audit.ts'
import { createDashboardWorld, type DashboardWorld, TOKEN } from '../../../tests/support/dashboard-world.ts'
import type { AuditAnswer } from './api.ts'
import type { Browser } from './testing.ts'

const AUDIT = '/dashboard/api/audit'
const RECORDS = '/dashboard/api/dns/records'

let world: DashboardWorld
beforeEach(async () => {
  world = await createDashboardWorld()
})
afterEach(() => world.end())

/** `signed-in from 127.0.0.1, Another program`, newest first. */
async function told(browser: Browser): Promise<string[]> {
  const { json } = await browser.get(AUDIT)
  return (json as AuditAnswer).entries.map(({ event, address, browser, detail }) =>
    [event, ...(detail === undefined ? [] : [detail]), `from ${address}, ${browser}`].join(' '),
  )
}

const events = async (browser: Browser) => (await told(browser)).map((line) => line.split(' from ')[0])

test('the audit log lists the sign-in, the connection, the review and every change', async () => {
  const anna = await world.connected('anna')
  const created = await anna.post(RECORDS, { type: 'A', name: 'www', content: '192.0.2.1' })
  const historyId = String(created.headers['x-history-id'])
  const { entries } = (await anna.get('/dashboard/api/dns/history')).json
  expect(entries[0].id).toBe(historyId)
  await anna.send('DELETE', `${RECORDS}/${created.json.record.id}`)
  await anna.post('/dashboard/cloudflare/disconnect')
  expect(await events(anna)).toEqual([
    'disconnected',
    expect.stringMatching(/^changed [0-9a-f]{32}$/),
    `changed ${historyId}`,
    'confirmed',
    'connected token',
    'signed-in',
  ])
  expect((await told(anna)).at(-1)).toBe('signed-in from 127.0.0.1, Another program')
  await anna.post('/dashboard/api/cloudflare/token', { token: TOKEN })
  await anna.post('/dashboard/api/cloudflare/token', { token: TOKEN })
  expect((await events(anna)).slice(0, 2)).toEqual(['reconnected token', 'connected token'])
})

interface Change {
  readonly path?: (last: { readonly id: string; readonly entry: string }) => string
  readonly body?: (last: { readonly id: string }) => unknown
  /** What the account's owner is told; left out: nothing was changed. */
  readonly event?: AuditEvent
}

/** Each goes on with the record and the entry of the history that the ones before it left. */
const RECORD_CHANGES: Readonly<Record<string, Change>> = {
  'POST /dashboard/api/dns/sync': {},
  'POST /dashboard/api/dns/records': {
    body: () => ({ type: 'A', name: 'www', content: '192.0.2.1' }),
    event: 'changed',
  },
  'PUT /dashboard/api/dns/records/:id': {
    path: ({ id }) => `${RECORDS}/${id}`,
    body: () => ({ type: 'A', name: 'www', content: '192.0.2.2' }),
    event: 'changed',
  },
  'DELETE /dashboard/api/dns/records/:id': { path: ({ id }) => `${RECORDS}/${id}`, event: 'changed' },
  'POST /dashboard/api/dns/history/:id/undo': {
    path: ({ entry }) => `/dashboard/api/dns/history/${entry}/undo`,
  },
  'POST /dashboard/api/dns/import': {
    path: () => '/dashboard/api/dns/import?dryRun=false',
    body: () => 'shop A 192.0.2.3\n',
    event: 'confirmed',
  },
  'POST /dashboard/api/dns/records/delete': { body: ({ id }) => ({ ids: [id] }), event: 'changed' },
}
/** Told of above and below, and where the host platform signs somebody in; a plan changes nothing. */
const OTHERS = [
  'POST /dashboard/api/arrival',
  'POST /dashboard/api/cloudflare/token',
  'POST /dashboard/api/dns/health/plan',
  'POST /dashboard/api/login',
  'POST /dashboard/api/logout',
  'POST /dashboard/api/logout-everywhere',
  'POST /dashboard/cloudflare/confirm',
  'POST /dashboard/cloudflare/disconnect',
]

test('every route that changes records writes to the audit log, and no other does', async () => {
  const changing = world.routes.filter((route) => !route.startsWith('GET '))
  expect(changing.sort()).toEqual([...Object.keys(RECORD_CHANGES), ...OTHERS].sort())
  const anna = await world.connected('anna')
  const last = { id: '', entry: '' }
  let before = await events(anna)
  for (const [route, { path, body, event }] of Object.entries(RECORD_CHANGES)) {
    const [method = '', pattern = ''] = route.split(' ')
    const isFile = pattern.endsWith('import')
    const type = isFile ? { 'content-type': 'text/dns' } : {}
    const { status, json, headers } = await anna.send(method, path?.(last) ?? pattern, body?.(last), type)
    expect([route, status < 300]).toEqual([route, true])
    last.id = json.record?.id ?? json.records?.[0]?.id ?? last.id
    last.entry = String(headers['x-history-id'] ?? last.entry)
    const after = await events(anna)
    const told = after.slice(0, after.length - before.length).map((line) => line!.split(' ')[0])
    expect([route, told]).toEqual([route, event === undefined ? [] : [event]])
    before = after
  }
})

test('a refused change is not in the audit log', async () => {
  const anna = await world.connected('anna')
  const before = await told(anna)
  await anna.post(RECORDS, { type: 'A', name: 'www', content: 'nowhere' })
  await anna.post('/dashboard/api/cloudflare/token', { token: 'no token' })
  await anna.post('/dashboard/cloudflare/confirm', { planId: 'none', selected: [] })
  await anna.get(RECORDS)
  expect(await told(anna)).toEqual(before)
})

test('a wrong password is in the audit log of that account alone, with browser and address', async () => {
  const [anna, ben] = [await world.signedIn('anna'), await world.signedIn('ben')]
  const guess = { email: 'anna@example.org', password: 'a wrong guess' }
  const stranger = 'Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0'
  const browser = world.stranger()
  await browser.session()
  const answer = await browser.send('POST', '/dashboard/api/login', guess, { 'user-agent': stranger })
  expect(answer.status).toBe(401)
  await world.clock.pass(2_000)
  expect(await told(anna)).toEqual([
    'sign-in-failed from 127.0.0.1, Firefox on Windows',
    'signed-in from 127.0.0.1, Another program',
  ])
  expect(await events(ben)).toEqual(['signed-in'])
  expect((await anna.get(AUDIT)).text).not.toContain('guess')
})

test('signing out everywhere ends every session of the customer, and is in the audit log', async () => {
  const [one, other, ben] = [
    await world.signedIn('anna'),
    await world.signedIn('anna'),
    await world.signedIn('ben'),
  ]
  await world.clock.pass(1_000)
  expect((await one.post('/dashboard/api/logout-everywhere')).status).toBe(204)
  await world.clock.pass(1_000)
  for (const browser of [one, other]) expect((await browser.get(AUDIT)).status).toBe(401)
  expect((await ben.get(AUDIT)).status).toBe(200)
  const again = await world.signedIn('anna')
  expect(await events(again)).toEqual(['signed-in', 'signed-out-everywhere', 'signed-in', 'signed-in'])
})

test('the audit log is paged, needs a session, and refuses an unknown cursor', async () => {
  const anna = await world.signedIn('anna')
  for (let index = 0; index < 60; index += 1) {
    await world.store.accounts.noteAudit(
      {
        id: index.toString(16).padStart(32, '0'),
        customerId: 'anna',
        at: 1_000 + Math.floor(index / 7),
        event: 'changed',
        address: '192.0.2.1',
        browser: 'Firefox',
        detail: null,
      },
      1_000,
    )
  }
  const first = (await anna.get(AUDIT)).json as AuditAnswer
  const second = (await anna.get(`${AUDIT}?after=${first.next}`)).json as AuditAnswer
  const ids = [...first.entries, ...second.entries].map(({ id }) => id)
  expect([first.entries.length, second.entries.length, second.next]).toEqual([50, 11, null])
  expect(new Set(ids).size).toBe(61)
  expect((await anna.get(`${AUDIT}?after=1;drop`)).status).toBe(404)
  expect((await world.stranger().get(AUDIT)).status).toBe(401)
})

test('a failed write to the audit log does not fail the change', async () => {
  const anna = await world.connected('anna')
  const { accounts } = world.store
  const note = accounts.noteAudit
  accounts.noteAudit = () => Promise.reject(new Error('full'))
  const { status } = await anna.post(RECORDS, { type: 'A', name: 'www', content: '192.0.2.1' })
  accounts.noteAudit = note
  expect(status).toBe(201)
  expect(world.logged.join()).toContain('writing the audit log failed')
})
