import { isWithin, type Name } from '#dns/name.ts'
import type { RecordSet, SetKey } from '#dns/record-set.ts'
import type { RecordType } from '#dns/record-type.ts'
import type { Ttl } from '#dns/ttl.ts'
import type { WantedSet } from '#store/declared.ts'
import { DnsError } from '../errors.ts'
import type { NameGlob } from './name-glob.ts'

/** What a caller may touch. Left out: whatever its credential may. */
export interface Allowance {
  readonly zones?: readonly Name[]
  readonly names?: readonly NameGlob[]
  readonly types?: readonly RecordType[]
}

/** How the sets at some names shall be, whatever their caller says. */
export interface SetRule {
  readonly names: NameGlob
  /** Says nothing about types that cannot be proxied. */
  readonly proxied?: boolean
  readonly ttl?: Ttl
}

/**
 * Throws where a caller may not touch a set: before its zone is known, and again with it. Beside what an allowance leaves
 * out, it denies what certificates and mail are proved by (`_acme-challenge`, `_dmarc`), and wildcards that answer for
 * that, unless one of its globs has the label written out; and NS, unless it has the whole name and NS written out.
 */
export function mustBeAllowed(allowed: Allowance | undefined, key: SetKey, zone?: Name): void {
  const denial = allowed && denialOf(allowed, key, zone)
  if (denial !== undefined) throw denial
}

/** Why not; undefined: it may. */
export function denialOf(
  { zones, names, types }: Allowance,
  { name, type }: SetKey,
  zone?: Name,
): DnsError | undefined {
  const isInZones = zones?.some((one) => (zone === undefined ? isWithin(name, one) : one === zone)) ?? true
  if (!isInZones) return notAllowed('name', 'zones', `${name} is in no zone that this caller may change`)
  if (names !== undefined && !names.some((glob) => glob.matches(name))) {
    return notAllowed('name', 'names', `${name} is not among the names that this caller may change`)
  }
  if (types !== undefined && !types.includes(type)) {
    return notAllowed('type', 'types', `${type} is not among the types that this caller may change`)
  }
  if (type === 'NS') {
    // The * of a glob writes nothing out, not even a wildcard.
    const isWrittenOut = types && !isWildcard(name) && names?.some(({ text }) => text === name)
    if (isWrittenOut) return undefined
    const words = `NS at ${name} is for callers that have NS and that whole name written out`
    return notAllowed('type', types ? 'names' : 'types', words)
  }
  for (const { label, at } of guardedBy({ name, type })) {
    const isNamed = names?.some((glob) => glob.literals.includes(label) && glob.matches(at))
    const words = `${type} at ${name} is for callers whose names match ${at} with ${label} written out`
    if (!isNamed) return notAllowed('name', 'names', words)
  }
  return undefined
}

/** The set as the first rule that fits each of its attributes has it. */
export function asRuled(rules: readonly SetRule[] | undefined, set: RecordSet): WantedSet {
  const fitting = rules?.filter(({ names }) => names.matches(set.name)) ?? []
  const proxied = fitting.find((rule) => rule.proxied !== undefined)?.proxied
  const ttl = fitting.find((rule) => rule.ttl !== undefined)?.ttl
  return { ...set, ...(ttl !== undefined && { ttl }), ...(proxied !== undefined && { proxied }) }
}

const GUARDED_LABELS = ['_acme-challenge', '_dmarc'] as const

/** The guarded names that a set speaks for: its own, or as a wildcard those that are not there (RFC 4592 §2.2.1). */
function guardedBy({ name, type }: SetKey): readonly { readonly label: string; readonly at: Name }[] {
  const own = GUARDED_LABELS.find((label) => name.split('.').includes(label))
  if (own !== undefined) return [{ label: own, at: name }]
  const answersBelow = isWildcard(name) && (type === 'TXT' || type === 'CNAME')
  if (!answersBelow) return []
  // A name is one still with another first label.
  return GUARDED_LABELS.map((label) => ({ label, at: name.replace('*', label) as Name }))
}

function isWildcard(name: Name): boolean {
  return name.startsWith('*.')
}

function notAllowed(what: 'name' | 'type', member: keyof Allowance, words: string): DnsError {
  return new DnsError(`${what}-not-allowed`, `${words} (allow.${member} in the server's CONFIG_FILE).`, {
    details: { reason: 'NOT_ALLOWED' },
  })
}
