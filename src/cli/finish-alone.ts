import { type DatabaseConfig, readConfig } from '#config/config.ts'
import { createLog } from '#platform/log.ts'
import { createMetrics } from '#platform/metrics.ts'
import { systemClock, systemRandom } from '#platform/system.ts'
import { buildEngine } from '#server/build-engine.ts'
import { type OpenDatabase, openDatabase } from '#server/database.ts'
import { realSystem } from '#server/main.ts'
import type { Intent } from '#store/declared.ts'
import { type Store, StoreError } from '#store/store.ts'
import { type Io, reportFaults } from './io.ts'

/** How long a command waits for what it wrote down to be carried out (ms). */
const PATIENCE_MS = 60_000
const LOOK_EVERY_MS = 200

/**
 * Sees an intent through: by the server that is running, or, if none is, by an engine of our own for as long as it
 * takes. On PostgreSQL, where nobody knows whether one is, ours runs beside the others. Resolves to the exit code.
 */
export async function finishAlone(
  database: DatabaseConfig,
  store: Store,
  intent: Intent,
  io: Io,
): Promise<number> {
  const alone = await openToServe(database)
  if (alone === undefined) return outcome(store, intent, io)
  try {
    const read = readConfig(io.env, io.readFile)
    if (!read.ok && database.kind === 'postgres') return await outcome(store, intent, io)
    if (!read.ok) {
      await store.withdrawIntent(intent.generation)
      io.stderr('No server is running, so this command would make the change itself, but it cannot:')
      return reportFaults(read.faults, io)
    }
    const system = realSystem({ ...read.value, logLevel: 'silent' })
    const here = { ...system, clock: alone.clock }
    const { engine } = buildEngine(alone.store, read.value, here, createMetrics(), alone.lookEveryMs)
    await engine.start()
    try {
      return await outcome(alone.store, intent, io)
    } finally {
      await engine.stop()
      system.transport.close()
    }
  } finally {
    await alone.close()
  }
}

/** The store as a server would have it; undefined: somebody else is its only server. */
async function openToServe(database: DatabaseConfig): Promise<OpenDatabase | undefined> {
  const system = { clock: systemClock, random: systemRandom, log: createLog('silent') }
  try {
    return await openDatabase(database, system, { serving: true })
  } catch (error) {
    if (error instanceof StoreError) return undefined
    throw error
  }
}

async function outcome(store: Store, { zone, key, generation, requestId }: Intent, io: Io): Promise<number> {
  const until = systemClock.now() + PATIENCE_MS
  while (systemClock.now() < until) {
    const { pending } = await store.setState(zone, key)
    if (pending?.generation !== generation) {
      const entries = await store.history({ zone, key, limit: 20 })
      const entry = entries.find((one) => one.requestId === requestId)
      if (entry?.outcome === 'refused') {
        io.stderr(`refused: ${entry.reason}`)
        return 1
      }
      io.stdout(entry === undefined ? 'no change needed' : 'done')
      return 0
    }
    await systemClock.sleep(LOOK_EVERY_MS)
  }
  io.stdout('not applied yet; it is stored, and "zonewright zone history" will show the outcome')
  return 0
}
