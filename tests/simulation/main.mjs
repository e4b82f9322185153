/**
 * Runs the simulator over many seeds, on all cores:
 *
 *     npm run simulate -- --seeds 20000 --from 1
 *     npm run simulate -- --seed 4711 --trace 200      one seed, and the last lines of what happened
 *     npm run simulate -- --mutants                    how many seeds it takes to catch each broken engine
 *
 * With `--bias races` the schedule favours what makes stale writers; with `--mutant NAME` the engine is broken. One in eight
 * of the worlds with several replicas has a store like PostgreSQL's, which is slow; `--interleaved`: all of them.
 */
import '../../scripts/node.mjs'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('../..', import.meta.url))

// One file, below the node_modules that it takes SQLite's driver from.
mkdirSync(`${root}node_modules/.cache`, { recursive: true })
const folder = mkdtempSync(`${root}node_modules/.cache/simulation-`)
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const bundled = await rolldown({
  input: `${root}tests/simulation/run.ts`,
  platform: 'node',
  external: ['better-sqlite3'],
  checks: { eval: false },
  logLevel: 'silent',
})
await bundled.write({ file: `${folder}/run.mjs`, format: 'esm', codeSplitting: false })
await bundled.close()

const child = spawn(process.execPath, [`${folder}/run.mjs`, ...process.argv.slice(2)], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal))
child.on('close', (status) => {
  process.exitCode = status ?? 1
})
