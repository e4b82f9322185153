import type { IncomingMessage } from 'node:http'
import type { Clock } from '#src/world.ts'
import { DnsError } from '#zones/errors.ts'
import type { Refusal } from './on-error.ts'
import {
  headerFault,
  isSigned,
  type SignatureFault,
  type SignatureHeaders,
  type SigningKeys,
  verifySignature,
} from './signature.ts'
import type { Target } from './target.ts'

/** Who remembers nonces, over restarts and for all replicas: the store. */
export interface Nonces {
  /** Takes a nonce for good; false: somebody had it before. `expiresAt` in milliseconds since 1970. */
  claimNonce(caller: string, nonce: string, expiresAt: number): Promise<boolean>
  /** Requests stamped before this (ms) cannot be told from replays. */
  readonly replaysPossibleUntil: number
}

export interface SigningParts {
  readonly caller: { readonly id: string }
  /** undefined: nothing is signed, and everybody who reaches the port is the caller. */
  readonly keys: SigningKeys | undefined
  readonly nonces: Nonces
  readonly clock: Clock
  readonly signatureFailed: (code: string) => void
}

/** The path that was meant, and whether a signature says so. */
export interface Authenticated {
  readonly path: string
  readonly verified: boolean
}

/**
 * What the headers of a request say against it before its body is read: nobody who does not look like the caller has a
 * body waited for or held.
 */
export function stampRefusal(raw: IncomingMessage, target: Target, parts: SigningParts): Refusal | undefined {
  const headers = signatureHeaders(raw)
  if (parts.keys === undefined || isPlainProbe(target, headers)) return undefined
  const { clock, nonces } = parts
  const fault = headerFault(headers, parts.keys.algorithm, clock.now(), nonces.replaysPossibleUntil)
  return fault && refusalOf(fault, parts)
}

/**
 * Who has sent a request, now that its body is here; or why that is not known. Takes its nonce.
 * Rejects with `store-unavailable` where nonces cannot be kept.
 */
export async function authenticated(
  raw: IncomingMessage,
  target: Target,
  body: Uint8Array,
  parts: SigningParts,
): Promise<Authenticated | { readonly refusal: Refusal }> {
  if (parts.keys === undefined) return { path: target.decoded ?? target.raw, verified: false }
  const headers = signatureHeaders(raw)
  if (isPlainProbe(target, headers)) return { path: target.raw, verified: false }

  const paths = target.decoded === undefined ? [target.raw] : [target.raw, target.decoded]
  const signed = { method: raw.method ?? '', paths, headers, body }
  const checked = verifySignature(signed, parts.keys, parts.clock.now(), parts.nonces.replaysPossibleUntil)
  if (!checked.ok) return { refusal: refusalOf(checked, parts) }
  // Last, so that a forged request cannot use up the nonce of a real one.
  const isNew = await claimed(checked.nonce, checked.nonceExpiresAt, parts)
  if (!isNew) {
    parts.signatureFailed(NONCE_REUSED.code)
    return { refusal: NONCE_REUSED }
  }
  return { path: checked.path, verified: true }
}

const NONCE_REUSED: Refusal = { status: 401, code: 'NONCE_REUSED', message: 'X-DNS-Nonce was used before' }

/** Unsigned, because it tells nothing and a probe has no secret. A bad signature is still told to whoever signs. */
function isPlainProbe(target: Target, headers: SignatureHeaders): boolean {
  return target.route === 'health' && !isSigned(headers)
}

function refusalOf({ code, message }: SignatureFault, { signatureFailed }: SigningParts): Refusal {
  signatureFailed(code)
  return { status: 401, code, message }
}

async function claimed(nonce: string, expiresAt: number, { nonces, caller }: SigningParts): Promise<boolean> {
  try {
    return await nonces.claimNonce(caller.id, nonce, expiresAt)
  } catch (cause) {
    throw new DnsError('store-unavailable', 'The request cannot be checked for replay now', { cause })
  }
}

function signatureHeaders({ headers }: IncomingMessage): SignatureHeaders {
  return {
    timestamp: headers['x-dns-timestamp'] as string | undefined,
    nonce: headers['x-dns-nonce'] as string | undefined,
    signature: headers['x-dns-signature'] as string | undefined,
  }
}
