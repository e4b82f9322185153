// needs: pgbouncer
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cluster, freePort, supervised, untilItAnswers, userFor } from './postgres.ts'

/** PgBouncer before a cluster, in transaction mode: each transaction goes to any of three connections. */
export interface Pooler {
  url(database: string): string
  stop(): Promise<void>
}

export async function startPooler(cluster: Cluster): Promise<Pooler> {
  const folder = mkdtempSync(join(tmpdir(), 'zonewright-pooler-'))
  const port = await freePort()
  const as = userFor(folder)
  const settings = join(folder, 'pgbouncer.ini')
  writeFileSync(
    settings,
    `[databases]
* = host=127.0.0.1 port=${cluster.port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
`,
  )
  chmodSync(settings, 0o644)
  const [command, ...args] = [...as, '/bin/sh', '-c', supervised('KILL'), folder, 'pgbouncer', settings]
  const child = spawn(command!, args, {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
  })
  const exited = once(child, 'exit')
  child.unref()
  ;(child.stdin as unknown as { unref(): void }).unref()
  const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
  await untilItAnswers(url('postgres'), () => child.exitCode !== null)
  return {
    url,
    async stop() {
      child.ref()
      child.stdin.end('remove\n')
      await exited
    },
  }
}
