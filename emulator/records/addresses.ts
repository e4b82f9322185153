/** IPv4 and IPv6 addresses: whether a text is one, its canonical form, and whether it may stand behind the proxy. */
import { isIPv4, isIPv6 } from 'node:net'

/** The dotted quad; undefined for anything else, shorthand and leading zeros included. */
export function ipv4(text: string): string | undefined {
  return isIPv4(text) ? text : undefined
}

/** The form of RFC 5952; an IPv4-mapped address keeps its dotted tail (section 5). */
export function ipv6(text: string): string | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined
  const compressed = new URL(`http://[${text}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compressed)
  if (mapped === null) return compressed
  const [high, low] = [parseInt(mapped[1]!, 16), parseInt(mapped[2]!, 16)]
  return `::ffff:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}

/**
 * Whether an address, in canonical form, is routable in public. The documentation ranges (RFC 5737, RFC 3849)
 * count as public, so that examples and tests can be proxied.
 */
export function isPublicAddress(address: string): boolean {
  if (address.includes(':')) return /^[23][0-9a-f]{3}:/.test(address)
  const [a, b, c] = address.split('.').map(Number) as [number, number, number]
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false
  if (a === 100) return b < 64 || b > 127
  if (a === 169) return b !== 254
  if (a === 172) return b < 16 || b > 31
  if (a === 192) return b !== 168 && !(b === 0 && c === 0)
  if (a === 198) return b !== 18 && b !== 19
  return true
}
