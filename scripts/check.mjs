/** Types, the pure rooms, lint and format, the arrows, unused code: side by side, in seconds; once installed, without a network. */
import { spawn } from 'node:child_process'
import { installPackages, root } from './setup.mjs'

const bin = (name) => `${root}node_modules/.bin/${name}`

export const checks = [
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['pure room dns', bin('tsc'), ['-p', 'src/dns/tsconfig.json']],
  ['pure room edit-rules', bin('tsc'), ['-p', 'src/edit-rules/tsconfig.json']],
  ['pure room onboarding', bin('tsc'), ['-p', 'src/onboarding/tsconfig.json']],
  ['pure room diagnostics', bin('tsc'), ['-p', 'src/diagnostics/tsconfig.json']],
  ['types of the pages', bin('tsc'), ['-p', 'web/tsconfig.json']],
  ['lint and format', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['arrows', bin('vitest'), ['run', 'tests/architecture.test.ts']],
  ['unused code', bin('knip'), []],
]

/** Resolves to `{ passed, failed }`; says each result as it comes. */
export async function runChecks() {
  const results = await Promise.all(checks.map(([title, command, args]) => runCheck(title, command, args)))
  return { passed: results.filter(Boolean).length, failed: results.filter((passed) => !passed).length }
}

function runCheck(title, command, args) {
  return new Promise((resolve) => {
    const startedAt = Date.now()
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
    child.on('close', (status) => {
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
      console.log(`${status === 0 ? '✓' : '✗'} ${title} (${seconds} s)`)
      if (status !== 0) console.log(said.trim())
      resolve(status === 0)
    })
  })
}

if (import.meta.url === `file://${process.argv[1]}`) {
  installPackages()
  const { sizesOf } = await import('./sizes.mjs')
  const { failed } = await runChecks()
  console.log(`\n${sizesOf()}`)
  process.exitCode = failed === 0 ? 0 : 1
}
