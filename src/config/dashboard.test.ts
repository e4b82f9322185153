import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { readConfig, readKeysConfig, type Variables } from './config.ts'

const KEY = '0123456789abcdef0123456789abcdef'
const noFiles = (path: string): string => {
  throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' })
}

function faultsOf(variables: Variables): string[] {
  const read = readConfig({ SECRET_KEY: KEY, ...variables }, noFiles, ['dashboard'])
  return read.ok ? [] : read.faults.map(({ name, problem }) => `${name} ${problem}`)
}

function configOf(variables: Variables) {
  const read = readConfig({ SECRET_KEY: KEY, ...variables }, noFiles, ['dashboard'])
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  return read.value
}

test('a key is enough; the rest has defaults, and nothing is asked for the webhook', () => {
  expect(configOf({})).toMatchObject({
    operator: undefined,
    dashboard: {
      listen: { host: '0.0.0.0', port: 3000 },
      publicUrl: 'http://localhost:3000',
      cloudflareBaseUrl: 'https://api.cloudflare.com/client/v4',
      cloudflareDashUrl: 'https://dash.cloudflare.com',
      oauth: undefined,
      targets: { ipv4: [], ipv6: [] },
      trustedProxies: [],
      frameAncestors: "'none'",
    },
    warnings: [],
  })
})

test('everything can be said', () => {
  const { dashboard, warnings } = configOf({
    SECRET_KEY_PREVIOUS: 'one, two,',
    PUBLIC_URL: 'https://dns.example.com/',
    CLOUDFLARE_OAUTH_CLIENT_ID: 'shop',
    CLOUDFLARE_OAUTH_CLIENT_SECRET: 'the secret of the shop',
    CLOUDFLARE_OAUTH_CLIENT_AUTH: 'client_secret_basic',
    CLOUDFLARE_OAUTH_TOKEN_URL: 'http://127.0.0.1:8787/oauth2/token',
    CLOUDFLARE_OAUTH_SCOPES: 'zone:read  dns:read dns:edit',
    CLOUDFLARE_DASH_URL: 'http://localhost:8787/',
    TARGET_IPV4: '192.0.2.10, 192.0.2.11',
    TARGET_IPV6: '2001:DB8::10',
    TARGET_HOST: 'Stores.example.com',
    TRUSTED_PROXIES: '192.0.2.1 198.51.100.0/24,2001:db8::/32',
    FRAME_ANCESTORS: "'self' https://shop.example.com",
  })
  expect(dashboard).toMatchObject({
    publicUrl: 'https://dns.example.com',
    cloudflareDashUrl: 'http://localhost:8787',
    oauth: {
      clientId: 'shop',
      clientAuth: 'client_secret_basic',
      authorizeUrl: 'https://dash.cloudflare.com/oauth2/auth',
      tokenUrl: 'http://127.0.0.1:8787/oauth2/token',
      revokeUrl: 'https://dash.cloudflare.com/oauth2/revoke',
      scopes: ['zone:read', 'dns:read', 'dns:edit'],
    },
    targets: { ipv4: ['192.0.2.10', '192.0.2.11'], ipv6: ['2001:db8::10'], host: 'stores.example.com' },
    trustedProxies: ['192.0.2.1', '198.51.100.0/24', '2001:db8::/32'],
    frameAncestors: "'self' https://shop.example.com",
  })
  expect(dashboard?.secretKeys.map((key) => key.reveal())).toEqual([KEY, 'one', 'two'])
  expect(warnings).toEqual([])
})

test('the default scopes are those that Cloudflare has for clients of others', () => {
  const { dashboard } = configOf({ CLOUDFLARE_OAUTH_CLIENT_ID: 'a', CLOUDFLARE_OAUTH_CLIENT_SECRET: 'b' })
  expect(dashboard?.oauth?.scopes).toEqual(['zone.read', 'dns.read', 'dns.write', 'offline_access'])
})

