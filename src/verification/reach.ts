import { isPublicAddress, printServer, type ServerAddress } from './address.ts'

/**
 * Where to connect for an address that somebody else chose, the zone's owner above all; undefined: nowhere. What comes
 * out is an address and no name, so nobody can have it mean something else by the time of the connection (DNS rebinding).
 */
export type Reach = (address: string, port: ReachablePort) => ServerAddress | undefined

export type ReachablePort = 53 | 80 | 443

/** `allowed`: other places to go to in place of some, as `printServer` has them; for demonstrations and tests. */
export function createReach(allowed: ReadonlyMap<string, ServerAddress>): Reach {
  return (address, port) =>
    allowed.get(printServer({ address, port })) ?? (isPublicAddress(address) ? { address, port } : undefined)
}
