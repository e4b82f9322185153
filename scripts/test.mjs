/**
 * Every check and every test, on a fresh clone as on a used one. Arguments go to vitest and leave the checks out:
 * `npm test -- src/dns`. The last line counts them all.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { prepareForTests, root } from './setup.mjs'

prepareForTests()
const chosen = process.argv.slice(2)
const { runChecks } = await import('./check.mjs')
const checked = chosen.length > 0 ? { passed: 0, failed: 0 } : await runChecks()
const tested = runTests(chosen)
const failed = checked.failed + tested.failed
console.log(`\n${checked.passed + tested.passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function runTests(args) {
  const report = `${root}.zonewright/tests.json`
  mkdirSync(`${root}.zonewright`, { recursive: true })
  rmSync(report, { force: true })
  const { status } = spawnSync(
    `${root}node_modules/.bin/vitest`,
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  )
  if (!existsSync(report)) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
    readFileSync(report, 'utf8'),
  )
  const skipped = numPendingTests + numTodoTests
  if (skipped > 0) console.log(`${skipped} tests were skipped; a test that cannot run is a failure.`)
  // A file that does not load has no tests to count, and an error outside of every test fails the run all the same.
  const unaccounted = status !== 0 && numFailedTests + skipped === 0 ? 1 : 0
  return { passed: numPassedTests, failed: numFailedTests + skipped + unaccounted }
}
