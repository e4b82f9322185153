import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

test('what is counted is told to Prometheus under its name', async () => {
  const metrics = createMetrics()
  metrics.httpRequest('operator', 'records', 200, 0.002)
  metrics.cloudflareRequest('records.batch', 200, 0.1)
  metrics.cloudflareBudgets([{ credential: '0a1b2c3d', callsLeft: 57 }])
  metrics.callersAre(['shop', 'blog'])
  metrics.callerRequest('shop', 200)
  metrics.previousSecretUsed('shop', 1_785_585_600_000)
  metrics.changed('created', 'done')
  metrics.noopUpsert()
  metrics.batchSent(200)
  metrics.queueDepth(3)
  metrics.mirrorAge(12)
  metrics.driftDetected(2)
  metrics.signatureFailed('NONCE_REUSED')
  metrics.oauthRefreshed('refreshed')

  const { body, contentType } = await metrics.text()
  expect(contentType).toMatch(/^text\/plain/)
  for (const line of [
    'zonewright_http_requests_total{face="operator",route="records",status="200"} 1',
    'zonewright_http_request_duration_seconds_bucket{le="0.005",face="operator",route="records",status="200"} 1',
    'zonewright_cloudflare_requests_total{endpoint="records.batch",status="200"} 1',
    'zonewright_cloudflare_request_duration_seconds_count{endpoint="records.batch",status="200"} 1',
    'zonewright_cloudflare_budget_remaining{credential="0a1b2c3d"} 57',
    'zonewright_changes_total{kind="created",outcome="done"} 1',
    'zonewright_noop_upserts_total 1',
    'zonewright_batch_operations_bucket{le="200"} 1',
    'zonewright_queue_depth 3',
    'zonewright_zone_mirror_age_seconds 12',
    'zonewright_drift_detected_total 2',
    'zonewright_signature_failures_total{code="NONCE_REUSED"} 1',
    'zonewright_caller_requests_total{caller="shop",status="200"} 1',
    'zonewright_previous_secret_last_used_timestamp_seconds{caller="shop"} 1785585600',
    'zonewright_previous_secret_last_used_timestamp_seconds{caller="blog"} 0',
    'zonewright_config_last_reload_successful 1',
    'zonewright_oauth_refreshes_total{outcome="refreshed"} 1',
  ]) {
    expect(body.split('\n')).toContain(line)
  }
  const undescribed = [...body.matchAll(/^# HELP (\S+) ?(.*)$/gm)].filter(([, , help]) => !help)
  expect(undescribed).toEqual([])
})

test('callers and credentials that are no more are not told of', async () => {
  const metrics = createMetrics()
  metrics.callersAre(['shop', 'blog'])
  metrics.previousSecretUsed('shop', 1_785_585_600_000)
  metrics.cloudflareBudgets([{ credential: '0a1b2c3d', callsLeft: 57 }])
  metrics.callersAre(['shop'])
  metrics.cloudflareBudgets([{ credential: '99999999', callsLeft: undefined }])
  metrics.configReloaded(false)
  const { body } = await metrics.text()
  expect(body).not.toMatch(/blog|0a1b2c3d/)
  for (const line of [
    'zonewright_previous_secret_last_used_timestamp_seconds{caller="shop"} 1785585600',
    'zonewright_cloudflare_budget_remaining{credential="99999999"} 0',
    'zonewright_config_last_reload_successful 0',
  ]) {
    expect(body.split('\n')).toContain(line)
  }
})

test('two processes in one do not count together', async () => {
  createMetrics().noopUpsert()
  expect((await createMetrics().text()).body).toContain('zonewright_noop_upserts_total 0')
})
