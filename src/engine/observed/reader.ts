import { planChanges } from '#dns/plan.ts'
import { keyOf, type SetKey } from '#dns/record-set.ts'
import { deletionSafeguards } from '#edit-rules/deletion-safeguards.ts'
import type { Random } from '#platform/ports.ts'
import { ProviderError } from '#providers/provider.ts'
import type { Lease } from '#store/coordination.ts'
import type { NewIntent } from '#store/declared.ts'
import type { MirrorRecord, ZoneState } from '#store/observed.ts'
import type { Dispatch } from '#store/operations.ts'
import { LEASE_MS, type ZoneContext } from '../context.ts'
import type { Notifier } from '../declared/notify-callers.ts'
import type { DnsError } from '../errors.ts'
import { type Backoff, createBackoff } from '../operations/backoff.ts'
import { createdByUnknown, setsIn } from '../operations/fence.ts'
import { providerErrorOf } from '../operations/provider-errors.ts'
import {
  APART_MS,
  BREATH_MS,
  checkSnapshot,
  FIRST_LOOK_MS,
  type Knowledge,
  noPendingContradictions,
  OLDEST_LIST_MS,
  type PastSet,
  type ZoneRead,
} from './snapshot-check.ts'

/** Reads one zone whole, whenever something depends on it, and keeps what is to be believed. */
export interface Reader {
  /** How long until the next read is due (ms); 0 or less: now. */
  msUntilDue(state: ZoneState, isWorkWaiting: boolean): number
  /** `since` when somebody waits for what depends on it (ms). */
  read(lease: Lease, since: number): Promise<void>
  /** Something cannot be decided without a read that begins after now. True: that is news. */
  want(): boolean
  readonly isWanted: boolean
  /** Those who wait for a read and cannot wait as long as it takes are told. */
  failExpiring(): Promise<void>
  /**
   * Resolves once a good read that began after now was kept. Rejects with a `DnsError` as soon as it is certain that
   * there will be none before `deadline` (ms).
   */
  readAnew(deadline: number): Promise<void>
  /** Looks at the zone again after an unknown outcome, whatever is concluded in between. */
  lookAgainAfterUnknown(): void
  /** Nothing is remembered here but `providerError`. */
  readonly isAtRest: boolean
  /** Undefined: the last read went well. */
  readonly providerError: ReadFailure | undefined
}

/** How reads of a zone have failed, and when the next may be made. */
export interface ReadFailure {
  readonly backoff: Backoff
  /** What one credential is refused, another may be shown. */
  failures: number
}

/** Somebody who waits for a read. */
interface Awaiting {
  readonly since: number
  readonly deadline: number
  readonly resolve: () => void
  readonly reject: (error: DnsError) => void
}

const RECHECK_AFTER_MS = [30_000, 120_000, 300_000]
/** More often no set changes while a list grows old. */
const PAST_CHANGES = 100

