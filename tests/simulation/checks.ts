import { touchedSets } from '#dns/plan.ts'
import type { Emulator, HistoryEntry } from '#emulator/emulator.ts'
import type { Store } from '#store/store.ts'
import { type Asking, FINAL_CODES, type Owner } from './actors.ts'
import { type Hand, SHARED_NAMES } from './customers.ts'
import { customersToldTheTruth, type EndOf } from './explained.ts'
import type { LastingSpan } from './lasting.ts'
import type { NetworkCall } from './network.ts'
import type { Noted } from './noting.ts'
import { isLeftUndoneRightly, isRefusedRightly, namesTooLarge, refusedAgain } from './refusals.ts'
import { tokenFor } from './replica.ts'
import type { Scenario } from './scenario.ts'
import { keyTextOf, textOfSet } from './sets.ts'
import { type History, readHistory } from './truth.ts'

export interface Violation {
  /** As the checks below name their invariants. */
  readonly rule: string
  readonly text: string
}

export interface Evidence {
  readonly scenario: Scenario
  readonly emulator: Emulator
  readonly store: Store
  readonly noted: Noted
  readonly askings: readonly Asking[]
  readonly owners: readonly Owner[]
  readonly calls: readonly NetworkCall[]
  /** All that took effect at Cloudflare, and what of it had before everything was asked for again. */
  readonly history: readonly HistoryEntry[]
  readonly historyAtRest: readonly HistoryEntry[]
  /** By key: what somebody asked for and has not got, long after all trouble. */
  readonly stillWaitsFor: readonly string[]
  /** Batches that were sent when everything was asked for again. */
  readonly batchesAtRest: number
  readonly quietSince: number
  readonly lasting: readonly LastingSpan[]
  readonly hands: readonly Hand[]
  readonly endOf: EndOf
}

/** Everything that must hold, over all that has happened. */
export async function checkAll(evidence: Evidence): Promise<Violation[]> {
  const truth = readHistory(evidence.historyAtRest, evidence.scenario, evidence.noted)
  const whole = readHistory(evidence.history, evidence.scenario, evidence.noted)
  return [
    ...falseAcknowledgements(evidence, whole),
    ...emptied(evidence, truth),
    ...notAsWanted(evidence, truth),
    ...notOurs(evidence, truth),
    ...batches(evidence),
    ...refusedAgain(evidence).map((text) => ({ rule: 'I10', text })),
    ...callLimits(evidence),
    ...answers(evidence, truth),
    ...(await leftovers(evidence, truth)),
    ...customersToldTheTruth({ ...evidence, ...evidence.noted, truth: whole }),
  ]
}

/** Until a zone that is out of sight is looked for again. */
const ASKED_AGAIN_MS = 60_000

/** I1: at some instant between question and answer, Cloudflare held exactly what was answered. */
function falseAcknowledgements({ askings, lasting, noted }: Evidence, truth: History): Violation[] {
  return askings.flatMap(({ result, outcome, keyText, wanted, arrivedAt, answeredAt }) => {
    if (result !== 'done' || outcome === 'accepted') return []
    const text = textOfSet(wanted)
    if (truth.wasEver(keyText, text, arrivedAt, answeredAt)) return []
    if (truth.isExcused(keyText, arrivedAt, answeredAt)) return []
    const isTheirs =
      truth.isByHand(keyText) ||
      truth.wasTheirs(keyText, arrivedAt, answeredAt) ||
      wasEdited(keyText, noted, answeredAt)
    const isOutOfSight = lasting.some(
      ({ lasting: { form, zone }, from, to }) =>
        form === 'deleted' &&
        keyText.split(' ')[0]!.endsWith(`.${zone}`) &&
        from <= answeredAt &&
        arrivedAt <= to + ASKED_AGAIN_MS,
    )
    if (isTheirs && (outcome === 'left-in-place' || (outcome === 'absent' && isOutOfSight))) return []
    const was = truth.textsIn(keyText, arrivedAt, answeredAt).map((one) => one || 'nothing')
    const when = `${((arrivedAt - truth.beginning) / 1000).toFixed(3)}–${((answeredAt - truth.beginning) / 1000).toFixed(3)}`
    return [
      {
        rule: 'I1',
        text: `${when}: ${keyText} was answered "${outcome}" for "${text || 'nothing'}", and was ${was.join(' | ')}`,
      },
    ]
  })
}

