import { parseTtl, type Ttl } from '#dns/ttl.ts'
import type { Allowance, SetRule } from '#engine/declared/policy.ts'
import type { RateLimit } from '#faces/http/rate-limit.ts'
import { DEFAULT_CALLER } from '#faces/operator/callers.ts'
import { callersInFile } from './callers-file.ts'
import type { Listen, TlsConfig } from './config.ts'
import { type Environment, quoted } from './environment.ts'
import type { Secret } from './secret.ts'

export interface OperatorConfig {
  readonly listen: Listen
  readonly tls?: TlsConfig
  /** At least one. `default` is the environment's; the others are of `CONFIG_FILE`, in its order. */
  readonly callers: readonly CallerConfig[]
}

export interface CallerConfig {
  readonly id: string
  readonly cloudflare: CloudflareConfig
  /** undefined: HMAC_DISABLED. */
  readonly signing: SigningConfig | undefined
  readonly ownership: 'adopt' | 'strict'
  readonly ack: 'cloudflare' | 'accepted'
  readonly defaults: { readonly ttl: Ttl; readonly mxPriority: number }
  /** undefined: whatever its credential may. */
  readonly allowed?: Allowance
  readonly rules?: readonly SetRule[]
  readonly limit?: RateLimit
  readonly heirOf?: readonly string[]
}

export type CloudflareCredential =
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'key'; readonly key: Secret; readonly email: string }

export interface CloudflareConfig {
  readonly credential: CloudflareCredential
  /** Only zones of this account. */
  readonly accountId?: string
  /** Without a slash at its end. */
  readonly baseUrl: string
}

export interface SigningConfig {
  readonly algorithm: 'SHA256' | 'SHA512'
  /** The current one, then the previous one while it is being rotated. */
  readonly secrets: readonly Secret[]
}

/** What the webhook needs; `shared` is read already. Undefined only together with faults. */
export function operatorConfig(
  env: Environment,
  shared: { listen: Listen; tls: TlsConfig | undefined; cloudflareBaseUrl: string | undefined },
): OperatorConfig | undefined {
  const { listen, tls, cloudflareBaseUrl: baseUrl } = shared
  const path = env.text('CONFIG_FILE')
  const hasDefault = path === undefined || env.mentions('HMAC_SECRET') || env.text('HMAC_DISABLED') === 'true'
  const hasCredential = hasDefault || CREDENTIAL_NAMES.some((name) => env.mentions(name))
  const cloudflare = hasCredential ? cloudflareConfig(env, baseUrl) : undefined
  const signing = hasDefault ? signingConfig(env) : undefined
  const ownership = env.oneOf('OWNERSHIP', ['adopt', 'strict'], 'adopt')
  const ack = env.oneOf('ACK', ['cloudflare', 'accepted'], 'cloudflare')
  const mxPriority = env.wholeNumber('DEFAULT_MX_PRIORITY', 0, 65_535, 10)
  const leftOut = { ownership, ack, defaults: { ttl: defaultTtl(env), mxPriority } } as const

  const own = hasDefault && cloudflare ? [{ id: DEFAULT_CALLER, cloudflare, signing, ...leftOut }] : []
  const inFile =
    path === undefined
      ? []
      : callersInFile(env, path, {
          ...leftOut,
          cloudflare,
          hasDefault,
          baseUrl: baseUrl ?? '',
          secretsElsewhere: signing?.secrets ?? [],
        })
  const callers = [...own, ...inFile]
  return callers.length === 0 ? undefined : { listen, ...(tls && { tls }), callers }
}

/** What `HMAC_ALGORITHM` says. */
export function algorithmIn(env: Environment): 'SHA256' | 'SHA512' {
  return env.oneOf('HMAC_ALGORITHM', ['SHA256', 'SHA512'], 'SHA256')
}

const CREDENTIAL_NAMES = ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_API_KEY'] as const

function defaultTtl(env: Environment): Ttl {
  const value = env.text('DEFAULT_TTL')
  if (value === undefined) return 300
  const ttl = parseTtl(/^\d{1,9}$/.test(value) ? Number(value) : value)
  if (!ttl.ok)
    env.fault('DEFAULT_TTL', `is ${quoted(value)}`, 'set it to seconds from 60 to 86400, or 1 for automatic')
  return ttl.ok ? ttl.value : 300
}

function cloudflareConfig(env: Environment, baseUrl: string | undefined): CloudflareConfig | undefined {
  const accountId = accountOf(env)
  const credential = cloudflareCredential(env)
  if (baseUrl === undefined || credential === undefined) return undefined
  return { credential, baseUrl, ...(accountId === undefined ? {} : { accountId }) }
}

