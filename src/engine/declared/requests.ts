import { warningsAt } from '#dns/neighbours.ts'
import type { ZoneRecord } from '#dns/record.ts'
import { bySet, type RecordSet, type SetKey } from '#dns/record-set.ts'
import { effectiveTtl } from '#dns/ttl.ts'
import { type Intent, NameTaken, type NewIntent, type SetState, type WantedSet } from '#store/declared.ts'
import type { KnownZone } from '#store/observed.ts'
import { StoreError } from '#store/store.ts'
import type { EngineOptions } from '../engine.ts'
import { DnsError } from '../errors.ts'
import { refusedError } from '../operations/provider-errors.ts'
import { missing, mustBeWritable } from '../zone-access.ts'
import type { ZoneManager } from '../zone-manager.ts'
import type { ZoneWorker } from '../zone-worker.ts'
import type { Asked, Caller, Health, RemoveAnswer, UpsertAnswer, Zones } from '../zones.ts'
import { recordsOfSet } from './decide.ts'
import { asRuled, denialOf, mustBeAllowed } from './policy.ts'
import { type Done, notSent } from './waiters.ts'
import { wantsSame } from './wanted.ts'

/** A refusal is the answer to the same question for this long (ms). */
const QUARANTINE_MS = 60_000
/** How soon, and at last how often, we look whether somebody else has read a zone (ms). */
const FIRST_LOOK_MS = 50
const LAST_LOOK_MS = 500
/** Cloudflare counts as gone when it has not answered for so long (ms). */
const SILENT_MS = 300_000

/** What a caller wants one set to be. */
type Wish = Pick<NewIntent, 'key' | 'wanted' | 'adopts'>

/** What answers a question: the store, and the workers of the zones. */
interface Context extends EngineOptions {
  readonly zoneManager: ZoneManager
}

/** Takes questions in: answers what the store knows, writes the rest down for the zone's worker, and waits for it. */
export function createRequests(options: EngineOptions, zoneManager: ZoneManager): Zones {
  const context = { ...options, zoneManager }
  return {
    upsert: answered((caller, set, asked) => upsert(context, caller, set, asked)),
    remove: answered((caller, key, asked) => remove(context, caller, key, asked)),
    read: answered((caller, key, asked) => read(context, caller, key, asked)),
    health: (caller) => health(context, caller),
  }
}

async function upsert(
  context: Context,
  caller: Caller,
  asSent: RecordSet,
  asked: Asked,
): Promise<UpsertAnswer> {
  mustBeAllowed(caller.allowed, asSent)
  const zone = await zoneOf(context, caller, asSent, asked)
  const set = asRuled(caller.rules, asSent)
  const state = await context.store.setState(zone.id, set)
  if (isSettled(context, state, set, caller, zone)) {
    context.events.unchanged()
    return answer('unchanged', set, zone, state.managed?.proxied)
  }
  await repeatRefusal(context, state, set, zone)

  if (caller.ack === 'accepted') {
    const { pending } = state
    const isQueued =
      pending?.waitsUntil === null && pending.caller === caller.id && wantsSame(pending.wanted, set)
    if (!isQueued) await writeDown(context, caller, zone, upserting(caller, set), asked, null)
    context.zoneManager.workerFor(zone).wake()
    return answer('accepted', set, zone)
  }
  const { outcome } = await submit(context, caller, zone, upserting(caller, set), asked)
  const beside = await context.store.recordsAt(zone.id, [set.name])
  const present = beside.filter(({ goneAt }) => goneAt === null).map(({ record }) => record)
  return {
    ...answer(
      outcome === 'deleted' || outcome === 'left-in-place' ? 'updated' : outcome,
      set,
      zone,
      isProxied(recordsOfSet({ key: set }, bySet(present))),
    ),
    warnings: warningsAt(set, present),
  }
}

async function remove(context: Context, caller: Caller, key: SetKey, asked: Asked): Promise<RemoveAnswer> {
  const zone = await zoneToLeave(context, caller, key, asked)
  if (zone === undefined) return { outcome: 'absent' }
  const { managed, pending, hasUnknownOutcome } = await context.store.setState(zone.id, key)
  // What a caller has declared it may take back, whatever it may touch by now.
  const declarers = [caller.id, ...(caller.heirOf ?? [])]
  const isDeclared = [managed, pending].some((one) => one && declarers.includes(one.caller))
  const mayTouch = isDeclared || !caller.allowed || !denialOf(caller.allowed, key, zone.name)
  if (!mayTouch) return { outcome: 'not-yours' }
  const mayBeOurs = managed !== undefined || pending !== undefined || hasUnknownOutcome
  if (!mayBeOurs) {
    const there = await recordsThere(context, zone, key, asked)
    return { outcome: there.length > 0 ? 'left-in-place' : 'absent' }
  }
  // What waits may have been allowed to take the set over, and then so is this; whether it has is the worker's to know.
  const adopts = caller.ownership === 'adopt' && pending?.adopts === true
  return removing(context, caller, zone, { key, wanted: null, adopts }, asked).catch((error: unknown) => {
    if (error instanceof DnsError && error.code === 'name-taken') return { outcome: 'not-yours' }
    throw error
  })
}

