import type { ZoneRecord } from '#dns/record.ts'
import { caaParts } from '#dns/value.ts'
import { USUAL_AUTHORITIES } from '#onboarding/authorities.ts'
import { type Finding, findingOf } from './finding.ts'
import type { Sets } from './sets.ts'
import { diagnosticWords } from './words.ts'

/**
 * CAA sets that let nobody issue a certificate who usually does (RFC 8659 §4.2). `issuers`: the host's own authorities,
 * if they are known; otherwise the usual ones. A report: which authority is right only the host knows.
 */
export function caaFindings(sets: Sets, issuers: readonly string[]): Finding[] {
  const wanted = issuers.length > 0 ? issuers : USUAL_AUTHORITIES
  return sets.flatMap((set) => {
    if (set[0]?.type !== 'CAA') return []
    const issue = set.filter((record) => caaParts(record.value).tag === 'issue')
    const allowed = issue.map(issuerOf)
    if (issue.length === 0 || allowed.some((issuer) => wanted.includes(issuer))) return []
    const { name } = set[0]!
    const named = allowed.filter((issuer) => issuer !== '')
    const severity = named.length === 0 ? 'broken' : 'risky'
    return [
      findingOf('caa-forbids', severity, {
        name,
        ...diagnosticWords.caaForbids(name, named, issuers),
        records: issue,
      }),
    ]
  })
}

/** What stands before the parameters; empty: nobody. */
function issuerOf({ value }: ZoneRecord): string {
  const [issuer = ''] = caaParts(value).value.split(';')
  return issuer.trim().toLowerCase()
}
