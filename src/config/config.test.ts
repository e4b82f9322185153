import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import {
  configuredFaces,
  readConfig,
  readDatabaseConfig,
  readRequestConfig,
  type Variables,
} from './config.ts'

const SECRET = 'an-hmac-secret-of-32-octets-here'
const TOKEN = 'a-token-of-cloudflare'
const GOOD = { HMAC_SECRET: SECRET, CLOUDFLARE_API_TOKEN: TOKEN }

const noFiles = (path: string): string => {
  throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' })
}

function faultsOf(variables: Variables, readFile = noFiles): string[] {
  const read = readConfig(variables, readFile)
  return read.ok ? [] : read.faults.map(({ name, problem, remedy }) => `${name} ${problem}; ${remedy}.`)
}

function configOf(variables: Variables, readFile = noFiles) {
  const read = readConfig(variables, readFile)
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  return read.value
}

test('a secret and a token are enough; the rest has defaults', () => {
  expect(configOf({ ...GOOD, UNKNOWN: 'ignored', OWNERSHIP: '' })).toMatchObject({
    logLevel: 'info',
    metrics: { host: '0.0.0.0', port: 9100 },
    shutdownDelaySeconds: 0,
    historyDays: 400,
    database: { kind: 'sqlite', path: './zonewright.db' },
    engine: { mirrorRefreshSeconds: 300, drift: 'correct' },
    operator: {
      listen: { host: '0.0.0.0', port: 7100 },
      callers: [
        {
          id: 'default',
          cloudflare: { credential: { kind: 'token' }, baseUrl: 'https://api.cloudflare.com/client/v4' },
          signing: { algorithm: 'SHA256' },
          ownership: 'adopt',
          ack: 'cloudflare',
          defaults: { ttl: 300, mxPriority: 10 },
        },
      ],
    },
    warnings: [],
  })
})

test('everything can be said', () => {
  const config = configOf({
    ...GOOD,
    HMAC_SECRET_PREVIOUS: 'the-previous-secret-of-32-octets',
    HMAC_ALGORITHM: 'SHA512',
    PORT: '8080',
    HOST: '127.0.0.1',
    METRICS_PORT: '0',
    METRICS_HOST: '::1',
    DATABASE_URL: 'sqlite:///var/lib/zonewright/state.db',
    LOG_LEVEL: 'debug',
    CLOUDFLARE_ACCOUNT_ID: '0123456789abcdef0123456789abcdef',
    CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:8787/client/v4/',
    OWNERSHIP: 'strict',
    ACK: 'accepted',
    DRIFT: 'report',
    DEFAULT_TTL: '30',
    DEFAULT_MX_PRIORITY: '0',
    MIRROR_REFRESH_SECONDS: '60',
    SHUTDOWN_DELAY_SECONDS: '5',
    HISTORY_DAYS: '90',
  })
  expect(config).toMatchObject({
    logLevel: 'debug',
    metrics: { host: '::1', port: 0 },
    shutdownDelaySeconds: 5,
    historyDays: 90,
    database: { path: '/var/lib/zonewright/state.db' },
    engine: { mirrorRefreshSeconds: 60, drift: 'report' },
    operator: {
      listen: { host: '127.0.0.1', port: 8080 },
      callers: [
        {
          cloudflare: {
            accountId: '0123456789abcdef0123456789abcdef',
            baseUrl: 'http://127.0.0.1:8787/client/v4',
          },
          ownership: 'strict',
          ack: 'accepted',
          defaults: { ttl: 60, mxPriority: 0 },
        },
      ],
    },
    warnings: [],
  })
  expect(config.operator?.callers[0]?.signing?.secrets.map((secret) => secret.reveal())).toEqual([
    SECRET,
    'the-previous-secret-of-32-octets',
  ])
})

test('all faults are told together, by name, with what to do', () => {
  const faults = faultsOf({
    PORT: '70000',
    METRICS_PORT: 'ninety',
    LOG_LEVEL: 'loud',
    DATABASE_URL: 'postgres://user:hidden-password@db:port/zonewright',
    OWNERSHIP: 'mine',
    DEFAULT_TTL: '0',
    DEFAULT_MX_PRIORITY: '-1',
    MIRROR_REFRESH_SECONDS: '1',
    SHUTDOWN_DELAY_SECONDS: '61',
    HISTORY_DAYS: '0',
    HMAC_ALGORITHM: 'MD5',
    CLOUDFLARE_API_BASE_URL: 'ftp://example.com',
    CLOUDFLARE_ACCOUNT_ID: 'mine',
    TLS_CERT_FILE: 'cert.pem',
  })
  expect(faults.map((fault) => fault.split(' ')[0])).toEqual(
    expect.arrayContaining([
      'PORT',
      'METRICS_PORT',
      'LOG_LEVEL',
      'DATABASE_URL',
      'OWNERSHIP',
      'DEFAULT_TTL',
      'DEFAULT_MX_PRIORITY',
      'MIRROR_REFRESH_SECONDS',
      'SHUTDOWN_DELAY_SECONDS',
      'HISTORY_DAYS',
      'HMAC_ALGORITHM',
      'HMAC_SECRET',
      'CLOUDFLARE_API_BASE_URL',
      'CLOUDFLARE_ACCOUNT_ID',
      'CLOUDFLARE_API_TOKEN',
      'TLS_KEY_FILE',
    ]),
  )
  expect(faults).toHaveLength(16)
  expect(faults.join()).not.toContain('hidden-password')
  expect(faults).toContain(
    'DATABASE_URL is not a URL; write it as postgres://user:password@host:5432/database.',
  )
})

