import { parseIpv4, parseIpv6 } from '#dns/ip.ts'

/** Whether an address is in `192.0.2.0/24`, `2001:db8::/32`, or is the address itself; false for what is no range. */
export function isInRange(address: string, range: string): boolean {
  const [base = '', length] = range.split('/')
  const [bits, baseBits] = [bitsOf(address), bitsOf(base)]
  if (bits === undefined || bits.length !== baseBits?.length) return false
  const prefix = length === undefined ? bits.length : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  return prefix <= bits.length && bits.slice(0, prefix) === baseBits.slice(0, prefix)
}

/** The address as 32 or 128 binary digits. */
function bitsOf(address: string): string | undefined {
  const ipv4 = parseIpv4(address)
  if (ipv4 !== undefined) return octetBits(ipv4)
  const ipv6 = parseIpv6(address)
  return ipv6 === undefined ? undefined : groupBits(ipv6)
}

function octetBits(ipv4: string): string {
  return ipv4
    .split('.')
    .map((octet) => binary(Number(octet), 8))
    .join('')
}

function groupBits(ipv6: string): string {
  const [head = '', tail] = ipv6.split('::').map(rowBits)
  return tail === undefined ? head : head + '0'.repeat(128 - head.length - tail.length) + tail
}

function rowBits(row: string): string {
  const parts = row === '' ? [] : row.split(':')
  return parts
    .map((part) => (part.includes('.') ? octetBits(part) : binary(Number.parseInt(part, 16), 16)))
    .join('')
}

function binary(number: number, digits: number): string {
  return number.toString(2).padStart(digits, '0')
}
