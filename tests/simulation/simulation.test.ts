import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'
import { SEED } from '../support/seed.ts'
import { regressions } from './regressions.ts'
import type { Sums } from './share.ts'
import { runSeed } from './simulate.ts'

const SEEDS = Number(process.env.ZONEWRIGHT_SEEDS ?? 1_000)
/** A range of its own for each seed of the ring. */
const FROM = 1_000_000 + (SEED % 100_000) * 20_000

test(
  `in ${SEEDS} worlds nothing false is acknowledged, nothing is lost, and no name is ever empty`,
  async () => {
    const { seeds, failures } = await simulate(FROM, SEEDS)
    // As tests/simulation/regressions.ts has them.
    const how = failures.map(
      ({ seed, texts }) => `{ seed: ${seed}, bias: 'none', about: '' },\n  ${texts.join('\n  ')}`,
    )
    expect(how).toEqual([])
    expect(seeds).toBe(SEEDS)
  },
  20 * 60_000,
)

test.each(regressions)('seed $seed ($bias) is still right: $about', async ({ seed, bias }) => {
  const { violations } = await runSeed(seed, { bias })
  expect(violations).toEqual([])
})

/** In processes of their own, on all cores. */
function simulate(from: number, seeds: number): Promise<Sums> {
  const args = [`${import.meta.dirname}/run.ts`, '--from', `${from}`, '--seeds', `${seeds}`, '--json']
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: 2 ** 28 }, (error, stdout) => {
      if (stdout.startsWith('{')) resolve(JSON.parse(stdout))
      else reject(error ?? new Error('the simulator said nothing'))
    })
  })
}
