/** Why a set of deletions that nobody named is not carried out without somebody's word. */
export type DeletionSafeguard = (typeof DELETION_SAFEGUARDS)[number]

export const DELETION_SAFEGUARDS = ['too-many-names', 'too-large-a-part', 'last-mx', 'zone-ns'] as const

/** As much of a plan's change as a brake looks at. */
export type Weighed =
  | { readonly kind: 'delete'; readonly record: Placed }
  | { readonly kind: 'post'; readonly to: Placed }
  | { readonly kind: 'patch' | 'replace' }

interface Placed {
  readonly name: string
  readonly type: string
}

const MOST_NAMES = 10
const LARGEST_PART = 0.3
const SMALL_ZONE = 10

/**
 * Which brakes a plan trips: more than 10 names lose records; more than 30 % of a zone of ten records or more goes; the
 * last MX of a name, or the zone's own NS. Only what is deleted and not replaced counts.
 */
export function deletionSafeguards(
  changes: readonly Weighed[],
  zone: {
    readonly name: string
    readonly records: readonly Placed[]
  },
): DeletionSafeguard[] {
  const lost = changes.flatMap((change) => (change.kind === 'delete' ? [change.record] : []))
  const given = changes.flatMap((change) => (change.kind === 'post' ? [change.to] : []))
  const names = new Set(lost.map(({ name }) => name))
  const ofType = (type: string, records: readonly Placed[]) =>
    Map.groupBy(
      records.filter((record) => record.type === type),
      ({ name }) => name,
    )
  const namesWithoutAny = (type: string) => {
    const losing = ofType(type, lost)
    if (losing.size === 0) return []
    const [held, coming] = [ofType(type, zone.records), ofType(type, given)]
    return [...losing.keys()].filter(
      (name) => losing.get(name)?.length === held.get(name)?.length && !coming.has(name),
    )
  }
  return [
    ...(names.size > MOST_NAMES ? (['too-many-names'] as const) : []),
    ...(zone.records.length >= SMALL_ZONE && lost.length > LARGEST_PART * zone.records.length
      ? (['too-large-a-part'] as const)
      : []),
    ...(namesWithoutAny('MX').length > 0 ? (['last-mx'] as const) : []),
    ...(namesWithoutAny('NS').includes(zone.name) ? (['zone-ns'] as const) : []),
  ]
}