/** I3: once acknowledged, and until its removal is asked for, a set is never empty. */
function emptied({ askings, scenario }: Evidence, truth: History): Violation[] {
  const violations: Violation[] = []
  for (const [keyText, asked] of byKey(askings)) {
    asked.forEach((one, index) => {
      if (one.result !== 'done' || one.wanted === null || scenario.ack === 'accepted') return
      // A customer may have deleted it before it was declared.
      if (isShared(keyText)) return
      const removal = asked.slice(index + 1).find(({ wanted }) => wanted === null)
      const until = removal?.arrivedAt ?? Number.POSITIVE_INFINITY
      const gap = truth.emptyIn(keyText, one.answeredAt, until)
      if (gap === undefined || truth.isExcused(keyText, gap, gap)) return
      violations.push({
        rule: 'I3',
        text: `${keyText} was empty at ${((gap - truth.beginning) / 1000).toFixed(3)}, acknowledged before and still wanted`,
      })
    })
  }
  return violations.slice(0, 3)
}

/** Whether a customer has made or changed something there: nobody deletes that whose it is not. */
function wasEdited(keyText: string, { edits }: Noted, until: number): boolean {
  return edits.some(({ at, changes }) => at <= until && touchedSets(changes).map(keyTextOf).includes(keyText))
}

function isShared(keyText: string): boolean {
  return SHARED_NAMES.some((name) => keyText.startsWith(`${name}.`))
}

