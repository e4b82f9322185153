import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs, promisify } from 'node:util'
import { LASTING_HITS } from './lasting.ts'
import { FATES, STORE_PORTS } from './life.ts'
import { mutants } from './mutants.ts'
import { biases } from './scenario.ts'
import { runSeeds, type Sums, together } from './share.ts'
import { runSeed, type SeedOptions } from './simulate.ts'

/** The command: deals seeds out to copies of itself, one for each core, and says what came of them. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      from: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '20000' },
      seed: { type: 'string' },
      trace: { type: 'string', default: '120' },
      bias: { type: 'string', default: 'none' },
      mutant: { type: 'string' },
      interleaved: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      hits: { type: 'boolean', default: false },
      'until-failure': { type: 'boolean', default: false },
      step: { type: 'string' },
    },
  })
  const [from, seeds] = [Number(values.from), Number(values.seeds)]
  const args = [
    '--bias',
    values.bias,
    ...(values.mutant === undefined ? [] : ['--mutant', values.mutant]),
    ...(values.interleaved ? ['--interleaved'] : []),
  ]
  const options = {
    ...optionsOf(values.bias, values.mutant),
    ...(values.interleaved && { scenario: { interleaved: true } }),
  }

  if (values.step !== undefined) {
    const mine = { from, seeds, step: Number(values.step), untilFailure: values['until-failure'] }
    console.log(JSON.stringify(await runSeeds(mine, options)))
    return 0
  }
  if (values.seed !== undefined) return traceSeed(Number(values.seed), Number(values.trace), options)
  if (values.mutants) return huntMutants()

  const startedAt = Date.now()
  const sums = await deal({ from, seeds, args })
  if (values.json) console.log(JSON.stringify(sums))
  else report(sums, Date.now() - startedAt, args, values.hits)
  return sums.failures.length === 0 ? 0 : 1
}

function optionsOf(bias: string, name: string | undefined): SeedOptions {
  const mutant = mutants.find((one) => one.name === name)
  if (name !== undefined && mutant === undefined) {
    throw new Error(`there is no mutant ${name}; there are ${mutants.map((one) => one.name).join(', ')}`)
  }
  const known = biases.find((one) => one === bias)
  if (known === undefined) throw new Error(`there is no bias ${bias}; there are ${biases.join(', ')}`)
  return { bias: known, ...(mutant ? { mutation: () => mutant.mutation() } : {}) }
}

async function deal(share: { from: number; seeds: number; args: readonly string[] }): Promise<Sums> {
  const workers = Math.min(availableParallelism(), share.seeds)
  const shares = Array.from({ length: workers }, async (_, index) => {
    const range = [
      '--from',
      `${share.from + index}`,
      '--seeds',
      `${share.seeds - index}`,
      '--step',
      `${workers}`,
    ]
    return runCopy([...range, ...share.args])
  })
  return together(await Promise.all(shares))
}

async function runCopy(args: readonly string[]): Promise<Sums> {
  const { stdout } = await promisify(execFile)(process.execPath, [process.argv[1]!, ...args], {
    maxBuffer: 2 ** 28,
  })
  return JSON.parse(stdout)
}

async function traceSeed(seed: number, lines: number, options: SeedOptions): Promise<number> {
  const { trace, violations } = await runSeed(seed, { ...options, trace: true })
  console.log(trace.slice(-lines).join('\n'))
  for (const { rule, text } of violations) console.log(`${rule}: ${text}`)
  if (violations.length === 0) console.log('No violation.')
  return violations.length === 0 ? 0 : 1
}

/** Within how many seeds each broken engine has to be caught. */
const MOST_SEEDS = 2_000

async function huntMutants(): Promise<number> {
  let escaped = 0
  for (const { name, about, bias } of mutants) {
    const args = ['--bias', bias, '--mutant', name, '--from', '1', '--seeds', `${MOST_SEEDS}`, '--step', '1']
    const { seeds, failures } = await runCopy([...args, '--until-failure'])
    const [caught] = failures
    if (caught === undefined) escaped += 1
    const how = caught
      ? `caught by seed ${caught.seed} (${caught.rules.join(', ')})`
      : `escaped ${seeds} seeds`
    console.log(`${name.padEnd(28)}${how.padEnd(48)}${about}`)
  }
  return escaped === 0 ? 0 : 1
}

function report(sums: Sums, ms: number, args: readonly string[], withHits: boolean): void {
  const { hits, failures, ...figures } = sums
  for (const { seed, texts } of failures.slice(0, 20)) {
    console.log(`seed ${seed}: npm run simulate -- --seed ${seed} ${args.join(' ')}`)
    for (const text of texts) console.log(`    ${text.slice(0, 400)}`)
  }
  if (withHits)
    for (const [key, count] of Object.entries(hits).sort())
      console.log(`${String(count).padStart(9)}  ${key}`)
  const ports = STORE_PORTS.flatMap((port) => FATES.map(({ kind, phase }) => `${port} ${kind} ${phase}`))
  const never = [...ports, ...LASTING_HITS].filter((key) => !hits[key])
  if (never.length > 0) console.log(`never met: ${never.join(', ')}`)
  console.log({ ...figures, failures: failures.length, seconds: ms / 1000 })
}

process.exitCode = await main()
