/**
 * Makes a fresh clone ready, and does nothing where there is nothing to do. Plain Node, because nothing is installed
 * yet.
 */
import './node.mjs'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** All that the program needs to run. */
export function prepare() {
  installPackages()
  buildProgram()
  buildPages()
}

/** `npm ci`, whenever the lockfile is not the one that was last installed. */
export function installPackages() {
  const stamp = `${root}node_modules/.zonewright-installed`
  const wanted = digestOf(['package-lock.json'])
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  runQuietly('installing packages', 'npm', ['ci', '--no-audit', '--no-fund'])
  writeFileSync(stamp, wanted)
}

/** dist/zonewright.js. It takes moments, and is always made anew. */
export function buildProgram() {
  const rolldown = 'node_modules/rolldown/bin/cli.mjs'
  runQuietly('building', process.execPath, [rolldown, '--config', 'rolldown.config.mjs'])
}

/** dist/web. The pages take seconds to build, and change seldom. */
export function buildPages() {
  const stamp = `${root}dist/.pages-built-from`
  const wanted = digestOf(['web', ...PURE_ROOMS, 'vite.config.ts', 'package-lock.json'])
  const isBuilt = existsSync(`${root}dist/web/index.html`) && existsSync(stamp)
  if (isBuilt && readFileSync(stamp, 'utf8') === wanted) return
  runQuietly('building the pages', process.execPath, ['node_modules/vite/bin/vite.js', 'build'])
  writeFileSync(stamp, wanted)
}

/** The pages import these as well. */
const PURE_ROOMS = ['src/dns', 'src/edit-rules']

/** Runs a command in the checkout; its output is shown only if it fails, and then the process ends. */
export function runQuietly(title, command, args, options = {}) {
  process.stdout.write(`· ${title} … `)
  const startedAt = Date.now()
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    ...options,
  })
  if (status !== 0) {
    console.log('failed')
    console.error([stdout, stderr, error?.message].filter(Boolean).join('\n').trim())
    giveUp(`"${command} ${args.join(' ')}" failed; what it said is above.`)
  }
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
}

/** Ends the process with a sentence that says what to do. */
export function giveUp(words) {
  console.error(`\n${words}`)
  process.exit(1)
}

function digestOf(paths) {
  const hash = createHash('sha256')
  for (const file of paths.flatMap(filesOf)) hash.update(file).update(readFileSync(root + file))
  return hash.digest('hex')
}

/** A file, or every file below a folder, in order. */
function filesOf(path) {
  if (!statSync(root + path).isDirectory()) return [path]
  return readdirSync(root + path)
    .sort()
    .flatMap((name) => filesOf(`${path}/${name}`))
}
