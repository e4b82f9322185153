import type { ApiHistoryEntry, RecordFields } from '#faces/dashboard/api.ts'
import { contentOf, noteOf } from '../review/rows.ts'
import { words } from '../words.ts'

/** One record that came, went or became another one. `note`: what else than its content changed. */
export interface Line {
  readonly before: string | undefined
  readonly after: string | undefined
  readonly note: string
}

/** What a change did to a set; records that stayed as they were are left out. */
export function linesOf({ before, after }: ApiHistoryEntry['changes'][number]): Line[] {
  const left = [...after]
  const gone: RecordFields[] = []
  const lines: Line[] = []
  for (const record of before) {
    const index = left.findIndex((other) => contentOf(other) === contentOf(record))
    if (index < 0) {
      gone.push(record)
      continue
    }
    const [now] = left.splice(index, 1)
    const note = noteOf(record, now!)
    if (note !== '') lines.push({ before: contentOf(record), after: contentOf(record), note })
  }
  const pairs = Math.max(gone.length, left.length)
  for (let index = 0; index < pairs; index += 1) {
    const [was, is] = [gone[index], left[index]]
    lines.push({
      before: was && contentOf(was),
      after: is && contentOf(is),
      note: was && is ? noteOf(was, is) : is ? words.history.notes.added : words.history.notes.deleted,
    })
  }
  return lines
}
