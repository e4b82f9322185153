import { type Change, touchedNames } from '#dns/plan.ts'
import type { ZoneId } from '#dns/zone.ts'
import type { Lease } from '#store/coordination.ts'
import type { Edit, EditKind, SentEdit } from '#store/edits.ts'
import type { KnownZone } from '#store/observed.ts'
import { StoreError } from '#store/store.ts'
import { LEASE_MS } from '../context.ts'
import { DnsError } from '../errors.ts'
import { unknownOutcomesIn } from '../operations/fence.ts'
import { refusalOf, refusedError } from '../operations/provider-errors.ts'
import type { AnyRecord } from '../operations/record-text.ts'
import { logAsUnknown, type Sent, sendBatch } from '../operations/send.ts'
import type { Asked } from '../zones.ts'
import type { Cache } from './cache.ts'
import type { EditsContext } from './context.ts'
import type { Edited, Editor } from './edits.ts'
import { settlementOf, touched } from './outcome.ts'
import { readZone, type ZoneList } from './reading.ts'
import type { UnknownResolver } from './resolve-unknown.ts'
import { providerErrorInWords, words } from './words.ts'

type Begun = Exclude<Sent, { readonly outcome: 'not-begun' }>

/** What somebody wants to change in a zone, once. */
export interface Wanted {
  readonly editor: Editor
  readonly zone: KnownZone
  readonly kind: EditKind
  readonly asked: Asked
  /** Decides on a list that began after the question; throws the `DnsError` that says why not. */
  decide(list: ZoneList): Promise<readonly Change[]>
}

export interface ApplyEdit {
  (wanted: Wanted): Promise<Edited>
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>
}

/** How far the work for one question is. */
interface Progress {
  sent?: string
  givenUp: boolean
}

const FIRST_LOOK_MS = 100
const LAST_LOOK_MS = 1_000

