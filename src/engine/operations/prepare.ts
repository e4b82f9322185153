import { operationCount } from '#dns/plan.ts'
import type { ForeignRecord, ZoneRecord } from '#dns/record.ts'
import { bySet, keyOf } from '#dns/record-set.ts'
import type { Lease } from '#store/coordination.ts'
import type { Intent, KnownSet, Refused } from '#store/declared.ts'
import type { ZoneState } from '#store/observed.ts'
import type { ZoneContext } from '../context.ts'
import { type Decision, decide, recordsOfSet, type Surroundings } from '../declared/decide.ts'
import type { Notifier } from '../declared/notify-callers.ts'
import type { NameGroup } from '../declared/pick.ts'
import { wantsSame } from '../declared/wanted.ts'
import type { Reader } from '../observed/reader.ts'
import { idsInFence, madeByUnknown, taintedNames } from './fence.ts'

/** A decision that needs a call, and fits one batch. */
export type Piece = Decision & { readonly group: NameGroup }

export interface Prepared {
  readonly pieces: readonly Piece[]
  /** Pieces that ask again for what was refused before. */
  readonly onProbation: ReadonlySet<Piece>
  /** Something was ended, or a read asked for: it is worth looking again. */
  readonly progressed: boolean
}

const NOTHING: Omit<Prepared, 'progressed'> = { pieces: [], onProbation: new Set() }

/** A refusal for what is there is only as good as the picture that it was made from (ms). */
const FRESH_ENOUGH_TO_REFUSE_MS = 15_000

/** Decides each group by what the store knows; ends what needs no call; returns what does. */
export function createPreparation(context: ZoneContext, reader: Reader, notifier: Notifier) {
  const { zone, store, clock, refreshMs } = context

  return async function prepare(
    lease: Lease,
    state: ZoneState,
    groups: readonly NameGroup[],
    batchLimit: number,
  ): Promise<Prepared> {
    const now = clock.now()
    const age = state.readAt === null ? Number.POSITIVE_INFINITY : now - state.readAt
    // A zone that we have never seen, or not for long, may hold anything.
    if (!(age <= refreshMs())) return { ...NOTHING, progressed: reader.want() }

    const names = groups.map(({ name }) => name)
    const mirror = await store.recordsAt(zone.id, names)
    const present = Map.groupBy(
      mirror.filter(({ goneAt }) => goneAt === null).map(({ record }) => record),
      ({ name }) => name,
    )
    const sets = await store.setsAt(zone.id, names)
    const shared = {
      zone: zone.name,
      managed: new Set(sets.filter(({ managed }) => managed).map(({ key }) => keyOf(key))),
      isOurDoing: madeByUnknown(state.dispatches),
      fence: idsInFence(state, now),
      full: state.fullUntil > now,
    }

    const pieces: Piece[] = []
    let trying: NameGroup | undefined
    const tainted = taintedNames(state)
    let progressed = false
    for (const group of groups) {
      const records = present.get(group.name) ?? []
      const mayTry = trying === undefined && mayTryAgain(state, now)
      const asFull = decide(group, { ...shared, records })
      if (mayTry && asFull.refused.some(({ refusal }) => refusal.code === 'quota-exceeded')) trying = group
      const around = { ...shared, records, full: shared.full && trying !== group }
      const decision = trying === group ? decide(group, around) : asFull
      const refused = age <= FRESH_ENOUGH_TO_REFUSE_MS ? decision.refused : []
      // Where a late commit may have happened, only a list that is younger than the question answers it.
      const isShown = ({ at }: Intent) => !tainted.has(group.name) || state.readAt! >= at
      const alreadySo = decision.alreadySo.filter(isShown)
      const leftInPlace = decision.leftInPlace.filter(isShown)
      const ending = refused.length + alreadySo.length + leftInPlace.length
      const isOpen =
        ending < decision.refused.length + decision.alreadySo.length + decision.leftInPlace.length
      if (ending > 0) progressed = true
      if (isOpen && reader.want()) progressed = true
      // Whoever may not take over what others made must know that nothing is there.
      const isBlind = age > FRESH_ENOUGH_TO_REFUSE_MS && decision.acting.some(mustNotTakeOver(shared.managed))
      if (isBlind && reader.want()) progressed = true
      const parts = isBlind ? [] : piecesOf(group, decision, around, batchLimit)
      const tooLarge = parts.filter(({ changes }) => operationCount(changes) > batchLimit)
      const impossible = tooLarge.flatMap(({ acting }) =>
        acting.map((intent) => needsTooMuch(intent, batchLimit)),
      )
      if (impossible.length > 0) progressed = true
      await endWithoutCall(
        lease,
        { refused: [...refused, ...impossible], alreadySo, leftInPlace },
        around.records,
      )
      pieces.push(...parts.filter((part) => !tooLarge.includes(part)))
    }
    const known = new Map(sets.map((set) => [keyOf(set.key), set]))
    const onProbation = new Set(
      pieces.filter(
        ({ acting, group }) => group === trying || acting.some((intent) => wasRefusedBefore(intent, known)),
      ),
    )
    return { pieces, onProbation, progressed }
  }

  async function endWithoutCall(
    lease: Lease,
    { refused, alreadySo, leftInPlace }: Pick<Decision, 'refused' | 'alreadySo' | 'leftInPlace'>,
    records: readonly (ZoneRecord | ForeignRecord)[],
  ): Promise<void> {
    if (refused.length + alreadySo.length + leftInPlace.length === 0) return
    const held = bySet(records)
    const ended = [
      ...refused.map(({ intent, refusal }) => ({ intent, outcome: refusal })),
      ...alreadySo.map((intent) => ({
        intent,
        outcome: 'already-so' as const,
        records: recordsOfSet(intent, held),
      })),
      ...leftInPlace.map((intent) => ({ intent, outcome: 'left-in-place' as const })),
    ]
    if (!(await store.endIntents(lease, ended, clock.now()))) return
    for (const { intent, refusal } of refused) notifier.refused(intent, refusal)
    for (const intent of alreadySo) notifier.unchanged(intent)
    for (const { generation } of leftInPlace) notifier.waiters.done(generation, { outcome: 'left-in-place' })
  }
}

