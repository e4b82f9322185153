import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

test('what is counted is told to Prometheus under its name', async () => {
  const metrics = createMetrics()
  metrics.httpRequest('operator', 'records', 200, 0.002)
  metrics.cloudflareRequest('records.batch', 200, 0.1)
  metrics.cloudflareBudget('0a1b2c3d', 57)
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
    'zonewright_oauth_refreshes_total{outcome="refreshed"} 1',
  ]) {
    expect(body.split('\n')).toContain(line)
  }
  const undescribed = [...body.matchAll(/^# HELP (\S+) ?(.*)$/gm)].filter(([, , help]) => !help)
  expect(undescribed).toEqual([])
})

test('two processes in one do not count together', async () => {
  createMetrics().noopUpsert()
  expect((await createMetrics().text()).body).toContain('zonewright_noop_upserts_total 0')
})
