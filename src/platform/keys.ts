import { createHash, hkdfSync } from 'node:crypto'

/**
 * A key for one purpose out of the one that protects everything, so that no two purposes share one (RFC 5869, SHA-256):
 * 32 octets in base64url.
 */
export function keyFor(purpose: 'cookies' | 'csrf' | 'reachability', secretKey: string): string {
  return Buffer.from(hkdfSync('sha256', secretKey, '', `zonewright ${purpose}`, 32)).toString('base64url')
}

/** The key that secrets at rest are sealed under, as the original design has it: SHA-256 (decisions/013). 32 octets. */
export function sealingKey(secretKey: string): Buffer {
  return createHash('sha256').update(secretKey).digest()
}