test.each<[string, Variables, string]>([
  ['no secret', { HMAC_SECRET: undefined }, 'HMAC_SECRET is missing'],
  ['an empty secret', { HMAC_SECRET: '' }, 'HMAC_SECRET is empty'],
  ['an empty previous secret', { HMAC_SECRET_PREVIOUS: '' }, 'HMAC_SECRET_PREVIOUS is empty'],
  [
    'a previous secret alone',
    { HMAC_SECRET: undefined, HMAC_SECRET_PREVIOUS: SECRET },
    'HMAC_SECRET is missing',
  ],
  ['a secret that is not to be checked', { HMAC_DISABLED: 'true' }, 'HMAC_DISABLED is true'],
  [
    'an e-mail with a letter of another script',
    { CLOUDFLARE_API_KEY: 'key', CLOUDFLARE_EMAIL: '\u043ewner@example.com', CLOUDFLARE_API_TOKEN: '' },
    'CLOUDFLARE_EMAIL is "\u043ewner@example.com", which holds a blank or a letter beyond ASCII',
  ],
  ['a switch that is neither on nor off', { HMAC_DISABLED: 'yes' }, 'HMAC_DISABLED is "yes"'],
  ['no credential', { CLOUDFLARE_API_TOKEN: undefined }, 'CLOUDFLARE_API_TOKEN is missing'],
  ['an empty credential', { CLOUDFLARE_API_TOKEN: '' }, 'CLOUDFLARE_API_TOKEN is missing'],
  ['a token with a line break', { CLOUDFLARE_API_TOKEN: `${TOKEN}\n` }, 'CLOUDFLARE_API_TOKEN holds a blank'],
  [
    'two credentials',
    { CLOUDFLARE_API_KEY: 'key' },
    'CLOUDFLARE_API_TOKEN is set, and CLOUDFLARE_API_KEY too',
  ],
  [
    'a key without its owner',
    { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_API_KEY: 'key' },
    'CLOUDFLARE_EMAIL is missing',
  ],
  [
    'a password in the address',
    { CLOUDFLARE_API_BASE_URL: 'https://me:secret@example.com/' },
    'CLOUDFLARE_API_BASE_URL is not',
  ],
  ['one port for two', { PORT: '9100' }, 'METRICS_PORT is 9100, and PORT too'],
  ['another database', { DATABASE_URL: 'mysql://db' }, 'DATABASE_URL is not a database we know'],
  ['a database without a path', { DATABASE_URL: 'sqlite:' }, 'DATABASE_URL is not a database we know'],
  ['a secret twice', { HMAC_SECRET_FILE: '/run/secret' }, 'HMAC_SECRET is set, and HMAC_SECRET_FILE too'],
  [
    'a file that is not there',
    { HMAC_SECRET: undefined, HMAC_SECRET_FILE: '/nowhere' },
    'HMAC_SECRET_FILE names a file that cannot be read: /nowhere (ENOENT)',
  ],
  ['a number that is almost one', { PORT: '7100x' }, 'PORT is "7100x"'],
])('%s is one fault', (_what, change, beginning) => {
  const readFile = (path: string) => (path === '/run/secret' ? SECRET : noFiles(path))
  const faults = faultsOf({ ...GOOD, ...change }, readFile)
  expect(faults).toHaveLength(1)
  expect(faults[0]?.startsWith(beginning)).toBe(true)
})

test.each([
  [`${SECRET}\n`, SECRET],
  [`${SECRET}\r\n`, SECRET],
  [`${SECRET}\n\n`, `${SECRET}\n`],
  [SECRET, SECRET],
])('a secret from the file %j is %j', (text, secret) => {
  const config = configOf({ ...GOOD, HMAC_SECRET: undefined, HMAC_SECRET_FILE: '/run/secret' }, () => text)
  expect(config.operator?.callers[0]?.signing?.secrets[0]?.reveal()).toBe(secret)
})