/** I2, I7, I8, I11: in the end every set is what its owner asked for last. */
function notAsWanted({ owners, stillWaitsFor, scenario, noted }: Evidence, truth: History): Violation[] {
  const held = heldBySafeguards(owners, truth)
  const isStrict = scenario.ownership === 'strict'
  const isShutOut = (keyText: string) =>
    truth.stoodInTheWay(keyText, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  const wrong = owners.flatMap(({ desired }) =>
    [...desired].flatMap(([keyText, wanted]) => {
      const is = truth.textAtEnd(keyText)
      const text = textOfSet(wanted)
      const isSomebodyElses =
        ((wanted === null || isStrict) && truth.isByHand(keyText)) ||
        (wanted === null && wasEdited(keyText, noted, Number.POSITIVE_INFINITY))
      return is === text || isSomebodyElses || held.has(keyText) || isShutOut(keyText)
        ? []
        : [
            {
              rule: 'I7',
              text: `${keyText} should be "${text || 'nothing'}" in the end, and is "${is || 'nothing'}"`,
            },
          ]
    }),
  )
  return stillWaitsFor.every(isShutOut)
    ? wrong
    : [{ rule: 'I7', text: 'somebody did not get what they asked for, long after all trouble' }, ...wrong]
}

/**
 * Sets to which others have added so much that nobody takes it away unasked: more than 30 % of a zone of ten records
 * or more, or from more than ten names. It goes when the set is asked for again.
 */
function heldBySafeguards(owners: readonly Owner[], truth: History): ReadonlySet<string> {
  const wanted = owners.flatMap(({ desired }) => [...desired])
  return new Set(
    truth.zones.flatMap(({ zone, records }) => {
      const here = wanted.filter(([keyText, set]) => set && keyText.split(' ')[0]!.endsWith(`.${zone}`))
      const drifted = here.filter(([keyText, set]) => truth.textAtEnd(keyText) !== textOfSet(set))
      const surplus = drifted.map(([keyText, set]) =>
        Math.max(0, truth.sizeAtEnd(keyText) - (set?.values.length ?? 0)),
      )
      const lost = surplus.reduce((sum, count) => sum + count, 0)
      const isHeld = (records >= 10 && lost > 0.3 * records) || surplus.filter(Boolean).length > 10
      return isHeld ? drifted.map(([keyText]) => keyText) : []
    }),
  )
}

/** I4: we touch only sets that somebody has asked us for; strictly, only those that we made. */
function notOurs({ askings, scenario, noted }: Evidence, truth: History): Violation[] {
  const trespasses = scenario.ownership === 'strict' ? truth.trespasses : []
  const wrongs = trespasses.filter(({ at, keyText }) => !truth.isExcused(keyText, at, at))
  const first = new Map<string, number>()
  for (const { keyText, arrivedAt } of askings) if (!first.has(keyText)) first.set(keyText, arrivedAt)
  for (const { at, changes } of noted.edits) {
    for (const keyText of touchedSets(changes).map(keyTextOf)) {
      if ((first.get(keyText) ?? Number.POSITIVE_INFINITY) > at) first.set(keyText, at)
    }
  }
  const unasked = truth.writes.filter(({ at, keyText }) => {
    const askedAt = first.get(keyText)
    return askedAt === undefined || askedAt > at
  })
  return [
    ...wrongs.map(({ keyText }) => ({ rule: 'I4', text: `${keyText} was changed, and others had made it` })),
    ...unasked.map(({ keyText }) => ({
      rule: 'I4',
      text: `${keyText} was changed, and nobody had asked for it`,
    })),
  ]
}

/** I5, I9, I10: whole sets, one batch at a time, of at most 200 operations. */
function batches({ noted, calls }: Evidence): Violation[] {
  const violations: Violation[] = noted.dispatches.flatMap(({ unlike }) =>
    unlike.map((text) => ({ rule: 'I5', text: `a batch leaves ${text}` })),
  )
  const sent = calls.filter(({ isBatch }) => isBatch)
  for (const { operations } of sent) {
    if (operations > 200) violations.push({ rule: 'I10', text: `a batch of ${operations} operations` })
  }
  for (const zone of new Set(sent.map(({ zone }) => zone))) {
    const here = sent.filter((call) => call.zone === zone)
    here.forEach((call, index) => {
      const overlap = here.slice(index + 1).find(({ sentAt }) => sentAt < call.endedAt)
      if (overlap)
        violations.push({
          rule: 'I9',
          text: `${call.sentAt - calls[0]!.sentAt}–${call.endedAt - calls[0]!.sentAt} and ${overlap.sentAt - calls[0]!.sentAt} ms: replicas ${call.replica} and ${overlap.replica} sent batches for one zone at one time`,
        })
    })
  }
  return violations
}

/** Of a call that has its permit, until it leaves (ms). */
const PERMIT_MS = 2_000

/** I22: within the budget at all times, and silent when told to be. */
function callLimits({ calls, noted }: Evidence): Violation[] {
  const byToken = [...Map.groupBy(calls, ({ token }) => token)]
  return byToken.flatMap(([token, its]) =>
    callLimitsOf(
      its,
      noted.blocks.filter((one) => tokenFor(one.credential) === token),
    ),
  )
}

function callLimitsOf(calls: readonly NetworkCall[], blocks: Noted['blocks']): Violation[] {
  const times = calls.map(({ sentAt }) => sentAt).sort((a, b) => a - b)
  const violations: Violation[] = []
  times.forEach((last, index) => {
    const count = index + 1 - times.findIndex((at) => at > last - 300_000)
    if (count > 960) violations.push({ rule: 'I22', text: `${count} calls in five minutes` })
  })
  for (const { from, until } of blocks) {
    const early = times.find((at) => at > from + PERMIT_MS && at < until)
    if (early !== undefined)
      violations.push({
        rule: 'I22',
        text: `a call ${until - early} ms before Cloudflare wanted to hear from us again`,
      })
  }
  return violations.slice(0, 3)
}

/** What a database that is slow at the very end may add (ms); whoever asks waits for 30 s. */
const SLOW_STORE_MS = 4_000

/** Everybody is answered in time, and nobody hears a final no because of trouble that passes, or of another's. */
function answers(evidence: Evidence, truth: History): Violation[] {
  const { askings, scenario, lasting } = evidence
  const circumstances = { scenario, lasting, truth, tooLarge: namesTooLarge(evidence) }
  return askings.flatMap((asking) => {
    const { result, outcome, keyText, answeredAt, deadline, stoodStill, arrivedAt } = asking
    if (result === 'failed' && FINAL_CODES.has(outcome) && !isRefusedRightly(asking, circumstances)) {
      return [{ rule: 'no 400', text: `${keyText} was refused for good: ${outcome}` }]
    }
    if (result === 'failed' && !isLeftUndoneRightly(asking, circumstances)) {
      return [{ rule: 'no 503', text: `${keyText} was left undone by trouble of others: ${outcome}` }]
    }
    const latest = deadline + (scenario.interleaved ? SLOW_STORE_MS : 100)
    const isLate = answeredAt > latest && result !== 'lost' && !stoodStill
    return isLate
      ? [{ rule: 'in time', text: `${keyText} was answered after ${answeredAt - arrivedAt} ms` }]
      : []
  })
}

/** I6, I7: nothing is left to do, and nothing is done when all is asked for again. */
async function leftovers(
  { store, emulator, batchesAtRest, owners }: Evidence,
  truth: History,
): Promise<Violation[]> {
  const violations: Violation[] = []
  // Where brakes held, asking again is what puts it right.
  if (batchesAtRest > 0 && heldBySafeguards(owners, truth).size === 0)
    violations.push({ rule: 'I6', text: `${batchesAtRest} batches for what was so already` })
  for (const { id, name } of emulator.state.zones()) {
    const { dispatches } = await store.zoneState(id)
    const open = dispatches.filter(({ state }) => state !== 'fenced').length
    const waiting = (await store.waitingIntents(id)).length
    if (open + waiting > 0)
      violations.push({ rule: 'I7', text: `${name} has ${waiting} intents and ${open} dispatches left over` })
  }
  return violations
}

function byKey(askings: readonly Asking[]): Map<string, Asking[]> {
  const groups = new Map<string, Asking[]>()
  for (const asking of askings) {
    const group = groups.get(keyTextOf(asking.key))
    if (group) group.push(asking)
    else groups.set(asking.keyText, [asking])
  }
  return groups
}
