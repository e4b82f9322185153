import { words } from '../words.ts'

/** In the reader's own time zone, in the order of the entries; today and yesterday are called so. */
export function daysOf<Entry extends { readonly at: string }>(
  entries: readonly Entry[],
  now: number,
): { readonly day: string; readonly entries: readonly Entry[] }[] {
  const days = new Map<string, Entry[]>()
  for (const entry of entries) {
    const day = dayOf(Date.parse(entry.at), now)
    days.set(day, [...(days.get(day) ?? []), entry])
  }
  return [...days].map(([day, ofDay]) => ({ day, entries: ofDay }))
}

function dayOf(at: number, now: number): string {
  const yesterday = new Date(now)
  yesterday.setDate(yesterday.getDate() - 1)
  const day = new Date(at).toDateString()
  if (day === new Date(now).toDateString()) return words.history.today
  if (day === yesterday.toDateString()) return words.history.yesterday
  return new Date(at).toLocaleDateString(undefined, { dateStyle: 'full' })
}