function mustNotTakeOver(managed: ReadonlySet<string>): (intent: Intent) => boolean {
  return ({ adopts, wanted, key }) => !adopts && wanted !== null && !managed.has(keyOf(key))
}

/** A set goes in one batch or not at all: more than a hundred records that others left there are theirs to clear up. */
function needsTooMuch(intent: Intent, batchLimit: number): Refused {
  const message = `${keyOf(intent.key)} holds so many records that one batch of ${batchLimit} operations cannot change them all. Delete some of them at Cloudflare first.`
  return { intent, refusal: { code: 'refused', message, details: { reason: 'TOO_LARGE' } } }
}

/** A name with several large sets may need more than one batch; a set never does. */
function piecesOf(group: NameGroup, decision: Decision, around: Surroundings, batchLimit: number): Piece[] {
  if (decision.acting.length === 0) return []
  if (operationCount(decision.changes) <= batchLimit) return [{ ...decision, group }]
  return decision.acting.map((intent) => {
    const alone = { name: group.name, intents: [intent] }
    return { ...decide(alone, around), group: alone }
  })
}

function wasRefusedBefore(intent: Intent, known: ReadonlyMap<string, KnownSet>): boolean {
  const refusal = known.get(keyOf(intent.key))?.refusal
  return refusal !== undefined && wantsSame(refusal.wanted, intent.wanted)
}

/**
 * As many decisions as one batch holds, in their order; a decision is never split. One that does not fit is left for
 * the next batch, and smaller ones behind it may still go.
 */
export function fillBatch<Item extends Pick<Decision, 'changes'>>(
  decisions: readonly Item[],
  limit: number,
): Item[] {
  let room = limit
  return decisions.filter(({ changes }) => {
    const operations = operationCount(changes)
    if (operations > room) return false
    room -= operations
    return true
  })
}

/** For so long nothing that makes a full zone grow is refused by Cloudflare, but by us (ms). */
const FULL_FOR_MS = 600_000
/** But for one set now and then: somebody may have made room, or bought some (ms). */
const TRY_AFTER_MS = 60_000

/** Until when a zone counts as full that Cloudflare has just called so (ms). */
export function fullFrom(now: number): number {
  return now + FULL_FOR_MS
}

/** Whether the zone has been called full for so long that one set may try. */
export function mayTryAgain({ fullUntil }: ZoneState, now: number): boolean {
  return fullUntil > now && fullUntil - now <= FULL_FOR_MS - TRY_AFTER_MS
}
