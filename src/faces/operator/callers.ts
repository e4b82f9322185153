import { randomBytes } from 'node:crypto'
import type { SetDefaults } from '#dns/record-set.ts'
import type { Caller } from '#engine/zones.ts'
import type { RequestLimiter } from '#faces/http/rate-limit.ts'
import { type SigningKeys, signingKeys } from './signature.ts'

/** A caller as the face knows it: how it signs, and what it is held to. */
export interface OperatorCaller {
  readonly caller: Caller
  /** undefined: nothing is signed, and everybody who reaches the port is the caller. Only for the one at `/`. */
  readonly keys: SigningKeys | undefined
  readonly defaults: SetDefaults
  readonly limiter?: RequestLimiter
  /** Health is counted by itself. */
  readonly healthLimiter?: RequestLimiter
}

/** Who there is at this moment, by id; asked for every request, so that callers may come and go. */
export interface Callers {
  get(id: string): OperatorCaller | undefined
}

/** The caller at `/`. */
export const DEFAULT_CALLER = 'default'

/** Whose address a request came to. Nothing of it is signed. */
export interface Address {
  /** '': nobody's, for the caller at `/` has no other address. */
  readonly id: string
  /** What stands before `/records`: '' or `/c/<id>`. */
  readonly mount: string
}

/** `/c/shop/records` is for the caller `shop`, `/records` for `default`. */
export function addressIn(url: string): Address {
  const id = BELOW_C.exec(url)?.[1]
  return id === undefined ? AT_ROOT : { id: id === DEFAULT_CALLER ? '' : id, mount: `/c/${id}` }
}

/** What nobody has the secret of: a caller that is not there is answered as one whose signature is wrong. */
export const NOBODYS_KEYS: SigningKeys = signingKeys('SHA256', randomBytes(32))

const BELOW_C = /^\/+c\/([^/]+)\//
const AT_ROOT: Address = { id: DEFAULT_CALLER, mount: '' }
