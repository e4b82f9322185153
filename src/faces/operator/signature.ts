import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'

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

/**
 * The instant a request was signed, in milliseconds since 1970 (fractions of one kept), or undefined if `text` is
 * not a date and time of RFC 3339 as Go prints and reads them: upper-case `T` and `Z`, a date that the calendar has,
 * no leap second, no hour 24. `Date.parse` is not used because it accepts `2025-02-30` and `12/30/2025`.
 */
export function parseTimestamp(text: string): number | undefined {
  const parts = RFC3339.exec(text)
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour, offsetMinute] = parts
  const inCalendar =
    Number(month) >= 1 &&
    Number(month) <= 12 &&
    Number(day) >= 1 &&
    Number(day) <= daysIn(Number(year), Number(month))
  const inDay = Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 59
  const inOffset = sign === undefined || (Number(offsetHour) <= 23 && Number(offsetMinute) <= 59)
  if (!(inCalendar && inDay && inOffset)) return undefined

  // setUTCFullYear, because Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const midnight = new Date(0).setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  const offsetMinutes =
    sign === undefined ? 0 : Number(`${sign}1`) * (Number(offsetHour) * 60 + Number(offsetMinute))
  const minutes = Number(hour) * 60 + Number(minute) - offsetMinutes
  return midnight + minutes * 60_000 + Number(second) * 1000 + Number(`0.${fraction}0`) * 1000
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
