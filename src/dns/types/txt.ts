import { parseQuoted, printQuoted, utf8Octets, utf8Text } from '../octets.ts'
import { type Parsed, parsed, refused } from '../problems.ts'
import type { Value } from '../value.ts'
import { quotedWord, type TypeRules, WORDS } from './type-rules.ts'

export const txt: TypeRules = {
  parse: (text, _, path) => parseText(text, path),
  present: presentText,
  zoneText: { ...WORDS, read: (words) => words.map(quotedWord).join(' ') },
  canBeProxied: false,
  standsBesideCname: true,
  standsBesideNs: true,
}

/**
 * A TXT value. Text that begins with a double quote is a row of quoted strings, whose octets are joined;
 * any other text means itself, backslashes included, in UTF-8. Two values are the same if their octets are,
 * however they were quoted and cut.
 *
 *     v=spf1 -all          "v=spf1 -all"
 *     "v=spf1 " "-all"     "v=spf1 -all"
 *     a\b                  "a\\b"
 *
 * Problems: `text-empty`, `text-too-long`, `text-quoting`, `text-not-unicode`.
 */
function parseText(text: string, path: string): Parsed<Value> {
  // Nearly every text of every zone, and a zone has thousands.
  if (PLAIN.test(text)) return parsed(`"${text}"` as Value)
  if (PLAIN_IN_QUOTES.test(text)) return parsed(text as Value)
  if (LONE_SURROGATE.test(text)) return refused({ code: 'text-not-unicode', path })
  const octets = text.startsWith('"') ? parseQuoted(text) : utf8Octets(text)
  if (!octets) return refused({ code: 'text-quoting', path, text })
  if (octets.length === 0) return refused({ code: 'text-empty', path })

  const onTheWire = octets.length + Math.ceil(octets.length / CHUNK)
  const fits = onTheWire <= MOST_ON_THE_WIRE
  return fits
    ? parsed(textValue(octets))
    : refused({ code: 'text-too-long', path, octets: onTheWire, most: MOST_ON_THE_WIRE })
}

/** The plain text, where it would be read back as the same octets; else the quoted form. */
function presentText(value: Value): string {
  if (PLAIN_IN_QUOTES.test(value)) return value.slice(1, -1)
  const octets = parseQuoted(value)
  // What somebody else left in the zone, in a form that we do not know, is shown as it stands.
  if (!octets) return value
  const plain = utf8Text(octets)
  const isReadBack = plain !== undefined && !plain.startsWith('"') && !CONTROL.test(plain)
  return isReadBack ? plain : value
}

/** What a TXT value says, its strings joined. */
export function textOctets(value: Value): Uint8Array {
  const octets = parseQuoted(value)
  if (!octets) throw new TypeError('not a TXT value')
  return octets
}

/** The TXT value of at least one octet: quoted strings of 255 octets, the last one shorter. */
export function textValue(octets: Uint8Array): Value {
  const chunks: string[] = []
  for (let start = 0; start < octets.length; start += CHUNK) {
    chunks.push(printQuoted(octets.subarray(start, start + CHUNK)))
  }
  return chunks.join(' ') as Value
}

/** A character-string has one octet for its length (RFC 1035 §3.3). */
const CHUNK = 255

/** Cloudflare docs, "DNS record types", TXT, 2026: about 4,096 octets, of which each string takes one more. */
const MOST_ON_THE_WIRE = 4096

/** One string that needs no escape. */
const PLAIN = /^[ !#-[\]-~]{1,255}$/
const PLAIN_IN_QUOTES = /^"[ !#-[\]-~]{1,255}"$/

const LONE_SURROGATE = /\p{Cs}/u
const CONTROL = /\p{Cc}/u
