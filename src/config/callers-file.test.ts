import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { readConfig, type Variables } from './config.ts'

const SECRET = 'an-hmac-secret-of-32-octets-here'
const OTHER = 'another-hmac-secret-of-32-octets'
const TOKEN = 'a-token-of-cloudflare'
const BASE = { CONFIG_FILE: '/etc/zonewright/callers.yaml', CLOUDFLARE_API_TOKEN: TOKEN }

function read(yaml: string, more: Variables = {}, files: Readonly<Record<string, string>> = {}) {
  const all: Readonly<Record<string, string>> = { [BASE.CONFIG_FILE]: yaml, ...files }
  return readConfig({ ...BASE, ...more }, (path) => {
    const text = all[path]
    if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' })
    return text
  })
}

function callersOf(yaml: string, more: Variables = {}, files: Readonly<Record<string, string>> = {}) {
  const config = read(yaml, more, files)
  if (!config.ok) throw new Error(JSON.stringify(config.faults))
  return config.value.operator?.callers ?? []
}

function faultsOf(yaml: string, more: Variables = {}): string[] {
  const config = read(yaml, more)
  return config.ok ? [] : config.faults.map(({ name, problem, remedy }) => `${name} ${problem}; ${remedy}.`)
}

function namesOf(yaml: string, more: Variables = {}): string[] {
  return faultsOf(yaml, more).map((fault) => fault.split(' ').slice(0, 2).join(' '))
}

const ONE = `
callers:
  - id: shop
    secret: "${SECRET}"
`

test('an id and a secret are enough; the rest is as the environment has it', () => {
  const [shop, ...others] = callersOf(ONE, { OWNERSHIP: 'strict', ACK: 'accepted', DEFAULT_TTL: '600' })
  expect(others).toEqual([])
  expect(shop).toMatchObject({
    id: 'shop',
    cloudflare: { credential: { kind: 'token' }, baseUrl: 'https://api.cloudflare.com/client/v4' },
    signing: { algorithm: 'SHA256' },
    ownership: 'strict',
    ack: 'accepted',
    defaults: { ttl: 600, mxPriority: 10 },
    allowed: {},
    rules: [],
  })
  expect(shop?.signing?.secrets.map((secret) => secret.reveal())).toEqual([SECRET])
})

test('everything can be said', () => {
  const yaml = `
callers:
  - id: shop
    secretFile: secrets/shop
    previousSecret: "${OTHER}"
    algorithm: SHA512
    credential: { tokenFile: /run/secrets/shop-token, account: "0123456789abcdef0123456789abcdef" }
    allow:
      zones: [example.com]
      names: ["**.shop.example.com", shop.example.com]
      types: [A, AAAA, TXT]
    ownership: strict
    ack: accepted
    defaults: { ttl: 30, mxPriority: 20 }
    rules:
      - { name: "static.shop.example.com", ttl: 3600 }
      - { name: "*.shop.example.com", proxied: true }
    rateLimit: { perMinute: 600, burst: 50 }
    heirOf: [default, old]
  - id: blog
    secret: "a-secret-of-the-blog-of-32-octets"
    credential: { key: "0123456789", email: "ann@example.com" }
    rateLimit: { perSecond: 20 }
`
  const [shop, blog] = callersOf(
    yaml,
    {},
    {
      '/etc/zonewright/secrets/shop': `${SECRET}\n`,
      '/run/secrets/shop-token': 'the-token-of-the-shop',
    },
  )
  expect(shop).toMatchObject({
    cloudflare: { credential: { kind: 'token' }, accountId: '0123456789abcdef0123456789abcdef' },
    signing: { algorithm: 'SHA512' },
    allowed: {
      zones: ['example.com'],
      names: [{ text: '**.shop.example.com' }, { text: 'shop.example.com' }],
    },
    ownership: 'strict',
    ack: 'accepted',
    defaults: { ttl: 60, mxPriority: 20 },
    rules: [
      { names: { text: 'static.shop.example.com' }, ttl: 3600 },
      { names: { text: '*.shop.example.com' }, proxied: true },
    ],
    limit: { perSecond: 10, burst: 50 },
    heirOf: ['default', 'old'],
  })
  expect(shop?.signing?.secrets.map((secret) => secret.reveal())).toEqual([SECRET, OTHER])
  expect(blog).toMatchObject({
    cloudflare: { credential: { kind: 'key', email: 'ann@example.com' } },
    limit: { perSecond: 20, burst: 20 },
  })
})

