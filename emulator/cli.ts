/** `zonewright emulator`: the arguments, the seed file, and the few lines that say where it listens. */
import { rename, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { OAuthClientSeed } from './emulator.ts'
import { PLAN_LIMITS } from './records/limits.ts'
import { joinedSeeds, readSeedFile, type Seeds } from './seed-file.ts'
import { type RunningEmulator, type ServeOptions, startEmulator } from './serve.ts'
import type { Plan } from './state.ts'

export interface Io {
  stdout(line: string): void
  stderr(line: string): void
}

/** Good against a local emulator only: it is printed in public. */
export const EMULATOR_TOKEN = 'emulator-token-for-this-machine-only-0001'

/** The OAuth client that is there without a seed file; its secret is printed as well. */
export const DEMO_CLIENT: OAuthClientSeed & { readonly secret: string } = {
  id: 'zonewright-demo',
  secret: 'emulator-secret-for-this-machine-only-0001',
  name: 'Zonewright demo',
  redirectUris: ['http://localhost:3000', 'http://127.0.0.1:3000'].map(
    (origin) => `${origin}/dashboard/cloudflare/callback`,
  ),
}

export function emulatorUsage(): string {
  return `Usage: zonewright emulator [options]

A local Cloudflare: the v4 DNS API, OAuth and authoritative DNS, from one state. On 127.0.0.1.

  --port N          API, OAuth and pages                  (8787)
  --dns-port N      DNS, UDP and TCP                      (5353)
  --control-port N  true state, history, calls, faults    (8788)
  --seed FILE       .json or .yaml with zones, credentials and oauthClients, or a zone file (BIND) by any
                    other name; may be repeated. Without it example.com and example.net; without
                    credentials one token, without oauthClients the client zonewright-demo
  --state FILE      keeps everything there, and goes on from it; seeds are for the first start alone
  --write-env FILE  written when all is ready: addresses and token, as variables for a shell
  --seed-number N   same number, same ids                 (1)
  --faults SHARE    0 to 1: how many requests go wrong    (0)
  --latency MS      how long every answer takes           (0)
  --propagation MS  how long until DNS shows a change     (0)
  --quota N         calls in 300 s before 429 for all     (1200)
  --plan PLAN       free, pro, business or enterprise, for zones that name none (free)
  --oauth-client ID:SECRET:REDIRECT_URI
                    one more OAuth client, or one more redirect URI of it; no secret is a public client
  --token-life SECONDS
                    how long an OAuth access token lasts  (57600)
  --design-urls     also /oauth2/authorize, /client/v4/oauth/token and scopes with colons
  --help            this page

A port of 0 takes any that is free.`
}

/** The exit code (0 after --help, 2 for bad usage, 1 when it cannot start), or the emulator that now runs. */
export async function runEmulator(argv: readonly string[], io: Io): Promise<number | RunningEmulator> {
  try {
    const options = await optionsFrom(argv)
    if (options === 'help') {
      io.stdout(emulatorUsage())
      return 0
    }
    const { envFile, ...serving } = options
    const running = await startEmulator(serving)
    if (envFile !== undefined) await writeEnvironment(envFile, running, options)
    for (const line of welcome(running, options)) io.stdout(line)
    return running
  } catch (problem) {
    io.stderr(`zonewright emulator: ${explained(problem as Error)}`)
    return problem instanceof UsageError ? 2 : 1
  }
}

class UsageError extends Error {}

function explained(problem: Error): string {
  const { code, port } = problem as { code?: string; port?: number }
  return code === 'EADDRINUSE'
    ? `port ${port} is taken; choose others with --port, --dns-port and --control-port (0 takes any)`
    : problem.message
}

interface Options extends ServeOptions {
  readonly envFile?: string
}

async function optionsFrom(argv: readonly string[]): Promise<Options | 'help'> {
  const given = parsed(argv)
  if (given.help === true) return 'help'
  const seeds = { ...DEFAULT_SEEDS, ...(given.seed !== undefined && (await seedsIn(given.seed))) }
  const { plan } = given
  if (plan !== undefined && !isPlan(plan)) {
    throw new UsageError(`--plan is free, pro, business or enterprise, not "${plan}"`)
  }
  return {
    port: wholeNumber('--port', given.port, 8_787, 65_535),
    dnsPort: wholeNumber('--dns-port', given['dns-port'], 5_353, 65_535),
    controlPort: wholeNumber('--control-port', given['control-port'], 8_788, 65_535),
    seed: wholeNumber('--seed-number', given['seed-number'], 1, Number.MAX_SAFE_INTEGER),
    latencyMs: wholeNumber('--latency', given.latency, 0, 600_000),
    propagationMs: wholeNumber('--propagation', given.propagation, 0, 600_000),
    faults: { rate: shareOf(given.faults) },
    quota: wholeNumber('--quota', given.quota, 1_200, Number.MAX_SAFE_INTEGER),
    ...(plan !== undefined && { plan }),
    ...(given.state !== undefined && { stateFile: given.state }),
    ...(given['write-env'] !== undefined && { envFile: given['write-env'] }),
    accessTokenSeconds: wholeNumber('--token-life', given['token-life'], 57_600, 31_536_000),
    designUrls: given['design-urls'] ?? false,
    ...seeds,
    oauthClients: withClients(seeds.oauthClients, given['oauth-client'] ?? []),
  }
}

function parsed(argv: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...argv],
      options: {
        port: text,
        'dns-port': text,
        'control-port': text,
        faults: text,
        seed: { type: 'string', multiple: true },
        state: text,
        'write-env': text,
        'seed-number': text,
        latency: text,
        propagation: text,
        quota: text,
        plan: text,
        'oauth-client': { type: 'string', multiple: true },
        'token-life': text,
        'design-urls': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (problem) {
    throw new UsageError(`${(problem as Error).message}\nzonewright emulator --help lists the options.`)
  }
}

function isPlan(text: string): text is Plan {
  return text in PLAN_LIMITS
}

function wholeNumber(option: string, text: string | undefined, otherwise: number, most: number): number {
  if (text === undefined) return otherwise
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= most)) throw new UsageError(`${option} is a whole number from 0 to ${most}, not "${text}"`)
  return number
}

