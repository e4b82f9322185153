import { isIP } from 'node:net'
import { parseHost } from '#dns/host.ts'
import type { Name } from '#dns/name.ts'
import { describeProblem } from '#dns/problems.ts'
import { parseValue, type Value } from '#dns/value.ts'
import type { Brand } from '#faces/dashboard/brand.ts'
import { brandConfig } from './brand.ts'
import type { Listen, TlsConfig } from './config.ts'
import { type Environment, quoted } from './environment.ts'
import { Secret } from './secret.ts'
import { type VerificationConfig, verificationConfig } from './verification.ts'

export interface DashboardConfig {
  readonly listen: Listen
  readonly tls?: TlsConfig
  /** Where browsers see it: scheme, host and port, and a path where it is below a site; without a slash at its end. */
  readonly publicUrl: string
  /** The current one, then those that are only read with. */
  readonly secretKeys: readonly [Secret, ...Secret[]]
  /** Shared with the host platform, which signs its customers in with it. */
  readonly ssoSecret?: Secret
  /** Of the API, without a slash at its end. */
  readonly cloudflareBaseUrl: string
  /** Of Cloudflare's own dashboard, where customers make tokens; without a slash at its end. */
  readonly cloudflareDashUrl: string
  /** undefined: customers paste an API token. */
  readonly oauth: OAuthConfig | undefined
  /** Where stores are, unless a customer has targets of their own. */
  readonly targets: DefaultTargets
  /** `192.0.2.0/24`, `2001:db8::1`: whose `X-Forwarded-*` are believed. */
  readonly trustedProxies: readonly string[]
  /** For `frame-ancestors` of the Content-Security-Policy. */
  readonly frameAncestors: string
  readonly brand: Brand
  readonly verification: VerificationConfig
}

/** An application that is registered at Cloudflare (Cloudflare docs, "OAuth clients", 2026-06). */
export interface OAuthConfig {
  readonly clientId: string
  readonly clientSecret: Secret
  readonly clientAuth: (typeof CLIENT_AUTHS)[number]
  readonly authorizeUrl: string
  readonly tokenUrl: string
  readonly revokeUrl: string
  readonly scopes: readonly string[]
}

export interface DefaultTargets {
  readonly ipv4: readonly Value[]
  readonly ipv6: readonly Value[]
  readonly host?: Name
}

/** What the dashboard needs; `shared` is read already. Undefined only together with faults. */
export function dashboardConfig(
  env: Environment,
  shared: { listen: Listen; tls: TlsConfig | undefined; cloudflareBaseUrl: string | undefined },
): DashboardConfig | undefined {
  const secretKeys = secretKeysIn(env)
  const ssoSecret = ssoSecretIn(env)
  const publicUrl = publicUrlIn(env)
  const cloudflareDashUrl = cloudflareUrlIn(env, 'CLOUDFLARE_DASH_URL', 'https://dash.cloudflare.com')
  const oauth = oauthIn(env)
  const targets = targetsIn(env)
  const trustedProxies = proxiesIn(env)
  const frameAncestors = frameAncestorsIn(env)
  const brand = brandConfig(env)
  const verification = verificationConfig(env)
  const { listen, tls, cloudflareBaseUrl } = shared
  if (!secretKeys || !publicUrl || !cloudflareDashUrl || !cloudflareBaseUrl) return undefined
  return {
    listen,
    ...(tls === undefined ? {} : { tls }),
    publicUrl,
    secretKeys,
    ...(ssoSecret === undefined ? {} : { ssoSecret }),
    cloudflareBaseUrl,
    cloudflareDashUrl,
    oauth,
    targets,
    trustedProxies,
    frameAncestors,
    brand,
    verification,
  }
}

