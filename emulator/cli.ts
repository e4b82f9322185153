/** `zonewright emulator`: the arguments, the seed file, and the few lines that say where it listens. */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { CredentialSeed, ZoneSeed } from './emulator.ts'
import { type RunningEmulator, type ServeOptions, startEmulator } from './serve.ts'

export interface Io {
  stdout(line: string): void
  stderr(line: string): void
}

/** Good against a local emulator only: it is printed in public. */
export const EMULATOR_TOKEN = 'emulator-token-for-this-machine-only-0001'

export function emulatorUsage(): string {
  return `Usage: zonewright emulator [options]

A local Cloudflare: the v4 DNS API and authoritative DNS, from one state, in memory. On 127.0.0.1.

  --port N          API                                   (8787)
  --dns-port N      DNS, UDP and TCP                      (5353)
  --control-port N  true state, history, calls, faults    (8788)
  --seed FILE       JSON: {"zones": […], "credentials": […]}; without it example.com and example.net
  --seed-number N   same number, same ids                 (1)
  --faults SHARE    0 to 1: how many requests go wrong    (0)
  --latency MS      how long every answer takes           (0)
  --quota N         calls in 300 s before 429 for all     (1200)
  --plan PLAN       free or pro, for zones that name none (free)
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
    const running = await startEmulator(options)
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

async function optionsFrom(argv: readonly string[]): Promise<ServeOptions | 'help'> {
  const given = parsed(argv)
  if (given.help === true) return 'help'
  const seeds = given.seed === undefined ? DEFAULT_SEEDS : await seedsIn(given.seed)
  const { plan } = given
  if (plan !== undefined && plan !== 'free' && plan !== 'pro') {
    throw new UsageError(`--plan is free or pro, not "${plan}"`)
  }
  return {
    port: wholeNumber('--port', given.port, 8_787, 65_535),
    dnsPort: wholeNumber('--dns-port', given['dns-port'], 5_353, 65_535),
    controlPort: wholeNumber('--control-port', given['control-port'], 8_788, 65_535),
    seed: wholeNumber('--seed-number', given['seed-number'], 1, Number.MAX_SAFE_INTEGER),
    latencyMs: wholeNumber('--latency', given.latency, 0, 600_000),
    faults: { rate: shareOf(given.faults) },
    quota: wholeNumber('--quota', given.quota, 1_200, Number.MAX_SAFE_INTEGER),
    ...(plan !== undefined && { plan }),
    ...seeds,
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
        seed: text,
        'seed-number': text,
        latency: text,
        quota: text,
        plan: text,
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (problem) {
    throw new UsageError(`${(problem as Error).message}\nzonewright emulator --help lists the options.`)
  }
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

interface Seeds {
  readonly zones: readonly ZoneSeed[]
  readonly credentials: readonly CredentialSeed[]
}

const DEFAULT_SEEDS: Seeds = {
  zones: [{ name: 'example.com' }, { name: 'example.net' }],
  credentials: [{ kind: 'token', token: EMULATOR_TOKEN }],
}

async function seedsIn(file: string): Promise<Seeds> {
  if (!file.endsWith('.json'))
    throw new UsageError(`--seed reads JSON files only, and "${file}" is not named so`)
  let seeds: Partial<Seeds>
  try {
    seeds = JSON.parse(await readFile(file, 'utf8')) as Partial<Seeds>
  } catch (problem) {
    throw new UsageError(`--seed ${file}: ${(problem as Error).message}`)
  }
  if (!Array.isArray(seeds?.zones)) throw new UsageError(`--seed ${file}: no list "zones" in it`)
  return { zones: seeds.zones, credentials: seeds.credentials ?? DEFAULT_SEEDS.credentials }
}

function welcome(running: RunningEmulator, options: ServeOptions): string[] {
  const token = options.credentials?.find((credential) => credential.kind === 'token')
  const zones = running.emulator.state.zones().map(({ name }) => name)
  return [
    'A small Cloudflare is up; it forgets everything when it ends.',
    `  API      ${running.apiUrl}`,
    `  DNS      127.0.0.1 port ${running.dnsPort}, UDP and TCP`,
    `  control  ${running.controlUrl}`,
    ...(token?.kind === 'token' ? [`  token    ${token.token}`] : []),
    `  zones    ${zones.join(', ') || 'none'}`,
  ]
}
