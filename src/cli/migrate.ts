import { readDatabaseConfig } from '#src/config.ts'
import { systemClock, systemRandom } from '#src/outside.ts'
import { openSqliteStore } from '#store/sqlite/open.ts'
import { type Io, reportFaults, UsageError } from './io.ts'

export const usage = `Usage: zonewright migrate

Brings the database of DATABASE_URL up to date, and makes it if there is none. "serve" does so too when it starts.`

/** Opening a store migrates it. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  if (argv.length > 0) throw new UsageError('it takes no arguments')
  const read = readDatabaseConfig(io.env, io.readFile)
  if (!read.ok) return reportFaults(read.faults, io)
  const { path } = read.value
  const store = await openSqliteStore({ path, random: systemRandom, now: systemClock.now, bootId: undefined })
  await store.close()
  io.stdout(`${path} is up to date`)
  return 0
}
