import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createPasswords } from '#accounts/passwords.ts'
import { readConfig } from '#config/config.ts'
import { createSeals } from '#connections/seals.ts'
import { startEmulator } from '#emulator/serve.ts'
import { createMetrics } from '#platform/metrics.ts'
import { systemClock, systemRandom } from '#platform/system.ts'
import { buildCustomers } from '#server/build-customers.ts'
import { realSystem } from '#server/main.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import type { Store } from '#store/store.ts'
import { run } from './run.ts'

const PASSWORD = 'correct horse battery staple'
const [KEY, NEXT] = ['a secret key of thirty-two octets', 'the next key of thirty-two octets']

let folder: string
let password: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zonewright-'))
  password = join(folder, 'password')
  writeFileSync(password, `${PASSWORD}\n`)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function zonewright(line: string, env: Record<string, string> = {}) {
  const [out, err]: [string[], string[]] = [[], []]
  const code = await run(
    line.split(' ').map((word) => (word === 'FILE' ? password : word)),
    {
      stdout: (line) => void out.push(line),
      stderr: (line) => void err.push(line),
      env: { DATABASE_URL: `sqlite:${folder}/zonewright.db`, ...env },
      readFile: (path) => readFileSync(path, 'utf8'),
      untilAskedToEnd: async () => {},
      whenAskedToReload: () => {},
    },
  )
  expect(out.join() + err.join()).not.toContain(PASSWORD)
  return { code, out: out.join('\n'), err: err.join('\n') }
}

async function inStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openSqliteStore({
    path: `${folder}/zonewright.db`,
    random: systemRandom,
    now: systemClock.now,
  })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

const ADD = 'customer add --email Anna@example.com --domain Example.com. --password-file FILE'
const added = async (more = '') => (await zonewright(`${ADD}${more}`)).out

async function connect(customerId: string, kind: 'oauth' | 'token' = 'token', key = KEY): Promise<void> {
  const seals = createSeals([key], systemClock.now)
  await inStore(({ accounts }) =>
    accounts.replaceConnection({
      id: `c-${customerId}`,
      customerId,
      kind,
      status: 'active',
      zoneId: '0a'.repeat(16),
      accessToken: seals.seal(
        { customer: customerId, connection: `c-${customerId}`, kind: 'access' },
        'token',
      ),
      refreshToken: null,
      expiresAt: null,
      scope: null,
      tokenVersion: 1,
      connectedAt: systemClock.now(),
      reviewedAt: 1,
      lastSyncAt: null,
    }),
  )
}

