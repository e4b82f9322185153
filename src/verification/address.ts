import { BlockList, isIP } from 'node:net'
import { parseIpv6 } from '#dns/ip.ts'

/** Where a server listens. */
export interface ServerAddress {
  /** IPv4, or IPv6 without brackets. */
  readonly address: string
  readonly port: number
}

/** `192.0.2.1:53`, `[2001:db8::1]:53`. */
export function printServer({ address, port }: ServerAddress): string {
  return `${isIP(address) === 6 ? `[${address}]` : address}:${port}`
}

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353`; undefined for anything else. IPv6 by RFC 5952. */
export function parseServer(text: string, defaultPort: number): ServerAddress | undefined {
  if (isIP(text) !== 0) return { address: parseIpv6(text) ?? text, port: defaultPort }
  const [, bracketed, bare, digits] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const address = bracketed ?? bare ?? ''
  const port = digits === undefined ? defaultPort : Number(digits)
  const isServer = isIP(address) === (bracketed === undefined ? 4 : 6) && port >= 1 && port <= 65_535
  return isServer ? { address: parseIpv6(address) ?? address, port } : undefined
}

/**
 * Whether an address that somebody else chose may be connected to: one of the public internet (IANA's registries of
 * special-purpose addresses, RFC 6890). Not this machine, its network, its cloud's metadata, or an IPv6 address that
 * stands for an IPv4 address. Those for documentation count as public: nobody is there.
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !NOT_PUBLIC.check(address, 'ipv4')
  // A zone index is for link-local addresses.
  return (
    family === 6 &&
    !address.includes('%') &&
    GLOBAL.check(address, 'ipv6') &&
    !NOT_PUBLIC.check(address, 'ipv6')
  )
}

/** All IPv6 addresses that are assigned to be reached from anywhere. */
const GLOBAL = new BlockList()
GLOBAL.addSubnet('2000::', 3, 'ipv6')

const NOT_PUBLIC = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // With the metadata of most clouds.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  // Azure's WireServer (Microsoft Learn, "What is IP address 168.63.129.16?", 2026), reached from its machines alone.
  ['168.63.129.16', 32],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv4')
}
// Teredo and others of 2001::/23, and 6to4, which hold IPv4 addresses.
NOT_PUBLIC.addSubnet('2001::', 23, 'ipv6')
NOT_PUBLIC.addSubnet('2002::', 16, 'ipv6')
