import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import type { Value } from '#dns/value.ts'
import type { Move, Moves } from './moves.ts'
import type { ReviewedChange, Warning } from './review.ts'
import { added, deleted, newRecord, replaced } from './rows.ts'
import { dependantWords, listed, reasons } from './words.ts'
import type { ZoneView } from './zone-view.ts'

/**
 * The other CNAMEs that lead to a name that moves (`ftp`, `blog`, `autodiscover`): they move too. Each is offered a way
 * to stay on the old server, which is not selected. Those that lead through a name in `pinned` stay there anyway.
 */
export function offerPins(
  view: ZoneView,
  moves: Moves,
  pinned: ReadonlySet<Name>,
): { rows: ReviewedChange[]; warnings: Warning[] } {
  const followers = view.known.flatMap((record) => {
    const isFree =
      record.type === 'CNAME' &&
      !moves.serves(record.name) &&
      !view.resolve(record.name).through.some((name) => pinned.has(name))
    const move = isFree ? moves.behind(record.name) : undefined
    return move ? [{ record, move }] : []
  })
  const rows = followers.flatMap(({ record, move }) => pinRows(record, move))
  const byMove = new Map<Name, ZoneRecord[]>()
  for (const { record, move } of followers) {
    byMove.set(move.name, [...(byMove.get(move.name) ?? []), record])
  }
  const warnings = [...byMove].map(
    ([to, records]): Warning => ({
      code: 'follows',
      message: dependantWords.follows(listed(records.map(({ name }) => name)), to),
      changes: records.map(({ id }) => id),
    }),
  )
  return { rows, warnings }
}

function pinRows(record: ZoneRecord, { name: to, addresses, host }: Move): ReviewedChange[] {
  if (record.readOnly) return []
  const words = { selected: false, group: `pin ${record.name}`, reason: reasons.pinned(record.name, to) }
  if (addresses.length === 0) return host ? [replaced(record, host as string as Value, words)] : []
  const values = new Map<Value, ZoneRecord>(addresses.map((each) => [each.value, each]))
  return [
    deleted(record, words),
    ...[...values.values()].map(({ type, value }) =>
      added(newRecord(record.name, type, value, record), words),
    ),
  ]
}