describe('customer', () => {
  test('add prints the id alone, and the customer can sign in', async () => {
    const { code, out, err } = await zonewright(
      `${ADD} --target-ipv4 192.0.2.1 --target-ipv4 192.0.2.2 --target-ipv6 2001:DB8::1 --target-host stores.example.net --serves-www no`,
    )
    expect([code, out, err]).toEqual([0, expect.stringMatching(/^[0-9a-f]{32}$/), ''])
    const row = (await inStore(({ accounts }) => accounts.customerByEmail('anna@example.com')))!
    expect(row).toMatchObject({
      id: out,
      domain: 'example.com',
      ipv4: ['192.0.2.1', '192.0.2.2'],
      ipv6: ['2001:db8::1'],
      host: 'stores.example.net',
      servesWww: false,
    })
    expect(await createPasswords().matches(PASSWORD, row.passwordHash)).toBe(true)
  })

  test('add says when the address is taken', async () => {
    await added()
    const { code, out, err } = await zonewright(ADD)
    expect([code, out, err]).toEqual([1, '', expect.stringContaining('anna@example.com already')])
  })

  test('add and set say who else has the domain, and do it', async () => {
    const anna = await added()
    const ben = await zonewright(ADD.replace('Anna', 'ben'))
    expect([ben.code, ben.out]).toEqual([0, expect.stringMatching(/^[0-9a-f]{32}$/)])
    expect(ben.err).toContain('example.com is the domain of anna@example.com, too')
    expect((await zonewright(`customer set ${anna} --domain example.net`)).err).toBe('')
    expect((await zonewright(`customer set ${anna} --serves-www no`)).err).toBe('')
    expect((await zonewright(`customer set ${anna} --domain example.com`)).err).toContain(
      'of ben@example.com',
    )
  })

  test('list shows who there is and how they stand, and no hash', async () => {
    expect(await zonewright('customer list')).toMatchObject({ code: 0, out: 'There are no customers yet.' })
    const id = await added()
    expect((await zonewright('customer list')).out).toBe(
      `${id}  anna@example.com  example.com  the platform's targets  not connected`,
    )
    await connect(id)
    await zonewright(`customer set ${id} --target-ipv4 192.0.2.1`)
    expect((await zonewright('customer list')).out).toBe(
      `${id}  anna@example.com  example.com  192.0.2.1  active`,
    )
  })

  test('set changes what is named, and leaves the rest', async () => {
    const id = await added(' --target-ipv4 192.0.2.1 --serves-www no')
    const before = await inStore(({ accounts }) => accounts.customer(id))
    expect(await zonewright('customer set ANNA@example.com --target-host s.example.net')).toMatchObject({
      code: 0,
    })
    expect(await inStore(({ accounts }) => accounts.customer(id))).toEqual({
      ...before,
      ipv4: [],
      host: 's.example.net',
    })
    await zonewright(`customer set ${id} --platform-targets --serves-www yes`)
    expect(await inStore(({ accounts }) => accounts.customer(id))).toEqual({
      ...before,
      ipv4: [],
      host: null,
      servesWww: true,
    })
  })

  test('a new password or address ends all sessions, a new target none', async () => {
    const id = await added()
    const signedIn = () =>
      inStore(({ accounts }) => accounts.session('s', systemClock.now()).then((one) => one !== undefined))
    const begin = (idHash: string) =>
      inStore(({ accounts }) =>
        accounts.keepSession({ idHash, customerId: id, data: '{}' }, systemClock.now()),
      )
    await begin('s')
    await zonewright(`customer set ${id} --target-ipv4 192.0.2.1`)
    expect(await signedIn()).toBe(true)
    await zonewright(`customer set ${id} --password-file FILE`)
    expect(await signedIn()).toBe(false)
  })

  test('a new domain is reviewed anew', async () => {
    const id = await added()
    await connect(id)
    await zonewright(`customer set ${id} --domain example.net`)
    expect(await inStore(({ accounts }) => accounts.connectionOf(id))).toMatchObject({
      zoneId: null,
      reviewedAt: null,
    })
  })

  test('remove takes all that is theirs away, and says what it could not revoke', async () => {
    const id = await added()
    await connect(id, 'oauth')
    const { code, out, err } = await zonewright('customer remove anna@example.com')
    expect([code, out, err]).toEqual([
      0,
      '',
      expect.stringMatching(/^What anna@example\.com granted .* not revoked/),
    ])
    expect(await inStore(({ accounts }) => accounts.connectionOf(id))).toBeUndefined()
    expect(await zonewright(`customer remove ${id}`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('no customer'),
    })
  })

  test('remove takes a grant back at Cloudflare, where it is told how', async () => {
    const id = await added()
    const redirectUri = 'http://localhost:3000/dashboard/cloudflare/callback'
    const client = {
      id: 'shop',
      secret: 'the secret of the shop',
      name: 'The Shop',
      redirectUris: [redirectUri],
    }
    const emulator = await startEmulator({
      port: 0,
      zones: [{ name: 'example.com' }],
      oauthClients: [client],
    })
    const env = {
      SECRET_KEY: KEY,
      CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
      CLOUDFLARE_OAUTH_CLIENT_ID: client.id,
      CLOUDFLARE_OAUTH_CLIENT_SECRET: client.secret,
      CLOUDFLARE_OAUTH_AUTHORIZE_URL: `${emulator.siteUrl}/oauth2/auth`,
      CLOUDFLARE_OAUTH_TOKEN_URL: `${emulator.siteUrl}/oauth2/token`,
      CLOUDFLARE_OAUTH_REVOKE_URL: `${emulator.siteUrl}/oauth2/revoke`,
    }
    const read = readConfig({ ...env, LOG_LEVEL: 'silent' }, () => '', ['dashboard'])
    if (!read.ok || read.value.dashboard === undefined) throw new Error(JSON.stringify(read))
    const system = realSystem(read.value)
    const { dashboard } = read.value
    await inStore(async (store) => {
      const customers = buildCustomers(store, dashboard, system, createMetrics())
      const customer = (await customers.find(id))!
      const callback = emulator.emulator.state.consent((await customers.beginOAuth(customer, 's')).href)
      await customers.finishOAuth(customer, 's', new URL(callback))
    })
    system.transport.close()
    expect(await zonewright(`customer remove ${id}`, env)).toEqual({ code: 0, out: '', err: '' })
    expect(emulator.emulator.state.grants()).toMatchObject([{ ended: true }])
    await emulator.close()
  })

  test.each(['', 'add', 'list', 'set', 'remove'])('%s --help says how it is used', async (command) => {
    const { code, out } = await zonewright(`customer ${command} --help`.replace('  ', ' '))
    expect([code, out]).toEqual([0, expect.stringMatching(/^Usage: zonewright customer/)])
  })

  test.each([
    'customer',
    'customer frobnicate',
    'customer __proto__',
    'customer add',
    'customer add --email a@example.com --domain example.com',
    'customer add --email nobody --domain example.com --password-file FILE',
    'customer add --email a@example.com --domain com --password-file FILE',
    'customer add --email a@example.com --domain *.example.com --password-file FILE',
    'customer add --email a@example.com --domain example.com --password-file /nowhere',
    `${ADD} --target-ipv4 2001:db8::1`,
    `${ADD} --target-host 192.0.2.1`,
    `${ADD} --serves-www maybe`,
    `${ADD} --frobnicate`,
    `${ADD} more`,
    'customer list more',
    'customer set',
    'customer set anna@example.com',
    'customer set anna@example.com --target-ipv4 192.0.2.1 --platform-targets',
    'customer remove',
    'keys',
    'keys rotate more',
  ])('%s is bad usage', async (line) => {
    expect(await zonewright(line, { SECRET_KEY: KEY })).toMatchObject({ code: 2, out: '' })
  })

  test('bad usage names the help that has the options', async () => {
    const { err } = await zonewright('customer add --email a@example.com')
    expect(err).toContain('zonewright customer add --help shows how it is used')
    expect((await zonewright('customer')).err).toContain('zonewright customer --help shows')
  })

  test('a password that is too short, or has several lines, is refused', async () => {
    for (const text of ['short', 'one line\nand another\n']) {
      writeFileSync(password, text)
      expect(await zonewright(ADD)).toMatchObject({ code: 2, err: expect.stringContaining('8 to 1000') })
    }
  })
})

describe('keys rotate', () => {
  test('seals what is under a previous key anew, and says what it did', async () => {
    const id = await added()
    await connect(id)
    expect(await zonewright('keys rotate', { SECRET_KEY: NEXT, SECRET_KEY_PREVIOUS: KEY })).toEqual({
      code: 0,
      out: '1 sealed anew, 0 under SECRET_KEY already, 0 unreadable',
      err: '',
    })
    expect((await zonewright('keys rotate', { SECRET_KEY: NEXT })).out).toBe(
      '0 sealed anew, 1 under SECRET_KEY already, 0 unreadable',
    )
  })

  test('ends with 1 where tokens are under a key that was not given', async () => {
    await connect(await added())
    expect(await zonewright('keys rotate', { SECRET_KEY: NEXT })).toMatchObject({ code: 1 })
  })

  test('asks for a key', async () => {
    expect(await zonewright('keys rotate')).toMatchObject({
      code: 78,
      err: expect.stringContaining('SECRET_KEY'),
    })
  })
})
