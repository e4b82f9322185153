import type { Name } from '#dns/name.ts'
import type { AnyRecord } from '#onboarding/input.ts'
import type { WantedSet } from '#onboarding/wanted-set.ts'

/** Something in a zone that its owner would want to know of, and does not see. */
export interface Finding {
  /** The same for as long as the same is the matter at the same name. */
  readonly id: string
  readonly code: FindingCode
  readonly severity: Severity
  readonly name: Name
  /** What is the matter, what comes of it, and what to do: a sentence or two each, for the owner of the domain. */
  readonly message: string
  readonly consequence: string
  readonly remedy: string
  /** What it is about: the first of them, as many as anybody looks through. */
  readonly records: readonly AnyRecord[]
  /** How many there are. */
  readonly recordCount: number
  /** Makes what mends it, where that is safe to offer: to be reviewed like anything else. */
  readonly fix?: () => readonly WantedSet[]
}

export type FindingCode =
  | 'spf-twice'
  | 'spf-lookups'
  | 'dmarc-missing'
  | 'mx-cname'
  | 'mx-address'
  | 'mx-proxied'
  | 'caa-forbids'
  | 'ttl-mixed'
  | 'origin-exposed'

/** It does not work; it may not work, or works against its owner; it could be better. */
export type Severity = 'broken' | 'risky' | 'advice'

export function findingOf(
  code: FindingCode,
  severity: Severity,
  { records, ...facts }: Omit<Finding, 'id' | 'code' | 'severity' | 'recordCount'>,
): Finding {
  return {
    id: `${code} ${facts.name}`,
    code,
    severity,
    ...facts,
    records: records.slice(0, MOST_RECORDS),
    recordCount: records.length,
  }
}

/** A thousand findings may be about the same thousand records. */
const MOST_RECORDS = 20
