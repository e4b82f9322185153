import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import type { CredentialSeed } from '#emulator/auth/credentials.ts'
import { type RunningEmulator, startEmulator } from '#emulator/serve.ts'
import { type OperatorClient, operatorClient } from '../support/operator-client.ts'
import { type RunningWebhook, startWebhook } from '../support/processes.ts'
import { zonewright } from '../support/program.ts'

/** Cloudflare in this process, a file of callers, and a server of its own that reads it. */
export interface Setting {
  readonly emulator: RunningEmulator
  readonly webhook: RunningWebhook
  /** Writes the file anew, and asks the server to read it; resolves once it has said what came of it. */
  reload(callers: readonly CallerEntry[] | string): Promise<void>
  client(id: string, secret?: string): OperatorClient
  /** The value of a metric, with its labels as they stand there; undefined: it is not told. */
  metric(name: string): Promise<number | undefined>
  /** Of a credential: what it was used for, such as `records.batch`. */
  routesOf(token: string): readonly string[]
  /** What another command prints, beside the server. */
  command(...argv: readonly string[]): Promise<string>
  /** What the log has said since the start. */
  log(): readonly Record<string, unknown>[]
  end(): Promise<void>
}

export type CallerEntry = Readonly<Record<string, unknown>> & { readonly id: string }

export interface SettingOptions {
  readonly callers: readonly CallerEntry[]
  readonly credentials: readonly CredentialSeed[]
  readonly zones?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** 32 octets and more, another for each word. */
export function secretOf(word: string): string {
  return `${word}-is-a-secret-of-thirty-two-octets`
}

export function tokenOf(word: string): string {
  return `token-of-${word}-0123456789-0123456789-0123456789`
}

export async function createSetting(options: SettingOptions): Promise<Setting> {
  const folder = mkdtempSync(join(tmpdir(), 'zonewright-callers-'))
  const file = join(folder, 'callers.yaml')
  const database = `sqlite:${join(folder, 'state.db')}`
  const write = (callers: readonly CallerEntry[] | string) =>
    writeFileSync(file, typeof callers === 'string' ? callers : stringify({ callers }))
  write(options.callers)
  const emulator = await startEmulator({
    port: 0,
    quota: 1_000_000,
    zones: (options.zones ?? ['example.com']).map((name) => ({ name })),
    credentials: options.credentials,
  })
  const webhook = await startWebhook(await zonewright(), {
    CONFIG_FILE: file,
    CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
    DATABASE_URL: database,
    ...options.env,
  })
  const clients: OperatorClient[] = []
  const log = () =>
    webhook
      .printed()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  const reloads = () =>
    log().filter(({ msg }) => /configuration (reloaded|reload failed|refused)/.test(String(msg))).length

  return {
    emulator,
    webhook,
    async reload(callers) {
      const before = reloads()
      write(callers)
      process.kill(webhook.pid, 'SIGHUP')
      while (reloads() === before)
        await webhook.says(/configuration (reloaded|reload failed|refused)/).then(nextTurn)
    },
    client(id, secret = secretOf(id)) {
      const address = id === 'default' ? '' : `/c/${id}`
      const client = operatorClient({ server: `http://127.0.0.1:${webhook.port}${address}`, secret })
      clients.push(client)
      return client
    },
    async metric(name) {
      const text = await (await fetch(`http://127.0.0.1:${webhook.metricsPort}/metrics`)).text()
      const line = text.split('\n').find((one) => one.startsWith(`zonewright_${name} `))
      return line === undefined ? undefined : Number(line.split(' ').at(-1))
    },
    routesOf: (token) => emulator.emulator.state.calls(token).map(({ route }) => route),
    log,
    async command(...argv) {
      const { command, args } = await zonewright()
      const env = { PATH: process.env.PATH ?? '', DATABASE_URL: database }
      return (await promisify(execFile)(command, [...args, ...argv], { env })).stdout
    },
    async end() {
      for (const client of clients) client.close()
      await webhook.end('SIGKILL')
      await emulator.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
