import { undoPath } from './paths.ts'
import type { Way } from './session.tsx'
import { words } from './words.ts'

/** The way back from a change, beside the message that it was made; none for what changed nothing. */
export function undoOf(historyId: string | undefined): Way | undefined {
  return historyId === undefined ? undefined : { label: words.undo.link, path: undoPath(historyId) }
}