test('the caller of the environment is there too where it has a secret, and not where it has none', () => {
  const ids = (more: Variables) => callersOf(ONE, more).map(({ id }) => id)
  expect(ids({})).toEqual(['shop'])
  expect(ids({ HMAC_SECRET: OTHER })).toEqual(['default', 'shop'])
  expect(ids({ HMAC_DISABLED: 'true' })).toEqual(['default', 'shop'])
  expect(namesOf(ONE, { HMAC_SECRET: '' })).toEqual(['HMAC_SECRET is'])
})

test('without a token in the environment each caller brings its own', () => {
  const own = ONE.replace('secret:', 'credential: { token: abcdefgh }\n    secret:')
  expect(callersOf(own, { CLOUDFLARE_API_TOKEN: undefined })).toHaveLength(1)
  expect(faultsOf(ONE, { CLOUDFLARE_API_TOKEN: undefined })).toEqual([
    'CONFIG_FILE callers[0].credential is missing, and CLOUDFLARE_API_TOKEN too; give it, or set CLOUDFLARE_API_TOKEN.',
  ])
})

test('all faults are told together, by their place, with what to do', () => {
  const yaml = `
callers:
  - id: Shop
    secret: ""
    algorithm: MD5
    colour: red
    allow: { zones: ["exa mple.com"], names: ["a..b", "***", "*.example.com"], types: [A, SPF] }
    ownership: mine
    ack: soon
    defaults: { ttl: 0, mxPriority: -1 }
    rules: [{ proxied: yes }]
    rateLimit: { perSecond: 0 }
    credential: { token: "a b" }
  - id: default
  - id: blog
    secretFile: /run/secrets/missing
    previousSecret: 5
    rateLimit: { perSecond: 5, perMinute: 5 }
    credential: { account: x }
  - just words
`
  const faults = faultsOf(yaml)
  expect(faults.map((fault) => fault.slice(0, fault.indexOf(' ', 12))).sort()).toEqual(
    [
      '[0].ack',
      '[0].algorithm',
      '[0].allow.names[0]',
      '[0].allow.names[1]',
      '[0].allow.types[1]',
      '[0].allow.zones[0]',
      '[0].colour',
      '[0].credential.token',
      '[0].defaults.mxPriority',
      '[0].defaults.ttl',
      '[0].id',
      '[0].ownership',
      '[0].rateLimit.perSecond',
      '[0].rules[0].name',
      '[0].rules[0].proxied',
      '[0].secret',
      '[1].id',
      '[1].secret',
      '[2].credential.account',
      '[2].previousSecret',
      '[2].rateLimit',
      '[2].secretFile',
      '[3]',
      '[3].secret',
    ]
      .map((place) => `CONFIG_FILE callers${place}`)
      .sort(),
  )
  for (const fault of faults) expect(fault).toMatch(/^CONFIG_FILE \S+ .+; .+\.$/)
  expect(faults).toContain(
    'CONFIG_FILE callers[0].allow.names[0] is "a..b"; write whole names, with * for a label or a part of one and ** for several, such as "*.example.com", or remove it.',
  )
})

test.each([
  ['no list of callers', 'shops: []', ['CONFIG_FILE callers', 'CONFIG_FILE shops']],
  ['an empty list', 'callers: []', ['CONFIG_FILE callers']],
  ['nothing', '', ['CONFIG_FILE callers']],
  ['a list', '- id: shop', ['CONFIG_FILE is']],
])('a file with %s is refused', (_what, yaml, names) => {
  expect(namesOf(yaml).sort()).toEqual(names)
})

