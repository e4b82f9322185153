import { type Change, touchedSets } from '#dns/plan.ts'
import type { RecordFields } from '#dns/record.ts'
import type { HistoryEntry, RecordBody } from '#emulator/emulator.ts'
import { words } from '#engine/edits/words.ts'
import type { ToldEdit } from '#store/edits.ts'
import type { Asking } from './actors.ts'
import type { Violation } from './checks.ts'
import type { Hand } from './customers.ts'
import type { NotedDispatch, NotedEdit } from './noting.ts'
import { keyTextOf, textOfBodies, textOfSet } from './sets.ts'
import type { History } from './truth.ts'

/** How an edit ended, as its customer is told; undefined: there is no such edit. */
export type EndOf = (edit: NotedEdit) => ToldEdit | undefined

export interface Told {
  readonly hands: readonly Hand[]
  readonly edits: readonly NotedEdit[]
  readonly askings: readonly Asking[]
  readonly dispatches: readonly NotedDispatch[]
  readonly history: readonly HistoryEntry[]
  readonly truth: History
  readonly endOf: EndOf
}

/** An edit that was sent, with what it does to each set: records that come, and records that go, as lines. */
interface Sent {
  readonly edit: NotedEdit
  /** Whose question it answers. */
  readonly hand: Hand | undefined
  readonly end: ToldEdit | undefined
  readonly comes: ReadonlyMap<string, readonly string[]>
  readonly goes: ReadonlyMap<string, readonly string[]>
}

/**
 * What must hold where customers edit by hand, beside callers and beside each other: what was acknowledged is so until
 * somebody changes it, whoever acknowledged it and whoever changes it.
 */
export function customersToldTheTruth(told: Told): Violation[] {
  const sent = told.edits.map((edit) => sentOf(edit, told))
  const declared = Map.groupBy(told.askings, ({ keyText }) => keyText)
  return [
    ...notAsAcknowledged(sent, told),
    ...neverTold(sent),
    ...unasked(sent, declared, told),
    ...overtaken(sent, declared, told),
    ...late(told),
  ]
}

/** I25: "done" is done, said at once or found out later. */
function notAsAcknowledged(sent: readonly Sent[], { truth }: Told): Violation[] {
  return sent.flatMap(({ edit, hand, end, comes, goes }) => {
    if (hand?.result !== 'done' && end?.status !== 'done') return []
    const until = hand?.result === 'done' ? hand.answeredAt : Number.MAX_SAFE_INTEGER
    const wasEver = (keyText: string, line: string, isThere: boolean) =>
      truth.textsIn(keyText, edit.at, until).some((text) => hasLine(text, line) === isThere)
    const missing = (lines: Sent['comes'], isThere: boolean) =>
      [...lines].flatMap(([keyText, each]) => each.filter((line) => !wasEver(keyText, line, isThere)))
    return [
      ...missing(comes, true).map((line) => `"${line}" never came`),
      ...missing(goes, false).map((line) => `"${line}" never went`),
    ].map((what) => ({ rule: 'I25', text: `${nameOf(edit, hand)} was acknowledged, and ${what}` }))
  })
}

/** I26: whoever was told that it is being checked is told in the end. */
function neverTold(sent: readonly Sent[]): Violation[] {
  return sent
    .filter(({ end }) => end?.status === 'checking')
    .map(({ edit, hand }) => ({
      rule: 'I26',
      text: `${nameOf(edit, hand)} is still being checked, long after all trouble`,
    }))
}

/**
 * I25: whatever comes or goes by our hand, at sets that customers touch, is what somebody asks for who was not told yet
 * that it is done, or that it is not.
 */