function cloudflareCredential(env: Environment): CloudflareCredential | undefined {
  const token = headerSecret(env, 'CLOUDFLARE_API_TOKEN')
  const key = headerSecret(env, 'CLOUDFLARE_API_KEY')
  const email = headerText(env, 'CLOUDFLARE_EMAIL')
  if (token !== undefined && key !== undefined) {
    env.fault(
      'CLOUDFLARE_API_TOKEN',
      'is set, and CLOUDFLARE_API_KEY too',
      'keep the token, and remove the key',
    )
    return undefined
  }
  if (token !== undefined) return { kind: 'token', token }
  if (key !== undefined && email !== undefined) {
    env.warnings.push(
      'CLOUDFLARE_API_KEY may do everything its owner may; an API token with Zone:Read and DNS:Edit is enough',
    )
    return { kind: 'key', key, email }
  }
  if (key !== undefined && !env.isFaulty('CLOUDFLARE_EMAIL')) {
    env.fault(
      'CLOUDFLARE_EMAIL',
      'is missing',
      "set it to the address of the key's owner, or use CLOUDFLARE_API_TOKEN alone",
    )
  } else if (
    key === undefined &&
    !env.isFaulty('CLOUDFLARE_API_TOKEN') &&
    !env.isFaulty('CLOUDFLARE_API_KEY')
  ) {
    env.fault(
      'CLOUDFLARE_API_TOKEN',
      'is missing',
      'set it to an API token with Zone:Read and DNS:Edit, or set CLOUDFLARE_API_KEY and CLOUDFLARE_EMAIL',
    )
  }
  return undefined
}

/** A secret that goes into a header: one line of visible ASCII. */
function headerSecret(env: Environment, name: string): Secret | undefined {
  const secret = env.secret(name)
  if (secret === undefined || /^[\x21-\x7e]+$/.test(secret.reveal())) return secret
  env.fault(name, 'holds a blank, a line break or another character that no credential has', 'copy it again')
  return undefined
}

/** A text that goes into a header. What looks like a Latin letter there may be of another script. */
function headerText(env: Environment, name: string): string | undefined {
  const text = env.text(name)
  if (text === undefined || /^[\x21-\x7e]+$/.test(text)) return text
  env.fault(name, `is ${quoted(text)}, which holds a blank or a letter beyond ASCII`, 'type it again')
  return undefined
}

function accountOf(env: Environment): string | undefined {
  const id = env.text('CLOUDFLARE_ACCOUNT_ID')
  if (id !== undefined && !/^[0-9a-f]{32}$/.test(id)) {
    env.fault(
      'CLOUDFLARE_ACCOUNT_ID',
      `is ${quoted(id)}`,
      'set it to the 32 hexadecimal digits of the account, or remove it',
    )
  }
  return id
}

function signingConfig(env: Environment): SigningConfig | undefined {
  const disabled = env.isTrue('HMAC_DISABLED')
  const current = hmacSecret(env, 'HMAC_SECRET')
  const previous = hmacSecret(env, 'HMAC_SECRET_PREVIOUS')
  const signing = {
    algorithm: algorithmIn(env),
    secrets: [current, previous].filter((secret) => secret !== undefined),
  }

  if (disabled && signing.secrets.length > 0) {
    env.fault(
      'HMAC_DISABLED',
      'is true, but there is a secret',
      'remove HMAC_DISABLED to have signatures checked, or remove the secret',
    )
  } else if (disabled) {
    env.warnings.push('HMAC_DISABLED is true: whoever reaches the port may change DNS records')
    return undefined
  } else if (current === undefined && !env.isFaulty('HMAC_SECRET')) {
    env.fault(
      'HMAC_SECRET',
      'is missing',
      "set it to the secret of the operator's DNSClass, or set HMAC_DISABLED to true to accept unsigned requests",
    )
  }
  return signing
}

function hmacSecret(env: Environment, name: string): Secret | undefined {
  const secret = env.secret(name)
  // With an empty secret everybody can sign; it is what a misspelt reference to a Kubernetes secret leaves.
  if (secret === undefined && env.mentions(name) && !env.isFaulty(name)) {
    env.fault(
      name,
      'is empty',
      'set it to at least 32 random octets, such as from `openssl rand -hex 32`, or remove it',
    )
  }
  if (secret !== undefined && Buffer.byteLength(secret.reveal()) < 32) {
    env.warnings.push(`${name} has fewer than 32 octets; a longer one is harder to guess`)
  }
  return secret
}
