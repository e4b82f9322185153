import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type RecordBody } from './emulator.ts'
import { parseState } from './saved-state.ts'
import { type RunningEmulator, startEmulator } from './serve.ts'
import { createKeeper } from './state-file.ts'
import { TOKEN } from './testing.ts'

const CLIENT = { id: 'shop', secret: 's', name: 'Shop', redirectUris: ['http://localhost:3000/'] }

let folder: string
let stateFile: string
const started: RunningEmulator[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulator-state-'))
  stateFile = join(folder, 'cloudflare.json')
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.close()))
  await rm(folder, { recursive: true })
})

async function start(name = 'example.com'): Promise<RunningEmulator> {
  const running = await startEmulator({
    port: 0,
    controlPort: 0,
    stateFile,
    zones: [{ name }],
    credentials: [{ kind: 'token', token: TOKEN }],
    oauthClients: [CLIENT],
  })
  started.push(running)
  return running
}

async function create({ apiUrl, emulator }: RunningEmulator, name: string, content: string) {
  const response = await fetch(`${apiUrl}/zones/${emulator.state.zones()[0]!.id}/dns_records`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'A', name, content }),
  })
  return ((await response.json()) as { result: RecordBody }).result
}

function tokensFor({ siteUrl }: RunningEmulator, form: Record<string, string>) {
  return fetch(`${siteUrl}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'shop', client_secret: 's', ...form }),
  })
}

describe('with a state file', () => {
  test('what was answered is in the file before anybody hears of it', async () => {
    const running = await start()
    const record = await create(running, 'www', '192.0.2.1')
    const held = parseState(await readFile(stateFile, 'utf8'))
    expect(held.zones[0]?.records.map(({ id }) => id)).toEqual([record.id])
    expect(await readdir(folder)).toEqual(['cloudflare.json'])
  })

  test('an emulator that died without a word is followed by one that knows all it knew', async () => {
    const died = await start()
    const first = await create(died, 'www', '192.0.2.1')
    await fetch(`${died.controlUrl}/zones`, {
      method: 'POST',
      body: JSON.stringify({ zone: 'example.com', change: { paused: true } }),
    })
    const next = await start('example.org')
    expect(next.tookUp).toBe(true)
    expect(next.emulator.state.zones()).toMatchObject([{ name: 'example.com', paused: true, records: 1 }])
    expect(next.emulator.state.records('example.com')).toEqual([first])
    const second = await create(next, 'www', '192.0.2.2')
    expect(second.id).not.toBe(first.id)
    expect(second.modified_on > first.modified_on).toBe(true)
    await create(await start(), 'www', '192.0.2.3')
    const ids = parseState(await readFile(stateFile, 'utf8')).zones[0]!.records.map(({ id }) => id)
    expect(new Set(ids).size).toBe(3)
  })

  test('what OAuth granted goes on: access and refresh tokens, and what was used stays used', async () => {
    const died = await start()
    const query =
      'client_id=shop&response_type=code&scope=zone.read offline_access&redirect_uri=http://localhost:3000/'
    const location = died.emulator.state.consent(`${died.siteUrl}/oauth2/auth?${query}`)
    const code = new URL(location).searchParams.get('code')!
    const redirect_uri = 'http://localhost:3000/'
    const exchange = { grant_type: 'authorization_code', code, redirect_uri }
    const issued = (await (await tokensFor(died, exchange)).json()) as Record<string, string>
    const next = await start()
    const zones = await fetch(`${next.apiUrl}/zones`, {
      headers: { authorization: `Bearer ${issued.access_token}` },
    })
    expect(zones.status).toBe(200)
    const refresh = { grant_type: 'refresh_token', refresh_token: issued.refresh_token! }
    const refreshed = (await (await tokensFor(next, refresh)).json()) as Record<string, string>
    expect(refreshed.access_token).not.toBe(issued.access_token)
    const third = await start()
    expect((await tokensFor(third, refresh)).status).toBe(400)
    expect(third.emulator.state.grants()).toMatchObject([{ ended: true }])
  })

  test('a file that is no state is named, and left as it is', async () => {
    await writeFile(stateFile, '{"format":0}')
    await expect(start()).rejects.toThrow(`${stateFile}: it is no state of the emulator`)
    expect(await readFile(stateFile, 'utf8')).toBe('{"format":0}')
  })

  test('those who ask while a write is under way share the next, and it has what they changed', async () => {
    const emulator = createEmulator({ zones: [{ name: 'example.com' }] })
    let asked = 0
    const keeper = createKeeper(stateFile, {
      saved() {
        asked += 1
        return emulator.saved()
      },
    })
    const kept: Promise<void>[] = []
    for (let number = 1; number <= 20; number += 1) {
      emulator.state.addRecord('example.com', { type: 'A', name: `n${number}`, content: '192.0.2.1' })
      kept.push(keeper.keep())
      if (number === 1) await kept[0]
    }
    await Promise.all(kept)
    expect(asked).toBeLessThanOrEqual(3)
    expect(parseState(await readFile(stateFile, 'utf8')).zones[0]!.records).toHaveLength(20)
  })
})
