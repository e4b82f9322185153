import type { ZoneFile } from '#dns/zone-file.ts'
import type { Warning } from './review.ts'
import type { PlanOrigin } from './wanted-set.ts'
import { importWords, someOf } from './words.ts'

/**
 * A zone file as what its owner wants of their zone: each set that it names as it names it, and nothing else deleted. Many
 * share the texts of a name, and a file is often that of one of them, so it speaks for none that it does not name.
 */
export function importOf({ sets, ownLines, others }: ZoneFile): PlanOrigin {
  const left = others.map(({ line, name, type }) => `${type} ${name} (line ${line})`)
  const note = (message: string): Warning => ({ code: 'left-out-of-file', message })
  return {
    kind: 'import',
    wanted: sets.map(({ name, type, records }) => ({
      name,
      type,
      reason: importWords.asInFile,
      ...(type === 'TXT' && { sparesOtherKinds: true }),
      records: records.map(({ value, ttl, proxied, comment }) => ({
        value,
        ...(ttl !== undefined && { ttl }),
        ...(proxied !== undefined && { proxied }),
        ...(comment !== undefined && { comment }),
      })),
    })),
    notes: [
      ...(ownLines.length === 0 ? [] : [note(importWords.own(linesOf(ownLines)))]),
      ...(left.length === 0 ? [] : [note(importWords.others(someOf(left)))]),
    ],
  }
}

function linesOf(lines: readonly number[]): string {
  return `${lines.length === 1 ? 'line' : 'lines'} ${someOf(lines.map(String))}`
}
