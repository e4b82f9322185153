import { sealingKey } from '#platform/keys.ts'
import { fernetDecrypt, fernetEncrypt } from './fernet.ts'

/** Whose secret it is, and which: a sealed text that was moved to another row or column opens nothing. */
export interface SealedFor {
  readonly customer: string
  /** An id; of a verifier, the hash of its state. */
  readonly connection: string
  readonly kind: 'access' | 'refresh' | 'verifier'
}

/** Secrets at rest (decisions/013): Fernet under base64url(SHA-256(SECRET_KEY)). */
export interface Seals {
  /** Under the current key. */
  seal(what: SealedFor, secret: string): string
  /** Under any key. undefined: it cannot be read, is somebody else's, or is older than `ttlMs`. */
  open(what: SealedFor, sealed: string, ttlMs?: number): string | undefined
  /** The same under the current key; the very same text if it is there already. undefined: it cannot be read. */
  reseal(what: SealedFor, sealed: string): string | undefined
}

/** `secretKeys`: the current one first. */
export function createSeals(secretKeys: readonly string[], now: () => number): Seals {
  const keys = secretKeys.map(sealingKey)
  const [current] = keys
  if (current === undefined) throw new Error('secrets are sealed under one key at least')

  function openWith(key: Buffer, what: SealedFor, sealed: string, ttlMs?: number): string | undefined {
    const freshness = ttlMs === undefined ? undefined : { ttlMs, nowMs: now() }
    const text = fernetDecrypt(key, sealed, freshness)
    return text === undefined ? undefined : secretIn(text, what)
  }

  function seal({ customer, connection, kind }: SealedFor, token: string): string {
    return fernetEncrypt(current!, JSON.stringify({ v: 1, customer, connection, kind, token }), now())
  }

  function open(what: SealedFor, sealed: string, ttlMs?: number): string | undefined {
    for (const key of keys) {
      const secret = openWith(key, what, sealed, ttlMs)
      if (secret !== undefined) return secret
    }
    return undefined
  }

  return {
    seal,
    open,
    reseal(what, sealed) {
      if (openWith(current, what, sealed) !== undefined) return sealed
      const secret = open(what, sealed)
      return secret === undefined ? undefined : seal(what, secret)
    },
  }
}

function secretIn(text: string, { customer, connection, kind }: SealedFor): string | undefined {
  try {
    const held = JSON.parse(text)
    const isTheirs =
      held.v === 1 && held.customer === customer && held.connection === connection && held.kind === kind
    return isTheirs && typeof held.token === 'string' ? held.token : undefined
  } catch {
    return undefined
  }
}
