import type { Transport, TransportReply, TransportRequest } from './transport.ts'

/** Somebody's leave to act for them at Cloudflare, which may be renewed, and may end. */
export interface Grant {
  /** The access token of this moment. Throws `CloudflareError` when there is none. */
  accessToken(): Promise<string>
  /** Cloudflare has refused it. True: the call is worth a second try. Throws `CloudflareError` when the grant has ended. */
  refused(token: string): Promise<boolean>
}

/**
 * Carries each request with the token of its moment, and once more if the token was refused and can be had anew. A
 * request that was refused for its token was not carried out, so that this is safe for changes too.
 */
export function grantedTransport(transport: Transport, grant: Grant): Transport {
  function carry(request: TransportRequest, token: string): Promise<TransportReply> {
    return transport({ ...request, headers: { ...request.headers, Authorization: `Bearer ${token}` } })
  }

  return async (request) => {
    const token = await grant.accessToken()
    const reply = await carry(request, token)
    // GET /zones says 403 to a token that it does not know, the DNS service 401.
    const isRefused = reply.status === 401 || reply.status === 403
    if (!isRefused || !(await grant.refused(token))) return reply
    return carry(request, await grant.accessToken())
  }
}
