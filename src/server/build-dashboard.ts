import type { DashboardConfig } from '#config/dashboard.ts'
import type { Customers } from '#connections/customers.ts'
import { createZoneEdits, type Editor, type ZoneEdits } from '#engine/edits/edits.ts'
import type { ZoneLock } from '#engine/zone-lock.ts'
import { planner } from '#onboarding/planner.ts'
import type { Metrics } from '#platform/metrics.ts'
import type { Store } from '#store/store.ts'
import type { Verification } from '#verification/verification.ts'
import { buildCustomers } from './build-customers.ts'
import type { System } from './build-engine.ts'
import { buildVerification } from './build-verification.ts'

/** The rooms that the dashboard stands on. */
export interface BuiltDashboard {
  readonly customers: Customers
  readonly edits: ZoneEdits
  readonly verification: Verification
  /** Begins to find out what is not known yet. */
  start(): void
  stop(): Promise<void>
}

/** `turns`: the engine's, where there is one beside. */
export function buildDashboard(
  store: Store,
  config: DashboardConfig,
  system: System,
  metrics: Metrics,
  zoneLock: ZoneLock,
): BuiltDashboard {
  const { clock, random, log } = system
  const customers = buildCustomers(store, config, system, metrics)

  /** Whoever began an edit that is still to be found out about, as long as they let us look. */
  async function editorOf(holder: Pick<Editor, 'customerId' | 'connectionId'>): Promise<Editor | undefined> {
    const customer = await customers.find(holder.customerId)
    const connection = await customers.connectionOf(holder.customerId)
    if (customer === undefined || connection?.id !== holder.connectionId) return undefined
    return { ...holder, cloudflare: customers.cloudflareOf(connection), label: customer.email }
  }

  const { verification, observe } = buildVerification(config, clock, metrics)
  const edits = createZoneEdits({ store, clock, random, log, zoneLock, planner, editorOf, observe })
  let telling = Promise.resolve()

  /** Two may own one store; or somebody typed a wrong name. */
  async function tellShared(): Promise<void> {
    const owners = new Map<string, string[]>()
    for (const { id, domain } of await store.accounts.customers()) {
      owners.set(domain, [...(owners.get(domain) ?? []), id])
    }
    for (const [domain, ids] of owners) {
      if (ids.length > 1) log.warn({ domain, customers: ids }, 'several customers have one domain')
    }
  }

  return {
    customers,
    edits,
    verification,
    start() {
      edits.start()
      telling = tellShared().catch((err: unknown) =>
        log.warn({ err }, 'looking for customers of one domain failed'),
      )
    },
    async stop() {
      await Promise.all([edits.stop(), telling])
    },
  }
}
