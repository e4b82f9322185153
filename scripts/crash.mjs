/**
 * The crash tests at length: 200 times kill -9, and as many disasters for replicas on PostgreSQL, from a seed that was
 * not tried before. `npm run crash -- 7` tries seed 7 again; KILLS=1000 makes it longer.
 */
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { root } from './setup.mjs'

const { KILLS = '200' } = process.env
const seed = process.argv[2] ?? String(randomInt(1_000_000))
console.log(`${KILLS} kills; the same again: KILLS=${KILLS} npm run crash -- ${seed}`)
const { status } = spawnSync(process.execPath, ['scripts/test.mjs', 'tests/crash', 'tests/replicas'], {
  cwd: root,
  env: { ...process.env, KILLS, SEED: seed },
  stdio: 'inherit',
})
process.exitCode = status ?? 1
