/**
 * The A-label of one label (UTS 46, non-transitional, as in the WHATWG URL standard), or undefined if there is none.
 * A label that already begins with `xn--` is checked. The caller has screened its ASCII characters: letters, digits,
 * hyphens and underscores only, since the URL parser gives meaning to others ('%2e' is a dot to it). One of more than
 * 63 octets may be none, and is the caller's to refuse.
 */
export function toALabel(label: string): string | undefined {
  const converted = BEYOND_ASCII.test(label) ? convert(label) : label.toLowerCase()
  if (!converted?.startsWith(PREFIX) || converted.length > 63) return converted
  return isALabel(converted) ? converted : undefined
}

/**
 * Whether a label is what its own letters convert to. URL parsers do not agree on it: that of Node.js 24.11 refuses
 * `xn--a`, and even the A-label of 'üxn--a'; that of 24.22 takes any ASCII label with the prefix (seen 2026-11-30).
 */
function isALabel(label: string): boolean {
  const letters = fromPunycode(label.slice(PREFIX.length))
  return letters !== undefined && BEYOND_ASCII.test(letters) && convert(letters) === label
}

function convert(label: string): string | undefined {
  try {
    const { hostname } = new URL(`http://${label}${COMPANION}`)
    const converted = hostname.slice(0, -COMPANION.length)
    return SINGLE_LABEL.test(converted) ? converted : undefined
  } catch {
    return undefined
  }
}

/** Decodes Punycode (RFC 3492 §6.2, by its parameters for IDNA), or undefined where the text is none. */
function fromPunycode(text: string): string | undefined {
  const delimiter = text.lastIndexOf('-')
  const letters = [...text.slice(0, Math.max(delimiter, 0))]
  const digits = [...text.slice(delimiter + 1)].map((character) => DIGITS.indexOf(character))
  let codePoint = 0x80
  let position = 0
  let bias = 72
  while (digits.length > 0) {
    const from = position
    for (let weight = 1, offset = 36; ; offset += 36) {
      const digit = digits.shift() ?? -1
      if (digit < 0) return undefined
      position += digit * weight
      const threshold = Math.min(Math.max(offset - bias, 1), 26)
      if (digit < threshold) break
      weight *= 36 - threshold
    }
    const places = letters.length + 1
    bias = adaptedBias(position - from, places, from === 0)
    codePoint += Math.floor(position / places)
    if (codePoint > 0x10ffff) return undefined
    position %= places
    letters.splice(position, 0, String.fromCodePoint(codePoint))
    position += 1
  }
  return letters.join('')
}

/** How many digits the next delta is likely to have (RFC 3492 §6.1). */
function adaptedBias(delta: number, places: number, isFirst: boolean): number {
  let left = Math.floor(delta / (isFirst ? 700 : 2))
  left += Math.floor(left / places)
  let bias = 0
  for (; left > 455; bias += 36) left = Math.floor(left / 35)
  return bias + Math.floor((36 * left) / (left + 38))
}

const PREFIX = 'xn--'
const DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789'
const BEYOND_ASCII = /[^\0-\x7f]/

// The parser turns a host whose last label is a number into an IPv4 address, and '１２' maps to '12'.
// With a companion behind it no label is the last.
const COMPANION = '.example'

// Some characters map to a dot or to nothing; then it was not one label. UTS 46 as URLs use it would let an
// underscore into an A-label; IDNA does not (RFC 5891 §4.2.2).
const SINGLE_LABEL = /^[a-z0-9-]+$/

/** What we use of the platform here; this room is compiled without any. */
declare const URL: new (url: string) => { readonly hostname: string }
