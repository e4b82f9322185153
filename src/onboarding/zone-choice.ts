import { isWithin, type Name } from '#dns/name.ts'
import type { OnboardingZone } from './input.ts'

/**
 * The zones to look for the name in, of all that a connection may see: none, one, or several among which a person has
 * to pick. A child zone beats its parent, whose records for the name are shadowed; an active zone beats one of the same
 * name in another account that is not; internal zones are never public, and a deleted one is only better than none.
 *
 *     shop.example.com in example.com, shop.example.com          shop.example.com
 *     example.com      in example.com moved, example.com active  the active one
 *     example.com      in example.com active, twice              both
 */
export function zonesFor<Z extends Pick<OnboardingZone, 'name' | 'status' | 'type'>>(
  name: Name,
  zones: readonly Z[],
): readonly Z[] {
  const holding = zones.filter((zone) => zone.type !== 'internal' && isWithin(name, zone.name))
  const standing = orElse(
    holding.filter(({ status }) => !GONE.includes(status)),
    holding,
  )
  const longest = Math.max(...standing.map((zone) => zone.name.length))
  const nearest = standing.filter((zone) => zone.name.length === longest)
  return orElse(
    nearest.filter(({ status }) => status === 'active'),
    nearest,
  )
}

/** The names that a zone for `name` could have, longest first, as they were looked for; no top-level domain. */
export function zoneNamesFor(name: Name): readonly string[] {
  const labels = name.split('.')
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'))
}

const GONE: readonly string[] = ['deleted', 'purged']

function orElse<T>(preferred: readonly T[], others: readonly T[]): readonly T[] {
  return preferred.length > 0 ? preferred : others
}
