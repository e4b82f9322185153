import type { RecordType } from './record-type.ts'
import type { Value } from './value.ts'

/** Four decimal octets, as written, or undefined. A leading zero is refused: some would read it as octal. */
export function parseIpv4(text: string): string | undefined {
  return octetsOf(text) && text
}

/** Four numbers with dots, whatever their size: nobody means a host name by it. */
export function isIpv4Like(text: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+\.?$/.test(text)
}

/**
 * An IPv6 address (RFC 4291 §2.2) in the form of RFC 5952, or undefined. No zone index, no brackets, no prefix length.
 * IPv4-mapped addresses are written `::ffff:192.0.2.1` (RFC 5952 §5).
 */
export function parseIpv6(text: string): string | undefined {
  const groups = groupsOf(text)
  return groups && printIpv6(groups)
}

const GROUPS = 8

function octetsOf(text: string): number[] | undefined {
  const octets = text.split('.')
  const areOctets =
    octets.length === 4 && octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255)
  return areOctets ? octets.map(Number) : undefined
}

function groupsOf(text: string): number[] | undefined {
  const [head = '', tail, more] = text.split('::')
  if (more !== undefined) return undefined
  if (tail === undefined) {
    const groups = rowOf(head)
    return groups?.length === GROUPS ? groups : undefined
  }
  const before = head.includes('.') ? undefined : rowOf(head)
  const after = rowOf(tail)
  if (!before || !after) return undefined
  const absent = GROUPS - before.length - after.length
  // '::' stands for at least one group.
  return absent >= 1 ? [...before, ...Array<number>(absent).fill(0), ...after] : undefined
}

/** The groups between colons, none of them absent; the last two may be written as an IPv4 address. */
function rowOf(text: string): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const octets = octetsOf(parts.at(-1) ?? '')
  if (octets) parts.pop()
  if (!parts.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) return undefined
  const groups = parts.map((part) => Number.parseInt(part, 16))
  const [a = 0, b = 0, c = 0, d = 0] = octets ?? []
  return octets ? [...groups, a * 256 + b, c * 256 + d] : groups
}

function printIpv6(groups: readonly number[]): string {
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (isMapped) {
    const octets = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff])
    return `::ffff:${octets.join('.')}`
  }
  const hex = groups.map((group) => group.toString(16))
  const { start, length } = longestRunOfZeros(groups)
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}

/** The first of the longest (RFC 5952 §4.2.3). */
function longestRunOfZeros(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 }
  let length = 0
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0
    if (length > longest.length) longest = { start: index - length + 1, length }
  }
  return longest
}

/**
 * Where the address of a record is: `local` to the machine or link of whoever asks (127.0.0.0/8, 169.254.0.0/16, ::1,
 * fe80::/10, and the unspecified ones), in a `private` network (RFC 1918, RFC 6598, RFC 4193), or `public`, as is all
 * that is no address. The ranges for documentation count as public.
 */
export function addressKind(type: RecordType, value: Value): 'local' | 'private' | 'public' {
  if (type === 'A') return kindOfIpv4(value)
  return type === 'AAAA' ? kindOfIpv6(value) : 'public'
}

function kindOfIpv4(text: string): 'local' | 'private' | 'public' {
  const [a = 0, b = 0] = text.split('.').map(Number)
  if (a === 0 || a === 127 || (a === 169 && b === 254)) return 'local'
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128)
  return isPrivate ? 'private' : 'public'
}

/** In the form of RFC 5952. */
function kindOfIpv6(text: string): 'local' | 'private' | 'public' {
  if (text.startsWith('::ffff:') && text.includes('.')) return kindOfIpv4(text.slice('::ffff:'.length))
  if (text === '::' || text === '::1' || /^fe[89ab][0-9a-f]:/.test(text)) return 'local'
  return /^f[cd][0-9a-f]{2}:/.test(text) ? 'private' : 'public'
}
