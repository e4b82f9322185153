import type { Name } from '#dns/name.ts'
import { AUTOMATIC, effectiveTtl } from '#dns/ttl.ts'
import type { AnyRecord } from '#onboarding/input.ts'
import { leads } from '#onboarding/zone-view.ts'

/** One set of a zone that was changed. */
export interface ChangedSet {
  /** ms */
  readonly at: number
  readonly name: Name
  readonly type: string
  readonly before: readonly AnyRecord[]
}

/**
 * Until when somebody may remember where these names led before (ms): from each change on, the largest TTL that was
 * replaced, and for a name that led nowhere the time for which its absence may be remembered (`absenceSeconds`, RFC 2308
 * §5). null: nothing has changed that anybody could remember.
 *
 * `names`: the one in question, and those that it follows.
 */
export function readyAt(
  names: readonly Name[],
  history: readonly ChangedSet[],
  absenceSeconds: number,
): number | null {
  const sets = history.filter(({ name, type }) => names.includes(name) && leads({ type }))
  const ends = sets.map((set) => {
    // One change may take a CNAME away and put addresses in its place: then the name was there.
    const together = sets.filter(({ at, name }) => at === set.at && name === set.name)
    const ttls = together.flatMap(({ before }) => before.map(ttlServed))
    return set.at + 1000 * (ttls.length === 0 ? absenceSeconds : Math.max(...ttls))
  })
  return ends.length === 0 ? null : Math.max(...ends)
}

function ttlServed(record: AnyRecord): number {
  return effectiveTtl(record.ttl ?? AUTOMATIC, 'value' in record && record.proxied)
}