test('two callers have neither an id nor a secret in common, and none with that of the environment', () => {
  const yaml = `
callers:
  - { id: shop, secret: "${SECRET}" }
  - { id: shop, secret: "${OTHER}" }
  - { id: blog, secret: "a-secret-of-the-blog-of-32-octets", previousSecret: "${SECRET}" }
`
  expect(namesOf(yaml)).toEqual(['CONFIG_FILE callers[1].id', 'CONFIG_FILE callers[2].secret'])
  expect(namesOf(ONE, { HMAC_SECRET: SECRET })).toEqual(['CONFIG_FILE callers[0].secret'])
})

test('one credential has one account, and one who has gone has one heir', () => {
  const of = (id: string, account: string, more: string) =>
    `  - { id: ${id}, secret: "${id}${SECRET}", credential: { token: abcdefgh, account: "${account.repeat(32)}" }${more} }\n`
  expect(namesOf(`callers:\n${of('shop', 'a', '')}${of('blog', 'b', '')}`)).toEqual([
    'CONFIG_FILE callers[1].credential',
  ])
  const heirs = `callers:\n${of('shop', 'a', ', heirOf: [old, blog]')}${of('blog', 'a', ', heirOf: [old]')}`
  expect(namesOf(heirs)).toEqual(['CONFIG_FILE callers[0].heirOf[1]', 'CONFIG_FILE callers[1].heirOf[0]'])
  const ofDefault = ONE.replace('secret:', 'heirOf: [default]\n    secret:')
  expect(namesOf(ofDefault)).toEqual([])
  expect(namesOf(ofDefault, { HMAC_SECRET: OTHER })).toEqual(['CONFIG_FILE callers[0].heirOf[0]'])
})

test('no secret is shown, whatever is wrong with the file', () => {
  const broken = [
    `callers:\n  - id: shop\n    secret:${SECRET}\n    x: 1\n`,
    `callers:\n  - id: shop\n    secret: "${SECRET}\n`,
    `callers:\n  - id: shop\n    secret: [${SECRET}]\n`,
    `callers:\n  - id: shop\n    ${SECRET}-and-more: x\n`,
    `callers:\n  - id: shop\n    secret: ${SECRET}\n    secret: ${SECRET}\n`,
    `${SECRET}`,
    `callers: ${SECRET}`,
    `callers:\n  - id: shop\n    secret: "${SECRET}"\n    credential: { token: "${SECRET} x" }\n`,
    `callers: &a [*a, ${SECRET}]`,
  ]
  for (const yaml of broken) {
    const config = read(yaml)
    expect(config.ok).toBe(false)
    expect(JSON.stringify(config)).not.toContain(SECRET)
  }
  const whole = inspect(read(ONE), { depth: 9 }) + JSON.stringify(read(ONE))
  expect(whole).not.toContain(SECRET)
  expect(whole).not.toContain(TOKEN)
})

test('a line that is not YAML is told by its number', () => {
  expect(faultsOf('callers:\n  - id: shop\n   secret: x')).toEqual([
    expect.stringMatching(/^CONFIG_FILE, line [23] is not YAML \(\w+\); correct the line/),
  ])
})

test('a short secret is warned about', () => {
  const config = read(ONE.replace(SECRET, 'short'))
  expect(config.ok && config.value.warnings).toEqual([
    'CONFIG_FILE callers[0].secret has fewer than 32 octets; a longer one is harder to guess',
  ])
})

test('a file that is not there is told by its path', () => {
  const config = readConfig(BASE, () => {
    throw Object.assign(new Error('no'), { code: 'ENOENT' })
  })
  expect(config.ok ? [] : config.faults.map(({ name, problem }) => `${name} ${problem}`)).toEqual([
    'CONFIG_FILE names a file that cannot be read: /etc/zonewright/callers.yaml (ENOENT)',
  ])
})
