import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { openPractice } from './doctor/testing.ts'

const CERT_FILE = fileURLToPath(new URL('../../tests/support/loopback-cert.pem', import.meta.url))
const KEY_FILE = fileURLToPath(new URL('../../tests/support/loopback-key.pem', import.meta.url))

const practice = openPractice()

describe('beside a running server', () => {
  test('everything that works has its line, and the end is 0', async () => {
    const { code, lines } = await practice.doctor(await practice.serving(), '--name', 'www.example.com')
    expect([code, lines]).toEqual([
      0,
      [
        '✓ configuration: complete, for operator.',
        expect.stringMatching(/^✓ database: .*state\.db is up to date and can be written to\.$/),
        expect.stringMatching(/^✓ network: 127\.0\.0\.1:\d+ answers in \d+ ms\.$/),
        "✓ clock: is Cloudflare's to within seconds.",
        expect.stringMatching(/^✓ call budget: \d+ calls may be made at once, and three more a second\.$/),
        '✓ credential: the API token of a user is active.',
        '✓ zones: 2 active: example.com, example.net.',
        '✓ permissions: the records of 2 may be read and edited: example.com, example.net.',
        '✓ name: www.example.com is in the zone example.com.',
        '✓ server: runs and is ready.',
        '✓ webhook: takes what is signed with HMAC_SECRET.',
      ],
    ])
  })

  test('the dashboard and its OAuth are looked at too, with the secret in the body or in a header', async () => {
    const change = await practice.serving(practice.dashboard(), ['operator', 'dashboard'])
    for (const CLOUDFLARE_OAUTH_CLIENT_AUTH of ['client_secret_post', 'client_secret_basic']) {
      const { lines } = await practice.doctor({ ...change, CLOUDFLARE_OAUTH_CLIENT_AUTH })
      expect(lines).toContain('✓ configuration: complete, for operator and dashboard.')
      expect(lines).toContain('✓ OAuth: the token endpoint knows the client and its secret.')
      expect(lines).toContain('✓ OAuth: the revoke endpoint answers.')
      expect(lines).toContain('✓ OAuth: the authorize endpoint asks for consent.')
      // Whether the pages have been built is not ours to say here.
      expect(lines).toContainEqual(expect.stringMatching(/^[✓✗] dashboard: answers with /))
    }
  })

  test('another HMAC_SECRET or algorithm than the server has is told', async () => {
    const change = await practice.serving()
    for (const other of [{ HMAC_SECRET: 'another-secret-of-32-octets-here' }, { HMAC_ALGORITHM: 'SHA512' }]) {
      const { code, wrong } = await practice.doctor({ ...change, ...other })
      expect([code, wrong]).toEqual([
        1,
        [
          "✗ webhook: refuses what is signed with HMAC_SECRET: it runs with another secret or algorithm; send it SIGHUP or restart it, or give this command the server's environment.",
        ],
      ])
    }
  })

  test('each caller of a file is looked at, with its credential and what it signs', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'zonewright-')), 'callers.yaml')
    const shop = '{ id: shop, secret: a-secret-of-the-shop-of-32-octets }'
    const blog = `{ id: blog, secret: a-secret-of-the-blog-of-32-octets, credential: { token: ${'b'.repeat(40)} }, allow: { zones: [example.com, example.org] } }`
    practice.emulator.emulator.state.addCredential({ kind: 'token', token: 'b'.repeat(40) })
    writeFileSync(file, `callers:\n  - ${shop}\n  - ${blog}\n`)
    const served = await practice.serving({ CONFIG_FILE: file })
    const { lines, wrong } = await practice.doctor(served)
    expect(lines).toContain('✓ credential (default, shop): the API token of a user is active.')
    expect(lines).toContain('✓ credential (blog): the API token of a user is active.')
    expect(lines).toContain('✓ webhook: takes what is signed with HMAC_SECRET.')
    expect(lines).toContain('✓ webhook: takes what is signed with the secret of the caller blog.')
    expect(wrong).toEqual([
      '! zones (blog): the caller blog is allowed example.org, which its credential does not see; correct its allow.zones, or give the credential access.',
    ])
    writeFileSync(file, `callers:\n  - ${shop.replace('shop-of', 'change-of')}\n`)
    const changed = await practice.doctor(served)
    expect(changed.wrong).toEqual([
      expect.stringMatching(/^✗ webhook: refuses what is signed with the secret of the caller shop: /),
    ])
  })

  test('a server with another time refuses ours', async () => {
    const { code, wrong } = await practice.doctor(await practice.serving({}, ['operator'], 600_000))
    expect([code, wrong]).toEqual([1, [expect.stringMatching(/^✗ webhook: refuses our time: .*keep NTP/)]])
  })

  test('its TLS files are looked at, and it is asked over TLS', async () => {
    const { code, lines } = await practice.doctor(
      await practice.serving({ TLS_CERT_FILE: CERT_FILE, TLS_KEY_FILE: KEY_FILE }),
    )
    expect(code).toBe(0)
    expect(lines).toContain('✓ TLS: the certificate is valid until 2126-10-28.')
    expect(lines).toContain('✓ webhook: takes what is signed with HMAC_SECRET.')
  })

  test('a face that is not where it should be is told', async () => {
    const { code, wrong } = await practice.doctor({ ...(await practice.serving()), PORT: '2' })
    expect([code, wrong]).toEqual([
      1,
      [expect.stringMatching(/^✗ webhook: does not answer at 127\.0\.0\.1:2 \(PORT\)/)],
    ])
  })

  test('a program that is no server of ours is told', async () => {
    const port = await practice.other(200, 'hello')
    const { code, wrong } = await practice.doctor({ METRICS_PORT: `${port}` })
    expect(code).toBe(1)
    expect(wrong).toContain(
      `✗ server: another program answers at 127.0.0.1:${port}; stop that one, or set METRICS_PORT to another number.`,
    )
  })
})

