import { effectiveTtl } from '#dns/ttl.ts'
import { type Finding, findingOf } from './finding.ts'
import { type Sets, setWith } from './sets.ts'
import { diagnosticWords } from './words.ts'

/** Records of one set that are to be remembered for different times (RFC 2181 §5.2). */
export function ttlFindings(sets: Sets): Finding[] {
  return sets.flatMap((set) => {
    // What is proxied is served with Cloudflare's own addresses and TTL.
    const served = set.filter(({ proxied }) => !proxied)
    const [shortest] = [...served].sort((a, b) => effectiveTtl(a.ttl, false) - effectiveTtl(b.ttl, false))
    const isMixed = served.some(({ ttl }) => effectiveTtl(ttl, false) !== effectiveTtl(shortest!.ttl, false))
    if (shortest === undefined || !isMixed) return []
    const { name, type, ttl } = shortest
    const finding = findingOf('ttl-mixed', 'advice', {
      name,
      ...diagnosticWords.ttlMixed(name, type),
      records: served,
      ...(set.every(({ readOnly }) => !readOnly) && {
        fix: () => [setWith(set, diagnosticWords.fixes.oneTtl, (record) => (record.proxied ? {} : { ttl }))],
      }),
    })
    // There may be several sets of this kind at a name.
    return [{ ...finding, id: `${finding.id} ${type}` }]
  })
}
