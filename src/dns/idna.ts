/**
 * The A-label of one label (UTS 46, non-transitional, as in the WHATWG URL standard), or undefined if there is none.
 * A label that already begins with `xn--` is checked. The caller has screened its ASCII characters: letters, digits,
 * hyphens and underscores only, since the URL parser gives meaning to others ('%2e' is a dot to it).
 */
export function toALabel(label: string): string | undefined {
  try {
    const { hostname } = new URL(`http://${label}${COMPANION}`)
    const converted = hostname.slice(0, -COMPANION.length)
    return SINGLE_LABEL.test(converted) ? converted : undefined
  } catch {
    return undefined
  }
}

// The parser turns a host whose last label is a number into an IPv4 address, and '１２' maps to '12'.
// With a companion behind it no label is the last.
const COMPANION = '.example'

// Some characters map to a dot or to nothing; then it was not one label. UTS 46 as URLs use it would let an
// underscore into an A-label; IDNA does not (RFC 5891 §4.2.2).
const SINGLE_LABEL = /^[a-z0-9-]+$/

/** What we use of the platform here; this room is compiled without any. */
declare const URL: new (url: string) => { readonly hostname: string }
