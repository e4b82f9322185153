import { expect, test } from 'vitest'
import { createVirtualClock } from '../../../tests/support/virtual-clock.ts'
import { followClock } from './clock.ts'

const TRUE = Date.parse('2026-08-01T12:00:00Z')

/** A machine that is `skewMs` off, a database that is right, and so long a way to it. */
async function machine({ skewMs, tripMs }: { skewMs: number; tripMs: number }) {
  const local = createVirtualClock({ start: TRUE + skewMs })
  const booted = local.now()
  const warnings: object[] = []
  const state = { skewMs, tripMs, isThere: true }
  const time = async () => {
    await local.sleep(state.tripMs / 2)
    if (!state.isThere) throw new Error('no answer')
    const said = local.now() - state.skewMs
    await local.sleep(state.tripMs / 2)
    return said
  }
  const clock = await local.until(
    followClock({
      time,
      local,
      log: { debug() {}, info() {}, warn: (facts) => warnings.push(facts), error() {} },
      ticks: () => local.now() - booted,
    }),
  )
  const error = () => clock.now() - (local.now() - state.skewMs)
  return { clock, local, warnings, state, error }
}

test.each([120_000, -120_000, 3_600_000])(
  'a clock that is %d ms off shows the time of the database',
  async (skewMs) => {
    const { clock, local, error, warnings } = await machine({ skewMs, tripMs: 20 })
    expect(Math.abs(error())).toBeLessThanOrEqual(10)
    await local.pass(60_000)
    expect(Math.abs(error())).toBeLessThanOrEqual(10)
    expect(warnings).toEqual([{ skewMs: expect.any(Number) }])
    await local.until(clock.stop())
  },
)

test('a clock that is right is not complained about', async () => {
  const { clock, local, warnings } = await machine({ skewMs: 1_500, tripMs: 20 })
  await local.pass(60_000)
  expect(warnings).toEqual([])
  await local.until(clock.stop())
})

test('a database whose clock is set is followed within ten seconds', async () => {
  const { clock, local, error, state } = await machine({ skewMs: 0, tripMs: 20 })
  state.skewMs = 45_000
  await local.pass(10_100)
  expect(Math.abs(error())).toBeLessThanOrEqual(10)
  await local.until(clock.stop())
})

test('while the database is silent, or slow, time goes on as it was known', async () => {
  const { clock, local, error, state } = await machine({ skewMs: 120_000, tripMs: 20 })
  state.isThere = false
  await local.pass(60_000)
  expect(Math.abs(error())).toBeLessThanOrEqual(10)
  Object.assign(state, { isThere: true, tripMs: 5_000 })
  await local.pass(60_000)
  expect(Math.abs(error())).toBeLessThanOrEqual(10)
  await local.until(clock.stop())
})