export function createReader(
  context: ZoneContext,
  notifier: Notifier,
  providerError: ReadFailure = noTrouble(context.random),
): Reader {
  const { zone, credentials, store, clock, log, events, owner, zoneLock, refreshMs } = context
  const { backoff } = providerError
  let pendingContradictions = noPendingContradictions
  let lastReadAt = 0
  let isWanted = false
  let readers: Awaiting[] = []
  let rechecks: number[] = []

  const isAwaited = () => isWanted || readers.length > 0 || notifier.awaitsRead

  function msUntilDue({ readAt, managing, dispatches }: ZoneState, isWorkWaiting: boolean): number {
    const now = clock.now()
    const unresolved = dispatches.filter(({ state }) => state === 'doubtful')
    const isInUse = isWorkWaiting || managing
    const due = [
      ...(isInUse ? [readAt === null ? now : readAt + refreshMs() * 0.9] : []),
      ...(isAwaited() ? [now] : []),
      ...(pendingContradictions.contradictions ? [pendingContradictions.contradictions.believableAt] : []),
      ...unresolved.map(({ id, at }) => {
        const claim = pendingContradictions.unknownOutcomes.get(id)
        return claim ? claim.at + APART_MS : at + FIRST_LOOK_MS
      }),
      ...rechecks,
    ]
    const notBefore = Math.max(
      backoff.until,
      pendingContradictions.contradictions ? lastReadAt + BREATH_MS : 0,
    )
    return due.length === 0 ? Number.POSITIVE_INFINITY : Math.max(Math.min(...due), notBefore) - now
  }

  async function read(lease: Lease, since: number): Promise<void> {
    const size = await store.sizeOf(zone.id)
    await zoneLock.whole.hold(size, isAwaited() ? 'machines' : 'background', () => readNow(lease, since))
  }

  async function readNow(lease: Lease, since: number): Promise<void> {
    const list = await listed(since)
    if (list === undefined) return
    lastReadAt = list.startedAt
    rechecks = rechecks.filter((at) => at > list.startedAt)

    const now = clock.now()
    const current = await store.holdLease(zone.id, owner, now, now + LEASE_MS)
    if (current?.epoch !== lease.epoch) return
    const managed = await store.managedSets(zone.id)
    const known = { ...(await whatWeKnow(list.startedAt)), managed }
    const checked = checkSnapshot(list, known, pendingContradictions)
    pendingContradictions = checked.pendingContradictions
    events.read({ zone: zone.name, good: checked.good })
    if (!checked.good) {
      const facts = { zone: zone.name, records: checked.contradictions }
      log.info(facts, 'zone list refused: it contradicts confirmed changes; retrying')
      return
    }

    const { trusted } = checked
    if (!(await store.keepTrustedRead(current, trusted))) return
    isWanted = false
    const present = known.mirror.filter(({ goneAt }) => goneAt === null)
    if (known.fullUntil > now && list.records.length < present.length) await store.markFull(zone.id, 0)
    for (const { dispatch, ended } of trusted.resolved) {
      if (dispatch.edit) lookAgainAfterUnknown()
      for (const set of ended) notifier.settled(set)
    }
    await notifier.shown(list)
    for (const { since, resolve } of readers) if (since <= list.startedAt) resolve()
    readers = readers.filter(({ since }) => since > list.startedAt)
    if (trusted.drifted.length > 0) await correct(trusted.drifted, known, list)
    for (const key of checked.lateCreates)
      await enqueueCorrection({ key, wanted: null, caller: 'drift' }, undefined)
  }

  function lookAgainAfterUnknown(): void {
    rechecks.push(...RECHECK_AFTER_MS.map((ms) => clock.now() + ms))
  }

  async function listed(since: number): Promise<ZoneRead | undefined> {
    const startedAt = clock.now()
    try {
      const { records, others } = await credentials
        .toRead(providerError.failures)
        .listRecords(zone.id, isAwaited() ? 'machines' : 'background', {
          attempt: backoff.attempt(startedAt),
          since,
        })
      backoff.succeeded()
      notifier.relieved()
      return { startedAt, records: [...records, ...others] }
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error
      providerError.failures += 1
      backoff.failed(error, clock.now())
      await failExpiring()
      return undefined
    }
  }

  async function failExpiring(): Promise<void> {
    const { error, until } = backoff
    if (error === undefined) return
    await notifier.delayed(error, until)
    for (const { deadline, reject } of readers) if (deadline < until) reject(providerErrorOf(error))
    readers = readers.filter(({ deadline }) => deadline >= until)
  }

  async function whatWeKnow(startedAt: number) {
    const mirror = await store.recordsOf(zone.id)
    const { dispatches, fullUntil } = await store.zoneState(zone.id)
    const intents = [
      ...(await store.waitingIntents(zone.id)),
      ...dispatches.flatMap(({ intents }) => intents),
    ]
    const past = await recentPast(mirror, dispatches, startedAt - OLDEST_LIST_MS)
    return { mirror, dispatches, fullUntil, past, busy: new Set(intents.map(({ key }) => keyOf(key))) }
  }

  /** What the sets in doubt held before what became of them since then (ms). */
  async function recentPast(
    mirror: readonly MirrorRecord[],
    dispatches: readonly Dispatch[],
    since: number,
  ): Promise<readonly PastSet[]> {
    const changed = new Set(
      mirror
        .filter(({ confirmedAt, goneAt }) => Math.max(confirmedAt, goneAt ?? 0) > since)
        .map(({ record }) => `${record.name} ${record.type}`),
    )
    const unresolved = dispatches.filter(({ state }) => state === 'doubtful')
    const keys = unresolved.flatMap(setsIn)
    const past: PastSet[] = []
    for (const key of keys.filter((one) => changed.has(keyOf(one)))) {
      const entries = await store.history({ zone: zone.id, key, limit: PAST_CHANGES })
      const done = entries.filter(({ at, outcome }) => at > since && outcome === 'done')
      past.push(...done.map(({ at, before }) => ({ key, changedAt: at, records: before })))
    }
    return past
  }

  /**
   * Drift is ours to correct for sets that we manage; but nobody named what would be deleted, so the brakes hold: for what
   * others did, not for what came late of a change of ours.
   */
  async function correct(
    drifted: readonly SetKey[],
    { managed, dispatches }: Pick<Knowledge, 'managed' | 'dispatches'>,
    { records }: ZoneRead,
  ): Promise<void> {
    const isLate = createdByUnknown(dispatches)
    const keys = new Set(drifted.map(keyOf))
    const sets = managed.filter(({ key }) => keys.has(keyOf(key)))
    const plan = planChanges(
      records.filter((record) => 'value' in record),
      sets.map(({ wanted }) => ({ kind: 'upsert', set: wanted })),
    )
    const ofOthers = plan.filter(
      (change) => change.kind !== 'delete' || !('value' in change.record && isLate(change.record)),
    )
    const brakes = deletionSafeguards(ofOthers, { name: zone.name, records })
    const facts = { zone: zone.name, sets: [...keys].slice(0, 20), count: sets.length, brakes }
    events.drift({ zone: zone.name, sets: sets.length })
    if (context.drift === 'report' || brakes.length > 0) {
      log.warn(facts, 'drift found; record sets left as they are')
      return
    }
    log.warn(facts, 'drift found; correcting record sets')
    for (const set of sets) await enqueueCorrection(set, set.generation)
  }

  async function enqueueCorrection(
    { key, wanted, caller }: Pick<NewIntent, 'key' | 'wanted' | 'caller'>,
    managedAs: number | undefined,
  ): Promise<void> {
    const intent = { zone: zone.id, key, wanted, caller, at: clock.now() }
    const ours = { origin: 'drift', requestId: 'drift', waitsUntil: null, adopts: true } as const
    await store.addCorrection({ ...intent, ...ours }, managedAs)
  }

  return {
    msUntilDue,
    read,
    want() {
      const isNews = !isWanted
      isWanted = true
      return isNews
    },
    get isWanted() {
      return isWanted
    },
    failExpiring,
    readAnew(deadline) {
      const { error, until } = backoff
      if (error && deadline < until) return Promise.reject(providerErrorOf(error))
      return new Promise((resolve, reject) => readers.push({ since: clock.now(), deadline, resolve, reject }))
    },
    lookAgainAfterUnknown,
    get isAtRest() {
      const isClaimed =
        pendingContradictions.contradictions !== undefined || pendingContradictions.unknownOutcomes.size > 0
      return !isClaimed && !isAwaited() && rechecks.length === 0
    },
    get providerError() {
      return backoff.error === undefined && providerError.failures === 0 ? undefined : providerError
    },
  }
}

function noTrouble(random: Random): ReadFailure {
  return { backoff: createBackoff(random), failures: 0 }
}
