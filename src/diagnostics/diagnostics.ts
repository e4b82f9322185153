import type { Name } from '#dns/name.ts'
import type { AnyRecord } from '#onboarding/input.ts'
import { viewZone } from '#onboarding/zone-view.ts'
import { caaFindings } from './caa.ts'
import { dmarcFindings } from './dmarc.ts'
import { exposureFindings } from './exposure.ts'
import type { Finding, Severity } from './finding.ts'
import { mailServerFindings } from './mail-servers.ts'
import { setsIn } from './sets.ts'
import { spfFindings } from './spf.ts'
import { ttlFindings } from './ttl.ts'

export type { Finding } from './finding.ts'

export interface ZoneToLookAt {
  readonly name: Name
  /** Every record, of every type. */
  readonly records: readonly AnyRecord[]
  /** Certificate authorities of the host, any of which will do; none: not known. */
  readonly caaIssuers?: readonly string[]
}

/**
 * What is the matter with a zone, as far as its records alone can tell: what matters most first, then by name. Nothing is
 * looked up, so what other zones hold is not judged.
 */
export function findingsIn({ name, records, caaIssuers = [] }: ZoneToLookAt): Finding[] {
  const view = viewZone(name, records)
  const sets = setsIn(view)
  const findings = [
    ...spfFindings(view, sets),
    ...mailServerFindings(view, sets),
    ...caaFindings(sets, caaIssuers),
    ...dmarcFindings(view),
    ...exposureFindings(view),
    ...ttlFindings(sets),
  ]
  return findings.sort((a, b) => RANKS[a.severity] - RANKS[b.severity] || inOrder(a.id, b.id))
}

const RANKS: Readonly<Record<Severity, number>> = { broken: 0, risky: 1, advice: 2 }

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
