import type { Name } from '#dns/name.ts'
import { type Parsed, type Problem, refused } from '#dns/problems.ts'
import { parseZoneFile, type ZoneFile, type ZoneFileRecord, type ZoneFileSet } from '#dns/zone-file.ts'
import { commentProblems, isProxiable } from './editing.ts'

/** Octets of a zone file, as Cloudflare takes them (Cloudflare docs, "Import and export records", 2026). */
export const LARGEST_FILE = 256 * 1024

/**
 * A zone file that somebody wants to have in their zone: what `parseZoneFile` reads, as far as people may write it.
 * Further problems: `records-too-many`, `comment-too-long`, `comment-not-plain`, `type-not-proxied`, `address-private`.
 */
export function parseImport(text: string, zone: Name): Parsed<ZoneFile> {
  const file = parseZoneFile(text, zone)
  if (!file.ok) return file
  const count = file.value.sets.reduce((sum, { records }) => sum + records.length, 0)
  if (count > MOST_RECORDS) {
    return refused({ code: 'records-too-many', path: 'file', count, most: MOST_RECORDS })
  }
  const problems = file.value.sets.flatMap((set) => set.records.flatMap((record) => problemsOf(record, set)))
  return problems.length === 0 ? file : refused(...problems)
}

/** More than Cloudflare takes into a zone, but on Enterprise (Cloudflare docs, "DNS records", 2026). */
const MOST_RECORDS = 3_500

function problemsOf({ line, value, proxied, comment }: ZoneFileRecord, { type }: ZoneFileSet): Problem[] {
  const path = `line ${line}`
  const isRefused = proxied === true && !isProxiable(type, value)
  return [
    ...commentProblems(comment, path),
    ...(isRefused ? [{ code: 'address-private', path, text: value } as const] : []),
  ]
}
