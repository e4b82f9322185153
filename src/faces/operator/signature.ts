import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { parseTimestamp } from './timestamp.ts'

export type Algorithm = 'SHA256' | 'SHA512'

/** What a caller may sign with. The algorithm belongs to the caller: no header names it, and nothing else is tried. */
export interface SigningKeys {
  readonly algorithm: Algorithm
  /** The current secret, then the previous one while it is being rotated. */
  readonly secrets: readonly KeyObject[]
}

/** The three headers; undefined where the request has none. A doubled header arrives as `one, two`, and is refused. */
export interface SignatureHeaders {
  readonly timestamp: string | undefined
  readonly nonce: string | undefined
  readonly signature: string | undefined
}

export interface SignedRequest {
  readonly method: string
  /** What may have been signed as the path, likeliest first: as it came, then percent-decoded. */
  readonly paths: readonly string[]
  readonly headers: SignatureHeaders
  /** The bytes as they came, never re-serialised: Go writes `<` as \u003c, and JavaScript does not. */
  readonly body: Uint8Array
}

export interface Signed {
  readonly ok: true
  /** The path that was signed, and therefore meant. */
  readonly path: string
  readonly nonce: string
  /** Milliseconds since 1970: until when the nonce must be remembered. */
  readonly nonceExpiresAt: number
  /** Signed with the secret that is being rotated away. */
  readonly withPreviousSecret: boolean
}

/** `message` may be shown to a stranger: it names a header that is missing or malformed, and never says why a MAC failed. */
export interface SignatureFault {
  readonly ok: false
  readonly code: 'AUTH_FAILED' | 'TIMESTAMP_STALE'
  readonly message: string
}

/** How far a timestamp may be from our clock, both edges included (the protocol's "±5 minutes"). */
export const WINDOW_MS = 300_000

/** The key objects of a caller, from the secrets' bytes, the current one first. */
export function signingKeys(algorithm: Algorithm, ...secrets: readonly Uint8Array[]): SigningKeys {
  return { algorithm, secrets: secrets.map((secret) => createSecretKey(secret)) }
}

/** The signature of what is about to be sent, in lower-case hexadecimal, with the current secret. */
export function signatureOf(
  {
    method,
    path,
    timestamp,
    nonce,
    body,
  }: { method: string; path: string; timestamp: string; nonce: string; body: Uint8Array },
  { algorithm, secrets: [current] }: SigningKeys,
): string {
  if (current === undefined) throw new Error('there is no secret to sign with')
  return macOf(`${method}\n${path}\n${timestamp}\n${nonce}`, body, algorithm, current).toString('hex')
}

/** Whether a request says anything about a signature. */
export function isSigned({ timestamp, nonce, signature }: SignatureHeaders): boolean {
  return timestamp !== undefined || nonce !== undefined || signature !== undefined
}

/**
 * What the three headers say against a request without its body, or undefined: their grammar, and the window of time at
 * `now`. Nobody has to wait for a body, or hold it, to refuse these. Arguments as for `verifySignature`.
 */
export function headerFault(
  headers: SignatureHeaders,
  now: number,
  notBefore = Number.NEGATIVE_INFINITY,
): SignatureFault | undefined {
  const stamp = readStamp(headers, now, notBefore)
  return stamp.ok ? undefined : stamp
}

/**
 * Checks the signature of a request at `now`; stamps before `notBefore` are refused, because nonces from before it
 * may be forgotten. Both in milliseconds since 1970.
 *
 * Signed is `METHOD\npath\ntimestamp\nnonce`, and `\nbody` where there is one. None of the first four can hold a
 * newline, so the text reads back in one way only. The nonce is not looked up here: whoever calls claims it next,
 * so that a forged request cannot use up the nonce of a real one.
 */
export function verifySignature(
  request: SignedRequest,
  keys: SigningKeys,
  now: number,
  notBefore = Number.NEGATIVE_INFINITY,
): Signed | SignatureFault {
  const stamp = readStamp(request.headers, now, notBefore)
  if (!stamp.ok) return stamp
  const { timestamp, nonce, signature, signedAt } = stamp
  const match = matching(request, `${timestamp}\n${nonce}`, Buffer.from(signature, 'hex'), keys)
  if (match === undefined) return authFailed('The signature does not match')
  return { ok: true, ...match, nonce, nonceExpiresAt: signedAt + WINDOW_MS + NONCE_MARGIN_MS }
}

/** The headers, once they are of the right form and time. */
interface Stamp {
  readonly ok: true
  readonly timestamp: string
  readonly nonce: string
  readonly signature: string
  /** Milliseconds since 1970. */
  readonly signedAt: number
}

function readStamp(
  { timestamp, nonce, signature }: SignatureHeaders,
  now: number,
  notBefore: number,
): Stamp | SignatureFault {
  if (timestamp === undefined) return authFailed('X-DNS-Timestamp is missing')
  if (nonce === undefined) return authFailed('X-DNS-Nonce is missing')
  if (signature === undefined) return authFailed('X-DNS-Signature is missing')

  const signedAt = parseTimestamp(timestamp)
  if (signedAt === undefined) return authFailed('X-DNS-Timestamp is not one RFC 3339 time')
  if (!NONCE.test(nonce))
    return authFailed('X-DNS-Nonce is not one word of 8 to 128 letters, digits and . _ ~ -')
  // Of either algorithm: which one a caller has, and that there is such a caller, is not a stranger's to know.
  if (!SIGNATURE.test(signature)) {
    return authFailed('X-DNS-Signature is not one lower-case hexadecimal HMAC, SHA256 or SHA512')
  }

  const fresh = Math.abs(now - signedAt) <= WINDOW_MS
  if (!fresh) return stale('X-DNS-Timestamp is more than 5 minutes from our time')
  const rememberable = signedAt >= notBefore
  if (!rememberable) return stale('X-DNS-Timestamp is from before our restart; sign again')
  return { ok: true, timestamp, nonce, signature, signedAt }
}

const NONCE = /^[A-Za-z0-9._~-]{8,128}$/
const SIGNATURE = /^(?:[0-9a-f]{64}|[0-9a-f]{128})$/
const DIGEST: Readonly<Record<Algorithm, string>> = { SHA256: 'sha256', SHA512: 'sha512' }
/** Nonces are remembered this much longer than their timestamp is believed, for replicas whose clocks differ. */
const NONCE_MARGIN_MS = 60_000

function matching(
  { method, paths, body }: SignedRequest,
  stamp: string,
  given: Buffer,
  keys: SigningKeys,
): { path: string; withPreviousSecret: boolean } | undefined {
  let match: { path: string; withPreviousSecret: boolean } | undefined
  // To the end even after a match, so that the time taken does not tell which secret it was.
  for (const [age, secret] of keys.secrets.entries()) {
    for (const path of paths) {
      const mac = macOf(`${method}\n${path}\n${stamp}`, body, keys.algorithm, secret)
      const same = mac.length === given.length && timingSafeEqual(mac, given)
      if (same && match === undefined) match = { path, withPreviousSecret: age > 0 }
    }
  }
  return match
}

function macOf(head: string, body: Uint8Array, algorithm: Algorithm, secret: KeyObject): Buffer {
  const hmac = createHmac(DIGEST[algorithm], secret).update(head)
  if (body.length > 0) hmac.update('\n').update(body)
  return hmac.digest()
}

function authFailed(message: string): SignatureFault {
  return { ok: false, code: 'AUTH_FAILED', message }
}

function stale(message: string): SignatureFault {
  return { ok: false, code: 'TIMESTAMP_STALE', message }
}
