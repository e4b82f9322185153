/**
 * What a test may need beside the packages of npm. A test, or a module that it imports, says so in a line of its own:
 *
 *     // needs: postgresql, pgbouncer
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { buildPages, buildProgram, giveUp, runQuietly } from './setup.mjs'

/** Made here, in moments. */
const BUILT = { program: buildProgram, pages: buildPages }

/** Packages of Debian: whether what they bring is there. */
const DEBIAN = {
  'bind9-dnsutils': () => runs('dig', '-v'),
  'bind9-utils': () => runs('named-compilezone', '-v'),
  chromium: () => existsSync('/usr/bin/chromium'),
  curl: () => runs('curl', '--version'),
  ddclient: () => existsSync('/usr/bin/ddclient'),
  'libio-socket-ssl-perl': () => runs('perl', '-MIO::Socket::SSL', '-e', '1'),
  pgbouncer: () => runs('pgbouncer', '--version'),
  postgresql: hasPostgres,
  python3: () => runs('/usr/bin/python3', '--version'),
  'python3-cryptography': () => hasPython('cryptography.fernet'),
  'python3-lexicon': () => hasPython('lexicon.client'),
  'python3-libcloud': () => hasPython('libcloud.dns.drivers.cloudflare'),
}

/**
 * Sees to it that all of `needs` is there. As root, packages of Debian are installed; as anybody else, what is missing is
 * returned, each with what would bring it, and the command to run first. In CI that is a failure.
 *
 * @param {ReadonlySet<string>} needs
 * @returns {{ missing: ReadonlySet<string>, remedy: string }}
 */
export function provide(needs) {
  for (const need of needs) {
    if (!(need in BUILT) && !(need in DEBIAN) && need !== 'root')
      giveUp(`Nobody knows what "needs: ${need}" means.`)
  }
  for (const [name, build] of Object.entries(BUILT)) if (needs.has(name)) build()
  const isRoot = process.getuid?.() === 0
  const packages = Object.keys(DEBIAN).filter((name) => needs.has(name) && !DEBIAN[name]())
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
  if (packages.length > 0 && isRoot && runs('apt-get', '--version')) {
    runQuietly(`installing ${packages.join(', ')}`, 'sh', ['-c', `apt-get update && ${install}`], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    const absent = packages.filter((name) => !DEBIAN[name]())
    if (absent.length > 0) giveUp(`${absent.join(', ')}: installed, and yet what it brings is not there.`)
    return { missing: new Set(), remedy: '' }
  }
  const missing = new Set([...packages, ...(needs.has('root') && !isRoot ? ['root'] : [])])
  const remedy = packages.length > 0 ? `sudo ${install}` : ''
  if (missing.size > 0 && process.env.CI)
    giveUp(`Missing: ${[...missing].join(', ')}. Install it first:\n\n    ${remedy}`)
  return { missing, remedy }
}

function runs(command, ...args) {
  return (
    spawnSync(command, args, { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } }).status === 0
  )
}

function hasPython(module) {
  return runs('/usr/bin/python3', '-c', `import ${module}`)
}

function hasPostgres() {
  const debian = '/usr/lib/postgresql'
  if (
    existsSync(debian) &&
    readdirSync(debian).some((version) => existsSync(`${debian}/${version}/bin/initdb`))
  )
    return true
  return runs('initdb', '--version')
}
