import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readConfig, type Variables } from '#config/config.ts'
import { type RunningEmulator, startEmulator } from '#emulator/serve.ts'
import { type Running, realSystem, serve } from '#server/main.ts'
import { type ClientRecord, operatorClient, type Reply } from '../../tests/support/operator-client.ts'
import { run } from './run.ts'

const SECRET = 'an-hmac-secret-of-32-octets-here'
const TOKEN = 'token-of-the-tests-0123456789-0123456789'

let emulator: RunningEmulator
let env: Variables
let server: Running | undefined

beforeEach(async () => {
  emulator = await startEmulator({
    port: 0,
    zones: [{ name: 'example.com' }, { name: 'example.net' }],
    credentials: [{ kind: 'token', token: TOKEN }],
  })
  env = {
    HMAC_SECRET: SECRET,
    CLOUDFLARE_API_TOKEN: TOKEN,
    CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
    DATABASE_URL: `sqlite:${join(mkdtempSync(join(tmpdir(), 'zonewright-')), 'state.db')}`,
    LOG_LEVEL: 'silent',
    HOST: '127.0.0.1',
    PORT: '0',
    METRICS_HOST: '127.0.0.1',
    METRICS_PORT: '0',
  }
})

afterEach(async () => {
  await stopServing()
  await emulator.close()
})

const zone = (...argv: readonly string[]) => zonewright('zone', ...argv)

async function zonewright(...argv: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  const code = await run(argv, {
    stdout: (line) => void out.push(line),
    stderr: (line) => void err.push(line),
    env,
    readFile: (path) => readFileSync(path, 'utf8'),
    untilAskedToEnd: async () => {},
    whenAskedToReload: () => {},
  })
  return { code, out, err: err.join('\n') }
}

async function startServing(change: Variables = {}): Promise<void> {
  const config = readConfig({ ...env, ...change }, () => '')
  if (!config.ok) throw new Error(JSON.stringify(config.faults))
  server = await serve(config.value, realSystem(config.value))
}

async function stopServing(): Promise<void> {
  await server?.close()
  server = undefined
}

type Asked = Omit<ClientRecord, 'domain'>

async function upsert(record: Asked): Promise<Reply> {
  const client = operatorClient({ server: `http://127.0.0.1:${server!.operator!.port}`, secret: SECRET })
  const reply = await client.upsert({ domain: 'example.com', ...record })
  client.close()
  return reply
}

const www = (...values: string[]): Asked => ({ type: 'A', subdomain: 'www', values, ttl: 300 })
const mail: Asked = { type: 'MX', subdomain: '@', values: ['10 mail.example.com'], ttl: 3_600 }

function recordsHeld(): readonly string[] {
  const records = emulator.emulator.state.records('example.com')
  return records.map(({ name, type, content }) => `${name} ${type} ${content}`).sort()
}

/** The newest entry of the history: its id, and the line. */
async function newest(): Promise<{ id: string; line: string }> {
  const [line = ''] = (await zone('history', '--limit', '1')).out
  return { id: line.split(' ', 1)[0]!, line }
}

describe('zone list', () => {
  test('says where zones come from before any is known', async () => {
    await zonewright('migrate')
    expect(await zone('list')).toEqual({
      code: 0,
      out: ['No zone is known yet; a server lists them when it starts.'],
      err: '',
    })
  })

  test('makes no database where there is none, and says so', async () => {
    const path = env.DATABASE_URL!.slice('sqlite:'.length)
    for (const argv of [
      ['zone', 'list'],
      ['zone', 'history'],
      ['migrate', '--from', env.DATABASE_URL!, '--to', 'postgres://127.0.0.1:1/none'],
    ]) {
      const { code, err } = await zonewright(...argv)
      expect([code, err]).toEqual([
        1,
        `zonewright ${argv[0]}: There is no database at ${path}; is that path right?`,
      ])
    }
    expect(existsSync(path)).toBe(false)
  })

  test('tells for each zone how many sets there are, its state, and when it was read, with a server or without', async () => {
    await startServing()
    await upsert(www('192.0.2.1'))
    await upsert(mail)
    const listed = [
      expect.stringMatching(/^example\.com {2}2 sets, active, read \d{4}-\d\d-\d\dT[\d:.]+Z$/),
      'example.net  0 sets, active, never read',
    ]
    expect(await zone('list')).toEqual({ code: 0, out: listed, err: '' })
    await stopServing()
    expect(await zone('list')).toEqual({ code: 0, out: listed, err: '' })
  })

  test('tells of a zone that is no longer visible', async () => {
    await startServing()
    await upsert(www('192.0.2.1'))
    await stopServing()
    emulator.emulator.state.removeZone('example.net')
    await startServing()
    await expect
      .poll(async () => (await zone('list')).out[1])
      .toMatch(/^example\.net {2}0 sets, not visible since .+Z, never read$/)
  })
})

