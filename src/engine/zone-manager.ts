import type { ZoneId } from '#dns/zone.ts'
import { type Provider, ProviderError } from '#providers/provider.ts'
import type { ZoneVisit } from '#store/coordination.ts'
import type { KnownZone } from '#store/observed.ts'
import { type Credentials, LEASE_MS } from './context.ts'
import type { EngineOptions } from './engine.ts'
import { createDirectory, type Directory } from './observed/directory.ts'
import { createRota } from './rota.ts'
import { createZoneLock } from './zone-lock.ts'
import { createZoneWorker, type ZoneWorker } from './zone-worker.ts'
import type { Caller } from './zones.ts'

/** Who keeps which zone: one directory for each credential, one worker for each zone in which something is to be done. */
export interface ZoneManager {
  /** From now on these are the callers. Resolves once the zones that their credentials are known to see can be found. */
  setCallers(callers: readonly Caller[]): Promise<void>
  directoryOf(cloudflare: Provider): Directory
  /** One for a zone, whatever credentials see it. */
  workerFor(zone: KnownZone): ZoneWorker
  /** How old the mirror of a zone may become (ms): longer, where the credential that reads it sees many zones. */
  refreshMsOf(zone: ZoneId): number
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

export function createZoneManager(options: EngineOptions): ZoneManager {
  const { store, clock, random, log, events, drift } = options
  const zoneLock = options.zoneLock ?? createZoneLock(random)
  const { owner } = zoneLock
  let callers = options.callers
  /** Those of callers that are no more go with them. */
  const directories = new WeakMap<Provider, Directory>()
  const workers = new Map<ZoneId, ZoneWorker>()
  /** What each zone's worker has been woken for. */
  const called = new Map<ZoneId, { newest: number; readWanted: number; at: number }>()
  const rota = createRota({
    clock,
    groupOf: (zone) => clientsFor(zone)[0],
    wake: (zone) => void workerOf(zone),
  })
  const stopping = new AbortController()
  let background: Promise<unknown> = Promise.resolve()

  async function start(): Promise<void> {
    for (const cloudflare of clientsOf(callers)) await directoryOf(cloudflare).load()
    for (const id of await store.zonesInUse()) rota.due(id)
    background = Promise.all([keepListed(), lookAround(), rota.run(stopping.signal)])
  }

  async function setCallers(next: readonly Caller[]): Promise<void> {
    const added = clientsOf(next).filter((cloudflare) => !directories.has(cloudflare))
    for (const cloudflare of added) await directoryOf(cloudflare).load()
    callers = next
  }

  async function stop(): Promise<void> {
    stopping.abort()
    await Promise.all([...workers.values()].map((worker) => worker.stop()))
    await background
    await store.releaseLeases(owner)
  }

  function directoryOf(cloudflare: Provider): Directory {
    const known = directories.get(cloudflare)
    if (known) return known
    const directory = createDirectory({ store, cloudflare, clock, random })
    directories.set(cloudflare, directory)
    return directory
  }

  /** The credentials that see a zone, or saw it last. */
  function clientsFor(zone: ZoneId): readonly Provider[] {
    const clients = clientsOf(callers)
    const seeing = clients.filter((one) => directoryOf(one).zone(zone)?.missingSince === null)
    return seeing.length > 0 ? seeing : clients.filter((one) => directoryOf(one).zone(zone))
  }

  /** Undefined: no credential of ours sees the zone. */
  function workerOf(id: ZoneId): ZoneWorker | undefined {
    const [cloudflare] = clientsFor(id)
    const zone = cloudflare && directoryOf(cloudflare).zone(id)
    return zone && workerFor(zone)
  }

  function workerFor(zone: KnownZone): ZoneWorker {
    const existing = workers.get(zone.id)
    if (existing) return existing
    const context = {
      zone,
      credentials: credentialsFor(zone.id),
      store,
      clock,
      random,
      log,
      events,
      owner,
      zoneLock,
      drift,
      refreshMs: () => refreshMsOf(zone.id),
    }
    const worker = createZoneWorker(context, rota.take(zone.id), (rest) => {
      if (rest !== undefined) {
        workers.delete(zone.id)
        rota.rest(zone.id, rest)
      }
      rota.idle(zone.id)
    })
    workers.set(zone.id, worker)
    return worker
  }

  function credentialsFor(zone: ZoneId): Credentials {
    let last: Provider | undefined
    function toRead(failures: number): Provider {
      const clients = clientsFor(zone)
      last = clients[failures % clients.length] ?? last ?? callers[0]?.cloudflare
      if (last === undefined) throw new Error('a zone is kept for nobody')
      return last
    }
    return {
      toRead,
      of: (caller) => callers.find(({ id }) => id === caller)?.cloudflare ?? toRead(0),
    }
  }

  function refreshMsOf(zone: ZoneId): number {
    const [cloudflare] = clientsFor(zone)
    const zones = cloudflare === undefined ? 0 : directoryOf(cloudflare).known().length
    return Math.max(options.refreshMs, MS_PER_ZONE * zones)
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
        for (const zone of await store.leasesWanted(owner)) void lend(zone)
      } catch (error) {
        log.debug({ err: error }, 'polling the database failed; retrying')
      }
      await clock.sleep(options.lookEveryMs ?? LOOK_EVERY_MS, stopping.signal)
    }
  }

  /** Wakes the worker of a zone if there is anything that it has not been told before. */
  function call({ zone, newest, isFree, readWanted, underWay }: ZoneVisit, now: number): void {
    if (newest === 0 && readWanted === 0 && !underWay && !workers.has(zone)) {
      rota.due(zone)
      return
    }
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
    worker.wake()
  }

  /** Another process wants to change something by hand: it may, for a moment, as soon as nothing is under way here. */
  async function lend(zone: ZoneId): Promise<void> {
    zoneLock.yieldUntil(zone, clock.now() + LEND_MS)
    await zoneLock
      .runExclusive(zone, () => store.releaseLease(zone, owner))
      .catch((error: unknown) => log.debug({ err: error }, 'lending a zone failed; retrying'))
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

  /** Lists of zones go stale. */
  async function keepListed(): Promise<void> {
    while (!stopping.signal.aborted) {
      for (const error of await listZones()) {
        const facts = error instanceof ProviderError ? { reason: error.message } : { err: error }
        log.warn(facts, 'listing zones failed; retrying')
      }
      await clock.sleep(DIRECTORY_EVERY_MS, stopping.signal)
    }
  }

  /** Whatever keeps one credential from its list keeps no other from its own. Returns what went wrong. */
  async function listZones(): Promise<readonly unknown[]> {
    const listing = clientsOf(callers).map((cloudflare) => directoryOf(cloudflare).refresh())
    const results = await Promise.allSettled(listing)
    return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  }

  return {
    setCallers,
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

function clientsOf(callers: readonly Caller[]): readonly Provider[] {
  return [...new Set(callers.map(({ cloudflare }) => cloudflare))]
}