test.each<[Variables, string]>([
  [{ SECRET_KEY: undefined }, 'SECRET_KEY is missing'],
  [{ SECRET_KEY: '' }, 'SECRET_KEY is empty'],
  [{ SECRET_KEY: 'short' }, 'SECRET_KEY has fewer than 32 octets'],
  [{ SECRET_KEY: `${KEY},` }, 'SECRET_KEY holds a comma'],
  [{ SECRET_KEY_FILE: '/nowhere', SECRET_KEY: undefined }, 'SECRET_KEY_FILE names a file'],
  [{ SSO_SECRET: 'x' }, 'SSO_SECRET has fewer than 32 octets'],
  [{ SSO_SECRET: '' }, 'SSO_SECRET is empty'],
  [{ PUBLIC_URL: 'dns.example.com' }, 'PUBLIC_URL is not'],
  [{ PUBLIC_URL: 'https://dns.example.com/?shop' }, 'PUBLIC_URL is not'],
  [{ PUBLIC_URL: 'https://dns.example.com/a"b' }, 'PUBLIC_URL is not'],
  [{ BRAND_NAME: 'x'.repeat(41) }, 'BRAND_NAME is'],
  [{ BRAND_LOGO: 'no-such-file' }, 'BRAND_LOGO names a file that cannot be read'],
  [{ ACCENT_COLOR: 'red' }, 'ACCENT_COLOR is "red"'],
  [
    { ACCENT_COLOR: '#777777' },
    'ACCENT_COLOR is #777777, on which the white text of buttons has a contrast of 4.4',
  ],
  [{ SUPPORT_URL: 'javascript:alert(1)' }, 'SUPPORT_URL is'],
  [{ PUBLIC_URL: 'https://me@dns.example.com' }, 'PUBLIC_URL is not'],
  [{ CLOUDFLARE_OAUTH_CLIENT_ID: 'shop' }, 'CLOUDFLARE_OAUTH_CLIENT_SECRET is missing'],
  [{ CLOUDFLARE_OAUTH_CLIENT_SECRET: 'x' }, 'CLOUDFLARE_OAUTH_CLIENT_ID is missing'],
  [{ CLOUDFLARE_OAUTH_CLIENT_AUTH: 'none' }, 'CLOUDFLARE_OAUTH_CLIENT_AUTH is "none"'],
  [{ CLOUDFLARE_OAUTH_TOKEN_URL: 'http://emulator:8787/token' }, 'CLOUDFLARE_OAUTH_TOKEN_URL is not'],
  [{ CLOUDFLARE_OAUTH_REVOKE_URL: 'https://a:b@example.com/' }, 'CLOUDFLARE_OAUTH_REVOKE_URL is not'],
  [{ CLOUDFLARE_OAUTH_SCOPES: 'zone.read "all"' }, 'CLOUDFLARE_OAUTH_SCOPES has "\\"all\\""'],
  [{ CLOUDFLARE_OAUTH_SCOPES: 'zone.read openid' }, 'CLOUDFLARE_OAUTH_SCOPES has openid'],
  [{ CLOUDFLARE_DASH_URL: 'dash' }, 'CLOUDFLARE_DASH_URL is not'],
  [{ TARGET_IPV4: '192.0.2.1, 2001:db8::1' }, 'TARGET_IPV4 has "2001:db8::1"'],
  [{ TARGET_IPV6: '192.0.2.1' }, 'TARGET_IPV6 has "192.0.2.1"'],
  [{ TARGET_HOST: '192.0.2.1' }, 'TARGET_HOST is "192.0.2.1"'],
  [{ TRUSTED_PROXIES: '192.0.2.0/33' }, 'TRUSTED_PROXIES has "192.0.2.0/33"'],
  [{ TRUSTED_PROXIES: 'proxy' }, 'TRUSTED_PROXIES has "proxy"'],
  [{ FRAME_ANCESTORS: "'self'; script-src *" }, 'FRAME_ANCESTORS is'],
  [{ DASHBOARD_PORT: '9100' }, 'METRICS_PORT is 9100, and DASHBOARD_PORT too'],
])('%j is one fault', (change, beginning) => {
  expect(faultsOf(change)).toEqual([expect.stringContaining(beginning)])
})

test('faults of both faces are told together', () => {
  const read = readConfig({ SECRET_KEY: 'short', DASHBOARD_PORT: '7100' }, noFiles, ['operator', 'dashboard'])
  expect(!read.ok && read.faults.map(({ name }) => name)).toEqual([
    'CLOUDFLARE_API_TOKEN',
    'HMAC_SECRET',
    'SECRET_KEY',
    'DASHBOARD_PORT',
  ])
})

test('a public address without encryption is warned about', () => {
  expect(configOf({ PUBLIC_URL: 'http://dns.example.com' }).warnings).toEqual([
    expect.stringMatching(/^PUBLIC_URL is http/),
  ])
})

test('a configuration shows none of its secrets', () => {
  const shown = inspect(
    configOf({
      SECRET_KEY_PREVIOUS: 'the-previous-key',
      CLOUDFLARE_OAUTH_CLIENT_ID: 'shop',
      CLOUDFLARE_OAUTH_CLIENT_SECRET: 'the-secret-of-the-shop',
    }),
    { depth: 9, showHidden: true },
  )
  for (const secret of [KEY, 'the-previous-key', 'the-secret-of']) expect(shown).not.toContain(secret)
  expect(shown).toContain('[secret]')
})

test('a command that rotates keys asks for database and keys alone', () => {
  const read = readKeysConfig({ SECRET_KEY: KEY, SECRET_KEY_PREVIOUS: 'old', PORT: 'x' }, noFiles)
  expect(read).toMatchObject({ ok: true, value: { database: { kind: 'sqlite' } } })
  expect(readKeysConfig({ SECRET_KEY_PREVIOUS: 'old' }, noFiles)).toMatchObject({
    ok: false,
    faults: [{ name: 'SECRET_KEY' }],
  })
})
