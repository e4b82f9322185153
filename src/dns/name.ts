import { toALabel } from './idna.ts'
import { type Parsed, type Problem, parsed, refused } from './problems.ts'

/**
 * A domain name as Cloudflare shows it: whole, lower case, A-labels, no trailing dot. At least one label.
 * Letters, digits, hyphens, underscores; the leftmost label may be `*`. Equal names are equal strings.
 */
export type Name = string & { readonly [nameBrand]: true }

/**
 * A whole name; one trailing dot is dropped, and the ideographic full stops separate labels too (UTS 46 §2.3).
 *
 *     WWW.Example.com.   www.example.com
 *     bücher.example     xn--bcher-kva.example
 *
 * Problems: `name-empty`, `name-too-long`, `wildcard-position`, `label-*`, for every label at once.
 */
export function parseName(text: string, path = 'name'): Parsed<Name> {
  if (text === '') return refused({ code: 'name-empty', path })
  if (text.length > 1_024) return refused({ code: 'name-too-long', path, octets: text.length })
  const texts = text.split(SEPARATORS)
  if (texts.length > 1 && texts.at(-1) === '') texts.pop()

  const labels: string[] = []
  const problems: Problem[] = []
  for (const [index, label] of texts.entries()) {
    const result =
      label === '' ? refused({ code: 'label-empty', path, text }) : parseLabel(label, index, path)
    if (result.ok) labels.push(result.value)
    else problems.push(...result.problems)
  }
  if (problems.length > 0) return refused(...problems)

  const name = labels.join('.')
  const fits = name.length <= LONGEST_NAME
  return fits ? parsed(name as Name) : refused({ code: 'name-too-long', path, octets: name.length })
}

/**
 * A name within `domain`. `''` and `@` are the domain itself; everything else is relative to it, always:
 * a suffix that looks like the domain is never taken for one. Only a last dot makes a name whole.
 *
 *     www                in example.com: www.example.com
 *     www.example.com    in example.com: www.example.com.example.com
 *     www.example.com.   in example.com: www.example.com
 *
 * Problems: those of `parseName`, and `name-outside` for a whole name elsewhere.
 */
export function parseNameIn(domain: Name, relative: string, path = 'name'): Parsed<Name> {
  if (relative === '' || relative === '@') return parsed(domain)
  const isWhole = SEPARATORS.test(relative.slice(-1))
  if (!isWhole) return parseName(`${relative}.${domain}`, path)

  const name = parseName(relative, path)
  if (name.ok && !isWithin(name.value, domain)) {
    return refused({ code: 'name-outside', path, name: name.value, domain })
  }
  return name
}

/** What `parseNameIn` reads as `name`: `@` for the zone's own, without the zone within it, with a last dot elsewhere. */
export function relativeName(name: Name, zone: Name): string {
  if (name === zone) return '@'
  return isWithin(name, zone) ? name.slice(0, -(zone.length + 1)) : `${name}.`
}

/** Whether `name` is `zone` or below it. Label by label: notexample.com is not within example.com. */
export function isWithin(name: Name, zone: Name): boolean {
  // A dot in a Name only ever separates labels, so a suffix that begins with one is a row of whole labels.
  return name === zone || name.endsWith(`.${zone}`)
}

/** The most specific of the zones that hold `name`. */
export function longestZone<Z>(name: Name, zones: Iterable<Z>, nameOf: (zone: Z) => Name): Z | undefined {
  let longest: Z | undefined
  for (const zone of zones) {
    if (!isWithin(name, nameOf(zone))) continue
    if (longest === undefined || nameOf(zone).length > nameOf(longest).length) longest = zone
  }
  return longest
}

declare const nameBrand: unique symbol

const LONGEST_NAME = 253
const LONGEST_LABEL = 63
const SEPARATORS = /[.\u3002\uff0e\uff61]/
// In a class with the flags i and u, 'k' and 's' would also match U+212A and U+017F: no flag i here.
const STRANGE = /[^A-Za-z0-9_\-\u{80}-\u{10ffff}]/u
const BEYOND_ASCII = /[^\0-\x7f]/

function parseLabel(text: string, index: number, path: string): Parsed<string> {
  if (text.includes('*')) {
    const isWildcard = text === '*' && index === 0
    return isWildcard ? parsed('*') : refused({ code: 'wildcard-position', path, label: text })
  }
  const strange = STRANGE.exec(text)
  if (strange) return refused({ code: 'label-character', path, label: text, character: strange[0] })
  if (text.startsWith('-') || text.endsWith('-')) return refused({ code: 'label-hyphen', path, label: text })

  const label = labelOf(text)
  if (label === undefined) return refused({ code: 'label-not-idna', path, label: text })
  const fits = label.length <= LONGEST_LABEL
  return fits ? parsed(label) : refused({ code: 'label-too-long', path, label: text, octets: label.length })
}

function labelOf(text: string): string | undefined {
  const isForeign = BEYOND_ASCII.test(text)
  if (!isForeign && !/^xn--/i.test(text)) return text.toLowerCase()
  const label = toALabel(text)
  // Characters that are mapped to hyphens ('－') or to nothing must not leave a hyphen at an end.
  return label?.startsWith('-') || label?.endsWith('-') ? undefined : label
}