/** `SECRET_KEY` and those of before it; undefined together with a fault. */
export function secretKeysIn(env: Environment): readonly [Secret, ...Secret[]] | undefined {
  const current = env.secret('SECRET_KEY')
  const previous = previousKeys(env)
  if (current === undefined) {
    if (!env.isFaulty('SECRET_KEY')) {
      const problem = env.mentions('SECRET_KEY') ? 'is empty' : 'is missing'
      env.fault('SECRET_KEY', problem, REMEDY_FOR_KEYS)
    }
    return undefined
  }
  // What is kept under a key that can be guessed may be read by whoever reads the database.
  if (Buffer.byteLength(current.reveal()) < 32) {
    env.fault('SECRET_KEY', 'has fewer than 32 octets', REMEDY_FOR_KEYS)
  } else if (current.reveal().includes(',')) {
    env.fault('SECRET_KEY', 'holds a comma, which separates previous keys', REMEDY_FOR_KEYS)
  }
  return [current, ...previous]
}

/** HS256 wants a key of 256 bits at least (RFC 7518 §3.2). */
function ssoSecretIn(env: Environment): Secret | undefined {
  const secret = env.secret('SSO_SECRET')
  if (secret === undefined && env.mentions('SSO_SECRET') && !env.isFaulty('SSO_SECRET')) {
    env.fault('SSO_SECRET', 'is empty', `${REMEDY_FOR_KEYS}, or remove it`)
  } else if (secret !== undefined && Buffer.byteLength(secret.reveal()) < 32) {
    env.fault('SSO_SECRET', 'has fewer than 32 octets', REMEDY_FOR_KEYS)
  }
  return secret
}

const REMEDY_FOR_KEYS = 'set it to at least 32 random octets, such as from `openssl rand -hex 32`'

const DEFAULT_SCOPES = 'zone.read dns.read dns.write offline_access'
const CLIENT_AUTHS = ['client_secret_post', 'client_secret_basic'] as const

function previousKeys(env: Environment): readonly Secret[] {
  const text = env.secret('SECRET_KEY_PREVIOUS')?.reveal() ?? ''
  return text
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '')
    .map((key) => new Secret(key))
}

function publicUrlIn(env: Environment): string | undefined {
  const text = env.text('PUBLIC_URL') ?? 'http://localhost:3000'
  const url = URL.parse(text)
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  const isPlain = url !== null && `${url.origin}${url.pathname}` === url.href
  const path = url?.pathname.replace(/\/+$/, '') ?? ''
  if (!isWeb || !isPlain || !/^(\/[\w.~-]+)*$/.test(path)) {
    env.fault(
      'PUBLIC_URL',
      'is not the address of a site',
      'set it to scheme, host and port, and a path of plain letters if need be, such as https://dns.example.com',
    )
    return undefined
  }
  if (url.protocol === 'http:' && !isLoopback(url)) {
    env.warnings.push('PUBLIC_URL is http: passwords and sessions travel unencrypted')
  }
  return url.origin + path
}

function oauthIn(env: Environment): OAuthConfig | undefined {
  const clientId = env.text('CLOUDFLARE_OAUTH_CLIENT_ID')
  const clientSecret = env.secret('CLOUDFLARE_OAUTH_CLIENT_SECRET')
  const site = 'https://dash.cloudflare.com/oauth2'
  const authorizeUrl = cloudflareUrlIn(env, 'CLOUDFLARE_OAUTH_AUTHORIZE_URL', `${site}/auth`)
  const tokenUrl = cloudflareUrlIn(env, 'CLOUDFLARE_OAUTH_TOKEN_URL', `${site}/token`)
  const revokeUrl = cloudflareUrlIn(env, 'CLOUDFLARE_OAUTH_REVOKE_URL', `${site}/revoke`)
  const clientAuth = env.oneOf('CLOUDFLARE_OAUTH_CLIENT_AUTH', CLIENT_AUTHS, 'client_secret_post')
  const scopes = scopesIn(env)
  if (clientId === undefined && clientSecret === undefined) return undefined
  if (clientId === undefined || clientSecret === undefined) {
    const pair = ['CLOUDFLARE_OAUTH_CLIENT_ID', 'CLOUDFLARE_OAUTH_CLIENT_SECRET'] as const
    const [missing, there] = clientId === undefined ? pair : ([pair[1], pair[0]] as const)
    if (!env.isFaulty(missing))
      env.fault(
        missing,
        `is missing, but ${there} is set`,
        'set both to offer "Connect Cloudflare", or neither',
      )
    return undefined
  }
  if (!authorizeUrl || !tokenUrl || !revokeUrl) return undefined
  return { clientId, clientSecret, clientAuth, authorizeUrl, tokenUrl, revokeUrl, scopes }
}

