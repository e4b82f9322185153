import { parseArgs } from 'node:util'
import { mutants } from './mutants.ts'
import type { Bias } from './scenario.ts'
import { runSeed, type SeedOptions, type SeedReport } from './simulate.ts'

/** One worker's share of a run, told in lines of JSON: every seed that failed, and sums at the end. */
export interface Share {
  readonly seeds: number
  readonly changes: number
  readonly answered: number
  readonly answeredDone: number
  readonly events: number
  readonly virtualMs: number
  readonly hits: Record<string, number>
  readonly failures: readonly Failure[]
}

export interface Failure {
  readonly seed: number
  readonly rules: readonly string[]
  readonly texts: readonly string[]
}

/** Runs seeds `from`, `from + step` … and sums up. With `untilFailure` it stops at the first that fails. */
export async function runShare(
  { from, seeds, step, untilFailure }: { from: number; seeds: number; step: number; untilFailure: boolean },
  options: SeedOptions,
): Promise<Share> {
  const reports: SeedReport[] = []
  const hits: Record<string, number> = {}
  const failures: Failure[] = []
  for (let seed = from; seed < from + seeds; seed += step) {
    const report = await runSeed(seed, options)
    reports.push({ ...report, trace: [], hits: {} })
    for (const [key, count] of Object.entries(report.hits)) hits[key] = (hits[key] ?? 0) + count
    if (report.violations.length === 0) continue
    failures.push({
      seed,
      rules: [...new Set(report.violations.map(({ rule }) => rule))],
      texts: report.violations.slice(0, 4).map(({ rule, text }) => `${rule}: ${text}`),
    })
    if (untilFailure) break
  }
  const sum = (of: (report: SeedReport) => number) => reports.reduce((total, report) => total + of(report), 0)
  return {
    seeds: reports.length,
    changes: sum(({ changes }) => changes),
    answered: sum(({ answered }) => answered),
    answeredDone: sum(({ answeredDone }) => answeredDone),
    events: sum(({ events }) => events),
    virtualMs: sum(({ virtualMs }) => virtualMs),
    hits,
    failures,
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      from: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1' },
      step: { type: 'string', default: '1' },
      bias: { type: 'string', default: 'none' },
      mutant: { type: 'string' },
      'until-failure': { type: 'boolean', default: false },
      trace: { type: 'string' },
    },
  })
  const bias: Bias = values.bias === 'races' ? 'races' : 'none'
  const mutant = mutants.find(({ name }) => name === values.mutant)
  if (values.mutant !== undefined && mutant === undefined)
    throw new Error(`there is no mutant ${values.mutant}`)
  const options = { bias, ...(mutant ? { mutation: mutant.mutation } : {}) }
  if (values.trace !== undefined) {
    const report = await runSeed(Number(values.from), { ...options, trace: true })
    console.log(report.trace.slice(-Number(values.trace)).join('\n'))
    console.log(report.violations.map(({ rule, text }) => `${rule}: ${text}`).join('\n') || 'no violation')
    return
  }
  const share = await runShare(
    {
      from: Number(values.from),
      seeds: Number(values.seeds),
      step: Number(values.step),
      untilFailure: values['until-failure'],
    },
    options,
  )
  console.log(JSON.stringify(share))
}

await main()
