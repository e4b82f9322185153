import type { HistoryEntry, RecordBody } from '#emulator/emulator.ts'
import type { Scenario } from './scenario.ts'
import { keyTextOf, textOfBodies } from './sets.ts'

/** What Cloudflare held at every moment, by set. */
export interface History {
  readonly beginning: number
  /** Every change by our own hand. */
  readonly writes: readonly { readonly at: number; readonly keyText: string }[]
  wasEver(keyText: string, text: string, from: number, to: number): boolean
  textsIn(keyText: string, from: number, to: number): readonly string[]
  textAtEnd(keyText: string): string
  /** Whether what is there in the end was made by somebody else. */
  isByHand(keyText: string): boolean
  /** The first moment in the span in which the set was empty. */
  emptyIn(keyText: string, from: number, to: number): number | undefined
  /** Somebody else had a hand in this set a short while ago, or Cloudflare lied about it. */
  isExcused(keyText: string, from: number, to: number): boolean
}

interface Version {
  readonly from: number
  readonly text: string
}

export function readHistory(history: readonly HistoryEntry[], { refreshMs }: Scenario): History {
  const held = new Map<string, Map<string, RecordBody>>()
  const versions = new Map<string, Version[]>()
  const othersDid = new Map<string, number[]>()
  const writes: { at: number; keyText: string }[] = []
  const madeByHand = new Set<string>()

  for (const { at, by, changes } of history) {
    const touched = new Set<string>()
    for (const { before, after } of changes) {
      if (before) {
        held.get(keyTextOf(before))?.delete(before.id)
        touched.add(keyTextOf(before))
      }
      if (after) {
        if (by === 'human' && before === null) madeByHand.add(after.id)
        const keyText = keyTextOf(after)
        if (!held.has(keyText)) held.set(keyText, new Map())
        held.get(keyText)!.set(after.id, after)
        touched.add(keyText)
      }
    }
    for (const keyText of touched) {
      const text = textOfBodies([...(held.get(keyText)?.values() ?? [])])
      push(versions, keyText, { from: at, text })
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

  const spansIn = (keyText: string, from: number, to: number) =>
    spansOf(keyText).filter((span) => span.from <= to && span.to >= from)

  return {
    beginning: history[0]?.at ?? 0,
    writes,
    wasEver: (keyText, text, from, to) => spansIn(keyText, from, to).some((span) => span.text === text),
    textsIn: (keyText, from, to) => spansIn(keyText, from, to).map(({ text }) => text),
    textAtEnd: (keyText) => versions.get(keyText)?.at(-1)?.text ?? '',
    isByHand(keyText) {
      const ids = [...(held.get(keyText)?.keys() ?? [])]
      return ids.length > 0 && ids.every((id) => madeByHand.has(id))
    },
    emptyIn: (keyText, from, to) => {
      const gap = spansIn(keyText, from, to).find(
        (span) => span.text === '' && span.from < to && span.to > from && span.from < span.to,
      )
      return gap && Math.max(gap.from, from)
    },
    isExcused: (keyText, from, to) =>
      (othersDid.get(keyText) ?? []).some((at) => at <= to && from - at < 3 * refreshMs + 300_000),
  }
}

function push<Key, Item>(map: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = map.get(key)
  if (list) list.push(item)
  else map.set(key, [item])
}