/** https, for it carries secrets; http on this machine alone, for the emulator. Without slashes at its end. */
function cloudflareUrlIn(env: Environment, name: string, otherwise: string): string | undefined {
  const text = env.text(name) ?? otherwise
  const url = URL.parse(text)
  const isPlain = url !== null && `${url.origin}${url.pathname}` === url.href
  if (isPlain && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)))) {
    return url.href.replace(/\/+$/, '')
  }
  env.fault(
    name,
    'is not a plain https address',
    `set it to ${otherwise}, or remove it; http is for loopback addresses alone`,
  )
  return undefined
}

function scopesIn(env: Environment): readonly string[] {
  const text = env.text('CLOUDFLARE_OAUTH_SCOPES') ?? DEFAULT_SCOPES
  const scopes = text.split(/\s+/)
  // RFC 6749, section 3.3.
  const strange = scopes.find((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
  if (strange !== undefined) {
    env.fault(
      'CLOUDFLARE_OAUTH_SCOPES',
      `has ${quoted(strange)}`,
      `set it to ${DEFAULT_SCOPES}, or remove it`,
    )
  }
  if (scopes.includes('openid')) {
    env.fault(
      'CLOUDFLARE_OAUTH_SCOPES',
      'has openid, which says who somebody is and gives nothing here',
      `set it to ${DEFAULT_SCOPES}, or remove it`,
    )
  }
  return scopes
}

function targetsIn(env: Environment): DefaultTargets {
  const addresses = (name: string, type: 'A' | 'AAAA') =>
    listIn(env, name).flatMap((text) => {
      const address = parseValue(type, text, { mxPriority: 0 }, name)
      if (address.ok) return [address.value]
      const example = type === 'A' ? '192.0.2.10, 192.0.2.11' : '2001:db8::10'
      env.fault(
        name,
        `has ${quoted(text)}`,
        `set it to addresses with commas between them, such as ${example}`,
      )
      return []
    })
  const ipv4 = addresses('TARGET_IPV4', 'A')
  const ipv6 = addresses('TARGET_IPV6', 'AAAA')
  const text = env.text('TARGET_HOST')
  if (text === undefined) return { ipv4, ipv6 }
  const host = parseHost(text, { underscores: true }, 'TARGET_HOST')
  if (host.ok) return { ipv4, ipv6, host: host.value }
  const why = host.problems.map(describeProblem).join(' ')
  env.fault('TARGET_HOST', `is ${quoted(text)} (${why})`, 'set it to a host name, such as stores.example.com')
  return { ipv4, ipv6 }
}

function proxiesIn(env: Environment): readonly string[] {
  return listIn(env, 'TRUSTED_PROXIES').filter((text) => {
    const [address = '', prefix, more] = text.split('/')
    const family = isIP(address)
    const fits =
      prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
    if (family !== 0 && fits && more === undefined) return true
    env.fault(
      'TRUSTED_PROXIES',
      `has ${quoted(text)}`,
      'set it to addresses or networks with commas between them, such as 192.0.2.1, 198.51.100.0/24',
    )
    return false
  })
}

function frameAncestorsIn(env: Environment): string {
  const text = env.text('FRAME_ANCESTORS') ?? "'none'"
  // Anything else would end the directive and begin another one.
  if (/^[\x20-\x2b\x2d-\x3a\x3c-\x7e]+$/.test(text)) return text
  env.fault(
    'FRAME_ANCESTORS',
    `is ${quoted(text)}`,
    "set it to 'none', 'self' or origins with blanks between them, such as https://shop.example.com",
  )
  return "'none'"
}

function listIn(env: Environment, name: string): readonly string[] {
  return (env.text(name) ?? '').split(/[\s,]+/).filter((text) => text !== '')
}

function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}
