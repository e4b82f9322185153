import type { DashboardConfig } from '#config/dashboard.ts'
import { keyFor } from '#platform/keys.ts'
import type { Metrics } from '#platform/metrics.ts'
import type { Clock } from '#platform/ports.ts'
import { createAsk } from '#verification/ask.ts'
import { createObserve, type Observe } from '#verification/observe.ts'
import { createProbe } from '#verification/probe.ts'
import { createReach } from '#verification/reach.ts'
import { createReachTokens } from '#verification/reach-token.ts'
import { createResolver } from '#verification/resolver.ts'
import { createVerification, type Verification } from '#verification/verification.ts'

/** The room of verification as it is configured. */
export function buildVerification(
  { verification, secretKeys }: Pick<DashboardConfig, 'verification' | 'secretKeys'>,
  clock: Clock,
  metrics: Pick<Metrics, 'probed'>,
): { readonly verification: Verification; readonly observe: Observe | undefined } {
  const reach = createReach(verification.probeAllow)
  const ask = createAsk(DNS_PATIENCE_MS, clock)
  const resolver = createResolver({ ask, reach, resolvers: verification.resolvers, now: () => clock.now() })
  const probe = createProbe(reach, PROBE_PATIENCE_MS)
  const [current, ...earlier] = secretKeys
  const keyOf = (key: typeof current) => keyFor('reachability', key.reveal())
  return {
    observe: verification.resolvers.length === 0 ? undefined : createObserve(resolver, clock),
    verification: createVerification({
      resolver,
      async probe(visit) {
        const probed = await probe(visit)
        metrics.probed(probed.kind)
        return probed
      },
      tokens: createReachTokens([keyOf(current), ...earlier.map(keyOf)]),
      clock,
    }),
  }
}

/** A resolver that knows takes milliseconds, one that has to find out a second at most. */
const DNS_PATIENCE_MS = 900
const PROBE_PATIENCE_MS = 4_000
