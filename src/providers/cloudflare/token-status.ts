import { z } from 'zod'
import { CloudflareError } from './errors.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { type Call, readReply, unreachable } from './reply.ts'
import { type Transport, TransportError } from './transport.ts'
import { CLOUDFLARE_ID } from './wire.ts'

/** Who made an API token: a user, or an account (its id). The endpoint of the one does not know tokens of the other. */
export type TokenOwner = 'user' | { readonly account: string }

/** `unknown`: never made, or deleted; or the other kind of owner has made it. */
export type TokenStatus = 'active' | 'disabled' | 'expired' | 'unknown'

/**
 * Asks Cloudflare whether an API token is good. It says nothing of what the token may do. Throws `CloudflareError` when
 * there is no answer. Source: Cloudflare docs, "Verify token", for users and for accounts, 2026-08.
 */
export async function tokenStatus(
  token: string,
  owner: TokenOwner,
  { transport, rateLimiter, baseUrl }: { transport: Transport; rateLimiter: RateLimiter; baseUrl: string },
): Promise<TokenStatus> {
  if (owner !== 'user' && !CLOUDFLARE_ID.test(owner.account)) throw new Error('not a Cloudflare account id')
  const whose = owner === 'user' ? '/user' : `/accounts/${owner.account}`
  const call: Call = {
    method: 'GET',
    endpoint: 'tokens.verify',
    path: `${whose}/tokens/verify`,
    writes: false,
  }
  await rateLimiter.enter('people', PATIENCE_MS)
  try {
    const reply = await transport({
      method: 'GET',
      url: `${baseUrl}${call.path}`,
      headers: { Authorization: `Bearer ${token}`, Accept: 'application/json', 'User-Agent': 'zonewright' },
    })
    const { result } = readReply(reply, call)
    await rateLimiter.ended(undefined)
    const read = verified.safeParse(result)
    if (read.success) return read.data.status
    throw new CloudflareError(
      'unreadable',
      'not-executed',
      'Cloudflare said something of a token that we do not know.',
    )
  } catch (error) {
    const trouble = error instanceof TransportError ? unreachable(error, call) : error
    if (!(trouble instanceof CloudflareError)) throw error
    await rateLimiter.ended(trouble)
    if (trouble.kind === 'unauthorised') return 'unknown'
    throw trouble
  }
}

const PATIENCE_MS = 10_000

const verified = z.object({ status: z.enum(['active', 'disabled', 'expired']) })
