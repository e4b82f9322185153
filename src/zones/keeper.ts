import type { CloudflareClient } from '#cloudflare/client.ts'
import type { KnownZone, ZoneId } from '#store/store.ts'
import { createDirectory, type Directory } from './directory.ts'
import { createZoneWorker, type ZoneWorker } from './engine/zone-worker.ts'
import type { EngineOptions } from './engine.ts'

/** Who keeps which zone: one directory for each credential, one worker for each zone that is in use. */
export interface Keeper {
  directoryOf(cloudflare: CloudflareClient): Directory
  workerFor(zone: KnownZone, cloudflare: CloudflareClient): ZoneWorker
  /** How old the mirror of a zone may become (ms): longer, where a credential sees many zones. */
  refreshMsOf(cloudflare: CloudflareClient): number
  readonly isStopping: boolean
  start(): Promise<void>
  stop(): Promise<void>
}

/** A credential reads its zones at most this often, in the mean (ms): a fifth of its budget. */
const MS_PER_ZONE = 1_600
const DIRECTORY_EVERY_MS = 300_000
/** Intents may be written down by somebody else: a command, or another process (ms). */
const LOOK_FOR_WORK_EVERY_MS = 2_000
const HOUSEKEEPING_EVERY_MS = 30_000

export function createKeeper(options: EngineOptions): Keeper {
  const { store, callers, clock, random, log, events, drift } = options
  const owner = random.hex(8)
  const directories = new Map<CloudflareClient, Directory>()
  const workers = new Map<ZoneId, ZoneWorker>()
  const stopping = new AbortController()
  let background: Promise<unknown> = Promise.resolve()

  for (const { cloudflare } of callers) {
    if (!directories.has(cloudflare)) {
      directories.set(cloudflare, createDirectory({ store, cloudflare, clock }))
    }
  }

  async function start(): Promise<void> {
    for (const directory of directories.values()) await directory.load()
    for (const id of await store.zonesInUse()) workerOf(id)
    background = Promise.all([housekeeping(), lookForWork()])
  }

  async function stop(): Promise<void> {
    stopping.abort()
    await Promise.all([...workers.values()].map((worker) => worker.stop()))
    await background
    await store.releaseLeases(owner)
  }

  function directoryOf(cloudflare: CloudflareClient): Directory {
    const directory = directories.get(cloudflare)
    if (directory === undefined) throw new Error('a caller that the engine was not made for')
    return directory
  }

  /** Undefined: no credential of ours sees the zone. */
  function workerOf(id: ZoneId): ZoneWorker | undefined {
    for (const [cloudflare, directory] of directories) {
      const zone = directory.known().find((known) => known.id === id)
      if (zone) return workerFor(zone, cloudflare)
    }
    return undefined
  }

  function workerFor(zone: KnownZone, cloudflare: CloudflareClient): ZoneWorker {
    const existing = workers.get(zone.id)
    if (existing) return existing
    const worker = createZoneWorker({
      zone,
      cloudflare,
      store,
      clock,
      random,
      log,
      events,
      owner,
      drift,
      refreshMs: () => refreshMsOf(cloudflare),
    })
    workers.set(zone.id, worker)
    return worker
  }

  function refreshMsOf(cloudflare: CloudflareClient): number {
    return Math.max(options.refreshMs, MS_PER_ZONE * (directories.get(cloudflare)?.known().length ?? 0))
  }

  async function lookForWork(): Promise<void> {
    while (!stopping.signal.aborted) {
      const waiting = await store.zonesWaiting().catch(() => [])
      for (const id of waiting) workerOf(id)?.poke()
      await clock.sleep(LOOK_FOR_WORK_EVERY_MS, stopping.signal)
    }
  }

  /** Lists of zones go stale, and nonces expire. */
  async function housekeeping(): Promise<void> {
    let listedAt = Number.NEGATIVE_INFINITY
    while (!stopping.signal.aborted) {
      try {
        while ((await store.forgetNonces(clock.now())) > 0) await clock.sleep(10, stopping.signal)
        if (clock.now() - listedAt >= DIRECTORY_EVERY_MS) {
          listedAt = clock.now()
          for (const directory of directories.values()) await directory.refresh()
        }
      } catch (error) {
        log.warn({ err: error }, 'housekeeping did not finish; it is tried again')
      }
      await clock.sleep(HOUSEKEEPING_EVERY_MS, stopping.signal)
    }
  }

  return {
    directoryOf,
    workerFor,
    refreshMsOf,
    get isStopping() {
      return stopping.signal.aborted
    },
    start,
    stop,
  }
}