describe('zone show', () => {
  test('shows what is kept, by whom, and whether it is so', async () => {
    await startServing()
    await upsert(www('192.0.2.2', '192.0.2.1'))
    await upsert(mail)
    expect(await zone('show', 'Example.COM.')).toEqual({
      code: 0,
      out: [
        'example.com MX  3600 10 mail.example.com  (default, as declared)',
        'www.example.com A  300 192.0.2.1 | 192.0.2.2  (default, as declared)',
      ],
      err: '',
    })
    expect((await zone('show', 'example.net')).out).toEqual(['Nothing is managed in example.net.'])
  })

  test('shows what waits, also what was never there before', async () => {
    await startServing({ ACK: 'accepted' })
    await upsert(www('192.0.2.1'))
    await expect.poll(recordsHeld, { timeout: 15_000 }).toHaveLength(1)
    emulator.emulator.faults.script([{ fault: 'F1', seconds: 300, times: Number.POSITIVE_INFINITY }])
    await upsert(www('192.0.2.9'))
    await upsert(mail)
    const since = 'waiting since \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z'
    expect((await zone('show', 'example.com')).out).toEqual([
      expect.stringMatching(new RegExp(`^example\\.com MX  ${since}: 3600 10 mail\\.example\\.com$`)),
      'www.example.com A  300 192.0.2.1  (default, as declared)',
      expect.stringMatching(new RegExp(`^www\\.example\\.com A  ${since}: 300 192\\.0\\.2\\.9$`)),
    ])
  })

  test('shows that what was accepted has been refused since', async () => {
    await startServing({ ACK: 'accepted' })
    const rule = { fault: 'F14', name: 'www.example.com', times: Number.POSITIVE_INFINITY }
    emulator.emulator.faults.script([rule])
    expect((await upsert(www('192.0.2.1'))).status).toBe(200)
    const refused = /^www\.example\.com A {2}refused \d{4}-.+Z: Content for record is invalid\.$/
    await expect
      .poll(async () => (await zone('show', 'example.com')).out, { timeout: 15_000 })
      .toEqual([expect.stringMatching(refused)])
    // The next who asks is told, and asks no more.
    expect((await upsert(www('192.0.2.1'))).json?.error).toMatchObject({
      code: 'INVALID_RECORD',
      message: 'Content for record is invalid.',
    })
  })
})

describe('zone history', () => {
  test('is empty before anything was changed', async () => {
    await startServing()
    expect(await zone('history')).toEqual({ code: 0, out: ['Nothing has been changed yet.'], err: '' })
  })

  test('tells what was changed, by whom and for which request, newest first', async () => {
    await startServing()
    await upsert(www('192.0.2.1'))
    await upsert(www('192.0.2.2', '192.0.2.3'))
    const when = '\\w{32}  \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z  caller default  www\\.example\\.com A  '
    expect((await zone('history')).out).toEqual([
      expect.stringMatching(
        new RegExp(`^${when}192\\.0\\.2\\.1 → 192\\.0\\.2\\.\\d \\| 192\\.0\\.2\\.\\d  \\[\\w+\\]$`),
      ),
      expect.stringMatching(new RegExp(`^${when}absent → 192\\.0\\.2\\.1  \\[\\w+\\]$`)),
    ])
    expect((await zone('history', '--limit', '1')).out).toHaveLength(1)
    expect((await zone('history', 'example.com')).out).toHaveLength(2)
    expect((await zone('history', 'example.net')).out).toEqual(['Nothing has been changed yet.'])
  })

  test('tells of a TTL that became another while the values stayed', async () => {
    await startServing()
    await upsert(www('192.0.2.1'))
    await upsert({ ...www('192.0.2.1'), ttl: 1 })
    expect((await newest()).line).toContain('192.0.2.1 → 192.0.2.1 (TTL 300 → auto)')
  })

  test('tells what was refused, in the words in which it was', async () => {
    await startServing()
    emulator.emulator.faults.script([{ fault: 'F14', name: 'www.example.com', times: 9 }])
    expect((await upsert(www('192.0.2.1'))).status).toBe(400)
    expect((await newest()).line).toMatch(/www\.example\.com A {2}refused: Content for record is invalid\./)
  })
})

