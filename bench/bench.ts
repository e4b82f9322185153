import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { callsAtOnce, callsOfFirstSync, callsOfOneRefused, callsOneAfterAnother } from './calls.ts'
import { floods } from './floods.ts'
import { pages } from './pages.ts'
import { refreshes } from './refreshes.ts'
import { replicas } from './replicas.ts'
import { reviews } from './reviews.ts'
import type { Row } from './row.ts'
import { speedAndMemory, startAndSize } from './speed.ts'

const PAGE = 'bench/README.md'
const RESULTS = /<!-- results -->[\s\S]*$/

const parts = [
  startAndSize,
  callsAtOnce,
  callsOneAfterAnother,
  callsOfOneRefused,
  callsOfFirstSync,
  speedAndMemory,
  refreshes,
  floods,
  reviews,
  pages,
  replicas,
]
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const asked = parts.filter(({ name }) => named.length === 0 || named.includes(name))
const rows: Row[] = []
for (const part of asked) {
  for (const row of await part()) {
    rows.push(row)
    console.log(cells(row).join('   '))
  }
}
const missed = rows.filter(({ met }) => met === false)
console.log(`\n${rows.filter(({ met }) => met).length} targets met, ${missed.length} missed`)
if (process.argv.includes('--record') && asked.length === parts.length) record()
process.exitCode = missed.length === 0 ? 0 : 1

/** Rewrites the results, and nothing else of the page. */
function record(): void {
  const page = readFileSync(PAGE, 'utf8')
  if (!RESULTS.test(page)) throw new Error(`${PAGE} has no place for results`)
  const lines = [
    '<!-- results -->',
    '',
    `${new Date().toISOString().slice(0, 10)}, commit ${commit()}, ${machine()}.`,
    '',
    '| what | measured | beside | target | |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${cells(row).join(' | ')} |`),
    '',
  ]
  writeFileSync(PAGE, page.replace(RESULTS, lines.join('\n')))
  console.log(`written to ${PAGE}`)
}

function cells({ what, measured, beside = '', target = '', met }: Row): string[] {
  return [what, measured, beside, target, met === undefined ? '' : met ? '✓' : '✗']
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
  const changed = git('status', '--porcelain', '--', 'src', 'emulator') !== ''
  return `${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`
}

function machine(): string {
  const gibibytes = Math.round(totalmem() / 1024 ** 3)
  return `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, ${gibibytes} GiB, Node ${process.versions.node}`
}
