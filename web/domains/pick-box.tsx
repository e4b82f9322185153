import { type KeyboardEvent, useRef } from 'react'
import type { ApiRecord } from '#faces/dashboard/api.ts'
import { words } from '../words.ts'
import type { Selection } from './selection.ts'

/** Picks a record: with Shift a range, and by the arrow keys from one to the next. */
export function PickBox({
  record,
  selection,
}: {
  readonly record: ApiRecord
  readonly selection: Selection
}) {
  const { id, type, name } = record
  const isRange = useRef(false)
  if (!record.editable) return null
  return (
    <input
      type="checkbox"
      className="pick"
      aria-label={words.records.pick(type, name, record.content)}
      checked={selection.isPicked(id)}
      onClick={({ shiftKey }) => {
        isRange.current = shiftKey
      }}
      onChange={() => (isRange.current ? selection.pickTo(id) : selection.pick(id))}
      onKeyDown={(event) => walk(event, selection)}
      data-id={id}
    />
  )
}

/** All that are shown. */
export function PickAllBox({ count, selection }: { readonly count: number; readonly selection: Selection }) {
  const { picked, pickAll } = selection
  return (
    <input
      type="checkbox"
      className="pick"
      aria-label={words.records.pickAll(count)}
      checked={count > 0 && picked.length === count}
      disabled={count === 0}
      ref={(box) => {
        if (box !== null) box.indeterminate = picked.length > 0 && picked.length < count
      }}
      onChange={pickAll}
    />
  )
}

function walk(event: KeyboardEvent<HTMLInputElement>, { pickTo, clear }: Selection): void {
  if (event.key === 'Escape') clear()
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step === undefined) return
  const boxes = [...document.querySelectorAll<HTMLInputElement>('.pick[data-id]')]
  const here = event.currentTarget
  const next = boxes[boxes.indexOf(here) + step]
  event.preventDefault()
  if (next === undefined) return
  if (event.shiftKey) pickTo(next.dataset.id!, here.dataset.id!)
  next.focus()
}