describe('without a server', () => {
  test('that is said, and no database is made', async () => {
    const { code, wrong } = await practice.doctor()
    expect([code, wrong]).toEqual([
      0,
      [
        expect.stringMatching(/^! database: there is none at .*state\.db yet; serve makes it/),
        '! server: none answers at 127.0.0.1:1 (METRICS_PORT); start one, or run this where it runs.',
      ],
    ])
    expect(existsSync(practice.path)).toBe(false)
  })

  test('nothing in the database and nothing at Cloudflare is changed', async () => {
    const { path } = practice
    await practice.migrate()
    const before = contentOf(path)
    await practice.doctor(practice.dashboard(), '--name', 'www.example.com')
    expect(contentOf(path)).toEqual(before)
    const calls = practice.emulator.emulator.state.calls().map(({ method, route }) => `${method} ${route}`)
    expect(calls.filter((call) => !call.startsWith('GET '))).toEqual(['POST token', 'POST revoke'])
    expect(calls.length).toBeLessThan(10)
  })

  test('--json tells the same as one object', async () => {
    const { code, lines } = await practice.doctor({}, '--json')
    const said = JSON.parse(lines.join('\n'))
    expect([code, lines.length, said.ok]).toEqual([0, 1, true])
    expect(said.findings).toContainEqual({
      level: 'good',
      check: 'credential',
      words: 'the API token of a user is active',
    })
  })

  test.each([[['--name']], [['--name', '-x-']], [['--frobnicate']], [['more']]])(
    '%j is bad usage',
    async (argv) => {
      expect((await practice.doctor({}, ...argv)).code).toBe(2)
    },
  )
})

describe('the configuration', () => {
  test('has every fault told, and what can be read is looked at all the same', async () => {
    const { code, lines } = await practice.doctor({ HMAC_SECRET: '', PORT: 'x', SECRET_KEY: '' })
    expect(code).toBe(1)
    expect(lines).toContainEqual(expect.stringMatching(/^✗ HMAC_SECRET: is empty; /))
    expect(lines).toContainEqual(expect.stringMatching(/^✗ PORT: is "x"; /))
    expect(lines).toContainEqual(expect.stringMatching(/^✗ SECRET_KEY: is empty; /))
    expect(lines).toContainEqual(expect.stringMatching(/^! database: there is none/))
  })

  test('that serves nothing is a fault', async () => {
    const { code, lines } = await practice.doctor({ HMAC_SECRET: undefined }, '--name', 'example.com')
    expect(code).toBe(1)
    expect(lines[0]).toMatch(/^✗ configuration: there is nothing to serve; set HMAC_SECRET/)
    expect(lines).toContainEqual(
      expect.stringMatching(/^✗ name: which zone holds example\.com cannot be told/),
    )
  })

  test('has its warnings told', async () => {
    const { code, lines } = await practice.doctor({ HMAC_SECRET: 'short' })
    expect(code).toBe(0)
    expect(lines).toContainEqual(
      expect.stringMatching(/^! configuration: HMAC_SECRET has fewer than 32 octets/),
    )
  })
})

function contentOf(path: string): unknown {
  const connection = new Database(path, { readonly: true })
  const tables = connection.prepare("select name from sqlite_master where type = 'table'").pluck().all()
  const content = tables.map((table) => [table, connection.prepare(`select * from ${table}`).all()])
  connection.close()
  return content
}
