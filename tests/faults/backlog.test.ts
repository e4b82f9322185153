import { describe, expect, test } from 'vitest'
import { type BacklogReport, drain } from './backlog.ts'

/** `full`: 50,000 sets over 500 zones, some minutes; otherwise a tenth of it over a fifth of the zones. */
const [ZONES, SETS] = process.env.ZONEWRIGHT_BACKLOG === 'full' ? [500, 100] : [100, 50]

const CALLS_IN_A_WINDOW = 960
const BURST = 60
const CALLS_PER_SECOND = 3
/** A zone is read once, and written to in batches of 200. */
const CALLS_FOR_A_ZONE = 2
/** The probe that finds Cloudflare back, and what others sleep until they ask for the next one. */
const TO_NOTICE_MS = 61_000

describe('a backlog that was accepted while Cloudflare was away', () => {
  test(`drains inside the call budget, the oldest zones first: ${ZONES * SETS} sets over ${ZONES} zones`, async () => {
    const report = await drain(Array.from({ length: ZONES }, () => SETS))
    console.info(describeDrain(report))
    expect(report.mostCallsInAWindow).toBeLessThanOrEqual(CALLS_IN_A_WINDOW)
    expect(report.calls).toBeLessThanOrEqual(1.1 * CALLS_FOR_A_ZONE * ZONES)
    for (const [index, afterMs] of report.doneAfterMs.entries()) {
      const share = shareMs((index + 1) * CALLS_FOR_A_ZONE)
      expect(afterMs, `zone ${index}`).toBeLessThanOrEqual(TO_NOTICE_MS + 2 * share)
    }
  }, 900_000)

  test('of one zone keeps no other waiting: nobody is done later than twice a fair share after', async () => {
    const sizes = [4_000, ...Array.from({ length: 49 }, () => 10)]
    const report = await drain(sizes, 2)
    console.info(describeDrain(report))
    expect(report.mostCallsInAWindow).toBeLessThanOrEqual(CALLS_IN_A_WINDOW)
    const calls = sizes.map((size) => 1 + Math.ceil(size / 200))
    const all = shareMs(calls.reduce((sum, one) => sum + one, 0))
    expect(Math.max(...report.doneAfterMs)).toBeLessThanOrEqual(TO_NOTICE_MS + 2 * all)
  }, 300_000)
})

/** How long so many calls take (ms). */
function shareMs(calls: number): number {
  return Math.max(0, ((calls - BURST) / CALLS_PER_SECOND) * 1000)
}

function describeDrain(report: BacklogReport): string {
  const { zones, sets, doneAfterMs, calls, mostCallsInAWindow, cpuMs } = report
  return [
    `${sets} sets over ${zones} zones: the first zone after ${seconds(Math.min(...doneAfterMs))}, all after ${seconds(Math.max(...doneAfterMs))}`,
    `${calls} calls, at most ${mostCallsInAWindow} in 300 s, ${seconds(cpuMs)} of processor time`,
  ].join('; ')
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}