/** Decides, writes down, sends and settles: one batch, in the zone's turn and under its lease. */
export function createApplyEdit(context: EditsContext, cache: Cache, resolver: UnknownResolver): ApplyEdit {
  const { store, clock, random, log, zoneLock } = context
  const underWay = new Set<Promise<unknown>>()

  async function applyEdit(wanted: Wanted): Promise<Edited> {
    const { zone, asked } = wanted
    const progress: Progress = { givenUp: false }
    const work = zoneLock.runExclusive(zone.id, () => inTurn(wanted, progress))
    underWay.add(work)
    const over = work.then(forget, forget)
    void over.then(() => underWay.delete(work))

    const answered = new AbortController()
    const late = clock.sleep(asked.deadline - clock.now(), answered.signal).then(() => undefined)
    const edited = await Promise.race([work, late]).finally(() => answered.abort(null))
    if (edited !== undefined) return edited
    if (progress.sent !== undefined) return { status: 'checking', id: progress.sent }
    progress.givenUp = true
    throw tooLate()
  }

  async function inTurn(wanted: Wanted, progress: Progress): Promise<Edited> {
    const { zone } = wanted
    mustHaveTime(wanted.asked, progress)
    await leaseOf(zone.id, wanted.asked, progress)
    try {
      for (;;) {
        const edited = await attempt(wanted, progress)
        if (edited !== undefined) return edited
      }
    } finally {
      if (!zoneLock.isKept(zone.id)) await store.releaseLease(zone.id, zoneLock.owner).catch(forget)
    }
  }

  /** Undefined: the lease was lost meanwhile; decide again. */
  async function attempt(wanted: Wanted, progress: Progress): Promise<Edited | undefined> {
    const { editor, zone, asked } = wanted
    mustHaveTime(asked, progress)
    const lease = await leaseOf(zone.id, asked, progress)
    await mustBeSettled(lease)
    const list = await readZone(context, editor, zone.id, asked)
    await cache.fill(editor, zone.id, list)
    const changes = await wanted.decide(list)
    const id = random.hex(16)
    if (changes.length === 0) return { status: 'done', id, records: [], applied: 0 }
    await assertNoUnknownOutcome(zone.id, changes)

    const patienceMs = Math.max(0, asked.deadline - clock.now())
    const permit = await editor.cloudflare.permit('people', patienceMs, { since: list.at })
    const current = await leaseOf(zone.id, asked, progress)
    if (current.epoch !== lease.epoch) return undefined
    const edit = newEdit(id, wanted, touched(changes, list.records))
    const batch = { changes, intents: [], names: [...touchedNames(changes)], at: clock.now(), edit }
    // Whoever asked may have been told meanwhile that nothing was changed.
    const begins = () => {
      if (!progress.givenUp) progress.sent = id
      return !progress.givenUp
    }
    try {
      const { cloudflare } = editor
      const sent = await sendBatch(context, { ...batch, cloudflare, permit, lease: current, begins })
      if (sent.outcome === 'not-begun') return undefined
      return await outcomeOf(sent, { ...sent.dispatch, edit }, wanted, current)
    } catch (error) {
      if (!(error instanceof StoreError) || progress.sent === undefined) throw error
      // What became of it could not be kept: whoever looks next finds it out.
      log.warn({ zone: zone.id, err: error }, 'storing the outcome of an edit failed; retrying')
      return { status: 'checking', id }
    }
  }

  function newEdit(id: string, { editor, zone, kind, asked }: Wanted, before: readonly AnyRecord[]): Edit {
    return {
      id,
      customerId: editor.customerId,
      connectionId: editor.connectionId,
      zone: zone.id,
      kind,
      requestId: asked.requestId,
      actor: editor.label,
      before,
      hasEnded: false,
      error: null,
    }
  }

  async function outcomeOf(
    sent: Begun,
    dispatch: SentEdit,
    { editor, asked }: Wanted,
    lease: Lease,
  ): Promise<Edited> {
    const { id, changes, edit } = dispatch
    const now = clock.now()
    if (sent.outcome === 'done') {
      const { patched, created } = sent.done
      const isKept = await store.settle(lease, dispatch, settlementOf(edit, sent.done, now))
      if (isKept) return { status: 'done', id, records: [...patched, ...created], applied: changes.length }
      // Whoever has the zone by now has put it in doubt.
      resolver.look(id, editor)
      return { status: 'checking', id }
    }
    if (sent.outcome === 'unknown') {
      const { kind, details } = sent.error
      log.warn({ zone: edit.zone, reason: kind, ...details }, 'an edit has an unknown outcome')
      resolver.look(id, editor)
      return { status: 'checking', id }
    }
    const no = refusalBy(sent)
    if (sent.outcome !== 'refused' || sent.error.kind !== 'stale-view') {
      await store.edits.failEdit(dispatch, no.message, now)
      throw no
    }
    await store.markUnknown(lease, dispatch, now, now, no.message)
    const end = await resolver.endOf(id, editor, asked.deadline)
    if (end?.status === 'done') return { status: 'done', id, records: end.records, applied: changes.length }
    if (end?.status !== 'failed') return { status: 'checking', id }
    throw no
  }

  /** Whoever was sent by a process that died, or in a turn that failed, is found out about. */
  async function mustBeSettled(lease: Lease): Promise<void> {
    const { dispatches } = await store.zoneState(lease.zone)
    for (const dispatch of dispatches.filter(({ state }) => state === 'sent')) {
      await logAsUnknown(context, lease, dispatch)
      if (dispatch.edit) resolver.look(dispatch.id)
    }
  }

  /** What is planned at a name of which nobody knows what is there may be undone by what arrives late. */
  async function assertNoUnknownOutcome(zone: ZoneId, changes: readonly Change[]): Promise<void> {
    const touched = [...touchedNames(changes)]
    const now = clock.now()
    for (const { names, lateUntil } of await unknownOutcomesIn(store, zone, now)) {
      const name = touched.find((each) => names.has(each))
      if (name === undefined) continue
      const waitMs = Math.max(0, lateUntil - now)
      throw new DnsError('being-checked', words.beingChecked(name), {
        retryAfterSeconds: Math.max(10, Math.ceil(waitMs / 1_000)),
      })
    }
  }

  /** The zone's lease; where another process has it, that is asked to let go of it. */
  async function leaseOf(zone: ZoneId, { deadline }: Asked, progress: Progress): Promise<Lease> {
    for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(2 * waitMs, LAST_LOOK_MS)) {
      const now = clock.now()
      const lease = await store.holdLease(zone, zoneLock.owner, now, now + LEASE_MS)
      if (lease !== undefined) return lease
      await store.wantLease(zone, now)
      if (now + waitMs >= deadline || progress.givenUp) {
        throw new DnsError('zone-busy', words.busy, { retryAfterSeconds: 5 })
      }
      await clock.sleep(waitMs)
    }
  }

  function mustHaveTime({ deadline }: Asked, { givenUp }: Progress): void {
    if (givenUp || clock.now() >= deadline) throw tooLate()
  }

  return Object.assign(applyEdit, {
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
  })
}

function tooLate(): DnsError {
  return new DnsError('deadline', words.late, { retryAfterSeconds: 5 })
}

/** Why nothing was done. */
function refusalBy(sent: Exclude<Begun, { outcome: 'done' | 'unknown' }>): DnsError {
  if (sent.outcome === 'withheld') return tooLate()
  const { outcome, error } = sent
  if (outcome === 'passing') return providerErrorInWords(error)
  const refusal = refusalOf(error)
  if (error.kind !== 'stale-view') return refusedError(refusal)
  return new DnsError('conflict', error.message, { details: refusal.details, cause: error })
}

function forget(): void {}
