import type { WantedSet } from '#store/declared.ts'

/** Whether two intents ask for the same. null: that the set shall not exist. */
export function wantsSame(a: WantedSet | null, b: WantedSet | null): boolean {
  if (a === null || b === null) return a === b
  return (
    a.ttl === b.ttl &&
    a.proxied === b.proxied &&
    a.values.length === b.values.length &&
    a.values.every((value, index) => value === b.values[index])
  )
}
