import type { Name } from '../name.ts'
import type { Parsed, Problem } from '../problems.ts'
import type { Value, ValueDefaults } from '../value.ts'

/**
 * What one record type has of its own. A type is added by a file beside this one and a line in `all.ts`; what a provider
 * calls the parts of its data is in the provider's room.
 */
export interface TypeRules {
  /** Reads what a caller wrote for one record into the canonical form; `path` names the value in the problems. */
  parse(text: string, defaults: ValueDefaults, path: string): Parsed<Value>
  /** As a caller would write it, for `parse` to read back. Left out: the canonical form. */
  present?(value: Value): string
  /** What only shows when all values of a set are seen together. */
  problemsIn?(values: readonly Value[], name: Name, path: string): Problem[]
  readonly zoneText: ZoneTextForm
  /** Whether Cloudflare can stand in front of records of this type (Cloudflare docs, "Proxy status", 2026). */
  readonly canBeProxied: boolean
  /** Whether it may stand at the name of a CNAME (Cloudflare docs, "Records with same name", 2026; errors 81053, 81054). */
  readonly standsBesideCname: boolean
  /** Whether it may stand at a name below the zone's own that NS records delegate (the same page; error 81056). */
  readonly standsBesideNs: boolean
  /** The canonical form begins with a number that decides which record is tried first. */
  readonly beginsWithPriority?: true
}

/** The data of a record in a master file (RFC 1035 §5.1). */
export interface ZoneTextForm {
  /** With fewer words a line is not complete. */
  readonly fewestWords: number
  /** The words as `parse` reads them. `absolute` completes a name that is relative to the line's origin. */
  read(words: readonly string[], absolute: (name: string) => string): string
  /** The canonical form as it stands in a file: names are whole. */
  print(value: Value): string
}

/** Nothing in it is a name or a string. */
export const WORDS: ZoneTextForm = {
  fewestWords: 1,
  read: (words) => words.join(' '),
  print: (value) => value,
}

/** The last word is a name. */
export const NAME_LAST: ZoneTextForm = {
  fewestWords: 1,
  read: (words, absolute) => [...words.slice(0, -1), absolute(words.at(-1) ?? '')].join(' '),
  print: (value) => (value.endsWith('.') ? value : `${value}.`),
}

/** In a file a string of one word needs no quotes. */
export function quotedWord(word: string): string {
  return word.startsWith('"') ? word : `"${word}"`
}
