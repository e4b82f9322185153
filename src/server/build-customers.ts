import type { DashboardConfig } from '#config/dashboard.ts'
import { createCustomers } from '#connections/create.ts'
import type { Customers } from '#connections/customers.ts'
import type { Metrics } from '#platform/metrics.ts'
import type { Store } from '#store/store.ts'
import type { System } from './build-engine.ts'

/** The customers' room as it is configured: for the dashboard, and for a command that does its work alone. */
export function buildCustomers(
  store: Store,
  config: DashboardConfig,
  system: System,
  metrics: Metrics,
): Customers {
  const { oauth } = config
  return createCustomers({
    ...system,
    store: store.accounts,
    limits: store,
    ledger: store,
    nonces: store,
    hostSecret: config.ssoSecret?.reveal(),
    secretKeys: config.secretKeys.map((key) => key.reveal()),
    publicUrl: config.publicUrl,
    baseUrl: config.cloudflareBaseUrl,
    oauth: oauth && { ...oauth, clientSecret: oauth.clientSecret.reveal() },
    targets: config.targets,
    observe: ({ endpoint, status, ms }) => metrics.cloudflareRequest(endpoint, status, ms / 1000),
    onRefresh: (outcome) => metrics.oauthRefreshed(outcome),
  })
}
