/** UTF-8 of a text that is whole Unicode. */
export function utf8Octets(text: string): Uint8Array {
  return encoder.encode(text)
}

/** The text, or undefined if the octets are not UTF-8. */
export function utf8Text(octets: Uint8Array): string | undefined {
  try {
    return decoder.decode(octets)
  } catch {
    return undefined
  }
}

/** Octets as one quoted string of zone text: printable ASCII as it is, the rest as `\DDD` (RFC 1035 §5.1). */
export function printQuoted(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += PRINTED[octet]
  return `"${text}"`
}

/**
 * The octets of a row of quoted strings separated by blanks, joined; undefined if it is anything else.
 * Escapes are `\DDD` (decimal, at most 255) and a backslash before any character that is no digit.
 */
export function parseQuoted(text: string): Uint8Array | undefined {
  // Whatever has a meaning here is ASCII, so UTF-8 can be read octet by octet.
  const source = encoder.encode(text)
  const octets = new Uint8Array(source.length)
  let length = 0
  let at = 0
  for (;;) {
    if (source[at] !== QUOTE) return undefined
    for (at += 1; source[at] !== QUOTE; length += 1) {
      const isEscape = source[at] === BACKSLASH
      const octet = isEscape ? source[at + 1] : source[at]
      if (octet === undefined) return undefined
      if (isEscape && isDigit(octet)) {
        const escaped = decimal(source, at + 1)
        if (escaped === undefined) return undefined
        octets[length] = escaped
        at += 4
      } else {
        octets[length] = octet
        at += isEscape ? 2 : 1
      }
    }
    at += 1
    const end = at
    while (source[at] === BLANK || source[at] === TAB) at += 1
    if (at === source.length) return octets.slice(0, length)
    if (at === end) return undefined
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const BLANK = 0x20
const TAB = 0x09

const PRINTED: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  if (octet === QUOTE || octet === BACKSLASH) return `\\${String.fromCharCode(octet)}`
  return octet >= 0x20 && octet <= 0x7e ? String.fromCharCode(octet) : `\\${String(octet).padStart(3, '0')}`
})

/** Of exactly three digits; undefined above 255. A long text may be nothing but these. */
function decimal(source: Uint8Array, at: number): number | undefined {
  const [a, b, c] = [source[at], source[at + 1], source[at + 2]]
  if (!isDigit(a) || !isDigit(b) || !isDigit(c)) return undefined
  const value = 100 * (a - ZERO) + 10 * (b - ZERO) + (c - ZERO)
  return value <= 255 ? value : undefined
}

const ZERO = 0x30

function isDigit(octet: number | undefined): octet is number {
  return octet !== undefined && octet >= ZERO && octet <= 0x39
}

/** What we use of the platform here; this room is compiled without any. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array }
declare const TextDecoder: new (
  label: 'utf-8',
  options: { fatal: true; ignoreBOM: true },
) => { decode(octets: Uint8Array): string }

// Making either costs more than what it is used for.
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