test('an empty file is an empty secret', () => {
  expect(faultsOf({ ...GOOD, HMAC_SECRET: undefined, HMAC_SECRET_FILE: '/run/secret' }, () => '\n')).toEqual([
    expect.stringMatching(/^HMAC_SECRET is empty/),
  ])
})

test('what is weak is warned about', () => {
  expect(configOf({ ...GOOD, HMAC_SECRET: 'short' }).warnings).toEqual([
    expect.stringMatching(/^HMAC_SECRET has fewer/),
  ])
  const open = configOf({ CLOUDFLARE_API_TOKEN: TOKEN, HMAC_DISABLED: 'true' })
  expect(open.operator?.callers[0]?.signing).toBeUndefined()
  expect(open.warnings).toEqual([expect.stringMatching(/^HMAC_DISABLED/)])
  expect(
    configOf({ ...GOOD, CLOUDFLARE_API_BASE_URL: 'http://emulator:8787/client/v4' }).warnings,
  ).toHaveLength(1)
  expect(
    configOf({ HMAC_SECRET: SECRET, CLOUDFLARE_API_KEY: 'key', CLOUDFLARE_EMAIL: 'owner@example.com' })
      .warnings,
  ).toHaveLength(1)
})

test('a configuration shows none of its secrets', () => {
  const config = configOf({ ...GOOD, HMAC_SECRET_PREVIOUS: 'the-previous-secret-of-32-octets' })
  const shown = [
    JSON.stringify(config),
    inspect(config, { depth: 9, showHidden: true }),
    `${config.operator?.callers[0]?.signing?.secrets}`,
  ].join()
  for (const secret of [SECRET, TOKEN, 'the-previous']) expect(shown).not.toContain(secret)
  expect(shown).toContain('[secret]')
})

test('a certificate and its key are read, and must fit', () => {
  const pem = (name: string) =>
    fileURLToPath(new URL(`../../tests/support/loopback-${name}.pem`, import.meta.url))
  const [cert, key] = [pem('cert'), pem('key')]
  const readFile = (path: string) => readFileSync(path, 'utf8')

  const config = configOf({ ...GOOD, TLS_CERT_FILE: cert, TLS_KEY_FILE: key }, readFile)
  expect(config.operator?.tls?.cert).toContain('CERTIFICATE')
  expect(JSON.stringify(config)).not.toContain('PRIVATE KEY')
  expect(faultsOf({ ...GOOD, TLS_CERT_FILE: cert, TLS_KEY_FILE: cert }, readFile)).toHaveLength(1)
  expect(faultsOf({ ...GOOD, TLS_CERT_FILE: cert, TLS_KEY_FILE: '/nowhere' }, readFile)).toHaveLength(1)
})

test.each<[Variables, readonly string[]]>([
  [{}, []],
  [{ HMAC_SECRET: 'x' }, ['operator']],
  [{ HMAC_SECRET: '' }, ['operator']],
  [{ HMAC_SECRET_FILE: '/run/secret' }, ['operator']],
  [{ HMAC_DISABLED: 'true' }, ['operator']],
  [{ HMAC_DISABLED: 'false' }, []],
  // To be told that it is neither true nor false.
  [{ HMAC_DISABLED: 'TRUE' }, ['operator']],
  [{ CONFIG_FILE: 'callers.yaml' }, ['operator']],
  [{ SECRET_KEY: 'x' }, ['dashboard']],
  [{ SECRET_KEY_FILE: '/run/key', HMAC_SECRET: 'x' }, ['operator', 'dashboard']],
])('%j has something for the faces %j', (variables, faces) => {
  expect(configuredFaces(variables)).toEqual(faces)
})

test('a PostgreSQL is known by its URL, which is a secret', () => {
  const url = 'postgres://user:hidden-password@db.example.com:5432/zonewright?sslmode=verify-full'
  const read = readDatabaseConfig({ DATABASE_URL: url }, noFiles)
  if (!read.ok || read.value.kind !== 'postgres') throw new Error('not read')
  expect(read.value.url.reveal()).toBe(url)
  expect(JSON.stringify(read)).not.toContain('hidden-password')
  expect(readDatabaseConfig({ DATABASE_URL_FILE: '/run/url' }, () => `${url}\n`)).toEqual(read)
})

test('other commands read only what they need', () => {
  expect(readDatabaseConfig({ DATABASE_URL: 'sqlite:x.db' }, noFiles)).toEqual({
    ok: true,
    value: { kind: 'sqlite', path: 'x.db' },
  })
  expect(readRequestConfig({ PORT: '8080' }, noFiles)).toEqual({
    ok: true,
    value: { signing: undefined, url: 'http://127.0.0.1:8080' },
  })
  expect(readRequestConfig({ TLS_CERT_FILE: 'cert.pem' }, noFiles)).toMatchObject({
    value: { url: 'https://127.0.0.1:7100' },
  })
})
