import { expect, test } from 'vitest'
import { SEED } from '../support/seed.ts'
import { type StormReport, stormOf } from './storm.ts'

/** 25 callers × 12 changes for each seed. */
const SEEDS = Array.from({ length: Number(process.env.ZONEWRIGHT_STORMS ?? 4) }, (_, index) => SEED + index)

test('in a storm nothing acknowledged is lost or doubled, and nine of ten changes are done when answered', async () => {
  const reports: StormReport[] = []
  for (const seed of SEEDS) {
    const report = await stormOf(seed)
    console.info(describe(report))
    expect(report.wrong, `storm ${seed}`).toEqual([])
    expect(report.errors, `storm ${seed}`).toEqual([])
    expect([...report.statuses.keys()].filter((status) => ![200, 429, 503].includes(status))).toEqual([])
    // Two answers that never come in a row are all the time that callers have.
    expect(report.done, `storm ${seed}`).toBeGreaterThanOrEqual(0.75)
    reports.push(report)
  }
  const done = reports.reduce((sum, report) => sum + report.done, 0) / reports.length
  expect(done).toBeGreaterThanOrEqual(0.9)
}, 300_000)

function describe({ seed, done, statuses, slowestMs, medianMs, calls, lastedMs, hits }: StormReport): string {
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`)
  const faults = [...hits].map(([fault, count]) => `${fault} ${count}`).join(', ')
  return [
    `storm ${seed}: ${(100 * done).toFixed(1)} % done (${counts.join(', ')})`,
    `median ${medianMs} ms, slowest ${slowestMs} ms`,
    `${calls} calls in ${Math.round(lastedMs / 1000)} s`,
    faults,
  ].join('; ')
}
