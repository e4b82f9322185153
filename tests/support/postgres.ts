// needs: postgresql
import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { openPostgresStore, type PostgresOptions, type SharedStore } from '#store/postgres/open.ts'
import { seededRandom } from './world.ts'

/** A PostgreSQL of our own on the loopback, gone with us however we end. */
export interface Cluster {
  readonly port: number
  url(database: string): string
  /** Runs one statement in `postgres`, or in the database named. */
  run<Row extends object>(statement: string, database?: string): Promise<readonly Row[]>
  /** With nothing in it. */
  freshDatabase(): Promise<Database>
  /** As good as a database to whoever opens it. */
  freshSchema(): Promise<Database>
  /** `kill -9` of the postmaster, and waits until it is gone. */
  kill(): Promise<void>
  /** After a kill. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface Database {
  readonly url: string
  drop(): Promise<void>
}

let shared: Promise<Cluster> | undefined

/** One cluster for all tests of this process. Nothing in it survives a crash, and so it is fast. */
export function sharedCluster(): Promise<Cluster> {
  shared ??= startCluster({ isDurable: false })
  return shared
}

/** A store with nothing in it, in a database of its own that goes when it is closed. */
export async function freshStore(options: Partial<PostgresOptions> = {}): Promise<SharedStore> {
  const database = await (await sharedCluster()).freshSchema()
  const store = await openPostgresStore({ url: database.url, random: seededRandom(1), ...options })
  let closed: Promise<void> | undefined
  const close = async () => {
    await store.close()
    await database.drop()
  }
  return {
    ...store,
    close() {
      closed ??= close()
      return closed
    },
  }
}

/** `isDurable`: commits survive a kill of the server, as they do in production. */
export async function startCluster({ isDurable }: { isDurable: boolean }): Promise<Cluster> {
  const programs = folderOfPrograms()
  const folder = mkdtempSync(join(tmpdir(), 'zonewright-postgres-'))
  const port = await freePort()
  const as = userFor(folder)
  const asUser = (program: string, ...args: string[]) => [...as, join(programs, program), ...args]
  const data = join(folder, 'data')
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']
  const [command, ...args] = asUser('initdb', ...initdb, '--no-instructions')
  await promisify(execFile)(command!, args, { cwd: folder })
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    shared_buffers: '32MB',
    max_connections: 120,
    ...(isDurable ? {} : IN_A_HURRY),
  }
  const server = [
    join(programs, 'postgres'),
    '-D',
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
  let count = 0
  let supervisor = await started()

  /** A shell that ends the server when its input ends: ours, when we are gone. */
  async function started() {
    const [command, ...args] = [...as, '/bin/sh', '-c', supervised('QUIT'), folder, ...server]
    const child = spawn(command!, args, { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] })
    const exited = once(child, 'exit')
    // Neither the child nor its pipe keeps this process from ending.
    child.unref()
    ;(child.stdin as unknown as { unref(): void }).unref()
    await untilItAnswers(url('postgres'), () => child.exitCode !== null)
    return {
      async end(word: 'keep' | 'remove') {
        child.ref()
        child.stdin.end(`${word}\n`)
        await exited
      },
    }
  }

  async function run<Row extends object>(statement: string, database = 'postgres'): Promise<readonly Row[]> {
    const client = new pg.Client(url(database))
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query<Row>(statement)).rows
    } finally {
      await client.end()
    }
  }

  async function freshDatabase(): Promise<Database> {
    count += 1
    const name = `test_${process.pid}_${count}`
    await run(`create database ${name}`)
    return { url: url(name), drop: async () => void (await run(`drop database ${name} with (force)`)) }
  }

  /** A database takes half a second to make, and a schema hardly any time. */
  async function freshSchema(): Promise<Database> {
    count += 1
    const name = `test_${count}`
    await run(`create schema ${name}`)
    return {
      url: `${url('postgres')}?options=${encodeURIComponent(`-c search_path=${name}`)}`,
      drop: async () => void (await run(`drop schema ${name} cascade`)),
    }
  }

  async function kill(): Promise<void> {
    const [pid] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
    process.kill(Number(pid), 'SIGKILL')
    await supervisor.end('keep')
  }

  /** What the dead one left behind has to end first; until then the server refuses to start. */
  async function start(): Promise<void> {
    const patience = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      try {
        supervisor = await started()
        return
      } catch (error) {
        if (patience.aborted) throw error
      }
    }
  }

  return {
    port,
    url,
    run,
    freshDatabase,
    freshSchema,
    kill,
    start,
    stop: () => supervisor.end('remove'),
  }
}

const PATIENCE_MS = 20_000
const IN_A_HURRY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/**
 * A shell's program: `$0` is a folder that goes with the server, the rest starts it. It is ended with `signal` when the
 * input of the shell ends.
 */
export const supervised = (signal: string) => `
  "$@" </dev/null &
  server=$!
  read word
  kill -${signal} $server
  wait $server
  [ "$word" = keep ] || rm -rf "$0"`

/** Where Debian keeps them, the newest version first; elsewhere on the path. */
function folderOfPrograms(): string {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian)
    ? readdirSync(debian)
        .map(Number)
        .sort((a, b) => b - a)
    : []
  const folders = [
    ...versions.map((version) => join(debian, String(version), 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ]
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')))
  if (found === undefined)
    throw new Error('PostgreSQL is not installed; "apt-get install postgresql" does it.')
  return found
}

/** PostgreSQL refuses to run as root; then it runs as the user that Debian made for it. */
export function userFor(folder: string): string[] {
  if (process.getuid?.() !== 0) return []
  const id = (kind: string) => Number(execFileSync('id', [kind, 'postgres'], { encoding: 'utf8' }))
  const [user, group] = [id('-u'), id('-g')]
  chownSync(folder, user, group)
  return ['setpriv', `--reuid=${user}`, `--regid=${group}`, '--clear-groups']
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

export async function untilItAnswers(url: string, hasEnded: () => boolean): Promise<void> {
  const patience = AbortSignal.timeout(PATIENCE_MS)
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      if (hasEnded() || patience.aborted) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
