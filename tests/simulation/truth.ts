import type { HistoryEntry, RecordBody } from '#emulator/emulator.ts'
import type { Noted } from './noting.ts'
import type { Scenario } from './scenario.ts'
import { keyTextOf, textOfBodies } from './sets.ts'

/** What Cloudflare held at every moment, by set. */
export interface History {
  readonly beginning: number
  /** Every change by our own hand. */
  readonly writes: readonly { readonly at: number; readonly keyText: string }[]
  /** Every record that others had made in a set of theirs, and that we changed or deleted. */
  readonly trespasses: readonly { readonly at: number; readonly keyText: string }[]
  /**
   * Whether others had made this set, or one at this name, or had changed it before we could know that we have made
   * it, at some moment in the span.
   */
  wasTheirs(keyTextOrName: string, from: number, to: number): boolean
  wasEver(keyText: string, text: string, from: number, to: number): boolean
  textsIn(keyText: string, from: number, to: number): readonly string[]
  textAtEnd(keyText: string): string
  /** The fewest records that it had at any moment of the span. */
  fewestIn(keyText: string, from: number, to: number): number
  /** How many records. */
  sizeAtEnd(keyText: string): number
  /** Each zone, and how many records it holds in the end. */
  readonly zones: readonly { readonly zone: string; readonly records: number }[]
  /**
   * Whether what is there in the end was made by somebody else, or was made by us and changed by somebody else before
   * we could know it.
   */
  isByHand(keyText: string): boolean
  /** Whether in this span others had a set that this one cannot stand beside, of which we made nothing. */
  stoodInTheWay(keyText: string, from: number, to: number): boolean
  /** The first moment in the span in which the set was empty. */
  emptyIn(keyText: string, from: number, to: number): number | undefined
  /** Somebody else had a hand in this set, or at this name, a short while ago, or Cloudflare lied about it. */
  isExcused(keyTextOrName: string, from: number, to: number): boolean
}

/** Of time in which a set was so (ms). */
interface Span {
  readonly keyText: string
  readonly from: number
  to: number
}

interface Version {
  readonly from: number
  readonly text: string
}

/** A late commit arrives within 100 s, and a list may lag behind by 30 s: who made a set is known at last then (ms). */
const UNKNOWN_MS = 150_000

