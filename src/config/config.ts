import { createSecureContext } from 'node:tls'
import { LOG_LEVELS, type LogLevel } from '#platform/ports.ts'
import { type DashboardConfig, dashboardConfig, secretKeysIn } from './dashboard.ts'
import { type ConfigFault, Environment, type ReadFile } from './environment.ts'
import { algorithmIn, type OperatorConfig, operatorConfig, type SigningConfig } from './operator.ts'
import { Secret } from './secret.ts'

export interface Listen {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

export type DatabaseConfig =
  | { readonly kind: 'sqlite'; readonly path: string }
  /** The whole URL, because it may hold a password. */
  | { readonly kind: 'postgres'; readonly url: Secret }

export interface TlsConfig {
  readonly cert: string
  readonly key: Secret
}

export interface EngineConfig {
  readonly mirrorRefreshSeconds: number
  readonly drift: 'correct' | 'report'
}

/** What `serve` needs, whole. */
export interface Config {
  readonly logLevel: LogLevel
  readonly metrics: Listen
  /** How long it still answers, not ready any more, once it was asked to end. */
  readonly shutdownDelaySeconds: number
  readonly database: DatabaseConfig
  /** How long history is kept. */
  readonly historyDays: number
  readonly engine: EngineConfig
  /** undefined: this face is not to be served. */
  readonly operator: OperatorConfig | undefined
  readonly dashboard: DashboardConfig | undefined
  /** What works but should be seen to; for the log. */
  readonly warnings: readonly string[]
}

export type Configured<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] }

export type Variables = Readonly<Record<string, string | undefined>>

export const FACES = ['operator', 'dashboard'] as const
export type Face = (typeof FACES)[number]

/** Everything for `serve`, or every fault at once. Variables that we do not know, or no face asks for, are ignored. */
export function readConfig(
  variables: Variables,
  readFile: ReadFile,
  faces: readonly Face[] = ['operator'],
): Configured<Config> {
  const env = new Environment(variables, readFile)
  const logLevel = env.oneOf('LOG_LEVEL', LOG_LEVELS, 'info')
  const metrics = listen(env, 'METRICS_', 9100)
  const shutdownDelaySeconds = env.wholeNumber('SHUTDOWN_DELAY_SECONDS', 0, 60, 0)
  const database = databaseConfig(env)
  const historyDays = env.wholeNumber('HISTORY_DAYS', 1, 36_500, 400)
  const mirrorRefreshSeconds = env.wholeNumber('MIRROR_REFRESH_SECONDS', 5, 86_400, 300)
  const drift = env.oneOf('DRIFT', ['correct', 'report'], 'correct')
  const shared = { tls: tlsConfig(env), cloudflareBaseUrl: cloudflareUrl(env) }
  const ports = { '': listen(env, '', 7100), DASHBOARD_: listen(env, 'DASHBOARD_', 3000) }
  const served = FACES.filter((face) => faces.includes(face))
  const operator = faces.includes('operator')
    ? operatorConfig(env, { ...shared, listen: ports[''] })
    : undefined
  const dashboard = faces.includes('dashboard')
    ? dashboardConfig(env, { ...shared, listen: ports.DASHBOARD_ })
    : undefined
  refuseOnePortForTwo(env, [
    ...served.map((face) =>
      face === 'operator' ? (['PORT', ports['']] as const) : (['DASHBOARD_PORT', ports.DASHBOARD_] as const),
    ),
    ['METRICS_PORT', metrics],
  ])
  if (database === undefined || env.faults.length > 0) return { ok: false, faults: env.faults }
  const engine = { mirrorRefreshSeconds, drift }
  return {
    ok: true,
    value: {
      logLevel,
      metrics,
      shutdownDelaySeconds,
      database,
      historyDays,
      engine,
      operator,
      dashboard,
      warnings: env.warnings,
    },
  }
}

/** What `migrate` needs. */
export function readDatabaseConfig(variables: Variables, readFile: ReadFile): Configured<DatabaseConfig> {
  const env = new Environment(variables, readFile)
  return configured(env, databaseConfig(env))
}

/** What `keys rotate` needs: the current key, then those of before it. */
export function readKeysConfig(
  variables: Variables,
  readFile: ReadFile,
): Configured<{ database: DatabaseConfig; secretKeys: readonly Secret[] }> {
  const env = new Environment(variables, readFile)
  const [database, secretKeys] = [databaseConfig(env), secretKeysIn(env)]
  return configured(env, database && secretKeys && { database, secretKeys })
}

/** What `migrate --from URL --to URL` needs; `DATABASE_URL` in their place stands for the variable's. */
export function readDatabaseUrls(
  urls: { from: string; to: string },
  variables: Variables,
  readFile: ReadFile,
): Configured<{ from: DatabaseConfig; to: DatabaseConfig }> {
  const env = new Environment(variables, readFile)
  const database = (name: string, url: string) =>
    url === 'DATABASE_URL' ? databaseConfig(env) : databaseAt(env, name, new Secret(url))
  const from = database('--from', urls.from)
  const to = database('--to', urls.to)
  return configured(env, from && to && { from, to })
}

