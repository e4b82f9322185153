import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { type RunningEmulator, startEmulator } from '#emulator/serve.ts'
import { type Program, type RunningWebhook, startWebhook } from '../support/processes.ts'
import { zonewright } from '../support/program.ts'

/** Cloudflare in this process, and a folder with the database of a webhook that comes and goes. */
export interface Setting {
  readonly emulator: RunningEmulator
  readonly folder: string
  /** The database; its log is `${database}-wal`. */
  readonly database: string
  /** `change` may start it differently. */
  start(env?: Record<string, string>, change?: (program: Program) => Program): Promise<RunningWebhook>
  end(): Promise<void>
}

export const SECRET = 'a-secret-for-crashes-of-32-octets'
export const ZONE = 'example.com'
const TOKEN = 'token-of-the-tests-0123456789-0123456789'

/** In a folder of its own, unless one is given, which then stays. */
export async function createSetting(given?: string): Promise<Setting> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'zonewright-crash-'))
  const emulator = await startEmulator({
    port: 0,
    quota: 1_000_000,
    latencyMs: 20,
    zones: [{ name: ZONE, recordQuota: 100_000 }],
    credentials: [{ kind: 'token', token: TOKEN }],
  })
  const database = join(folder, 'state.db')
  const running = new Set<RunningWebhook>()

  async function start(
    env: Record<string, string> = {},
    change = (program: Program): Program => program,
  ): Promise<RunningWebhook> {
    const webhook = await startWebhook(change(await zonewright()), {
      HMAC_SECRET: SECRET,
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
      DATABASE_URL: `sqlite:${database}`,
      ...env,
    })
    running.add(webhook)
    return webhook
  }

  async function end(): Promise<void> {
    await Promise.all([...running].map((webhook) => webhook.end('SIGKILL')))
    await emulator.close()
    if (given === undefined) rmSync(folder, { recursive: true, force: true })
  }

  return { emulator, folder, database, start, end }
}

/** Opens a copy of a database that nobody closed, and says what SQLite finds wrong with it: `ok` if nothing. */
export function integrityOf(database: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'zonewright-copy-'))
  try {
    const copy = join(folder, 'state.db')
    cpSync(database, copy)
    if (existsSync(`${database}-wal`)) cpSync(`${database}-wal`, `${copy}-wal`)
    return reading(copy, (connection) => String(connection.pragma('integrity_check', { simple: true })))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What a query finds in a database that may be in use. */
export function rowsIn(database: string, query: string): readonly Record<string, unknown>[] {
  return reading(
    database,
    (connection) => connection.prepare(query).all() as readonly Record<string, unknown>[],
  )
}

function reading<T>(database: string, read: (connection: Database.Database) => T): T {
  const connection = new Database(database)
  try {
    return read(connection)
  } finally {
    connection.close()
  }
}
