/**
 * Runs the simulator over many seeds, on all cores:
 *
 *     npm run simulate -- --seeds 20000 --from 1
 *     npm run simulate -- --seed 4711 --trace 200      one seed, and the last lines of what happened
 *     npm run simulate -- --mutants                    how many seeds it takes to catch each broken engine
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** Resolves to the sums of all shares. `seeds` are `from` … `from + seeds - 1`, dealt out to `workers` processes. */
export async function simulate({ from, seeds, args = [], workers = availableParallelism() }) {
  const { file, remove } = await bundle()
  try {
    const shares = await Promise.all(
      Array.from({ length: Math.min(workers, seeds) }, (_, index) =>
        runFile(file, [
          '--from',
          `${from + index}`,
          '--seeds',
          `${seeds - index}`,
          '--step',
          `${workers}`,
          ...args,
        ]),
      ),
    )
    return shares.map((text) => JSON.parse(text)).reduce(together)
  } finally {
    remove()
  }
}

/** One file, below the node_modules that it takes SQLite's driver from. */
export async function bundle() {
  mkdirSync(`${root}node_modules/.cache`, { recursive: true })
  const folder = mkdtempSync(`${root}node_modules/.cache/simulation-`)
  const bundled = await rolldown({
    input: `${root}tests/simulation/run.ts`,
    platform: 'node',
    external: ['better-sqlite3'],
    checks: { eval: false },
    logLevel: 'silent',
  })
  await bundled.write({ file: `${folder}/run.mjs`, format: 'esm', codeSplitting: false })
  await bundled.close()
  return { file: `${folder}/run.mjs`, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

async function runFile(file, args) {
  const { stdout } = await run(process.execPath, [file, ...args], { maxBuffer: 1 << 28 })
  return stdout
}

function together(one, other) {
  const hits = { ...one.hits }
  for (const [key, count] of Object.entries(other.hits)) hits[key] = (hits[key] ?? 0) + count
  const sums = Object.fromEntries(
    ['seeds', 'changes', 'answered', 'answeredDone', 'events', 'virtualMs'].map((key) => [
      key,
      one[key] + other[key],
    ]),
  )
  return { ...sums, hits, failures: [...one.failures, ...other.failures].sort((a, b) => a.seed - b.seed) }
}

async function main() {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '20000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      bias: { type: 'string', default: 'none' },
      mutant: { type: 'string' },
      mutants: { type: 'boolean', default: false },
      trace: { type: 'string' },
      hits: { type: 'boolean', default: false },
    },
  })
  const args = ['--bias', values.bias, ...(values.mutant ? ['--mutant', values.mutant] : [])]
  if (values.seed !== undefined) {
    const { file, remove } = await bundle()
    console.log(await runFile(file, ['--from', values.seed, '--trace', values.trace ?? '120', ...args]))
    remove()
    return
  }
  const startedAt = Date.now()
  const sums = await simulate({ from: Number(values.from), seeds: Number(values.seeds), args })
  for (const { seed, texts } of sums.failures.slice(0, 20)) {
    console.log(
      `seed ${seed}: npm run simulate -- --seed ${seed}${values.bias === 'none' ? '' : ` --bias ${values.bias}`}`,
    )
    for (const text of texts) console.log(`    ${text.slice(0, 400)}`)
  }
  const rules = {}
  for (const { rules: broken } of sums.failures)
    for (const rule of broken) rules[rule] = (rules[rule] ?? 0) + 1
  if (values.hits) console.log(sums.hits)
  const { hits, failures, ...figures } = sums
  console.log({ ...figures, violations: failures.length, rules, seconds: (Date.now() - startedAt) / 1000 })
  process.exitCode = failures.length === 0 ? 0 : 1
}

if (import.meta.url === `file://${process.argv[1]}`) await main()
