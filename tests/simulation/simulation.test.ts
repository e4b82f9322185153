import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { regressions } from './regressions.ts'
import type { Sums } from './share.ts'
import { runSeed } from './simulate.ts'

const SEEDS = Number(process.env.ZONEWRIGHT_SEEDS ?? 2_000)

test(
  `in ${SEEDS} new worlds nothing false is acknowledged, nothing is lost, and no name is ever empty`,
  async () => {
    // Other seeds every day, and the same all day: what failed can be run again.
    const from = 1_000_000 + (Math.floor(Date.now() / 86_400_000) % 100_000) * 10_000
    const { seeds, failures } = await simulate(from, SEEDS)
    const how = failures.map(
      ({ seed, texts }) => `npm run simulate -- --seed ${seed}\n  ${texts.join('\n  ')}`,
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
  const main = fileURLToPath(new URL('./main.mjs', import.meta.url))
  const args = [main, '--from', `${from}`, '--seeds', `${seeds}`, '--json']
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: 2 ** 28 }, (error, stdout) => {
      if (stdout.startsWith('{')) resolve(JSON.parse(stdout))
      else reject(error ?? new Error('the simulator said nothing'))
    })
  })
}
