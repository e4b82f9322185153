import { NOT_FOUND, RefusedRequest } from './on-error.ts'

/** Where a page of a list ends, newest first: its last entry. */
export interface Cursor {
  /** ms */
  readonly at: number
  readonly id: string
}

/** Where the next page begins, to be asked for; null: there is none. */
export function cursorToWire(hasMore: boolean, entries: readonly Cursor[]): string | null {
  const last = entries.at(-1)
  return hasMore && last !== undefined ? `${last.at}.${last.id}` : null
}

/** What was asked for. Throws `RefusedRequest` for what is none of our places. */
export function cursorIn(text: unknown): Cursor | undefined {
  if (text === undefined) return undefined
  const [, at, id] = /^(\d{1,15})\.([0-9a-f]{32})$/.exec(String(text)) ?? []
  if (at === undefined || id === undefined) throw new RefusedRequest(NOT_FOUND)
  return { at: Number(at), id }
}
