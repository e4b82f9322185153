import type { IncomingMessage } from 'node:http'
import { DnsError } from '#engine/errors.ts'
import type { Clock } from '#platform/ports.ts'
import { DEFAULT_CALLER, NOBODYS_KEYS } from './callers.ts'
import type { OperatorRefusal } from './on-error.ts'
import type { RequestContext } from './request-context.ts'
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
  readonly nonces: Nonces
  readonly clock: Clock
  readonly signatureFailed: (code: string) => void
  /** Somebody still signs with what is being rotated away; `now` in milliseconds. */
  readonly previousSecretUsed: (caller: string, now: number) => void
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
export function stampRefusal(
  raw: IncomingMessage,
  requestContext: RequestContext,
  parts: SigningParts,
): OperatorRefusal | undefined {
  const headers = signatureHeaders(raw)
  if (keysOf(requestContext) === undefined || isPlainProbe(requestContext, headers)) return undefined
  const { clock, nonces } = parts
  const fault = headerFault(headers, clock.now(), nonces.replaysPossibleUntil)
  return fault && refusalOf(fault, parts)
}

/**
 * Who has sent a request, now that its body is here; or why that is not known, or not heard now. Takes its nonce.
 * Rejects with `store-unavailable` where nonces cannot be kept.
 */
export async function authenticated(
  raw: IncomingMessage,
  requestContext: RequestContext,
  body: Uint8Array,
  parts: SigningParts,
): Promise<Authenticated | { readonly refusal: OperatorRefusal }> {
  const { caller } = requestContext
  const target = requestContext.target as Target
  const keys = keysOf(requestContext)
  if (keys === undefined) return { path: target.decoded ?? target.raw, verified: false }
  const headers = signatureHeaders(raw)
  if (isPlainProbe(requestContext, headers)) return { path: target.raw, verified: false }

  const paths = target.decoded === undefined ? [target.raw] : [target.raw, target.decoded]
  const signed = { method: raw.method ?? '', paths, headers, body }
  const checked = verifySignature(signed, keys, parts.clock.now(), parts.nonces.replaysPossibleUntil)
  if (!checked.ok) return { refusal: refusalOf(checked, parts) }
  // Only those who have the secret are asked to be slower, and for health never because of what else they ask.
  const limiter = target.route === 'health' ? caller?.healthLimiter : caller?.limiter
  // Who has to wait leaves no nonce behind.
  const waitSeconds = limiter?.secondsToWait(parts.clock.now()) ?? 0
  if (waitSeconds > 0) return { refusal: tooMany(waitSeconds) }
  // Last, so that a forged request cannot use up the nonce of a real one.
  const id = caller?.caller.id ?? ''
  const isNew = await claimed(id, checked.nonce, checked.nonceExpiresAt, parts)
  if (!isNew) {
    parts.signatureFailed(NONCE_REUSED.code)
    return { refusal: NONCE_REUSED }
  }
  // Of what is new alone: whoever has recorded a request takes nothing from its caller by sending it again.
  const stillToWait = limiter?.take(parts.clock.now()) ?? 0
  if (stillToWait > 0) return { refusal: tooMany(stillToWait) }
  if (checked.withPreviousSecret) parts.previousSecretUsed(id, parts.clock.now())
  return { path: checked.path, verified: true }
}

const NONCE_REUSED: OperatorRefusal = {
  status: 401,
  code: 'NONCE_REUSED',
  message: 'X-DNS-Nonce was used before',
}

function tooMany(waitSeconds: number): OperatorRefusal {
  return {
    status: 429,
    code: 'RATE_LIMITED',
    message: 'This caller sends more requests than its rateLimit allows',
    retryAfterSeconds: Math.ceil(waitSeconds),
  }
}

/** Of nobody: those that no signature can be made with. undefined: none is asked for. */
function keysOf({ caller }: RequestContext): SigningKeys | undefined {
  return caller === undefined ? NOBODYS_KEYS : caller.keys
}

/**
 * Unsigned, because it tells nothing and a probe has no secret. A bad signature is still told to whoever signs; and below
 * `/c/` it would tell which callers there are.
 */
function isPlainProbe({ target, caller }: RequestContext, headers: SignatureHeaders): boolean {
  const { route } = target as Target
  // What is said there is the same for everybody, and printed in the documentation.
  if (route === 'openapi') return true
  return caller?.caller.id === DEFAULT_CALLER && route === 'health' && !isSigned(headers)
}

function refusalOf({ code, message }: SignatureFault, { signatureFailed }: SigningParts): OperatorRefusal {
  signatureFailed(code)
  return { status: 401, code, message }
}

async function claimed(
  caller: string,
  nonce: string,
  expiresAt: number,
  { nonces }: SigningParts,
): Promise<boolean> {
  try {
    return await nonces.claimNonce(caller, nonce, expiresAt)
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
