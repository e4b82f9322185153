import { CustomerError } from '#accounts/errors.ts'
import { isWithin, type Name } from '#dns/name.ts'
import type { ListedZone } from '#dns/zone.ts'

/**
 * Throws `permission-missing` if a grant can change no records where they matter: in the zones that hold `domain`, or,
 * where it sees none of these, anywhere. What a zone's `permissions` leave open is taken for allowed; Cloudflare will say.
 */
export function mayEdit(domain: Name, zones: readonly ListedZone[], kind: 'oauth' | 'token'): void {
  const holding = zones.filter(({ name }) => isWithin(domain, name))
  const relevant = holding.length > 0 ? holding : zones
  const isReadOnly = relevant.length > 0 && relevant.every(({ permissions }) => !allowsEdits(permissions))
  if (!isReadOnly) return
  const where = holding.length > 0 ? holding[0]!.name : 'your zones'
  const words =
    kind === 'token'
      ? `This token may not change the records of ${where}. Make one with the permission Zone → DNS → Edit.`
      : `Your Cloudflare user may not change the records of ${where}. Ask its administrator, or connect as somebody else.`
  throw new CustomerError('permission-missing', words, { details: { missing: ['DNS: Edit'] } })
}

function allowsEdits(permissions: readonly string[]): boolean {
  return permissions.length === 0 || permissions.includes('#dns_records:edit')
}
