import type { Finding } from '#diagnostics/diagnostics.ts'
import type { ApiFinding, HealthAnswer } from './api.ts'
import { fieldsToWire } from './wire.ts'

/** What matters most of what was found: a zone may have thousands of things the matter with it. */
export function reportOf(found: readonly Finding[]): Pick<HealthAnswer, 'findings' | 'more'> {
  const findings = fitting(found, REPORT_OCTETS, findingToWire)
  return { findings, more: found.length - findings.length }
}

/** Octets of JSON. A record takes up to 24,000: each octet of a long TXT may be an escape. */
const RECORDS_OCTETS = 16 * 1024
const REPORT_OCTETS = 192 * 1024

function findingToWire({ records, recordCount, fix, ...words }: Finding): ApiFinding {
  return {
    ...words,
    records: fitting(records, RECORDS_OCTETS, fieldsToWire),
    recordCount,
    isMendable: fix !== undefined,
  }
}

/** Those that come first, as many as there is room for, and one at least. */
function fitting<Part, OnWire>(
  parts: readonly Part[],
  room: number,
  toWire: (part: Part) => OnWire,
): OnWire[] {
  const fit: OnWire[] = []
  let taken = 0
  for (const part of parts) {
    const onWire = toWire(part)
    taken += Buffer.byteLength(JSON.stringify(onWire))
    if (fit.length > 0 && taken > room) break
    fit.push(onWire)
  }
  return fit
}
