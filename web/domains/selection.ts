import { useState } from 'react'
import type { ApiRecord } from '#faces/dashboard/api.ts'

/** Records that somebody has picked, of those that are shown. */
export interface Selection {
  readonly picked: readonly ApiRecord[]
  readonly isPicked: (id: string) => boolean
  /** Picks it, or lets go of it. */
  readonly pick: (id: string) => void
  /** Everything up to it, from another or from the one that was picked last. */
  readonly pickTo: (id: string, from?: string) => void
  /** Everything that is shown and can be changed; nothing, if all of it is picked. */
  readonly pickAll: () => void
  readonly clear: () => void
}

/** What is filtered away is not picked for as long: nothing goes that nobody sees. */
export function useSelection(shown: readonly ApiRecord[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const [anchor, setAnchor] = useState<string>()
  const open = shown.filter(({ editable }) => editable)
  const picked = open.filter(({ id }) => ids.has(id))
  return {
    picked,
    isPicked: (id) => ids.has(id),
    pick(id) {
      setIds(toggled(ids, id))
      setAnchor(id)
    },
    pickTo(id, from = anchor ?? id) {
      const order = open.map((record) => record.id)
      setIds(withRange(ids, order, from, id))
      setAnchor(id)
    },
    pickAll: () => setIds(picked.length === open.length ? new Set() : new Set(open.map(({ id }) => id))),
    clear: () => setIds(new Set()),
  }
}

export function toggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(ids)
  if (!next.delete(id)) next.add(id)
  return next
}

/** Everything from one to the other, whichever comes first. Only the other, if the one is not there any more. */
export function withRange(
  ids: ReadonlySet<string>,
  order: readonly string[],
  from: string,
  to: string,
): ReadonlySet<string> {
  const end = order.indexOf(to)
  const start = order.includes(from) ? order.indexOf(from) : end
  return new Set([...ids, ...order.slice(Math.min(start, end), Math.max(start, end) + 1)])
}
