import { runSeed, type SeedOptions } from './simulate.ts'

/** What came of some seeds. */
export interface Sums {
  readonly seeds: number
  readonly changes: number
  readonly answered: number
  readonly answeredDone: number
  readonly events: number
  readonly virtualMs: number
  /** `port fault` → how often. */
  readonly hits: Readonly<Record<string, number>>
  readonly failures: readonly Failure[]
}

export interface Failure {
  readonly seed: number
  readonly rules: readonly string[]
  readonly texts: readonly string[]
}

/** Every `step`-th of the seeds `from` … `from + seeds - 1`; `untilFailure` stops at the first that fails. */
export interface Seeds {
  readonly from: number
  readonly seeds: number
  readonly step: number
  readonly untilFailure: boolean
}

const NOTHING: Sums = {
  seeds: 0,
  changes: 0,
  answered: 0,
  answeredDone: 0,
  events: 0,
  virtualMs: 0,
  hits: {},
  failures: [],
}

export async function runSeeds(
  { from, seeds, step, untilFailure }: Seeds,
  options: SeedOptions,
): Promise<Sums> {
  let sums = NOTHING
  for (let seed = from; seed < from + seeds; seed += step) {
    const { violations, ...report } = await runSeed(seed, options)
    const failure = {
      seed,
      rules: [...new Set(violations.map(({ rule }) => rule))],
      texts: violations.slice(0, 4).map(({ rule, text }) => `${rule}: ${text}`),
    }
    sums = together([sums, { ...report, seeds: 1, failures: violations.length > 0 ? [failure] : [] }])
    if (untilFailure && violations.length > 0) break
  }
  return sums
}

export function together(shares: readonly Sums[]): Sums {
  const sum = (of: (share: Sums) => number) => shares.reduce((total, share) => total + of(share), 0)
  const hits: Record<string, number> = {}
  for (const share of shares) {
    for (const [key, count] of Object.entries(share.hits)) hits[key] = (hits[key] ?? 0) + count
  }
  return {
    seeds: sum(({ seeds }) => seeds),
    changes: sum(({ changes }) => changes),
    answered: sum(({ answered }) => answered),
    answeredDone: sum(({ answeredDone }) => answeredDone),
    events: sum(({ events }) => events),
    virtualMs: sum(({ virtualMs }) => virtualMs),
    hits,
    failures: shares.flatMap(({ failures }) => failures).sort((a, b) => a.seed - b.seed),
  }
}