async function removing(
  context: Context,
  caller: Caller,
  zone: KnownZone,
  wish: Wish,
  asked: Asked,
): Promise<RemoveAnswer> {
  if (caller.ack === 'accepted') {
    await writeDown(context, caller, zone, wish, asked, null)
    context.zoneManager.workerFor(zone).wake()
    return { outcome: 'accepted' }
  }
  const { outcome } = await submit(context, caller, zone, wish, asked)
  return { outcome: outcome === 'left-in-place' ? outcome : 'deleted' }
}

async function read(
  context: Context,
  caller: Caller,
  key: SetKey,
  asked: Asked,
): Promise<RecordSet | undefined> {
  mustBeAllowed(caller.allowed, key)
  const zone = await zoneOf(context, caller, key, asked)
  const records = await recordsThere(context, zone, key, asked)
  if (records.length === 0) return undefined
  return {
    name: key.name,
    type: key.type,
    ttl: Math.min(...records.map(({ ttl, proxied }) => effectiveTtl(ttl, proxied))),
    values: [...new Set(records.map(({ value }) => value))].sort(),
  }
}

function health(context: Context, caller: Caller): Health {
  const { credentialRefused, silentSince } = caller.cloudflare.status()
  if (credentialRefused) return { healthy: false, reason: 'Cloudflare refuses the credential of this server' }
  const isSilent = silentSince !== undefined && context.clock.now() - silentSince >= SILENT_MS
  return isSilent
    ? { healthy: false, reason: 'Cloudflare has not answered for five minutes' }
    : { healthy: true }
}

/** Writes the intent down, and waits for what becomes of it, for as long as the caller does. */
async function submit(
  context: Context,
  caller: Caller,
  zone: KnownZone,
  wish: Wish,
  asked: Asked,
): Promise<Done> {
  const { generation } = await writeDown(context, caller, zone, wish, asked, asked.deadline)
  const worker = context.zoneManager.workerFor(zone)
  const outcome = worker.waiters.wait(generation, asked.deadline)
  worker.wake()

  const answered = new AbortController()
  const timesUp = context.clock
    .sleep(asked.deadline - context.clock.now(), answered.signal)
    .then(() => undefined)
  const done = await Promise.race([outcome, timesUp]).finally(() => answered.abort(null))
  if (done !== undefined) return done

  const withdrawn = await context.store.withdrawIntent(generation)
  const [end] = withdrawn ? [] : await context.store.endsOf([generation])
  if (end) worker.waiters.ended(end)
  const late = withdrawn
    ? (worker.waiters.providerError ?? notSent())
    : new DnsError('outcome-unknown', 'This was sent, and its outcome is still being checked; ask again.', {
        retryAfterSeconds: 10,
      })
  worker.waiters.fail(generation, late)
  return outcome
}

/**
 * Cloudflare's no stays the answer to the same question for a while, and any no until somebody has heard it. Our own
 * is found anew each time: what stood in the way may have gone, or leave together with this.
 */
async function repeatRefusal(
  context: Context,
  { refusal }: SetState,
  set: RecordSet,
  zone: KnownZone,
): Promise<void> {
  if (refusal === undefined || !wantsSame(refusal.wanted, set)) return
  const isInQuarantine = refusal.code === 'refused' && context.clock.now() - refusal.at < QUARANTINE_MS
  if (refusal.told && !isInQuarantine) return
  if (!refusal.told) await context.store.markRefusalTold(zone.id, set)
  throw refusedError(refusal)
}

function isSettled(
  context: Context,
  { managed, pending, hasUnknownOutcome, readAt }: SetState,
  set: WantedSet,
  caller: Caller,
  zone: KnownZone,
): boolean {
  return (
    managed?.settled === true &&
    managed.caller === caller.id &&
    pending === undefined &&
    !hasUnknownOutcome &&
    readAt !== null &&
    context.clock.now() - readAt <= context.zoneManager.refreshMsOf(zone.id) &&
    wantsSame(managed.wanted, set)
  )
}

/** The records of a set as of a read that is recent enough to say that there are none. */
async function recordsThere(
  context: Context,
  zone: KnownZone,
  key: SetKey,
  asked: Asked,
): Promise<readonly ZoneRecord[]> {
  const { readAt, hasUnknownOutcome } = await context.store.setState(zone.id, key)
  const isFresh =
    readAt !== null &&
    !hasUnknownOutcome &&
    context.clock.now() - readAt <= context.zoneManager.refreshMsOf(zone.id)
  if (!isFresh) await readInTime(context, context.zoneManager.workerFor(zone), zone, key, asked)
  const records = await context.store.recordsAt(zone.id, [key.name])
  return recordsOfSet(
    { key },
    bySet(records.filter(({ goneAt }) => goneAt === null).map(({ record }) => record)),
  )
}

