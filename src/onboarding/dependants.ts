import type { Name } from '#dns/name.ts'
import type { ZoneRecord } from '#dns/record.ts'
import type { Value } from '#dns/value.ts'
import type { Move, Moves } from './moves.ts'
import type { ReviewedChange, Warning } from './review.ts'
import { added, deleted, newRecord, type RowWords, replaced } from './rows.ts'
import { dependantWords, listed, reasons } from './words.ts'
import type { ZoneView } from './zone-view.ts'

/**
 * The other CNAMEs that lead to a name that moves (`ftp`, `blog`, `autodiscover`): they move too. Each is offered a way
 * to stay on the old server, which is not selected, as far as anybody would look through. Those that lead through a name
 * in `pinned` stay there anyway.
 */
export function offerPins(
  view: ZoneView,
  moves: Moves,
  pinned: ReadonlySet<Name>,
): { rows: ReviewedChange[]; warnings: Warning[] } {
  const followers: Follower[] = view.known.flatMap((record) => {
    const isFree =
      record.type === 'CNAME' &&
      !moves.serves(record.name) &&
      !view.resolve(record.name).through.some((name) => pinned.has(name))
    const move = isFree ? moves.behind(record.name) : undefined
    return move ? [{ record, move }] : []
  })
  const rows: ReviewedChange[] = []
  for (const { record, move } of followers) {
    if (rows.length >= MOST_ROWS) break
    const reason = reasons.pinned(record.name, move.name)
    rows.push(...pinRows(record, move, { selected: false, group: `pin ${record.name}`, reason }))
  }
  const leaders = new Set(followers.map(({ move }) => move.name))
  return { rows, warnings: [...leaders].map((to) => followsWarning(to, followers)) }
}

/** What leaves an alias on the old server, as it was served. */
export function pinRows(record: ZoneRecord, { addresses, host }: Move, words: RowWords): ReviewedChange[] {
  if (record.readOnly) return []
  if (addresses.length === 0) return host ? [replaced(record, host as string as Value, words)] : []
  return [
    deleted(record, words),
    ...addresses.map(({ type, value }) => added(newRecord(record.name, type, value, record), words)),
  ]
}

/** What is offered or done beside the move itself: more than fits into a batch, and than anybody reads. */
export const MOST_ROWS = 1_000

const MOST_NAMED = 10

interface Follower {
  readonly record: ZoneRecord
  readonly move: Move
}

function followsWarning(to: Name, followers: readonly Follower[]): Warning {
  const records = followers.filter(({ move }) => move.name === to).map(({ record }) => record)
  return {
    code: 'follows',
    message: dependantWords.follows(namedInPart(records.map(({ name }) => name)), to),
    changes: records.map(({ id }) => id),
  }
}

/** The first ten, and how many more there are. */
function namedInPart(names: readonly Name[]): string {
  const more = names.length - MOST_NAMED
  return more > 0 ? `${names.slice(0, MOST_NAMED).join(', ')} and ${more} more` : listed(names)
}
