import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DnsError } from '#engine/errors.ts'
import { newRecord, recordId, startDashboard, type TestDashboard } from './testing.ts'

let dashboard: TestDashboard

beforeEach(async () => {
  dashboard = await startDashboard()
})

afterEach(() => dashboard.close())

const RECORDS = '/dashboard/api/dns/records'

describe('records', () => {
  test('all records are listed from the cache, with what can be done to each', async () => {
    dashboard.connect('alice')
    const { status, json } = await (await dashboard.signedIn('alice')).get(RECORDS)
    expect(status).toBe(200)
    expect(json).toMatchObject({
      lastSyncedAt: '2026-11-21T00:00:00.000Z',
      connection: { status: 'connected' },
      zone: { name: 'example.com', status: 'active' },
    })
    const base = { proxied: false, ttl: 300, comment: null }
    expect(json.records).toEqual([
      {
        ...base,
        id: recordId(1),
        type: 'A',
        name: 'www.example.com',
        content: '192.0.2.1',
        priority: null,
        proxiable: true,
        editable: true,
      },
      {
        ...base,
        id: recordId(2),
        type: 'MX',
        name: 'example.com',
        content: 'mail.example.com',
        priority: 10,
        proxiable: false,
        editable: true,
      },
      {
        ...base,
        id: recordId(3),
        type: 'CAA',
        name: 'example.com',
        content: '0 issue "letsencrypt.org"',
        priority: null,
        proxiable: false,
        editable: false,
        reason: 'CAA records can only be seen here.',
      },
    ])
  })

  test('records can be read but not changed when the grant is gone', async () => {
    dashboard.connect('alice', { status: 'reconnect_required' })
    const browser = await dashboard.signedIn('alice')
    const list = await browser.get(RECORDS)
    expect([list.json.connection.status, list.json.records.length]).toEqual(['reconnect_required', 3])
    const { status, error } = await browser.post(RECORDS, { type: 'A', name: 'www', content: '192.0.2.1' })
    expect([status, error?.code]).toEqual([409, 'RECONNECT_REQUIRED'])
  })

  test('a record is created at a name relative to the zone', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    const { status, json } = await browser.post(RECORDS, { type: 'A', name: 'shop', content: '192.0.2.7' })
    expect(status).toBe(201)
    expect(json.record).toMatchObject({ name: 'shop.example.com', content: '192.0.2.7', ttl: 1 })
    expect(dashboard.asked.slice(-2)).toEqual(['alice spends a change', 'alice creates A shop.example.com'])
  })

  test('an invalid record is refused without a call, and every bad field is named', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    dashboard.asked.length = 0
    const { status, error } = await browser.post(RECORDS, {
      type: 'A',
      name: 'www.example.org',
      content: 'nowhere',
    })
    expect([status, error?.code, error?.field]).toEqual([422, 'INVALID_INPUT', 'name'])
    expect(error?.details).toMatchObject({
      problems: [
        { field: 'name', code: 'name-outside' },
        { field: 'content', code: 'address-malformed' },
      ],
    })
    expect(dashboard.asked).toEqual([])
  })

  test('a change keeps the fields that it does not name', async () => {
    const zone = dashboard.connect('alice')
    const record = { ...newRecord('A www.example.com 192.0.2.1'), ttl: 1, proxied: true, comment: 'mine' }
    dashboard.zones.get(zone)!.records[0] = { record: { ...record, id: recordId(1), readOnly: false } }
    const browser = await dashboard.signedIn('alice')
    const { status, json } = await browser.send('PUT', `${RECORDS}/${recordId(1)}`, {
      type: 'A',
      name: 'www',
      content: '192.0.2.2',
    })
    expect(status).toBe(200)
    expect(json.record).toMatchObject({ content: '192.0.2.2', proxied: true, ttl: 1, comment: 'mine' })
  })

  test('rejects changing a record type', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    const { status, error } = await browser.send('PUT', `${RECORDS}/${recordId(1)}`, {
      type: 'CNAME',
      name: 'www',
      content: 'example.com',
    })
    expect([status, error?.field]).toEqual([422, 'type'])
  })

  test('a locked record is refused with the reason, without a call', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    dashboard.asked.length = 0
    const { status, error } = await browser.send('DELETE', `${RECORDS}/${recordId(3)}`)
    expect([status, error?.message]).toEqual([409, 'CAA records can only be seen here.'])
    expect(dashboard.asked).toEqual([])
  })

  test('a record is deleted', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    expect((await browser.send('DELETE', `${RECORDS}/${recordId(1)}`)).status).toBe(204)
    expect(dashboard.asked.at(-1)).toBe(`alice removes ${recordId(1)}`)
  })

  test('a dozen records are deleted as one change', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    dashboard.asked.length = 0
    const ids = [recordId(1), recordId(2)]
    const { status } = await browser.post(`${RECORDS}/delete`, { ids, sure: ['last-mx'] })
    expect(status).toBe(204)
    expect(dashboard.asked).toEqual(['alice spends a change', 'alice removes 2 records, sure of last-mx'])
  })

  test.each([
    ['of no record', { ids: [] }, 422],
    ['of more than a batch holds', { ids: Array.from({ length: 201 }, () => recordId(1)) }, 422],
    ['by a malformed id', { ids: ['../zones'] }, 422],
    ['of a locked record', { ids: [recordId(1), recordId(3)] }, 409],
    ['of a record of another customer', { ids: [recordId(1), recordId(1, 'bob')] }, 404],
    ['that acknowledges an unknown safeguard', { ids: [recordId(1)], sure: ['everything'] }, 422],
  ])('a bulk deletion %s is refused without a call', async (_title, body, wanted) => {
    dashboard.connect('alice')
    dashboard.connect('bob')
    const browser = await dashboard.signedIn('alice')
    dashboard.asked.length = 0
    expect((await browser.post(`${RECORDS}/delete`, body)).status).toBe(wanted)
    expect(dashboard.asked).toEqual([])
  })

  test('a bulk deletion that trips a safeguard is done once it is acknowledged', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    dashboard.instead = () => {
      dashboard.instead = () => {
        throw new DnsError('conflict', 'This deletes much.', { details: { brakes: ['last-mx'] } })
      }
    }
    const { status, error } = await browser.post(`${RECORDS}/delete`, { ids: [recordId(2)] })
    expect([status, error]).toEqual([
      409,
      { code: 'CONFLICT', message: 'This deletes much.', details: { brakes: ['last-mx'] } },
    ])
  })

  test('a change of unknown outcome is answered as an operation', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    dashboard.instead = () => {
      dashboard.instead = () => ({ status: 'checking', id: 'operation-of-alice' })
    }
    const { status, json } = await browser.send('DELETE', `${RECORDS}/${recordId(1)}`)
    expect([status, json]).toEqual([202, { operation: { id: 'operation-of-alice', status: 'checking' } }])
    dashboard.instead = () => {
      dashboard.instead = () => ({ status: 'checking', id: 'operation-of-alice' })
    }
    const several = await browser.post(`${RECORDS}/delete`, { ids: [recordId(1), recordId(2)] })
    expect([several.status, several.json]).toEqual([status, json])
    const later = await browser.get('/dashboard/api/operations/operation-of-alice')
    expect(later.json).toEqual({ operation: { id: 'operation-of-alice', status: 'done' } })
  })

  test('an empty zone shows when it was synced', async () => {
    const zone = dashboard.zones.get(dashboard.connect('alice', { lastSyncAt: dashboard.now }))!
    zone.records = []
    zone.syncedAt = null
    const { json } = await (await dashboard.signedIn('alice')).get(RECORDS)
    expect(json).toMatchObject({ records: [], lastSyncedAt: '2026-11-21T00:00:00.000Z' })
  })

  test('a sync reads the records again, under a limit of its own', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    dashboard.now += 60_000
    const { json } = await browser.post('/dashboard/api/dns/sync')
    expect(json.lastSyncedAt).toBe('2026-11-21T00:01:00.000Z')
    expect(dashboard.asked.slice(-2)).toEqual(['alice spends a sync', 'alice reads the zone'])
    expect(dashboard.connections.get('alice')?.lastSyncAt).toBe(dashboard.now)
  })

  test('records have a history', async () => {
    dashboard.connect('alice')
    const { json } = await (await dashboard.signedIn('alice')).get('/dashboard/api/dns/history')
    expect(json.entries).toMatchObject([
      { id: 'edit-of-alice', summary: 'Added A www.example.com', undoable: true },
    ])
  })

  test('a record that Cloudflare refuses is answered in its words', async () => {
    dashboard.connect('alice')
    const browser = await dashboard.signedIn('alice')
    dashboard.instead = () => {
      dashboard.instead = () => {
        const facts = { details: { cloudflareCode: 81058 } }
        throw new DnsError('refused', 'An identical record already exists.', facts)
      }
    }
    const { status, error } = await browser.post(RECORDS, { type: 'A', name: 'www', content: '192.0.2.1' })
    expect([status, error]).toEqual([
      422,
      {
        code: 'CLOUDFLARE_REFUSED',
        message: 'An identical record already exists.',
        details: { cloudflareCode: 81058 },
      },
    ])
  })
})
