import { request } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { type RunningEmulator, startEmulator } from './serve.ts'
import { TOKEN } from './testing.ts'

let running: RunningEmulator | undefined

afterEach(async () => {
  await running?.close()
  running = undefined
})

async function start() {
  running = await startEmulator({
    port: 0,
    controlPort: 0,
    zones: [{ name: 'example.com' }],
    credentials: [{ kind: 'token', token: TOKEN }],
    oauthClients: [{ id: 'shop', secret: 's', name: 'Shop', redirectUris: ['http://localhost:3000/'] }],
  })
  const { apiUrl, siteUrl, controlUrl } = running
  const control = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${controlUrl}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status: response.status, json: (await response.json()) as Record<string, unknown> }
  }
  const zones = () => fetch(`${apiUrl}/zones`, { headers: { authorization: `Bearer ${TOKEN}` } })
  return { control, zones, siteUrl }
}

describe('the control port', () => {
  test('adds, edits and removes records by a human, and shows state and history', async () => {
    const { control } = await start()
    const add = { type: 'A', name: 'www', content: '192.0.2.1' }
    const { json: record } = await control('POST', '/records', { zone: 'example.com', add })
    await control('POST', '/records', { zone: 'example.com', edit: { id: record.id, content: '192.0.2.2' } })
    expect((await control('GET', '/state')).json).toMatchObject({
      zones: [{ name: 'example.com', records: [{ content: '192.0.2.2' }] }],
    })
    await control('POST', '/records', { zone: 'example.com', remove: record.id })
    const { json } = await control('GET', '/history?zone=example.com')
    expect((json.history as unknown[]).length).toBe(3)
  })

  test('scripts a fault, counts calls, and resets', async () => {
    const { control, zones } = await start()
    await control('POST', '/faults', { script: [{ fault: 'F1', seconds: 5, times: 'always' }] })
    expect((await zones()).headers.get('retry-after')).toBe('5')
    expect((await control('GET', '/faults')).json).toMatchObject({
      hits: [{ fault: 'F1', count: 1 }],
      pending: [{ fault: 'F1', times: 'always' }],
    })
    expect((await control('GET', `/calls?credential=${TOKEN}`)).json).toMatchObject({
      calls: [{ route: 'zones', status: 429, fault: 'F1' }],
    })
    await control('POST', '/faults', { clear: true })
    expect((await zones()).status).toBe(200)
    await control('POST', '/reset')
    expect((await control('GET', '/calls')).json).toEqual({ calls: [] })
  })

  test('turns chance on and off', async () => {
    const { control, zones } = await start()
    await control('POST', '/faults', { random: { rate: 1, only: ['F3'] } })
    expect((await zones()).status).toBe(500)
    await control('POST', '/faults', { random: null })
    expect((await zones()).status).toBe(200)
  })

  test('ends one fault, and leaves the others', async () => {
    const { control, zones } = await start()
    const script = [{ fault: 'F22' }, { fault: 'F3', times: 'always', route: 'verify' }]
    await control('POST', '/faults', { script })
    expect((await zones()).status).toBe(403)
    const { json } = await control('POST', '/faults', { end: ['F22'] })
    expect(json.pending).toMatchObject([{ fault: 'F3' }])
    expect((await zones()).status).toBe(200)
    expect((await control('POST', '/faults', { end: ['F99'] })).status).toBe(400)
  })

  test('changes zones and credentials', async () => {
    const { control, zones } = await start()
    await control('POST', '/zones', { add: { name: 'example.net' } })
    await control('POST', '/zones', { zone: 'example.com', change: { status: 'pending' } })
    expect(((await (await zones()).json()) as { result: object[] }).result).toMatchObject([
      { name: 'example.com', status: 'pending' },
      { name: 'example.net' },
    ])
    await control('POST', '/credentials', { token: TOKEN, change: { status: 'revoked' } })
    expect((await zones()).status).toBe(403)
  })

  test('agrees in the place of a person, shows grants and withdraws them', async () => {
    const { control, siteUrl } = await start()
    const add = { id: 'tool', secret: 's', name: 'Tool', redirectUris: ['http://localhost:4000/'] }
    expect((await control('POST', '/oauth', { add })).status).toBe(200)
    expect((await control('POST', '/oauth', { add })).json.error).toContain('there already')
    const query = 'client_id=tool&response_type=code&scope=zone.read&redirect_uri=http://localhost:4000/'
    const url = `${siteUrl}/oauth2/auth?${query}`
    const { json } = await control('POST', '/oauth', { consent: { url } })
    expect(json.location).toMatch(/^http:\/\/localhost:4000\/\?code=/)
    const denied = await control('POST', '/oauth', { consent: { url, deny: true } })
    expect(denied.json.location).toContain('error=access_denied')
    const nobody = await control('POST', '/oauth', { consent: { url, accounts: ['nobody'] } })
    expect(nobody.status).toBe(400)
    const grants = async () => (await control('GET', '/oauth')).json.grants as { id: string }[]
    const [grant] = await grants()
    await control('POST', '/oauth', { revoke: grant?.id })
    expect(await grants()).toMatchObject([{ client: 'tool', scopes: ['zone.read'], ended: true }])
    expect((await control('POST', '/oauth', {})).status).toBe(400)
  })

  test.each([
    ['a post of another site', { origin: 'https://shop.example.org' }],
    ['a form that a page sends by itself', { origin: 'null' }],
    ['a page of another port of this machine', { origin: 'http://localhost:3000' }],
    ['a request that a page makes without an origin', { 'sec-fetch-site': 'cross-site' }],
    ['a name that was made to point here', { host: 'rebound.example.org:8788' }],
  ])('refuses %s', async (_, headers) => {
    await start()
    const { hostname, port } = new URL(running!.controlUrl!)
    const status = await new Promise((resolve, reject) => {
      const options = { hostname, port, path: '/reset', method: 'POST', headers }
      request(options, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end()
    })
    expect(status).toBe(403)
  })

  test('says what is wrong, and what there is', async () => {
    const { control } = await start()
    expect(await control('POST', '/faults', { script: [{ fault: 'F99' }] })).toMatchObject({ status: 400 })
    expect(await control('POST', '/records', { zone: 'example.org', remove: 'x' })).toMatchObject({
      status: 400,
      json: { error: 'the emulator has no zone example.org' },
    })
    const { status, json } = await control('GET', '/nothing')
    expect(status).toBe(404)
    expect(json.routes).toContain('POST /faults')
  })
})
