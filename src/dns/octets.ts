/** UTF-8 of a text that is whole Unicode. */
export function utf8Octets(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The text, or undefined if the octets are not UTF-8. */
export function utf8Text(octets: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    return undefined
  }
}

/** Octets as one quoted string of zone text: printable ASCII as it is, the rest as `\DDD` (RFC 1035 §5.1). */
export function printQuoted(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) {
    if (octet === QUOTE || octet === BACKSLASH) text += `\\${String.fromCharCode(octet)}`
    else if (octet >= 0x20 && octet <= 0x7e) text += String.fromCharCode(octet)
    else text += `\\${String(octet).padStart(3, '0')}`
  }
  return `"${text}"`
}

/**
 * The octets of a row of quoted strings separated by blanks, joined; undefined if it is anything else.
 * Escapes are `\DDD` (decimal, at most 255) and a backslash before any character that is no digit.
 */
export function parseQuoted(text: string): Uint8Array | undefined {
  if (!QUOTED_ROW.test(text)) return undefined
  const octets: number[] = []
  for (const [, inner = ''] of text.matchAll(QUOTED_STRING)) {
    for (const [, digits, escaped, plain] of inner.matchAll(UNIT)) {
      if (digits === undefined) octets.push(...utf8Octets(escaped ?? plain ?? ''))
      else if (Number(digits) <= 255) octets.push(Number(digits))
      else return undefined
    }
  }
  return Uint8Array.from(octets)
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

// Every alternative begins with a different character, so that these never go back over long text.
const QUOTED_ROW = /^"(?:[^"\\]|\\\d{3}|\\\D)*"(?:[ \t]+"(?:[^"\\]|\\\d{3}|\\\D)*")*[ \t]*$/u
const QUOTED_STRING = /"((?:[^"\\]|\\\d{3}|\\\D)*)"/gu
const UNIT = /\\(\d{3})|\\(\D)|([^\\])/gu

/** What we use of the platform here; this room is compiled without any. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array }
declare const TextDecoder: new (
  label: 'utf-8',
  options: { fatal: true; ignoreBOM: true },
) => { decode(octets: Uint8Array): string }
