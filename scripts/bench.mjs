/**
 * The figures we promise, measured on this machine: `npm run bench`. `--record` writes them into bench/README.md.
 * bench/README.md says what each of them is.
 */
import { spawnSync } from 'node:child_process'
import { prepare, root, runQuietly } from './setup.mjs'

prepare()
const folder = `${root}.zonewright/bench`
runQuietly('building the benchmark', process.execPath, [
  'node_modules/rolldown/bin/cli.mjs',
  'bench/bench.ts',
  'bench/bare.ts',
  'bench/flood-program.ts',
  'tests/replicas/race-program.ts',
  '--external',
  'better-sqlite3',
  '--external',
  'playwright-core',
  '--platform',
  'node',
  '--format',
  'esm',
  '--dir',
  folder,
])
const { status } = spawnSync(process.execPath, [`${folder}/bench.js`, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
process.exitCode = status ?? 1