export function readHistory(
  history: readonly HistoryEntry[],
  { refreshMs, zones }: Scenario,
  { dispatches }: Noted,
): History {
  const held = new Map<string, Map<string, RecordBody>>()
  const versions = new Map<string, Version[]>()
  const othersDid = new Map<string, number[]>()
  const writes: { at: number; keyText: string }[] = []
  const trespasses: { at: number; keyText: string }[] = []
  const theirSpans: Span[] = []
  /** Of what others changed while nobody knew whether we had made it. */
  const unclearSpans: Span[] = []
  const changedByHand = new Set<string>()
  const madeByHand = new Set<string>()
  /** By set: who made it first. Ours stays ours whatever others do to it, until we delete it. */
  const makers = new Map<string, 'us' | 'others'>()

  function makerAfter(keyText: string, by: HistoryEntry['by']) {
    const maker = makers.get(keyText)
    const ids = [...(held.get(keyText)?.keys() ?? [])]
    if (ids.length === 0) return maker === 'us' && by !== 'api' ? maker : undefined
    if (by === 'api') return ids.every((id) => madeByHand.has(id)) ? 'others' : 'us'
    return maker ?? 'others'
  }

  function noteMaker(keyText: string, maker: 'us' | 'others' | undefined, at: number): void {
    if (makers.get(keyText) === 'others' && maker !== 'others') {
      const span = theirSpans.findLast((one) => one.keyText === keyText)
      if (span) span.to = at
    }
    if (maker === 'others' && makers.get(keyText) !== 'others')
      theirSpans.push({ keyText, from: at, to: Number.POSITIVE_INFINITY })
    if (maker) makers.set(keyText, maker)
    else makers.delete(keyText)
  }

  function noteUnclear(keyText: string, by: HistoryEntry['by'], at: number): void {
    const open = unclearSpans.findLast((span) => span.keyText === keyText && span.to > at)
    const isTheirs = [...(held.get(keyText)?.keys() ?? [])].some((id) => changedByHand.has(id))
    if (open && !isTheirs) open.to = at
    if (open === undefined && isTheirs && by !== 'api' && mayBeOurs(keyText, at))
      unclearSpans.push({ keyText, from: at, to: Number.POSITIVE_INFINITY })
  }

  /** There was nothing when we sent a change, and nobody knows yet what became of it. */
  function mayBeOurs(keyText: string, at: number): boolean {
    return dispatches.some(
      (one) =>
        one.sets.includes(keyText) &&
        one.doubtedAt !== undefined &&
        one.at <= at &&
        at <= one.doubtedAt + UNKNOWN_MS &&
        textAt(keyText, one.at) === '',
    )
  }

  const textAt = (keyText: string, at: number) =>
    versions.get(keyText)?.findLast(({ from }) => from <= at)?.text ?? ''

  for (const { at, by, changes } of history) {
    const touched = new Set<string>()
    for (const { before, after } of changes) {
      if (before) {
        const keyText = keyTextOf(before)
        if (by === 'api' && makers.get(keyText) === 'others') trespasses.push({ at, keyText })
        held.get(keyText)?.delete(before.id)
        touched.add(keyTextOf(before))
      }
      if (after) {
        if (by !== 'api' && before === null) madeByHand.add(after.id)
        if (by === 'api') changedByHand.delete(after.id)
        else changedByHand.add(after.id)
        const keyText = keyTextOf(after)
        if (!held.has(keyText)) held.set(keyText, new Map())
        held.get(keyText)!.set(after.id, after)
        touched.add(keyText)
      }
    }
    for (const keyText of touched) {
      const text = textOfBodies([...(held.get(keyText)?.values() ?? [])])
      push(versions, keyText, { from: at, text })
      noteMaker(keyText, makerAfter(keyText, by), at)
      noteUnclear(keyText, by, at)
      if (by === 'api') writes.push({ at, keyText })
      else if (by !== 'seed') push(othersDid, keyText, at)
    }
  }

  function spansOf(keyText: string) {
    const list = versions.get(keyText) ?? []
    const spans = list.map(({ from, text }, index) => ({
      from,
      to: list[index + 1]?.from ?? Number.POSITIVE_INFINITY,
      text,
    }))
    const first = list[0]?.from ?? Number.POSITIVE_INFINITY
    return [{ from: Number.NEGATIVE_INFINITY, to: first, text: '' }, ...spans]
  }

  const theirsIn = (from: number, to: number) =>
    [...theirSpans, ...unclearSpans].filter((span) => span.from <= to && span.to >= from)

  const spansIn = (keyText: string, from: number, to: number) =>
    spansOf(keyText).filter((span) => span.from <= to && span.to >= from)

  return {
    beginning: history[0]?.at ?? 0,
    writes,
    trespasses,
    wasTheirs: (keyTextOrName, from, to) =>
      theirsIn(from, to).some(({ keyText }) => `${keyText} `.startsWith(`${keyTextOrName} `)),
    stoodInTheWay: (keyText, from, to) =>
      theirsIn(from, to).some(
        (span) =>
          excludeEachOther(span.keyText, keyText) &&
          (unclearSpans.includes(span) ||
            !writes.some((one) => one.keyText === span.keyText && one.at <= to)),
      ),
    wasEver: (keyText, text, from, to) => spansIn(keyText, from, to).some((span) => span.text === text),
    textsIn: (keyText, from, to) => spansIn(keyText, from, to).map(({ text }) => text),
    fewestIn: (keyText, from, to) =>
      Math.min(...spansIn(keyText, from, to).map(({ text }) => (text === '' ? 0 : text.split(', ').length))),
    textAtEnd: (keyText) => versions.get(keyText)?.at(-1)?.text ?? '',
    sizeAtEnd: (keyText) => held.get(keyText)?.size ?? 0,
    zones: zones.map((zone) => ({
      zone,
      records: [...held]
        .filter(([keyText]) => keyText.split(' ')[0]!.endsWith(`.${zone}`))
        .reduce((sum, [, records]) => sum + records.size, 0),
    })),
    isByHand(keyText) {
      const ids = [...(held.get(keyText)?.keys() ?? [])]
      const isUnclear = unclearSpans.some(
        (span) => span.keyText === keyText && span.to === Number.POSITIVE_INFINITY,
      )
      return isUnclear || (ids.length > 0 && ids.every((id) => madeByHand.has(id)))
    },
    emptyIn: (keyText, from, to) => {
      const gap = spansIn(keyText, from, to).find(
        (span) => span.text === '' && span.from < to && span.to > from && span.from < span.to,
      )
      return gap && Math.max(gap.from, from)
    },
    isExcused: (keyTextOrName, from, to) =>
      [...othersDid].some(
        ([keyText, times]) =>
          `${keyText} `.startsWith(`${keyTextOrName} `) &&
          times.some((at) => at <= to && from - at < 3 * refreshMs + 300_000),
      ),
  }
}

/** A CNAME stands alone at its name (RFC 1034 §3.6.2). */
function excludeEachOther(oneText: string, otherText: string): boolean {
  const [one, other] = [oneText.split(' '), otherText.split(' ')]
  return one[0] === other[0] && one[1] !== other[1] && [one[1], other[1]].includes('CNAME')
}

function push<Key, Item>(map: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = map.get(key)
  if (list) list.push(item)
  else map.set(key, [item])
}
