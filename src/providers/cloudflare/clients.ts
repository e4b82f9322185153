import type { Clock, Random } from '#platform/ports.ts'
import type { Provider } from '#providers/provider.ts'
import { type CloudflareOptions, createCloudflareClient } from './client.ts'
import { type BudgetLedger, createRateLimiter, type RateLimiter } from './rate-limiter.ts'
import type { Transport } from './transport.ts'

/** Makes every client of a process: over one ledger of budgets, one clock and one way to Cloudflare. */
export interface CloudflareClients {
  /** `credentialName` names the credential's budget too. */
  client(
    wanted: Pick<CloudflareOptions, 'credential' | 'credentialName' | 'baseUrl' | 'accountId'> & {
      /** Shared with what else is asked with this credential; left out: nothing else is. */
      readonly rateLimiter?: RateLimiter
      /** Over the process's own. */
      readonly transport?: Transport
    },
  ): Provider
  rateLimiter(credentialName: string): RateLimiter
}

export function cloudflareClients(process: {
  readonly ledger: BudgetLedger
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
  readonly observe?: CloudflareOptions['observe']
}): CloudflareClients {
  const { ledger, transport, clock, random, observe } = process

  function rateLimiter(credentialName: string): RateLimiter {
    return createRateLimiter({ credential: credentialName, ledger, clock, random })
  }

  return {
    rateLimiter,
    client: (wanted) =>
      createCloudflareClient({
        transport,
        rateLimiter: wanted.rateLimiter ?? rateLimiter(wanted.credentialName),
        now: clock.now,
        ...(observe && { observe }),
        ...wanted,
      }),
  }
}