function shareOf(text = '0'): number {
  const share = /^\d+(\.\d+)?$|^\.\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(share <= 1)) throw new UsageError(`--faults is a number from 0 to 1, not "${text}"`)
  return share
}

/** An id that is there already gets one more redirect URI, and the secret that is given. */
function withClients(
  seeds: readonly OAuthClientSeed[],
  texts: readonly string[],
): readonly OAuthClientSeed[] {
  const clients = new Map(seeds.map((seed) => [seed.id, seed]))
  for (const text of texts) {
    const [, id, secret, redirectUri] = /^([^:]+):([^:]*):(.+)$/.exec(text) ?? []
    if (id === undefined || redirectUri === undefined) {
      throw new UsageError(`--oauth-client is ID:SECRET:REDIRECT_URI, not "${text}"`)
    }
    const { secret: _before, ...known } = clients.get(id) ?? { id, name: id, redirectUris: [] }
    clients.set(id, {
      ...known,
      redirectUris: [...known.redirectUris, redirectUri],
      ...(secret !== '' && secret !== undefined && { secret }),
    })
  }
  return [...clients.values()]
}

const DEFAULT_SEEDS: Required<Seeds> = {
  zones: [{ name: 'example.com' }, { name: 'example.net' }],
  credentials: [{ kind: 'token', token: EMULATOR_TOKEN }],
  oauthClients: [DEMO_CLIENT],
}

async function seedsIn(files: readonly string[]): Promise<Seeds> {
  try {
    return joinedSeeds(await Promise.all(files.map(readSeedFile)))
  } catch (problem) {
    throw new UsageError(`--seed ${(problem as Error).message}`)
  }
}

/** Renamed into its place: whoever waits for the file finds it whole. */
async function writeEnvironment(file: string, running: RunningEmulator, options: Options): Promise<void> {
  const variables = {
    CLOUDFLARE_API_BASE_URL: running.apiUrl,
    // As the official SDK calls it.
    CLOUDFLARE_BASE_URL: running.apiUrl,
    CLOUDFLARE_API_TOKEN: tokenIn(options),
    EMULATOR_SITE_URL: running.siteUrl,
    EMULATOR_CONTROL_URL: running.controlUrl,
    EMULATOR_DNS_PORT: running.dnsPort,
  }
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value ?? ''}\n`)
  await writeFile(`${file}.new`, lines.join(''), { mode: 0o600 })
  await rename(`${file}.new`, file)
}

function tokenIn({ credentials = [] }: ServeOptions): string | undefined {
  return credentials.flatMap((credential) => (credential.kind === 'token' ? [credential.token] : []))[0]
}

function memoryOf({ tookUp }: RunningEmulator, { stateFile }: ServeOptions): string {
  if (stateFile === undefined) return 'it forgets everything when it ends'
  return tookUp ? `it goes on from ${stateFile}, and read no seed` : `it keeps everything in ${stateFile}`
}

function welcome(running: RunningEmulator, options: ServeOptions): string[] {
  const token = tokenIn(options)
  const zones = running.emulator.state.zones().map(({ name }) => name)
  return [
    `A small Cloudflare is up; ${memoryOf(running, options)}.`,
    `  API      ${running.apiUrl}`,
    `  DNS      127.0.0.1 port ${running.dnsPort}, UDP and TCP`,
    `  control  ${running.controlUrl}`,
    `  OAuth    ${running.siteUrl}/oauth2/auth and /oauth2/token`,
    ...(options.oauthClients ?? []).map(
      ({ id, secret }) => `  client   ${id}, ${secret === undefined ? 'public' : `secret ${secret}`}`,
    ),
    ...(token !== undefined ? [`  token    ${token}`] : []),
    `  zones    ${zones.join(', ') || 'none'}`,
  ]
}