async function readInTime(
  context: Context,
  worker: ZoneWorker,
  zone: KnownZone,
  key: SetKey,
  { deadline }: Asked,
): Promise<void> {
  const answered = new AbortController()
  const elsewhere = worker.isHolder ? [] : [readElsewhere(context, zone, key, answered.signal)]
  const inTime = await Promise.race([
    ...elsewhere,
    worker.readAnew(deadline).then(() => true),
    context.clock.sleep(deadline - context.clock.now(), answered.signal).then(() => false),
  ]).finally(() => answered.abort(null))
  if (inTime) return
  throw (
    worker.waiters.providerError ??
    new DnsError('cloudflare-unavailable', 'The zone could not be read in time; try again.', {
      retryAfterSeconds: 5,
    })
  )
}

/** Asks whoever holds the zone for a read that begins after now, and looks for it until `signal`. */
async function readElsewhere(
  context: Context,
  zone: KnownZone,
  key: SetKey,
  signal: AbortSignal,
): Promise<true> {
  const since = context.clock.now()
  await context.store.wantRead(zone.id, since)
  for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(2 * waitMs, LAST_LOOK_MS)) {
    await context.clock.sleep(waitMs, signal)
    if (signal.aborted) return true
    const { readAt, hasUnknownOutcome } = await context.store.setState(zone.id, key)
    if (readAt !== null && readAt >= since && !hasUnknownOutcome) return true
  }
}

async function zoneOf(
  context: Context,
  caller: Caller,
  key: SetKey,
  { deadline }: Asked,
): Promise<KnownZone> {
  mustBeRunning(context)
  const zone = await context.zoneManager.directoryOf(caller.cloudflare).find(key.name, deadline)
  if (zone === undefined) {
    throw new DnsError(
      'zone-not-found',
      `No zone for ${key.name} is visible to this server's Cloudflare credential. Add the zone to the account, or give the credential access to it.`,
      { details: { name: key.name } },
    )
  }
  mustBeAllowed(caller.allowed, key, zone.name)
  mustBeWritable(zone)
  return zone
}

/** For a delete: a zone that nobody sees holds nothing of ours, unless it once did. */
async function zoneToLeave(
  context: Context,
  caller: Caller,
  key: SetKey,
  { deadline }: Asked,
): Promise<KnownZone | undefined> {
  mustBeRunning(context)
  const zone = await context.zoneManager.directoryOf(caller.cloudflare).find(key.name, deadline)
  if (zone === undefined) return undefined
  if (zone.missingSince === null) {
    mustBeWritable(zone)
    return zone
  }
  const { managed, pending } = await context.store.setState(zone.id, key)
  if (managed === undefined && pending === undefined) return undefined
  throw missing(zone)
}

function mustBeRunning(context: Context): void {
  if (context.zoneManager.isStopping) {
    throw new DnsError('shutting-down', 'This server is shutting down; ask again.', {
      retryAfterSeconds: 2,
    })
  }
}

async function writeDown(
  context: Context,
  caller: Caller,
  zone: KnownZone,
  { key: { name, type }, wanted, adopts }: Wish,
  asked: Asked,
  waitsUntil: number | null,
): Promise<Intent> {
  // Whoever asked has given up, and may have asked for something else since: this would come after it.
  if (context.clock.now() >= asked.deadline) throw notSent()
  const delegates = type === 'NS' && name !== zone.name
  const intent: NewIntent = {
    zone: zone.id,
    key: { name, type },
    wanted,
    caller: caller.id,
    ...(caller.heirOf && { heirOf: caller.heirOf }),
    ...(delegates && { delegates }),
    origin: 'caller',
    requestId: asked.requestId,
    at: context.clock.now(),
    waitsUntil,
    adopts,
  }
  return context.store.addIntent(intent, asked.deadline).catch((error: unknown) => {
    throw error instanceof NameTaken ? taken(error, delegates ? `${name}, or a name below it,` : name) : error
  })
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
        "This server's database is not responding; try again shortly.",
        {
          retryAfterSeconds: 5,
          cause: error,
        },
      )
    })
}

function taken(cause: NameTaken, what: string): DnsError {
  const { owner } = cause
  const words = `${what} belongs to the caller "${owner}". Delete what that one has there first, or choose another name.`
  return new DnsError('name-taken', words, { details: { reason: 'NAME_TAKEN', owner }, cause })
}

function upserting({ ownership }: Caller, set: WantedSet): Wish {
  return { key: set, wanted: set, adopts: ownership === 'adopt' }
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
