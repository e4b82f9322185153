/**
 * The first import of every script: whatever Node.js it was started with, it goes on with one that can run the project.
 * Where the machine's own is too old, Node 24 is brought from the npm registry into the checkout, once; from then on
 * every script and bin/zonewright use that one. Nothing outside the checkout changes.
 *
 * This file and the scripts that import it are read by old versions, so they keep to what Node 14 understands.
 */
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const OLDEST = [24, 11]
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = `${root}.zonewright/node`
const bin = `${folder}/node_modules/node-linux-${process.arch}/bin`
const pin = `${root}scripts/node/${OLDEST[0]}/package.json`

const isOurs = process.execPath === `${bin}/node`
const [major, minor] = process.versions.node.split('.').map(Number)
const isTooOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
const held = versionOf(`${bin}/node`)
if (!isOurs && (isTooOld || held !== undefined)) {
  if (held !== pinned()) bring()
  await goOnWith(`${bin}/node`)
}

/** Brings the version that scripts/node/24 pins, by its lockfile, and tries it. */
function bring() {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    giveUp(
      `Node.js ${OLDEST.join('.')} or newer is needed; this is ${process.versions.node}. Install it, and run this again.`,
    )
  }
  console.log(
    `· this machine has Node.js ${process.versions.node}; bringing Node.js ${OLDEST[0]} into .zonewright/node`,
  )
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(`${root}scripts/node/${OLDEST[0]}/${file}`, `${folder}/${file}`)
  }
  const { status, stdout, stderr, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0) {
    console.error([stdout, stderr, error?.message].filter(Boolean).join('\n').trim())
    giveUp(`Node.js ${OLDEST[0]} could not be had from the npm registry; what npm said is above.`)
  }
  if (versionOf(`${bin}/node`) === undefined) {
    giveUp(
      `The Node.js ${OLDEST[0]} of the npm registry does not run here. Install Node.js ${OLDEST[0]} yourself, and run this again.`,
    )
  }
}

/** `24.22.3`; undefined where there is no such program, or it does not run. */
function versionOf(node) {
  const { status, stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim().replace(/^v/, '') : undefined
}

function pinned() {
  return JSON.parse(readFileSync(pin, 'utf8')).optionalDependencies[`node-linux-${process.arch}`]
}

/** Never resolves: the process ends as the other one does. */
function goOnWith(node) {
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
  })
  // The terminal's Ctrl-C reaches the child by itself.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('close', (status, signal) => process.exit(signal ? 1 : status))
  return new Promise(() => {})
}

function giveUp(words) {
  console.error(`\n${words}`)
  process.exit(1)
}