describe('zone undo', () => {
  test('is carried out by the server that is running', async () => {
    await startServing()
    await upsert(www('192.0.2.1'))
    await upsert(www('192.0.2.2'))
    const { id } = await newest()
    expect(await zone('undo', id)).toEqual({
      code: 0,
      out: ['www.example.com A → 300 192.0.2.1', 'done'],
      err: '',
    })
    expect(recordsHeld()).toEqual(['www.example.com A 192.0.2.1'])
    expect((await newest()).line).toMatch(/system undo {2}www\.example\.com A {2}192\.0\.2\.2 → 192\.0\.2\.1/)
    // It is what is kept from now on, and an unchanged upsert of it costs nothing.
    expect((await zone('show', 'example.com')).out).toEqual([
      'www.example.com A  300 192.0.2.1  (default, as declared)',
    ])
    expect((await upsert(www('192.0.2.1'))).json?.message).toBe('Record is up to date')
  })

  test('is carried out here, if no server is running', async () => {
    await startServing()
    await upsert(www('192.0.2.1'))
    await upsert(www('192.0.2.2'))
    await stopServing()
    expect(await zone('undo', (await newest()).id)).toMatchObject({
      code: 0,
      out: [expect.anything(), 'done'],
    })
    expect(recordsHeld()).toEqual(['www.example.com A 192.0.2.1'])
  })

  test('of a creation deletes the set, and undone itself creates it again', async () => {
    await startServing()
    await upsert(www('192.0.2.1'))
    expect((await zone('undo', (await newest()).id)).out).toEqual(['www.example.com A → absent', 'done'])
    expect(recordsHeld()).toEqual([])
    expect((await zone('undo', (await newest()).id)).out).toEqual([
      'www.example.com A → 300 192.0.2.1',
      'done',
    ])
    expect(recordsHeld()).toEqual(['www.example.com A 192.0.2.1'])
  })

  test('of what is so already says so, and sends nothing', async () => {
    await startServing()
    await upsert(www('192.0.2.1'))
    await upsert(www('192.0.2.2'))
    const { id } = await newest()
    await upsert(www('192.0.2.1'))
    const writes = () => emulator.emulator.state.calls().filter(({ route }) => route === 'batch').length
    const before = writes()
    expect((await zone('undo', id)).out[1]).toBe('no change needed')
    expect(writes()).toBe(before)
  })

  test('that would take the last MX asks for --yes', async () => {
    await startServing()
    await upsert(mail)
    const { id } = await newest()
    expect(await zone('undo', id)).toEqual({
      code: 1,
      out: [],
      err: 'example.com MX → absent: this needs --yes (last-mx).',
    })
    expect(recordsHeld()).toHaveLength(1)
    expect(await zone('undo', '--yes', id)).toMatchObject({
      code: 0,
      out: ['example.com MX → absent', 'done'],
    })
    expect(recordsHeld()).toEqual([])
  })

  test('that Cloudflare refuses is told in its words', async () => {
    await startServing()
    await upsert(www('192.0.2.1'))
    await upsert(www('192.0.2.2'))
    const { id } = await newest()
    emulator.emulator.faults.script([{ fault: 'F14', name: 'www.example.com', times: 9 }])
    expect(await zone('undo', id)).toMatchObject({ code: 1, err: 'refused: Content for record is invalid.' })
    expect(recordsHeld()).toEqual(['www.example.com A 192.0.2.2'])
  })

  test('without a server and without a credential is not even written down', async () => {
    await startServing()
    await upsert(www('192.0.2.1'))
    await upsert(www('192.0.2.2'))
    await stopServing()
    const { id } = await newest()
    const { CLOUDFLARE_API_TOKEN: _, ...less } = env
    env = less
    const { code, err } = await zone('undo', id)
    expect([code, err]).toEqual([78, expect.stringContaining('CLOUDFLARE_API_TOKEN')])
    expect((await zone('show', 'example.com')).out).toEqual([
      'www.example.com A  300 192.0.2.2  (default, as declared)',
    ])
  })

  test('of nothing, or of what was refused, is told so', async () => {
    await startServing()
    emulator.emulator.faults.script([{ fault: 'F14', name: 'www.example.com', times: 9 }])
    await upsert(www('192.0.2.1'))
    for (const id of ['0'.repeat(32), (await newest()).id]) {
      expect(await zone('undo', id)).toEqual({
        code: 1,
        out: [],
        err: `There is nothing to undo under ${id}; "zonewright zone history" lists the entries.`,
      })
    }
  })
})

test.each([
  [[]],
  [['frobnicate']],
  [['constructor']],
  [['__proto__']],
  [['list', 'example.com']],
  [['show']],
  [['show', 'example.com', 'example.net']],
  [['show', 'example.org']],
  [['show', 'not a name']],
  [['history', 'example.org']],
  [['history', 'example.com', 'example.net']],
  [['history', '--limit', '0']],
  [['history', '--limit', 'ten']],
  [['history', '--frobnicate']],
  [['undo']],
  [['undo', 'one', 'two']],
  [['undo', '--frobnicate', 'one']],
])('zone %j is bad usage', async (argv) => {
  await zonewright('migrate')
  const { code, out, err } = await zone(...argv)
  expect([code, out]).toEqual([2, []])
  expect(err).toContain('zonewright zone --help shows how it is used')
  expect(err).not.toContain(SECRET)
})

test('zone --help prints how it is used, at every command', async () => {
  for (const argv of [['--help'], ['undo', '--help'], ['-h']]) {
    expect(await zone(...argv)).toMatchObject({
      code: 0,
      out: [expect.stringMatching(/^Usage: zonewright zone COMMAND/)],
    })
  }
})
