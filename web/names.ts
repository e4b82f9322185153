import { type Name, relativeName } from '#dns/name.ts'

/** `['www', '.example.com']` in example.com; the zone's own name, and names elsewhere, are whole. */
export function splitName(name: string, zone: string): readonly [string, string] {
  // Both come from the server, which parsed them.
  const relative = relativeName(name as Name, zone as Name)
  return relative === '@' || relative.endsWith('.') ? [name, ''] : [relative, `.${zone}`]
}
