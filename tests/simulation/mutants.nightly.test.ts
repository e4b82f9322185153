import { expect, test } from 'vitest'
import { mutants } from './mutants.ts'
import { runSeed } from './simulate.ts'

/** Where none of the known seeds does it any more, because the engine takes another course in them. */
const MORE_SEEDS = Array.from({ length: 60 }, (_, index) => index + 1)

test.each(mutants)(
  'the checks catch an engine in which $about ($name)',
  async ({ name, bias, mutation, caughtBy }) => {
    for (const seed of [...caughtBy, ...MORE_SEEDS]) {
      const { violations } = await runSeed(seed, { bias, mutation })
      if (violations.length > 0) return
    }
    expect.fail(`${name} escapes: npm run simulate -- --mutants looks for a seed that catches it`)
  },
  300_000,
)
