import type { CloudflareClient } from '#cloudflare/client.ts'
import { warningsAt } from '#dns/neighbours.ts'
import type { ZoneRecord } from '#dns/record.ts'
import type { RecordSet, SetKey } from '#dns/record-set.ts'
import { effectiveTtl } from '#dns/ttl.ts'
import type { Clock, Log, Random } from '#src/world.ts'
import { type KnownZone, type SetState, type Store, StoreError, type ZoneId } from '#store/store.ts'
import { createDirectory, type Directory } from './directory.ts'
import { recordsOfSet } from './engine/decide.ts'
import type { EngineEvents } from './engine/events.ts'
import { refusedError } from './engine/trouble.ts'
import type { Done } from './engine/waiters.ts'
import { wantsSame } from './engine/wanted.ts'
import { createZoneWorker, type ZoneWorker } from './engine/zone-worker.ts'
import { DnsError } from './errors.ts'
import type { Asked, Caller, Health, RemoveAnswer, UpsertAnswer, Zones } from './zones.ts'

export interface EngineOptions {
  readonly store: Store
  /** Everybody who may ask; each brings the client of its credential. */
  readonly callers: readonly Caller[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly events: EngineEvents
  /** How old the mirror of a zone may become (ms). */
  readonly refreshMs: number
  readonly drift: 'correct' | 'report'
}

export interface Engine extends Zones {
  /** Takes up what was left undone, and begins to keep zones as they were declared. */
  start(): Promise<void>
  /** Finishes what is under way, and lets go of every zone. What waits here goes on waiting in the store. */
  stop(): Promise<void>
}

/** Calls go to a credential's zones at most this often, in the mean: half the budget for keeping mirrors fresh (ms). */
const MS_PER_ZONE = 1_600
/** A refusal is the answer to the same question for this long (ms). */
const QUARANTINE_MS = 60_000
/** Cloudflare counts as gone when it has not answered for so long (ms). */
const SILENT_MS = 300_000
const DIRECTORY_EVERY_MS = 300_000
/** Intents may be written down by somebody else: a command, or another process (ms). */
const LOOK_FOR_WORK_EVERY_MS = 2_000

/** The engine behind `Zones`: intake here, one worker for each zone that is in use. */
export function createZones(options: EngineOptions): Engine {
  const { store, callers, clock, random, log, events, drift } = options
  const owner = random.hex(8)
  const directories = new Map<CloudflareClient, Directory>()
  const workers = new Map<ZoneId, ZoneWorker>()
  const stopping = new AbortController()
  let background: Promise<unknown> = Promise.resolve()

  for (const { cloudflare } of callers) {
    if (!directories.has(cloudflare))
      directories.set(cloudflare, createDirectory({ store, cloudflare, clock }))
  }

  async function start(): Promise<void> {
    for (const directory of directories.values()) await directory.load()
    for (const id of await store.zonesInUse()) workerOf(id)
    background = Promise.all([housekeeping(), lookForWork()])
  }

  async function lookForWork(): Promise<void> {
    while (!stopping.signal.aborted) {
      const waiting = await store.zonesWaiting().catch(() => [])
      for (const id of waiting) workerOf(id)?.poke()
      await clock.sleep(LOOK_FOR_WORK_EVERY_MS, stopping.signal)
    }
  }

  async function stop(): Promise<void> {
    stopping.abort()
    await Promise.all([...workers.values()].map((worker) => worker.stop()))
    await background
    await store.releaseLeases(owner)
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
      await clock.sleep(30_000, stopping.signal)
    }
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

  async function upsert(caller: Caller, set: RecordSet, asked: Asked): Promise<UpsertAnswer> {
    const zone = await zoneOf(caller, set)
    const state = await store.setState(zone.id, set)
    if (isSettled(state, set, caller)) {
      events.unchanged()
      return answer('unchanged', set, zone, state.managed?.proxied)
    }
    await repeatRefusal(state, set, zone)

    const worker = workerFor(zone, caller.cloudflare)
    if (caller.ack === 'accepted') {
      const isQueued = state.pending?.waitsUntil === null && wantsSame(state.pending.wanted, set)
      if (!isQueued) await store.addIntent(intentOf(caller, zone, set, set, asked, null))
      worker.poke()
      return answer('accepted', set, zone)
    }
    const done = await carryOut(caller, zone, set, set, asked)
    const beside = await store.recordsAt(zone.id, [set.name])
    const present = beside.filter(({ goneAt }) => goneAt === null).map(({ record }) => record)
    return {
      ...answer(
        done.outcome === 'deleted' ? 'updated' : done.outcome,
        set,
        zone,
        isProxied(recordsOfSet({ key: set }, present)),
      ),
      warnings: warningsAt(set, present),
    }
  }

  async function remove(caller: Caller, key: SetKey, asked: Asked): Promise<RemoveAnswer> {
    const zone = await zoneToLeave(caller, key)
    if (zone === undefined) return { outcome: 'absent' }
    const { managed, pending } = await store.setState(zone.id, key)
    const isOurs = managed !== undefined || (pending !== undefined && pending.wanted !== null)
    if (!isOurs) {
      const there = await recordsThere(caller, zone, key, asked)
      return { outcome: there.length > 0 ? 'left-in-place' : 'absent' }
    }
    if (caller.ack === 'accepted') {
      await store.addIntent(intentOf(caller, zone, key, null, asked, null))
      workerFor(zone, caller.cloudflare).poke()
      return { outcome: 'accepted' }
    }
    await carryOut(caller, zone, key, null, asked)
    return { outcome: 'deleted' }
  }

  async function read(caller: Caller, key: SetKey, asked: Asked): Promise<RecordSet | undefined> {
    const zone = await zoneOf(caller, key)
    const records = await recordsThere(caller, zone, key, asked)
    if (records.length === 0) return undefined
    return {
      name: key.name,
      type: key.type,
      ttl: Math.min(...records.map(({ ttl, proxied }) => effectiveTtl(ttl, proxied))),
      values: [...new Set(records.map(({ value }) => value))].sort(),
    }
  }

  function health(caller: Caller): Health {
    const { credentialRefused, silentSince } = caller.cloudflare.status()
    if (credentialRefused)
      return { healthy: false, reason: 'Cloudflare refuses the credential of this server' }
    const isSilent = silentSince !== undefined && clock.now() - silentSince >= SILENT_MS
    return isSilent
      ? { healthy: false, reason: 'Cloudflare has not answered for five minutes' }
      : { healthy: true }
  }

  /** Writes the intent down, and waits for what becomes of it, for as long as the caller does. */
  async function carryOut(
    caller: Caller,
    zone: KnownZone,
    key: SetKey,
    wanted: RecordSet | null,
    asked: Asked,
  ): Promise<Done> {
    const worker = workerFor(zone, caller.cloudflare)
    const { generation } = await store.addIntent(intentOf(caller, zone, key, wanted, asked, asked.deadline))
    const outcome = worker.waiters.wait(generation, asked.deadline)
    worker.poke()

    const answered = new AbortController()
    const timesUp = clock.sleep(asked.deadline - clock.now(), answered.signal).then(() => undefined)
    const done = await Promise.race([outcome, timesUp]).finally(() => answered.abort())
    if (done !== undefined) return done

    const withdrawn = await store.withdrawIntent(generation)
    const late = withdrawn
      ? (worker.waiters.trouble ??
        new DnsError('deadline', 'There was no time left to send this; nothing was changed.', {
          retryAfterSeconds: 5,
        }))
      : new DnsError('outcome-unknown', 'This was sent, and its outcome is still being checked; ask again.', {
          retryAfterSeconds: 10,
        })
    worker.waiters.fail(generation, late)
    return outcome
  }

  /** A no stays the answer to the same question for a while, and until somebody has heard it. */
  async function repeatRefusal({ refusal }: SetState, set: RecordSet, zone: KnownZone): Promise<void> {
    if (refusal === undefined || !wantsSame(refusal.wanted, set)) return
    const isInQuarantine = clock.now() - refusal.at < QUARANTINE_MS
    if (refusal.told && !isInQuarantine) return
    if (!refusal.told) await store.markRefusalTold(zone.id, set)
    throw refusedError(refusal)
  }

  function isSettled(
    { managed, pending, inDoubt, readAt }: SetState,
    set: RecordSet,
    caller: Caller,
  ): boolean {
    return (
      managed?.settled === true &&
      pending === undefined &&
      !inDoubt &&
      readAt !== null &&
      clock.now() - readAt <= refreshMsOf(caller.cloudflare) &&
      wantsSame(managed.wanted, set)
    )
  }

  /** The records of a set as of a read that is recent enough to say that there are none. */
  async function recordsThere(
    caller: Caller,
    zone: KnownZone,
    key: SetKey,
    asked: Asked,
  ): Promise<readonly ZoneRecord[]> {
    const { readAt, inDoubt } = await store.setState(zone.id, key)
    const isFresh = readAt !== null && !inDoubt && clock.now() - readAt <= refreshMsOf(caller.cloudflare)
    if (!isFresh) await readInTime(workerFor(zone, caller.cloudflare), asked)
    const records = await store.recordsAt(zone.id, [key.name])
    return recordsOfSet(
      { key },
      records.filter(({ goneAt }) => goneAt === null).map(({ record }) => record),
    )
  }

  async function readInTime(worker: ZoneWorker, { deadline }: Asked): Promise<void> {
    const answered = new AbortController()
    const inTime = await Promise.race([
      worker.readAnew().then(() => true),
      clock.sleep(deadline - clock.now(), answered.signal).then(() => false),
    ]).finally(() => answered.abort())
    if (inTime) return
    throw (
      worker.waiters.trouble ??
      new DnsError('cloudflare-unavailable', 'The zone could not be read in time; try again.', {
        retryAfterSeconds: 5,
      })
    )
  }

  async function zoneOf(caller: Caller, key: SetKey): Promise<KnownZone> {
    mustBeRunning()
    const zone = await directoryOf(caller).find(key.name)
    if (zone === undefined) {
      throw new DnsError(
        'zone-not-found',
        `No zone for ${key.name} is visible to this server's Cloudflare credential. Add the zone to the account, or give the credential access to it.`,
        { details: { name: key.name } },
      )
    }
    mustBeWritable(zone)
    return zone
  }

  /** For a delete: a zone that nobody sees holds nothing of ours, unless it once did. */
  async function zoneToLeave(caller: Caller, key: SetKey): Promise<KnownZone | undefined> {
    mustBeRunning()
    const zone = await directoryOf(caller).find(key.name)
    if (zone === undefined) return undefined
    if (zone.missingSince === null) {
      mustBeWritable(zone)
      return zone
    }
    const { managed, pending } = await store.setState(zone.id, key)
    if (managed === undefined && pending === undefined) return undefined
    throw missing(zone)
  }

  function directoryOf({ cloudflare }: Caller): Directory {
    const directory = directories.get(cloudflare)
    if (directory === undefined) throw new Error('a caller that the engine was not made for')
    return directory
  }

  function mustBeRunning(): void {
    if (stopping.signal.aborted) {
      throw new DnsError('shutting-down', 'This server is shutting down; ask again.', {
        retryAfterSeconds: 2,
      })
    }
  }

  function intentOf(
    caller: Caller,
    zone: KnownZone,
    { name, type }: SetKey,
    wanted: RecordSet | null,
    asked: Asked,
    waitsUntil: number | null,
  ) {
    return {
      zone: zone.id,
      key: { name, type },
      wanted,
      caller: caller.id,
      origin: 'caller' as const,
      requestId: asked.requestId,
      at: clock.now(),
      waitsUntil,
      adopts: caller.ownership === 'adopt',
    }
  }

  return { upsert: answered(upsert), remove: answered(remove), read: answered(read), health, start, stop }
}

/** A database that does not answer is trouble that passes, and nothing was kept of what was asked. */
function answered<Question extends unknown[], Answer>(
  ask: (...question: Question) => Promise<Answer>,
): (...question: Question) => Promise<Answer> {
  return (...question) =>
    ask(...question).catch((error: unknown) => {
      if (!(error instanceof StoreError)) throw error
      throw new DnsError(
        'store-unavailable',
        'The database of this server does not answer; try again shortly.',
        {
          retryAfterSeconds: 5,
          cause: error,
        },
      )
    })
}

/** Cloudflare's states of a zone in which its records cannot be edited, or would not count. */
const CLOSED_STATUSES = new Set(['moved', 'deleted', 'purged', 'deactivated'])

function mustBeWritable(zone: KnownZone): void {
  if (zone.missingSince !== null) throw missing(zone)
  if (CLOSED_STATUSES.has(zone.status)) {
    throw new DnsError(
      'zone-unavailable',
      `${zone.name} is ${zone.status} at Cloudflare and cannot be edited there.`,
      {
        retryAfterSeconds: 60,
        details: { reason: 'ZONE_UNAVAILABLE', status: zone.status },
      },
    )
  }
  if (zone.type === 'secondary') {
    throw new DnsError(
      'zone-read-only',
      `${zone.name} is a secondary zone; its records come from its primary server.`,
      {
        details: { reason: 'ZONE_READ_ONLY' },
      },
    )
  }
}

function missing(zone: KnownZone): DnsError {
  return new DnsError(
    'zone-unavailable',
    `${zone.name} is no longer visible to this server's Cloudflare credential.`,
    {
      retryAfterSeconds: 60,
      details: { reason: 'ZONE_UNAVAILABLE' },
    },
  )
}

function answer(
  outcome: UpsertAnswer['outcome'],
  set: RecordSet,
  zone: KnownZone,
  proxied = false,
): UpsertAnswer {
  return { outcome, set: { ...set, ttl: effectiveTtl(set.ttl, proxied) }, zone: zone.name, warnings: [] }
}

function isProxied(records: readonly ZoneRecord[]): boolean {
  return records.some(({ proxied }) => proxied)
}
