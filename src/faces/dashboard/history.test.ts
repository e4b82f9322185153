import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDashboardWorld, type DashboardWorld, TOKEN } from '../../../tests/support/dashboard-world.ts'
import { nameOf, newIntent, record } from '../../../tests/support/samples.ts'
import type { ApiPlan, HistoryAnswer } from './api.ts'
import type { Browser } from './testing.ts'

const HISTORY = '/dashboard/api/dns/history'
const RECORDS = '/dashboard/api/dns/records'
const CONFIRM = '/dashboard/cloudflare/confirm'

let world: DashboardWorld
beforeEach(async () => {
  world = await createDashboardWorld({
    zones: [
      { name: 'example.com', records: [{ name: 'www', type: 'A', content: '192.0.2.1' }] },
      { name: 'example.net' },
    ],
  })
})
afterEach(() => world.end())

const history = async (browser: Browser) => (await browser.get(HISTORY)).json as HistoryAnswer
const undo = (browser: Browser, id: string) => browser.post(`${HISTORY}/${id}/undo`)
const confirm = (browser: Browser, plan: ApiPlan) =>
  browser.post(CONFIRM, {
    planId: plan.id,
    selected: plan.changes.filter(({ selected, locked }) => selected && !locked).map(({ id }) => id),
  })

async function deleted(browser: Browser): Promise<string> {
  const { json } = await browser.get(RECORDS)
  const { headers } = await browser.send('DELETE', `${RECORDS}/${json.records[0].id}`)
  return String(headers['x-history-id'])
}

describe('an undo', () => {
  test('an undo answers a plan, is confirmed by its id, and appears in the history', async () => {
    const anna = await world.connected('anna')
    const id = await deleted(anna)
    const { status, json } = await undo(anna, id)
    expect([status, json.plan.origin.kind, json.plan.origin.undoes.historyId]).toEqual([200, 'undo', id])
    expect(json.plan.changes).toMatchObject([
      {
        action: 'add',
        type: 'A',
        name: 'www.example.com',
        proposed: { content: '192.0.2.1' },
        selected: true,
      },
    ])
    const confirmed = await confirm(anna, json.plan)
    expect(confirmed.json).toMatchObject({ applied: 1, records: [{ content: '192.0.2.1' }] })
    const { entries, next } = await history(anna)
    expect(entries.map(({ summary, undoable }) => [summary, undoable])).toEqual([
      ['Undid an earlier change: 1 change', true],
      ['Deleted A www.example.com', true],
    ])
    expect([entries[0]!.id, next]).toEqual([confirmed.json.historyId, null])
  })

  test('an undo whose records changed since is refused with a new plan that can be confirmed', async () => {
    const anna = await world.connected('anna')
    const made = await undo(anna, await deleted(anna))
    world.emulator.state.addRecord('example.com', { name: 'www', type: 'A', content: '192.0.2.9' })
    const { status, error } = await confirm(anna, made.json.plan)
    expect([status, error?.code]).toEqual([409, 'PLAN_OUT_OF_DATE'])
    const fresh = error?.details?.plan as ApiPlan
    expect(fresh.changes).toMatchObject([{ action: 'replace', selected: false }])
    const all = { planId: fresh.id, selected: fresh.changes.map(({ id }) => id) }
    expect((await anna.post(CONFIRM, all)).json.applied).toBe(1)
  })

  test('an undo counts as one change when it is confirmed, and not before', async () => {
    const anna = await world.connected('anna')
    await world.clock.pass(61_000)
    const id = await deleted(anna)
    for (let count = 0; count < 9; count += 1) {
      expect((await anna.post(RECORDS, { type: 'A', name: `n${count}`, content: '192.0.2.1' })).status).toBe(
        201,
      )
    }
    const made = await undo(anna, id)
    expect(made.status).toBe(200)
    expect((await confirm(anna, made.json.plan)).status).toBe(429)
  })

  test('undoing an entry of another customer is a 404', async () => {
    const [anna, ben] = [await world.connected('anna'), await world.connected('ben')]
    const id = await deleted(anna)
    const answers = [
      await undo(ben, id),
      await undo(ben, '0'.repeat(32)),
      await undo(ben, 'x'),
      await undo(ben, '..'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404])
    expect((await history(ben)).entries).toEqual([])
  })

  test('an undo needs a session, a CSRF token and a connection', async () => {
    const anna = await world.connected('anna')
    const id = await deleted(anna)
    expect((await undo(world.stranger(), id)).status).toBe(401)
    expect(
      (await anna.send('POST', `${HISTORY}/${id}/undo`, undefined, { 'x-csrf-token': 'none' })).status,
    ).toBe(403)
    await anna.post('/dashboard/cloudflare/disconnect')
    expect((await undo(anna, id)).error?.code).toBe('NOT_CONNECTED')
  })
})

describe('the history', () => {
  test('the history can be read without a connection', async () => {
    const anna = await world.connected('anna')
    await deleted(anna)
    await anna.post('/dashboard/cloudflare/disconnect')
    expect((await history(anna)).entries).toMatchObject([
      { summary: 'Deleted A www.example.com', undoable: false },
    ])
  })

  test('the history is paged, and refuses an unknown cursor', async () => {
    const anna = await world.connected('anna')
    const zone = world.emulator.state.zones()[0]!.id
    const connectionId = (await world.store.accounts.connectionOf('anna'))!.id
    for (let index = 0; index < 60; index += 1) {
      const outside = [{ name: nameOf('www'), type: 'A', before: [], after: [record('r www A 192.0.2.1')] }]
      const list = { at: 1_000 + Math.floor(index / 9), seen: [], gone: [], outside }
      await world.store.edits.keepList({ customerId: 'anna', connectionId }, zone, list)
    }
    const first = await history(anna)
    const second = (await anna.get(`${HISTORY}?after=${first.next}`)).json as HistoryAnswer
    expect([first.entries.length, second.entries.length, second.next]).toEqual([50, 10, null])
    expect(new Set([...first.entries, ...second.entries].map(({ id }) => id)).size).toBe(60)
    for (const place of ['1', '1.x', `9e99.${'0'.repeat(32)}`, '%00']) {
      expect((await anna.get(`${HISTORY}?after=${place}`)).status).toBe(404)
    }
  })

  test('the history shows what a caller changed since the connection, and refuses to undo it', async () => {
    const zone = world.emulator.state.zones()[0]!.id
    const declared = async (name: string) => {
      const now = world.clock.now()
      const lease = (await world.store.holdLease(zone, 'engine', now, now + 25_000))!
      const intent = await world.store.addIntent(
        newIntent(`${name} A 192.0.2.5`, { zone, caller: 'cluster' }),
      )
      const batch = { changes: [], intents: [intent], names: [nameOf(name)], at: now }
      const dispatch = (await world.store.dispatch(lease, batch, 0))!
      const sets = [{ intent, before: [], after: [record(`r ${name} A 192.0.2.5`)] }]
      await world.store.settle(lease, dispatch, { at: now, deleted: [], patched: [], created: [], sets })
      await world.store.releaseLease(zone, 'engine')
    }
    await declared('before')
    await world.clock.pass(1_000)
    const anna = await world.signedIn('anna')
    await anna.post('/dashboard/api/cloudflare/token', { token: TOKEN })
    await world.clock.pass(1_000)
    await declared('after')
    const { entries } = await history(anna)
    expect(entries).toMatchObject([
      {
        actor: { kind: 'caller', label: 'cluster' },
        summary: 'Added A after.example.com',
        undoable: false,
      },
    ])
    expect(entries).toHaveLength(1)
  })
})