/** What `request` needs: how to sign, and where a webhook listens on this machine. */
export function readRequestConfig(
  variables: Variables,
  readFile: ReadFile,
): Configured<{ signing: SigningConfig | undefined; url: string }> {
  const env = new Environment(variables, readFile)
  const secret = env.secret('HMAC_SECRET')
  const signing = secret === undefined ? undefined : { algorithm: algorithmIn(env), secrets: [secret] }
  const scheme = env.text('TLS_CERT_FILE') === undefined ? 'http' : 'https'
  return configured(env, {
    signing,
    url: `${scheme}://127.0.0.1:${env.wholeNumber('PORT', 1, 65_535, 7100)}`,
  })
}

/** Which faces the environment has something for, where `serve` names none. */
export function configuredFaces(variables: Variables): readonly Face[] {
  const env = new Environment(variables, () => '')
  const operator =
    env.mentions('HMAC_SECRET') ||
    // Whatever else it says is told as a fault of the webhook, and not taken for nothing.
    (env.text('HMAC_DISABLED') ?? 'false') !== 'false' ||
    env.text('CONFIG_FILE') !== undefined
  return [
    ...(operator ? ['operator' as const] : []),
    ...(env.mentions('SECRET_KEY') ? ['dashboard' as const] : []),
  ]
}

function configured<T>(env: Environment, value: T | undefined): Configured<T> {
  return value === undefined || env.faults.length > 0
    ? { ok: false, faults: env.faults }
    : { ok: true, value }
}

function refuseOnePortForTwo(env: Environment, listeners: readonly (readonly [string, Listen])[]): void {
  for (const [index, [name, { port }]] of listeners.entries()) {
    const other = listeners.slice(0, index).find(([, earlier]) => earlier.port === port)
    if (port !== 0 && other !== undefined)
      env.fault(name, `is ${port}, and ${other[0]} too`, 'set one of them to another number')
  }
}

function listen(env: Environment, prefix: '' | 'METRICS_' | 'DASHBOARD_', port: number): Listen {
  return {
    host: env.text(`${prefix}HOST`) ?? '0.0.0.0',
    port: env.wholeNumber(`${prefix}PORT`, 0, 65_535, port),
  }
}

function databaseConfig(env: Environment): DatabaseConfig | undefined {
  const secret = env.secret('DATABASE_URL') ?? new Secret('sqlite:./zonewright.db')
  return databaseAt(env, 'DATABASE_URL', secret)
}

/** A database by its URL, which is called `name` in a fault. */
function databaseAt(env: Environment, name: string, secret: Secret): DatabaseConfig | undefined {
  const url = secret.reveal()
  const scheme = /^[a-z]+(?=:)/i.exec(url)?.[0].toLowerCase()
  if (scheme === 'postgres' || scheme === 'postgresql') {
    if (URL.canParse(url)) return { kind: 'postgres', url: secret }
    env.fault(name, 'is not a URL', 'write it as postgres://user:password@host:5432/database')
    return undefined
  }
  const path = scheme === 'sqlite' ? url.slice('sqlite:'.length).replace(/^\/\/(?=.)/, '') : ''
  if (path === '') {
    env.fault(
      name,
      'is not a database we know',
      'set it to sqlite:PATH, such as sqlite:./zonewright.db, or to postgres://user:password@host/database',
    )
    return undefined
  }
  return { kind: 'sqlite', path }
}

function cloudflareUrl(env: Environment): string | undefined {
  const text = env.text('CLOUDFLARE_API_BASE_URL') ?? 'https://api.cloudflare.com/client/v4'
  const url = URL.parse(text)
  const plain =
    url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (!plain || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    env.fault(
      'CLOUDFLARE_API_BASE_URL',
      'is not a plain http or https address',
      'set it to https://api.cloudflare.com/client/v4 or remove it',
    )
    return undefined
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    env.warnings.push('CLOUDFLARE_API_BASE_URL is http: the credential travels unencrypted')
  }
  return url.href.replace(/\/+$/, '')
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

function tlsConfig(env: Environment): TlsConfig | undefined {
  const certFile = env.text('TLS_CERT_FILE')
  const keyFile = env.text('TLS_KEY_FILE')
  if (certFile === undefined && keyFile === undefined) return undefined
  if (certFile === undefined || keyFile === undefined) {
    const [missing, there] =
      certFile === undefined ? ['TLS_CERT_FILE', 'TLS_KEY_FILE'] : ['TLS_KEY_FILE', 'TLS_CERT_FILE']
    env.fault(missing, `is missing, but ${there} is set`, 'set both to serve HTTPS, or neither')
    return undefined
  }
  const cert = env.fileText('TLS_CERT_FILE', certFile)
  const key = env.fileText('TLS_KEY_FILE', keyFile)
  if (cert === undefined || key === undefined) return undefined
  try {
    createSecureContext({ cert, key })
  } catch {
    env.fault(
      'TLS_CERT_FILE',
      'and TLS_KEY_FILE do not hold a certificate and its key',
      'give both in PEM form',
    )
    return undefined
  }
  return { cert, key: new Secret(key) }
}