function unasked(
  sent: readonly Sent[],
  declared: ReadonlyMap<string, readonly Asking[]>,
  { history, truth }: Told,
): Violation[] {
  const touched = new Set(sent.flatMap(({ comes, goes }) => [...comes.keys(), ...goes.keys()]))

  /** A declared set is kept until its caller has had another one acknowledged, or its removal. */
  function isKept(asking: Asking, at: number): boolean {
    const isReplaced = declared
      .get(asking.keyText)!
      .some((later) => isAcknowledged(later) && later.arrivedAt > asking.answeredAt && later.answeredAt < at)
    return asking.arrivedAt <= at && !isReplaced
  }

  /** Of a new record that was on its way when its set was replaced. */
  const mayArrive = (asking: Asking, at: number) => asking.result !== 'done' && asking.arrivedAt <= at

  const isCalledFor = (keyText: string, line: string, at: number) =>
    sent.some((one) => one.comes.get(keyText)?.includes(line) && isOpen(one, at)) ||
    (declared.get(keyText) ?? []).some(
      (asking) => hasLine(textOfSet(asking.wanted), line) && (isKept(asking, at) || mayArrive(asking, at)),
    )

  const isGivenUp = (keyText: string, line: string, at: number) =>
    sent.some((one) => one.goes.get(keyText)?.includes(line) && isOpen(one, at)) ||
    (declared.get(keyText) ?? []).some((asking) => {
      if (hasLine(textOfSet(asking.wanted), line) || !isKept(asking, at)) return false
      // A removal is over when it is acknowledged: what a customer makes there later is the customer's.
      const isLater = sent.some(
        (one) => one.comes.get(keyText)?.includes(line) && one.edit.at > asking.answeredAt,
      )
      const isOver = asking.wanted === null && isAcknowledged(asking) && asking.answeredAt < at
      return !(isOver && isLater)
    })

  return stepsOf(history).flatMap(({ at, keyText, came, went }) => {
    if (!touched.has(keyText) || truth.isExcused(keyText, at, at)) return []
    return [
      ...came.filter((line) => !isCalledFor(keyText, line, at)).map((line) => `"${line}" came`),
      ...went.filter((line) => !isGivenUp(keyText, line, at)).map((line) => `"${line}" went`),
    ].map((what) => ({
      rule: 'I25',
      text: `${secondsOf(at, truth)}: at ${keyText} ${what}, and whoever asked for that had been answered`,
    }))
  })
}

/** Whoever was told "done" or "failed" was told that nothing more will happen. */
function isOpen({ edit, hand, end }: Sent, at: number): boolean {
  if (edit.at > at || (end?.status === 'failed' && !NOBODY_KNOWS.has(end.error!))) return false
  return (hand?.result !== 'done' && hand?.result !== 'failed') || hand.answeredAt >= at
}

/** Nobody could look, or found what neither the edit nor what was before it explains. */
const NOBODY_KNOWS: ReadonlySet<string> = new Set([words.cannotLook, words.changedMeanwhile])

/**
 * I24: no batch takes effect at a set of which something later was acknowledged. New records alone may arrive late where a
 * caller has declared the set meanwhile: Cloudflare offers no fence against them, and they go again.
 */
function overtaken(
  sent: readonly Sent[],
  declared: ReadonlyMap<string, readonly Asking[]>,
  { dispatches, history, truth }: Told,
): Violation[] {
  const batches = dispatches.map((batch) => ({ ...batch, effect: textOf(batch.changes.flatMap(effectsOf)) }))
  return history.flatMap(({ at, by, changes }) => {
    const effect = textOf(changes.map(effectAtCloudflare))
    const batch = by === 'api' ? batches.findLast((one) => one.at <= at && one.effect === effect) : undefined
    if (batch === undefined) return []
    return touchedSets(batch.changes).flatMap((key) => {
      const keyText = keyTextOf(key)
      const onlyAdds = batch.changes.every(
        (change) => change.kind === 'post' || keyTextOf(change.record) !== keyText,
      )
      const caller = (declared.get(keyText) ?? []).find(
        (one) => isAcknowledged(one) && one.arrivedAt > batch.at && one.answeredAt < at,
      )
      const customer = sent.find(
        ({ edit, hand, comes, goes }) =>
          edit.at > batch.at &&
          hand?.result === 'done' &&
          hand.answeredAt < at &&
          (comes.has(keyText) || goes.has(keyText)),
      )
      const told = customer?.hand?.what ?? (onlyAdds ? undefined : caller?.owner)
      const when = `the batch of ${secondsOf(batch.at, truth)} took effect at ${secondsOf(at, truth)}`
      return told === undefined
        ? []
        : [{ rule: 'I24', text: `${when}, after something later was acknowledged at ${keyText}: ${told}` }]
    })
  })
}

