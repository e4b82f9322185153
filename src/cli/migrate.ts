import { parseArgs } from 'node:util'
import { readDatabaseConfig, readDatabaseUrls } from '#config/config.ts'
import { createLog } from '#platform/log.ts'
import { systemClock, systemRandom } from '#platform/system.ts'
import { describeDatabase, openDatabase } from '#server/database.ts'
import { moveToPostgres } from '#store/move.ts'
import { type Io, reportFaults, UsageError } from './io.ts'

export const usage = `Usage: zonewright migrate
       zonewright migrate --from sqlite:PATH --to postgres://USER:PASSWORD@HOST/DATABASE

Brings the database of DATABASE_URL up to date, and makes it if there is none. "serve" does so too when it starts.

With --from and --to: copies everything in a SQLite file, which no server may be using, into an empty PostgreSQL
database; all of it or nothing. The file stays as it is. A URL may also come from the environment, where nobody reads
it in a list of processes: --to DATABASE_URL takes the variable's.`

export async function run(argv: readonly string[], io: Io): Promise<number> {
  const { from, to } = urlsIn(argv)
  if (from !== undefined && to !== undefined) return move({ from, to }, io)
  if (from !== undefined || to !== undefined) throw new UsageError('--from and --to go together')
  return bringUpToDate(io)
}

/** Opening a store migrates it. */
async function bringUpToDate(io: Io): Promise<number> {
  const read = readDatabaseConfig(io.env, io.readFile)
  if (!read.ok) return reportFaults(read.faults, io)
  const system = { clock: systemClock, random: systemRandom, log: createLog('silent') }
  const { close } = await openDatabase(read.value, system, { serving: false })
  await close()
  io.stdout(`${describeDatabase(read.value)} is up to date`)
  return 0
}

async function move(urls: { from: string; to: string }, io: Io): Promise<number> {
  const read = readDatabaseUrls(urls, io.env, io.readFile)
  if (!read.ok) return reportFaults(read.faults, io)
  const { from, to } = read.value
  if (from.kind !== 'sqlite' || to.kind !== 'postgres') {
    throw new UsageError('it copies from SQLite to PostgreSQL, and in no other direction')
  }
  const counts = await moveToPostgres(from.path, to.url.reveal(), {
    random: systemRandom,
    now: systemClock.now,
  })
  for (const [table, count] of counts) io.stdout(`${table}  ${count}`)
  io.stdout(`${describeDatabase(to)} has everything that ${from.path} has; set DATABASE_URL to it`)
  return 0
}

function urlsIn(argv: readonly string[]): { from: string | undefined; to: string | undefined } {
  try {
    const options = { from: { type: 'string' }, to: { type: 'string' } } as const
    const { values } = parseArgs({ args: [...argv], options })
    return { from: values.from, to: values.to }
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
