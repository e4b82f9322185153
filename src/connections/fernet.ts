import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * Fernet (github.com/fernet/spec, version 0x80): AES-128-CBC and HMAC-SHA256 under one key of 32 octets, of which the
 * first half signs and the second encrypts.
 *
 *     0x80 | seconds since 1970, 8 octets | IV, 16 octets | ciphertext | HMAC, 32 octets        in padded base64url
 *
 * `iv` is for the published vectors alone.
 */
export function fernetEncrypt(
  key: Buffer,
  text: string,
  nowMs: number,
  iv: Buffer = randomBytes(16),
): string {
  const { signing, encryption } = halves(key)
  const head = Buffer.alloc(9, VERSION)
  head.writeBigUInt64BE(BigInt(Math.floor(nowMs / 1000)), 1)
  const cipher = createCipheriv('aes-128-cbc', encryption, iv)
  const signed = Buffer.concat([head, iv, cipher.update(text, 'utf8'), cipher.final()])
  const token = Buffer.concat([signed, createHmac('sha256', signing).update(signed).digest()])
  return base64url(token)
}

/**
 * The text, or undefined for whatever is wrong with the token: whoever sent it learns nothing else. With `freshness`, it
 * is not older than `ttlMs`, and not from a future further than a minute.
 */
export function fernetDecrypt(
  key: Buffer,
  token: string,
  freshness?: { ttlMs: number; nowMs: number },
): string | undefined {
  const octets = Buffer.from(token, 'base64url')
  const payload = octets.length - OVERHEAD
  // Buffer.from reads anything, and leaves out what it does not know.
  const isToken = base64url(octets) === token && octets[0] === VERSION && payload >= 16 && payload % 16 === 0
  if (!isToken) return undefined
  const { signing, encryption } = halves(key)
  const signed = octets.subarray(0, -32)
  const mac = createHmac('sha256', signing).update(signed).digest()
  // Before anything is decrypted, so that nothing can be learned from how that fails.
  if (!timingSafeEqual(mac, octets.subarray(-32))) return undefined
  if (freshness !== undefined && !isFresh(Number(octets.readBigUInt64BE(1)) * 1000, freshness))
    return undefined
  try {
    const decipher = createDecipheriv('aes-128-cbc', encryption, octets.subarray(9, 25))
    return Buffer.concat([decipher.update(signed.subarray(25)), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

const VERSION = 0x80
/** All but the ciphertext. */
const OVERHEAD = 1 + 8 + 16 + 32
const CLOCK_SKEW_MS = 60_000

/** With padding, which Node's own leaves out. */
function base64url(octets: Buffer): string {
  return octets.toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}

function halves(key: Buffer): { signing: Buffer; encryption: Buffer } {
  if (key.length !== 32) throw new Error('a Fernet key has 32 octets')
  return { signing: key.subarray(0, 16), encryption: key.subarray(16) }
}

function isFresh(madeAt: number, { ttlMs, nowMs }: { ttlMs: number; nowMs: number }): boolean {
  return madeAt + ttlMs >= nowMs && madeAt <= nowMs + CLOCK_SKEW_MS
}
