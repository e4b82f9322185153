/**
 * Makes a fresh clone ready, and does nothing where there is nothing to do. Plain Node, because nothing is installed
 * yet. Debian's packages are installed where we are root; otherwise it says exactly what to install.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Ends the process with a sentence that says what to do. */
export function giveUp(words) {
  console.error(`\n${words}`)
  process.exit(1)
}

/** Runs a command in the checkout; its output is shown only if it fails. */
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

export function prepare() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    giveUp(`Node.js 20.19 or newer is needed; this is ${process.versions.node}.`)
  }
  installPackages()
  runQuietly('building', process.execPath, [
    'node_modules/rolldown/bin/cli.mjs',
    '--config',
    'rolldown.config.mjs',
  ])
  buildPages()
}

/**
 * What the tests need beside it: PostgreSQL and PgBouncer, of which they start their own, on free ports, Python's
 * Fernet and BIND's zone compiler, to compare ours with, and a browser.
 */
export function prepareForTests() {
  prepare()
  const debian = '/usr/lib/postgresql'
  const isThere =
    (existsSync(debian) &&
      readdirSync(debian).some((version) => existsSync(`${debian}/${version}/bin/initdb`))) ||
    spawnSync('initdb', ['--version']).status === 0
  const path = `${process.env.PATH}:/usr/sbin`
  const hasPooler = spawnSync('pgbouncer', ['--version'], { env: { PATH: path } }).status === 0
  const missing = [...(isThere ? [] : ['postgresql']), ...(hasPooler ? [] : ['pgbouncer'])]
  installFromDebian(missing, 'The tests run against PostgreSQL as well')
  const hasFernet = spawnSync('/usr/bin/python3', ['-c', 'import cryptography.fernet']).status === 0
  installFromDebian(
    hasFernet ? [] : ['python3-cryptography'],
    "The tests compare Fernet tokens with Python's cryptography",
  )
  const hasBind = spawnSync('named-compilezone', ['-v'], { env: { PATH: path } }).status === 0
  installFromDebian(hasBind ? [] : ['bind9-utils'], "The tests read zone files with BIND's compiler as well")
  const hasPython = (module) => spawnSync('/usr/bin/python3', ['-c', `import ${module}`]).status === 0
  const clients = [
    [spawnSync('curl', ['--version']).status === 0, 'curl'],
    [existsSync('/usr/bin/ddclient'), 'ddclient'],
    [hasPython('lexicon.client'), 'python3-lexicon'],
    [hasPython('libcloud.dns.drivers.cloudflare'), 'python3-libcloud'],
  ].filter(([isInstalled]) => !isInstalled)
  installFromDebian(
    clients.map(([, name]) => name),
    'The tests let other clients of Cloudflare talk to the emulator',
  )
  installFromDebian(
    existsSync('/usr/bin/chromium') ? [] : ['chromium'],
    'The tests look at the pages in a browser',
  )
}

/** The pages take seconds to build, and change seldom. */
function buildPages() {
  const stamp = `${root}dist/.pages-built-from`
  const hash = createHash('sha256')
  for (const file of ['web', 'src/dns', 'src/access', 'vite.config.ts', 'package-lock.json'].flatMap(
    filesOf,
  )) {
    hash.update(file).update(readFileSync(root + file))
  }
  const wanted = hash.digest('hex')
  const isBuilt = existsSync(`${root}dist/web/index.html`) && existsSync(stamp)
  if (isBuilt && readFileSync(stamp, 'utf8') === wanted) return
  runQuietly('building the pages', process.execPath, ['node_modules/vite/bin/vite.js', 'build'])
  writeFileSync(stamp, wanted)
}

/** A file, or every file below a folder, in order. */
function filesOf(path) {
  if (!statSync(root + path).isDirectory()) return [path]
  return readdirSync(root + path)
    .sort()
    .flatMap((name) => filesOf(`${path}/${name}`))
}

/** `npm ci`, whenever the lockfile is not the one that was last installed. */
function installPackages() {
  const stamp = `${root}node_modules/.zonewright-installed`
  const wanted = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .update(process.versions.modules)
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return

  needCompiler()
  const cached = spawnSync('ccache', ['--version']).status === 0
  const env = cached ? { ...process.env, CC: 'ccache gcc', CXX: 'ccache g++' } : process.env
  runQuietly(
    'installing packages (SQLite is compiled where it has to be)',
    'npm',
    ['ci', '--no-audit', '--no-fund'],
    { env },
  )
  if (
    spawnSync(process.execPath, ['-e', "new (require('better-sqlite3'))(':memory:')"], { cwd: root })
      .status !== 0
  ) {
    runQuietly('compiling SQLite for this Node', 'npm', ['rebuild', 'better-sqlite3'], { env })
  }
  mkdirSync(`${root}node_modules`, { recursive: true })
  writeFileSync(stamp, wanted)
}

/** SQLite's driver brings a binary for most machines; for the others it is compiled. */
function needCompiler() {
  const missing = [
    ['g++', ['--version'], 'g++'],
    ['make', ['--version'], 'make'],
    ['python3', ['--version'], 'python3'],
  ].filter(([command, args]) => spawnSync(command, args).status !== 0)
  installFromDebian(
    missing.map(([, , name]) => name),
    'SQLite has to be compiled on this machine',
  )
}

/** Installs Debian packages as root; as anybody else it says what to install, and ends. */
export function installFromDebian(names, reason) {
  if (names.length === 0) return
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`
  const mayInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0
  if (!mayInstall) giveUp(`${reason}. Install it first:\n\n    sudo ${command}\n\nThen run this again.`)
  runQuietly(`installing ${names.join(', ')}`, 'sh', ['-c', `apt-get update && ${command}`], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}
