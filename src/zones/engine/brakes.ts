import type { Change } from '#dns/plan.ts'

/** Why a set of deletions that nobody named is not carried out without somebody's word. */
export type Brake = 'too-many-names' | 'too-large-a-part' | 'last-mx' | 'zone-ns'

const MOST_NAMES = 10
const LARGEST_PART = 0.3
const SMALL_ZONE = 10

/**
 * Which brakes a plan trips: more than 10 names lose records; more than 30 % of a zone of ten records or more goes; the
 * last MX of a name, or the zone's own NS. Only what is deleted and not replaced counts.
 */
export function brakesOn(
  changes: readonly Change[],
  zone: {
    readonly name: string
    readonly records: readonly { readonly name: string; readonly type: string }[]
  },
): Brake[] {
  const lost = changes.flatMap((change) => (change.kind === 'delete' ? [change.record] : []))
  const given = changes.flatMap((change) => (change.kind === 'post' ? [change.to] : []))
  const names = new Set(lost.map(({ name }) => name))
  const isLastOf = (type: string, name: string) => {
    const at = (record: { name: string; type: string }) => record.name === name && record.type === type
    const losing = lost.filter(at).length
    return losing > 0 && losing === zone.records.filter(at).length && !given.some(at)
  }
  return [
    ...(names.size > MOST_NAMES ? (['too-many-names'] as const) : []),
    ...(zone.records.length >= SMALL_ZONE && lost.length > LARGEST_PART * zone.records.length
      ? (['too-large-a-part'] as const)
      : []),
    ...([...names].some((name) => isLastOf('MX', name)) ? (['last-mx'] as const) : []),
    ...(isLastOf('NS', zone.name) ? (['zone-ns'] as const) : []),
  ]
}
