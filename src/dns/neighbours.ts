import type { Name } from './name.ts'
import type { Problem } from './problems.ts'
import type { SetKey } from './record-set.ts'
import { isRecordType, type RecordType, rulesOf } from './record-type.ts'

/** Anything with a type, known to us or not; Cloudflare holds more types than we declare. */
export interface Neighbour {
  readonly type: string
}

/**
 * The sets that have to leave the name before `desired` can be there: one `set-in-the-way` for each, which names it
 * in `with`. What is there of the same type is not in the way; it will be changed.
 *
 * - CNAME stands with neither A, AAAA nor NS (Cloudflare errors 81053, 81054)
 * - A and AAAA do not stand with NS below the zone's own name, where NS delegates (81056)
 *
 * Cloudflare docs, "Records with same name", 2026; stricter than RFC 1034 §3.6.2 for addresses, laxer for MX and TXT.
 */
export function conflictsAt(desired: SetKey, atName: readonly Neighbour[], zone: Name): Problem[] {
  const { name, type } = desired
  return typesBeside(desired, atName)
    .filter((other) => excludes(type, other, name === zone))
    .map((other) => ({ code: 'set-in-the-way', path: 'type', name, type, with: other }))
}

/** What Cloudflare allows, but resolvers may take otherwise: a `cname-beside` for each other type at a CNAME's name. */
export function warningsAt(desired: SetKey, atName: readonly Neighbour[]): Problem[] {
  const { name, type } = desired
  return typesBeside(desired, atName)
    .filter((other) => [type, other].includes('CNAME') && [type, other].some(standsBesideCname))
    .map((other) => ({ code: 'cname-beside', path: 'type', name, type, with: other }))
}

function typesBeside({ type }: SetKey, atName: readonly Neighbour[]): RecordType[] {
  const types = new Set(atName.map((record) => record.type))
  types.delete(type)
  return [...types].filter(isRecordType).sort()
}

function excludes(type: RecordType, other: RecordType, atApex: boolean): boolean {
  const either = [type, other]
  if (either.includes('CNAME')) return !either.some(standsBesideCname)
  return !atApex && either.includes('NS') && !either.every((each) => rulesOf(each).standsBesideNs)
}

function standsBesideCname(type: RecordType): boolean {
  return rulesOf(type).standsBesideCname
}
