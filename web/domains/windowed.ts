import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type RefObject, useLayoutEffect, useState } from 'react'
import type { ApiRecord } from '#faces/dashboard/api.ts'

/**
 * The rows that are on the screen, and how much room (px) the others take before and after them. A short list is there
 * as a whole, so that the browser's own search finds everything. `rowHeight` (px) is a guess until a row was measured.
 */
export function useWindowed(
  records: readonly ApiRecord[],
  list: RefObject<HTMLElement | null>,
  rowHeight: number,
): {
  readonly items: readonly { readonly record: ApiRecord; readonly index: number }[]
  readonly before: number
  readonly after: number
  readonly measure: (row: Element | null) => void
} {
  const [offset, setOffset] = useState(0)
  useLayoutEffect(() => {
    const top = list.current?.getBoundingClientRect().top ?? 0
    setOffset(top + window.scrollY)
  }, [list])
  const isShort = records.length <= SHORT
  const virtualizer = useWindowVirtualizer({
    count: records.length,
    estimateSize: () => rowHeight,
    getItemKey: (index) => records[index]!.id,
    overscan: isShort ? SHORT : 10,
    scrollMargin: offset,
  })
  const shown = virtualizer.getVirtualItems()
  const [first, last] = [shown[0], shown.at(-1)]
  return {
    items: shown.map(({ index }) => ({ record: records[index]!, index })),
    before: first === undefined ? 0 : first.start - offset,
    after: last === undefined ? 0 : virtualizer.getTotalSize() - (last.end - offset),
    measure: virtualizer.measureElement,
  }
}

const SHORT = 150
