import type { CloudflareClient } from '#cloudflare/client.ts'
import { CloudflareError } from '#cloudflare/errors.ts'
import type { KnownZone, ZoneId, ZoneVisit } from '#store/store.ts'
import { createDirectory, type Directory } from './directory.ts'
import { LEASE_MS } from './engine/context.ts'
import { createZoneWorker, type ZoneWorker } from './engine/zone-worker.ts'
import type { EngineOptions } from './engine.ts'
import { createZoneTurns } from './turns.ts'

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
/** How often to look, where hardly anybody else writes anything down: a command does, now and then (ms). */
const LOOK_EVERY_MS = 2_000
/**
 * Where something waits that we know of, its worker is woken no more often than this (ms): it knows itself when to go on,
 * and each time it reads all that waits.
 */
const REMIND_EVERY_MS = 30_000
/** Three times in the life of a lease, so that one renewal may fail (ms). */
const RENEW_EVERY_MS = LEASE_MS / 3
/** Somebody's edit takes a list and a batch (ms). */
const LEND_MS = 3_000
/** No request waits so long for how its intent ended (ms). */
const ENDS_KEPT_MS = 300_000
const HOUSEKEEPING_EVERY_MS = 30_000

export function createKeeper(options: EngineOptions): Keeper {
  const { store, callers, clock, random, log, events, drift } = options
  const turns = options.turns ?? createZoneTurns(random)
  const { owner } = turns
  const directories = new Map<CloudflareClient, Directory>()
  const workers = new Map<ZoneId, ZoneWorker>()
  /** What each zone's worker has been woken for. */
  const called = new Map<ZoneId, { newest: number; readWanted: number; at: number }>()
  const stopping = new AbortController()
  let background: Promise<unknown> = Promise.resolve()

  for (const { cloudflare } of callers) {
    if (!directories.has(cloudflare)) {
      directories.set(cloudflare, createDirectory({ store, cloudflare, clock, random }))
    }
  }

  async function start(): Promise<void> {
    for (const directory of directories.values()) await directory.load()
    for (const id of await store.zonesInUse()) workerOf(id)
    background = Promise.all([housekeeping(), lookAround()])
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
      turns,
      drift,
      refreshMs: () => refreshMsOf(cloudflare),
    })
    workers.set(zone.id, worker)
    return worker
  }

  function refreshMsOf(cloudflare: CloudflareClient): number {
    return Math.max(options.refreshMs, MS_PER_ZONE * (directories.get(cloudflare)?.known().length ?? 0))
  }

  /** Whatever somebody else wrote down for us: a command, or another process that shares the store. */
  async function lookAround(): Promise<void> {
    let renewedAt = Number.NEGATIVE_INFINITY
    while (!stopping.signal.aborted) {
      try {
        const now = clock.now()
        if (Math.abs(now - renewedAt) >= RENEW_EVERY_MS) {
          await store.renewLeases(owner, now, now + LEASE_MS)
          renewedAt = now
        }
        for (const visit of await store.zonesToVisit(owner, now)) call(visit, now)
        await hearOfEnds()
        for (const zone of await store.edits.leasesWanted(owner)) void lend(zone)
      } catch (error) {
        log.debug({ err: error }, 'the store could not be looked into; it is tried again')
      }
      await clock.sleep(options.lookEveryMs ?? LOOK_EVERY_MS, stopping.signal)
    }
  }

  /** Wakes the worker of a zone if there is anything that it has not been told before. */
  function call({ zone, newest, isFree, readWanted }: ZoneVisit, now: number): void {
    const known = called.get(zone) ?? { newest: 0, readWanted: 0, at: Number.NEGATIVE_INFINITY }
    const isNews = isFree || newest > known.newest || readWanted > known.readWanted
    if (!isNews && Math.abs(now - known.at) < REMIND_EVERY_MS) return
    const worker = workerOf(zone)
    if (worker === undefined) return
    called.set(zone, {
      newest: Math.max(newest, known.newest),
      readWanted: Math.max(readWanted, known.readWanted),
      at: now,
    })
    if (readWanted > 0) worker.wantRead()
    worker.poke()
  }

  /** Another process wants to change something by hand: it may, for a moment, as soon as nothing is under way here. */
  async function lend(zone: ZoneId): Promise<void> {
    turns.stepAside(zone, clock.now() + LEND_MS)
    await turns
      .take(zone, () => store.edits.letGo(zone, owner))
      .catch((error: unknown) => log.debug({ err: error }, 'a zone could not be lent; it is asked for again'))
  }

  /** Requests that wait here are answered whoever carried out what they asked for. */
  async function hearOfEnds(): Promise<void> {
    const waiting = new Map(
      [...workers.values()].flatMap(({ waiters }) =>
        waiters.waiting.map((generation) => [generation, waiters]),
      ),
    )
    if (waiting.size === 0) return
    for (const end of await store.endsOf([...waiting.keys()])) waiting.get(end.generation)?.ended(end)
  }

  /** Lists of zones go stale, and nonces expire. */
  async function housekeeping(): Promise<void> {
    let listedAt = Number.NEGATIVE_INFINITY
    while (!stopping.signal.aborted) {
      try {
        while ((await store.forgetNonces(clock.now())) > 0) await clock.sleep(10, stopping.signal)
        await store.forgetEnds(clock.now() - ENDS_KEPT_MS)
        if (clock.now() - listedAt >= DIRECTORY_EVERY_MS) {
          listedAt = clock.now()
          for (const directory of directories.values()) await directory.refresh()
        }
      } catch (error) {
        const facts = error instanceof CloudflareError ? { reason: error.message } : { err: error }
        log.warn(facts, 'housekeeping did not finish; it is tried again')
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
