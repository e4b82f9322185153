import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What we count and how we say it to Prometheus. No label holds a name of DNS, a customer or a secret. */
export interface Metrics {
  httpRequest(face: 'operator' | 'dashboard', route: string, status: number, seconds: number): void
  /** `endpoint`: a route of the API such as `batch`; `status`: the HTTP status, or 0 without an answer. */
  cloudflareRequest(endpoint: string, status: number, seconds: number): void
  /** All there are, by the first 8 digits of their hash. */
  cloudflareBudgets(
    budgets: readonly { readonly credential: string; readonly callsLeft?: number | undefined }[],
  ): void
  changed(kind: 'created' | 'updated' | 'deleted', outcome: 'done' | 'refused'): void
  noopUpsert(): void
  batchSent(operations: number): void
  queueDepth(waiting: number): void
  /** Since the zone that was read longest ago was read whole. */
  mirrorAge(seconds: number): void
  driftDetected(sets: number): void
  signatureFailed(code: string): void
  /** Who may send requests, from now on: as few as a configuration has. */
  callersAre(ids: readonly string[]): void
  callerRequest(caller: string, status: number): void
  /** At a time in milliseconds. */
  previousSecretUsed(caller: string, at: number): void
  /** Whether the configuration was read anew as it is now. */
  configReloaded(ok: boolean): void
  oauthRefreshed(outcome: 'refreshed' | 'refused' | 'failed'): void
  /** A store was asked for over the internet. */
  probed(outcome: string): void
  /** The text of `/metrics`, and its content type. */
  text(): Promise<{ body: string; contentType: string }>
}

/** Metrics of one process; each call has a registry of its own. */
export function createMetrics(): Metrics {
  const registers = [new Registry()]
  const [registry] = registers as [Registry]
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name: `zonewright_${name}`, help, labelNames, registers })
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name: `zonewright_${name}`, help, labelNames, registers })
  const histogram = <Label extends string>(
    name: string,
    help: string,
    buckets: number[],
    ...labelNames: Label[]
  ) => new Histogram({ name: `zonewright_${name}`, help, buckets, labelNames, registers })

  const requests = counter('http_requests_total', 'Requests answered', 'face', 'route', 'status')
  const requestSeconds = histogram(
    'http_request_duration_seconds',
    'Seconds from the arrival of a request to the end of its answer',
    REQUEST_SECONDS,
    'face',
    'route',
    'status',
  )
  const calls = counter('cloudflare_requests_total', 'Calls to the Cloudflare API', 'endpoint', 'status')
  const callSeconds = histogram(
    'cloudflare_request_duration_seconds',
    'Seconds from sending a call to Cloudflare to the end of its answer',
    REQUEST_SECONDS,
    'endpoint',
    'status',
  )
  const budget = gauge(
    'cloudflare_budget_remaining',
    'Calls to Cloudflare left before they are delayed',
    'credential',
  )
  const changes = counter('changes_total', 'Changes of record sets, by kind and outcome', 'kind', 'outcome')
  const noops = counter('noop_upserts_total', 'Upserts that needed no change')
  const operations = histogram(
    'batch_operations',
    'Operations in a batch',
    [1, 2, 5, 10, 25, 50, 100, 150, 200],
  )
  const depth = gauge('queue_depth', 'Changes waiting to be sent')
  const age = gauge('zone_mirror_age_seconds', 'Seconds since the zone that was read longest ago was read')
  const drift = counter('drift_detected_total', 'Record sets found different from what was declared')
  const signatures = counter('signature_failures_total', 'Requests whose signature was refused', 'code')
  const callerRequests = counter(
    'caller_requests_total',
    'Requests of callers that passed authentication',
    'caller',
    'status',
  )
  const previousSecret = gauge(
    'previous_secret_last_used_timestamp_seconds',
    'When a caller last signed with its previous secret; 0 means never since the start',
    'caller',
  )
  const reload = gauge(
    'config_last_reload_successful',
    '1 if the last reload of the configuration succeeded, 0 if it failed',
  )
  reload.set(1)
  const previouslyUsed = new Map<string, number>()
  const refreshes = counter('oauth_refreshes_total', 'Refreshes of OAuth tokens', 'outcome')
  const probes = counter('probes_total', 'Checks whether visitors reach a store', 'outcome')

  return {
    httpRequest(face, route, status, seconds) {
      requests.inc({ face, route, status })
      requestSeconds.observe({ face, route, status }, seconds)
    },
    cloudflareRequest(endpoint, status, seconds) {
      calls.inc({ endpoint, status })
      callSeconds.observe({ endpoint, status }, seconds)
    },
    cloudflareBudgets(budgets) {
      budget.reset()
      for (const { credential, callsLeft = 0 } of budgets) budget.set({ credential }, callsLeft)
    },
    changed: (kind, outcome) => changes.inc({ kind, outcome }),
    noopUpsert: () => noops.inc(),
    batchSent: (count) => operations.observe(count),
    queueDepth: (waiting) => depth.set(waiting),
    mirrorAge: (seconds) => age.set(seconds),
    driftDetected: (sets) => drift.inc(sets),
    signatureFailed: (code) => signatures.inc({ code }),
    callersAre(ids) {
      previousSecret.reset()
      for (const caller of ids) previousSecret.set({ caller }, previouslyUsed.get(caller) ?? 0)
    },
    callerRequest: (caller, status) => callerRequests.inc({ caller, status }),
    previousSecretUsed(caller, at) {
      previouslyUsed.set(caller, at / 1000)
      previousSecret.set({ caller }, at / 1000)
    },
    configReloaded: (ok) => reload.set(ok ? 1 : 0),
    oauthRefreshed: (outcome) => refreshes.inc({ outcome }),
    probed: (outcome) => probes.inc({ outcome }),
    async text() {
      return { body: await registry.metrics(), contentType: registry.contentType }
    },
  }
}

/** From an unchanged upsert to the time we owe an answer. */
const REQUEST_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25]