/** Everybody is answered in time. */
function late({ hands }: Told): Violation[] {
  return hands
    .filter(
      (hand) => hand.answeredAt > hand.deadline + SLOW_STORE_MS && hand.result !== 'lost' && !hand.stoodStill,
    )
    .map(({ what, arrivedAt, answeredAt }) => ({
      rule: 'in time',
      text: `${what} was answered after ${answeredAt - arrivedAt} ms`,
    }))
}

/** What a database that is slow at the very end may add (ms). */
const SLOW_STORE_MS = 4_000

function sentOf(edit: NotedEdit, { hands, endOf }: Told): Sent {
  const [comes, goes] = [new Map<string, string[]>(), new Map<string, string[]>()]
  const add = (lines: Map<string, string[]>, record: RecordFields) => {
    const keyText = keyTextOf(record)
    lines.set(keyText, [...(lines.get(keyText) ?? []), lineOf(record)])
  }
  for (const change of edit.changes) {
    if (change.kind !== 'post' && 'value' in change.record) add(goes, change.record)
    if (change.kind !== 'delete') add(comes, change.to)
  }
  const hand = hands.find(({ requestId }) => requestId === edit.requestId)
  return { edit, hand, end: endOf(edit), comes, goes }
}

/** What came and went by our hand at each set, batch by batch. */
function stepsOf(history: readonly HistoryEntry[]) {
  const held = new Map<string, Map<string, RecordBody>>()
  return history.flatMap(({ at, by, changes }) => {
    const bodies = changes.flatMap(({ before, after }) => [before, after].filter((body) => body !== null))
    const keys = [...new Set(bodies.map(keyTextOf))]
    const before = keys.map((keyText) => linesOf(held.get(keyText)))
    for (const change of changes) {
      if (change.before) held.get(keyTextOf(change.before))?.delete(change.before.id)
      if (change.after) keep(held, change.after)
    }
    if (by !== 'api') return []
    return keys.map((keyText, index) => {
      const [was, is] = [before[index]!, linesOf(held.get(keyText))]
      return {
        at,
        keyText,
        came: is.filter((line) => !was.includes(line)),
        went: was.filter((line) => !is.includes(line)),
      }
    })
  })
}

function keep(held: Map<string, Map<string, RecordBody>>, body: RecordBody): void {
  const keyText = keyTextOf(body)
  held.set(keyText, (held.get(keyText) ?? new Map<string, RecordBody>()).set(body.id, body))
}

const linesOf = (records: ReadonlyMap<string, RecordBody> | undefined) =>
  textOfBodies([...(records?.values() ?? [])])
    .split(', ')
    .filter(Boolean)

function effectAtCloudflare({ before, after }: HistoryEntry['changes'][number]): string {
  if (after === null) return `- ${before?.id}`
  const line = `${keyTextOf(after)} ${textOfBodies([after])}`
  return before === null ? `+ ${line}` : `~ ${before.id} ${line}`
}

function effectsOf(change: Change): readonly string[] {
  if (change.kind === 'delete') return [`- ${change.record.id}`]
  const line = `${keyTextOf(change.to)} ${lineOf(change.to)}`
  if (change.kind === 'patch') return [`~ ${change.record.id} ${line}`]
  return change.kind === 'post' ? [`+ ${line}`] : [`- ${change.record.id}`, `+ ${line}`]
}

const textOf = (effects: readonly string[]) => [...effects].sort().join('\n')

function lineOf({ ttl, value }: RecordFields): string {
  return `${ttl} ${value}`
}

function hasLine(text: string, line: string): boolean {
  return text.split(', ').includes(line)
}

function isAcknowledged({ result, outcome }: Asking): boolean {
  return result === 'done' && outcome !== 'accepted' && outcome !== 'left-in-place'
}

function nameOf({ id }: NotedEdit, hand: Hand | undefined): string {
  return `${hand?.customer ?? 'somebody'}: ${hand?.what ?? 'an edit'} (${id.slice(0, 6)})`
}

function secondsOf(at: number, { beginning }: History): string {
  return ((at - beginning) / 1000).toFixed(3)
}
