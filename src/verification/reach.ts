import { isPublicAddress, printServer, type ServerAddress } from './address.ts'

/**
 * Where to connect for an address that somebody else chose, the zone's owner above all; undefined: nowhere. What comes
 * out is an address and no name, so nobody can have it mean something else by the time of the connection (DNS rebinding).
 */
export type Reach = (address: string, port: ReachablePort) => ServerAddress | undefined

const REACHABLE_PORTS = [53, 80, 443] as const
export type ReachablePort = (typeof REACHABLE_PORTS)[number]

/**
 * `allowed`: other places to go to in place of some, as `printServer` has them; for demonstrations and tests. The other
 * ports of such an address are nowhere: what stands in for a server has no other half on the internet.
 */
export function createReach(allowed: ReadonlyMap<string, ServerAddress>): Reach {
  const isStoodInFor = (address: string) =>
    REACHABLE_PORTS.some((port) => allowed.has(printServer({ address, port })))
  return (address, port) => {
    const instead = allowed.get(printServer({ address, port }))
    if (instead !== undefined) return instead
    return isPublicAddress(address) && !isStoodInFor(address) ? { address, port } : undefined
  }
}
