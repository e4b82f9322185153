/**
 * The tests, in rings. On a fresh clone it installs what the chosen ones need, and nothing else. The last line counts
 * what passed and what failed.
 *
 *     npm test                  the gate: the checks, and every test that decides whether a change may land
 *     npm test -- src/dns       the tests below a path, of whatever ring; options go to vitest
 *     npm run test:unit         the tests beside the code that need nothing but npm, and the arrows
 *     npm run test:nightly      every test at length, with a fresh seed: mutants, crashes, floods, others' clients, the image
 */

import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { installPackages, root } from './setup.mjs'
import { provide } from './tools.mjs'

const args = process.argv.slice(2)
const ring = args[0]?.startsWith('--ring=') ? args.shift().slice('--ring='.length) : 'gate'
const paths = args.filter((arg) => !arg.startsWith('-'))
const options = args.filter((arg) => arg.startsWith('-'))

installPackages()
const { testFiles } = await import('../tests/support/needs.ts')
const chosen = testFiles().filter(isChosen)
const { missing, remedy } = provide(new Set(chosen.flatMap(({ needs }) => [...needs])))
const isLeftOut = ({ needs }) => !needs.isDisjointFrom(missing)
const leftOut = chosen.filter(isLeftOut)

// A fresh seed shows what the gate's own does not; everything that has a length is longer.
const nightly = {
  SEED: process.env.SEED ?? String(randomInt(100_000)),
  KILLS: '200',
  ZONEWRIGHT_SEEDS: '10000',
  ZONEWRIGHT_STORMS: '20',
  ZONEWRIGHT_BACKLOG: 'full',
}
const drawn = ring === 'nightly' ? nightly : {}
if (ring === 'nightly') console.log(`SEED=${drawn.SEED}`)

const { runChecks } = await import('./check.mjs')
const checked = ring === 'gate' && paths.length === 0 ? await runChecks() : { passed: 0, failed: 0 }
const tested = runTests(chosen.filter((file) => !isLeftOut(file)))
sayWhatWasLeftOut()
const failed = checked.failed + tested.failed
console.log(`\n${checked.passed + tested.passed} passed, ${failed} failed`)
const wasAskedFor = paths.length > 0 || ring === 'nightly'
process.exitCode = failed > 0 || (leftOut.length > 0 && wasAskedFor) ? 1 : 0

function isChosen({ path, ring: itsRing, needs }) {
  if (paths.length > 0) return paths.some((given) => path.startsWith(given.replace(/^\.\//, '')))
  if (ring === 'unit') return itsRing === 'gate' && needs.size === 0 && isBesideTheCode(path)
  return ring === 'nightly' || itsRing === ring
}

/** What stands in a folder of `tests` is about the whole, and takes its time. */
function isBesideTheCode(path) {
  return !path.startsWith('tests/') || !path.slice('tests/'.length).includes('/')
}

function runTests(files) {
  if (files.length === 0) {
    console.error(leftOut.length > 0 ? '' : `No test stands below ${paths.join(' or ')}.`)
    return { passed: 0, failed: leftOut.length > 0 ? 0 : 1 }
  }
  const report = `${root}.zonewright/tests.json`
  mkdirSync(`${root}.zonewright`, { recursive: true })
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { status } = spawnSync(
    `${root}node_modules/.bin/vitest`,
    ['run', ...reporters, ...options, ...files.map(({ path }) => path)],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...drawn } },
  )
  if (!existsSync(report)) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  )
  if (ring === 'nightly') sayWhatWasFound(testResults)
  // Whoever chooses by a title skips the others; a test that cannot run is a failure.
  const skipped = options.length > 0 ? 0 : numPendingTests + numTodoTests
  if (skipped > 0) console.log(`${skipped} tests were skipped; a test that cannot run is a failure.`)
  // A file that does not load has no tests to count, and an error outside of every test fails the run all the same.
  const unaccounted = status !== 0 && numFailedTests + skipped === 0 ? 1 : 0
  return { passed: numPassedTests, failed: numFailedTests + skipped + unaccounted }
}

/** How each failure is had again, and its first words: a seed of the simulator is a line of its regressions. */
function sayWhatWasFound(files) {
  const found = files.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    const texts =
      failed.length > 0 ? failed.map((one) => [one.title, one.failureMessages[0]]) : [['', message]]
    const isWrong = failed.length > 0 || (message && assertionResults.length === 0)
    return isWrong ? texts.map(([title, text]) => ({ path: name.slice(root.length), title, text })) : []
  })
  if (found.length === 0) return
  const settings = Object.entries(drawn).map(([name, value]) => `${name}=${value}`)
  console.log(`\nFound with ${settings.join(' ')}; each again by the same before "npm test -- PATH":`)
  for (const { path, title, text } of found)
    console.log(`\n${path}: ${title}\n${(text ?? '').slice(0, 2_000)}`)
}

function sayWhatWasLeftOut() {
  if (leftOut.length === 0) return
  console.log(`\nLeft out, because this is missing: ${[...missing].join(', ')}`)
  for (const { path } of leftOut) console.log(`  ${path}`)
  if (remedy) console.log(`Install it first, and run this again:\n\n    ${remedy}`)
  if (missing.has('root')) console.log('What needs root runs with sudo.')
}
